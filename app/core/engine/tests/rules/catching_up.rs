//! Live changes, catching up, holes.

use crate::device::World;
use confab_engine::{Action, Input, Reply};
use confab_protocol::frame::Request;
use confab_protocol::{CommandId, Content};
use confab_store::view::{WindowAt, WindowItem};

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
    let list = world.devices[0].store.views(world.devices[0].key).conversations(false, 0).unwrap();
    assert_eq!((list.rows.len(), list.rows[0].title.as_str(), list.rows[0].unread), (1, "Bob", 1));
}

/// The head of a new conversation comes ahead of the acknowledgement that brings it, so it is pulled as well; an answer
/// to the first message that comes in between is news once.
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

#[test]
fn a_debt_survives_a_crash_between_the_welcome_and_the_pull() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.settle();
    world.offline(1);
    world.say(0, direct, "two");
    world.settle();
    world.online(1);
    world.deliver_up(1);
    // The welcome, with the head and the newer token, is stored; the pull that it causes never leaves.
    world.deliver_down(1);
    let counters = |world: &World| world.devices[1].store.views(world.devices[1].key).counters().unwrap();
    assert_eq!(counters(&world).behind, 1);
    world.kill(1);
    world.start(1);
    world.settle();
    assert_eq!(counters(&world).behind, 0);
    assert_eq!(world.texts(1, direct), ["one", "two"]);
}

#[test]
fn pushes_that_come_twice_or_in_the_wrong_order_change_nothing() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.settle();
    world.say(0, direct, "two");
    world.say(0, direct, "three");
    world.deliver_up(0);
    let line = world.relay.lines.get_mut(&1).unwrap();
    assert_eq!(line.queue.len(), 2);
    line.queue.swap(0, 1);
    let again = line.queue[1].clone();
    line.queue.push_back(again);
    world.settle();
    assert_eq!(world.texts(1, direct), ["one", "two", "three"]);
    assert_eq!(world.snapshot(1), world.fresh(1));
}

#[test]
fn far_behind_the_newest_page_comes_first_and_changes_of_what_is_held_are_not_missed() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    let first = world.say(0, direct, "first");
    world.settle();
    world.offline(1);
    for n in 0..900 {
        world.say(0, direct, &n.to_string());
        world.exchange();
    }
    let id = CommandId(world.id(0));
    let edit =
        Action::Edit { id, conversation: direct, message: first, text: "edited".into(), mentions: vec![] };
    world.done(0, edit);
    world.settle();
    world.online(1);
    for _ in 0..6 {
        world.deliver_up(1);
        world.deliver_down(1);
    }
    let views = world.devices[1].store.views(world.devices[1].key);
    let window = views.window(direct, WindowAt::Newest, 500).unwrap().unwrap();
    let holes = window.items.iter().filter(|i| matches!(i, WindowItem::Hole { .. })).count();
    assert_eq!(holes, 1, "the rest is drawn as a hole");
    assert!(matches!(window.items.last(), Some(WindowItem::Message { message })
        if message.content == Some(Content::Text { text: "899".into(), mentions: vec![] })));
    assert!(views.search("457", None, None, 10).unwrap().not_searched > 500);
    let old = views.window(direct, WindowAt::Range { from_seq: 1, to_seq: Some(1) }, 1).unwrap().unwrap();
    assert!(matches!(&old.items[0], WindowItem::Message { message }
        if message.content == Some(Content::Text { text: "edited".into(), mentions: vec![] })));
    let unranged = world.relay.asked.iter().any(
        |asked| matches!(asked, Request::Changes(changes) if changes.since > 0 && changes.ranges.is_none()),
    );
    assert!(!unranged, "nobody asked for all that was missed at once");
    world.settle();
    assert_eq!(world.snapshot(1), world.fresh(1), "the hole is filled in the background");
}

#[test]
fn a_page_that_was_read_before_a_change_is_brought_up_to_it_before_it_counts() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    let mut ids = vec![];
    for n in 0..600 {
        ids.push(world.say(0, direct, &n.to_string()));
        world.exchange();
    }
    // A new device of Bob's holds the newest page and a hole.
    let user = world.devices[1].user.clone();
    let store = confab_store::Store::in_memory().unwrap();
    world.devices.push(crate::device::Device::new(2, 2, user, store));
    world.input(2, confab_engine::Input::Start);
    world.exchange();
    world.act(2, Action::Load { conversation: direct, seq: 100 });
    world.deliver_up(2);
    // The page is read and waits in the queue; a change of one of its messages is pushed ahead of it.
    let page = world.relay.lines.get_mut(&2).unwrap().queue.pop_back().unwrap();
    let id = CommandId(world.id(0));
    let edit =
        Action::Edit { id, conversation: direct, message: ids[99], text: "new".into(), mentions: vec![] };
    world.done(0, edit);
    world.deliver_up(0);
    world.relay.lines.get_mut(&2).unwrap().queue.push_back(page);
    world.settle();
    assert_eq!(world.snapshot(2), world.fresh(2));
}

#[test]
fn a_purge_moves_the_first_seq_and_forgets_what_lies_below() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    for n in 0..10 {
        world.say(0, direct, &format!("message {n}"));
    }
    world.settle();
    world.relay.purge(direct, 6);
    world.cut(1);
    world.settle();
    assert_eq!(world.texts(1, direct).len(), 5);
    let views = world.devices[1].store.views(world.devices[1].key);
    assert!(views.search("message 2", None, None, 10).unwrap().hits.is_empty());
    assert_eq!(world.snapshot(1), world.fresh(1));
}

#[test]
fn removed_means_nothing_more_comes_or_goes_and_coming_back_goes_on_from_there() {
    let mut world = World::new(&["Alice", "Bob"]);
    let group = world.group(0, &[1]);
    world.say(0, group, "welcome");
    world.settle();
    world.offline(1);
    world.say(1, group, "written meanwhile");
    let user = world.devices[1].user.clone();
    let id = CommandId(world.id(0));
    world.done(0, Action::RemoveMember { id, conversation: group, user: user.id });
    world.settle();
    world.say(0, group, "secret");
    world.settle();
    world.online(1);
    world.settle();
    assert_eq!(
        world.texts(1, group),
        ["welcome", "written meanwhile"],
        "what was held stays, nothing new comes"
    );
    let counters = world.devices[1].store.views(world.devices[1].key).counters().unwrap();
    assert_eq!((counters.unsent, counters.failed), (0, 1), "what waits gets its refusal");
    let id = CommandId(world.id(0));
    world.done(0, Action::AddMembers { id, conversation: group, users: vec![user] });
    world.settle();
    assert!(world.texts(1, group).contains(&"secret".to_owned()));
}

#[test]
fn a_live_change_that_comes_twice_does_not_bring_an_old_title_back() {
    let mut world = World::new(&["Alice", "Bob"]);
    let group = world.group(0, &[1]);
    world.settle();
    let rename = |world: &mut World, title: &str| {
        let id = CommandId(world.id(0));
        world.done(0, Action::Rename { id, conversation: group, title: title.into() });
        world.deliver_up(0);
        world.relay.lines[&1].queue.clone()
    };
    let one = rename(&mut world, "One");
    assert!(one.iter().any(|frame| frame.contains("One")), "{one:?}");
    world.settle();
    rename(&mut world, "Two");
    world.settle();
    for text in &one {
        let socket = world.devices[1].socket.unwrap();
        world.input(1, Input::Frame { socket, text });
    }
    world.settle();
    let device = &world.devices[1];
    let list = device.store.views(device.key).conversations(true, 0).unwrap();
    assert_eq!(list.rows[0].title, "Two");
}
