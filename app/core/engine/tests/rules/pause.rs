//! Going to the background and coming back.

use crate::device::World;
use confab_engine::{Input, Link};

/// As `pause::GRACE_MS`.
const GRACE_MS: u64 = 3_000;
const HOUR_MS: u64 = 3_600_000;

fn link(world: &World, n: usize) -> Link {
    world.devices[n].engine.status(world.now()).link
}

#[test]
fn the_socket_is_handed_back_at_once_and_nothing_is_tried_until_the_app_is_in_front_again() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "before");
    world.settle();

    world.input(1, Input::Pause);
    assert_eq!(world.devices[1].socket, None, "there is nothing to wait for");
    assert!(!world.relay.lines.contains_key(&1), "the relay knows");
    world.say(0, direct, "meanwhile");
    world.pass(HOUR_MS);
    world.input(1, Input::NetworkHint);
    world.pass(HOUR_MS);
    assert_eq!((world.devices[1].socket, link(&world, 1)), (None, Link::Offline));
    assert_eq!(world.texts(1, direct), ["before"]);

    world.input(1, Input::Resume);
    assert!(world.devices[1].socket.is_some(), "without a pause between tries");
    world.exchange();
    assert_eq!(link(&world, 1), Link::Online);
    world.settle();
    assert_eq!(world.texts(1, direct), ["before", "meanwhile"]);
}

#[test]
fn what_is_on_its_way_is_waited_for_and_no_longer_than_the_grace() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.settle();

    world.say(0, direct, "two");
    world.input(0, Input::Pause);
    assert!(world.devices[0].socket.is_some(), "it waits for the answer");
    world.exchange();
    assert_eq!(world.devices[0].socket, None, "and goes when that has come");

    world.input(0, Input::Resume);
    world.exchange();
    world.say(0, direct, "three");
    // The relay gets it, and its answer is lost.
    world.deliver_up(0);
    world.relay.lines.get_mut(&0).unwrap().queue.clear();
    world.input(0, Input::Pause);
    world.pass(GRACE_MS - 1);
    assert!(world.devices[0].socket.is_some());
    world.pass(1);
    assert_eq!(world.devices[0].socket, None, "no answer is worth more than the grace");

    // In a notification one can answer without opening the app.
    world.say(0, direct, "four");
    world.input(0, Input::Resume);
    world.settle();
    assert_eq!(world.texts(1, direct), ["one", "two", "three", "four"], "each once");
}

#[test]
fn a_system_that_slept_through_the_grace_leaves_a_dead_socket_that_is_replaced_at_once() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    let before = world.devices[0].socket;
    world.input(0, Input::Pause);
    assert_eq!(world.devices[0].socket, before);
    // The clock that never goes back stood still, the other went on.
    world.relay.now += HOUR_MS;
    world.input(0, Input::Resume);
    assert!(world.devices[0].socket.is_some_and(|socket| Some(socket) != before), "a new one");
    world.settle();
    assert_eq!(world.texts(1, direct), ["one"]);

    // A glance at something else is no reason.
    world.say(0, direct, "two");
    let before = world.devices[0].socket;
    world.input(0, Input::Pause);
    world.input(0, Input::Resume);
    assert_eq!(world.devices[0].socket, before);
    world.settle();
    assert_eq!(world.texts(1, direct), ["one", "two"]);
}

#[test]
fn a_token_that_comes_in_the_background_is_kept_for_later() {
    let mut world = World::new(&["Alice"]);
    world.input(0, Input::Pause);
    world.input(0, Input::Token { access_token: "1".into(), expires_in_ms: 600_000 });
    assert_eq!(world.devices[0].socket, None);
    world.input(0, Input::Resume);
    world.exchange();
    assert_eq!(link(&world, 0), Link::Online);
}

#[test]
fn an_engine_that_begins_in_the_background_rests() {
    let mut world = World::new(&["Alice"]);
    world.kill(0);
    world.input(0, Input::Pause);
    world.input(0, Input::Start);
    world.pass(HOUR_MS);
    assert_eq!((world.devices[0].socket, world.devices[0].wake), (None, None));
    world.input(0, Input::Resume);
    world.exchange();
    assert_eq!(link(&world, 0), Link::Online);
}
