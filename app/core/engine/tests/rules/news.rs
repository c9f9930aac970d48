//! Which messages a person is told of.

use crate::device::World;
use confab_engine::{Action, Input};
use confab_protocol::sync::Push;
use confab_protocol::{ConversationId, MessageId};

/// As `catchup::NEWS_MOST`.
const NEWS_MOST: usize = 10;

#[test]
fn a_message_that_a_pull_brings_again_is_no_news_again() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "hello");
    world.deliver_up(0);
    world.deliver_down(0);
    assert!(world.devices[0].sending.iter().any(|frame| frame.contains("changes")), "a pull is on its way");
    while world.deliver_down(1) | world.deliver_up(1) {}
    world.say(1, direct, "hi alice");
    world.deliver_up(1);
    world.deliver_down(0);
    assert_eq!(world.texts(0, direct), ["hello", "hi alice"]);
    world.exchange();
    assert_eq!(world.texts(0, direct), ["hello", "hi alice"]);
    assert_eq!(world.devices[0].incoming.len(), 1);
}

/// Bob held one message of Alice, lost the connection, missed others, is back and has just asked for them by `request`: the
/// world, their conversation, and how many messages he has been told of.
fn coming_back(missed: usize, request: &str) -> (World, ConversationId, usize) {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.settle();
    let told = world.devices[1].incoming.len();
    world.offline(1);
    miss(&mut world, direct, missed);
    world.online(1);
    world.deliver_up(1);
    world.deliver_down(1);
    assert!(world.devices[1].sending.iter().any(|frame| frame.contains(request)), "a pull is on its way");
    (world, direct, told)
}

fn miss(world: &mut World, direct: ConversationId, messages: usize) {
    for n in 0..messages {
        world.say(0, direct, &format!("missed {n}"));
        world.exchange();
    }
}

fn newest(world: &World, conversation: ConversationId, most: usize) -> Vec<MessageId> {
    let messages = &world.relay.room(conversation).messages;
    messages[messages.len() - most..].iter().map(|message| message.id).collect()
}

/// What comes live while a pull is on its way waits for the pull, or comes with it: it is told once either way.
#[test]
fn a_message_that_comes_live_during_a_pull_is_news() {
    for pull_has_it in [false, true] {
        let (mut world, direct, told) = coming_back(1, "changes");
        if pull_has_it {
            world.say(0, direct, "live");
            world.deliver_up(0);
            world.deliver_down(1);
        } else {
            // The relay has answered, but not yet with this one; its push overtakes the answer.
            world.deliver_up(1);
            world.say(0, direct, "live");
            world.deliver_up(0);
            let line = world.relay.lines.get_mut(&1).unwrap();
            let push = line.queue.pop_back().unwrap();
            assert!(push.contains("live"), "{push}");
            line.queue.push_front(push);
        }
        world.settle();
        assert_eq!(world.texts(1, direct), ["one", "missed 0", "live"]);
        let mut heard = world.devices[1].incoming[told..].to_vec();
        heard.sort();
        assert_eq!(heard, newest(&world, direct, 2), "{pull_has_it}");
        assert_eq!(world.snapshot(1), world.fresh(1));
    }
}

/// The same where so much was missed that the newest page comes first: of what was missed, only the newest is told.
#[test]
fn of_much_that_was_missed_the_newest_is_news() {
    let (mut world, direct, told) = coming_back(300, "history");
    world.say(0, direct, "live");
    world.deliver_up(0);
    world.deliver_down(1);
    world.settle();
    let mut heard = world.devices[1].incoming[told..].to_vec();
    heard.sort();
    assert_eq!(heard, newest(&world, direct, NEWS_MOST + 1));
}

/// A network that was away for a moment keeps nothing from a person who has the app open.
#[test]
fn what_was_missed_while_the_connection_was_lost_is_news_once() {
    let (mut world, direct, told) = coming_back(3, "changes");
    // It is lost again before the pull is answered, and some of it is asked for anew.
    world.offline(1);
    miss(&mut world, direct, 1);
    world.online(1);
    world.settle();
    assert_eq!(world.devices[1].incoming[told..], newest(&world, direct, 4));
    world.cut(1);
    world.settle();
    assert_eq!(world.devices[1].incoming.len(), told + 4, "nothing is told again");
}

#[test]
fn what_was_read_on_another_device_meanwhile_is_no_news() {
    let mut world = World::new(&["Alice", "Bob", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.settle();
    let told = world.devices[1].incoming.len();
    world.offline(1);
    miss(&mut world, direct, 2);
    world.done(2, Action::MarkRead { conversation: direct, seq: 2 });
    world.settle();
    world.online(1);
    world.settle();
    assert_eq!(world.devices[1].incoming[told..], newest(&world, direct, 1));
}

/// What the app finds when it starts, or when it comes to the front again, is seen there and then.
#[test]
fn what_came_while_the_app_was_closed_or_paused_is_no_news() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.settle();
    let told = world.devices[1].incoming.len();
    world.kill(1);
    miss(&mut world, direct, 2);
    world.start(1);
    world.settle();
    world.input(1, Input::Pause);
    world.settle();
    miss(&mut world, direct, 2);
    world.input(1, Input::Resume);
    world.settle();
    assert_eq!(world.texts(1, direct).len(), 5);
    assert_eq!(world.devices[1].incoming.len(), told);
}

/// The relay says only that there is more when a device reads too slowly. It was there all the time.
#[test]
fn what_a_slow_device_pulls_is_news() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.settle();
    let told = world.devices[1].incoming.len();
    for text in ["two", "three"] {
        world.say(0, direct, text);
        world.deliver_up(0);
    }
    let line = world.relay.lines.get_mut(&1).unwrap();
    line.queue.clear();
    let behind = Push::Behind { conversations: vec![(direct, world.relay.room(direct).rev)] };
    let text = serde_json::to_string(&behind).unwrap();
    world.relay.lines.get_mut(&1).unwrap().queue.push_back(text);
    world.settle();
    assert_eq!(world.devices[1].incoming[told..], newest(&world, direct, 2));
}
