//! Live changes, catching up, holes.

use crate::device::World;
use confab_engine::{Action, Reply};

#[test]
fn two_people_talk_and_both_see_the_same() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "hello");
    world.exchange();
    world.say(1, direct, "hi alice");
    world.exchange();
    assert_eq!(world.texts(0, direct), ["hello", "hi alice"]);
    assert_eq!(world.texts(1, direct), ["hello", "hi alice"]);
    assert_eq!(
        world.devices[1].incoming.len(),
        1,
        "the first one is news too, though it came with its conversation"
    );
    assert_eq!(world.devices[0].incoming.len(), 1);
    world.settle();
    assert_eq!(world.snapshot(0), world.fresh(0));
    assert_eq!(world.snapshot(1), world.fresh(1));
    let list = world.devices[0].store.views(world.devices[0].key).conversations(false).unwrap();
    assert_eq!((list.rows.len(), list.rows[0].title.as_str(), list.rows[0].unread), (1, "Bob", 1));
}

#[test]
fn a_message_written_offline_is_shown_at_once_and_sent_later() {
    let mut world = World::new(&["Alice", "Bob"]);
    world.offline(0);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.say(0, direct, "two");
    assert_eq!(world.texts(0, direct), ["one", "two"]);
    world.kill(0);
    assert_eq!(world.texts(0, direct), ["one", "two"]);
    world.start(0);
    world.online(0);
    world.settle();
    assert_eq!(world.texts(1, direct), ["one", "two"]);
    assert_eq!(world.relay.room(direct).messages.len(), 2);
    let counters = world.devices[0].store.views(world.devices[0].key).counters().unwrap();
    assert_eq!(counters.unsent, 0);
}

#[test]
fn find_users_needs_the_network_and_says_so() {
    let mut world = World::new(&["Alice", "Bob"]);
    let ticket = world.act(0, Action::FindUsers { query: "bo".into() });
    world.exchange();
    match world.devices[0].answers.remove(&ticket) {
        Some(Ok(Reply::Users(users))) => assert_eq!(users.len(), 1),
        other => panic!("{other:?}"),
    }
    world.offline(0);
    let ticket = world.act(0, Action::FindUsers { query: "bo".into() });
    let problem = world.devices[0].answers.remove(&ticket).unwrap().unwrap_err();
    assert_eq!(problem.code, "offline");
}
