//! A relay that was put back from a backup.

use crate::device::World;
use confab_protocol::sync::Push;

fn tokens(world: &mut World) {
    // A token after each change, as a relay sends them on a quiet socket.
    world.relay.eager_tokens = true;
}

#[test]
fn own_messages_that_vanished_are_sent_again_under_their_ids_and_others_are_gone() {
    let mut world = World::new(&["Alice", "Bob"]);
    tokens(&mut world);
    let direct = world.direct(0, 1);
    world.say(0, direct, "before");
    world.settle();
    let backup = world.relay.state.clone();
    let mine = world.say(0, direct, "mine");
    world.settle();
    world.say(1, direct, "theirs");
    world.settle();
    // Bob's device never comes back: nobody has his message any more.
    world.offline(1);
    world.relay.restore(backup);
    world.cut(0);
    world.say(0, direct, "written while cut off");
    world.settle();
    assert_eq!(world.texts(0, direct), ["before", "written while cut off", "mine"]);
    assert_eq!(world.relay.room(direct).messages.iter().filter(|m| m.id.0 == mine.0).count(), 1);
    assert_eq!(world.snapshot(0), world.fresh(0));
}

#[test]
fn a_whole_conversation_that_vanished_is_made_again() {
    let mut world = World::new(&["Alice", "Bob"]);
    tokens(&mut world);
    let backup = world.relay.state.clone();
    let group = world.group(0, &[1]);
    let direct = world.direct(0, 1);
    world.say(0, group, "in the group");
    world.say(0, direct, "to bob");
    world.settle();
    world.relay.restore(backup);
    world.cut(0);
    world.cut(1);
    world.settle();
    for n in 0..2 {
        assert_eq!(world.texts(n, group), ["in the group"], "device {n}");
        assert_eq!(world.texts(n, direct), ["to bob"], "device {n}");
        assert_eq!(world.snapshot(n), world.fresh(n));
    }
}

/// Found by the simulation: the debt to the first history was never forgotten, and asked for without a pause.
#[test]
fn a_second_fork_in_the_middle_of_fetching_anew_leaves_no_debt() {
    let mut world = World::new(&["Alice", "Bob"]);
    tokens(&mut world);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.settle();
    let older = world.relay.state.clone();
    for text in ["two", "three"] {
        world.say(0, direct, text);
        world.settle();
    }
    let newer = world.relay.state.clone();
    world.say(0, direct, "four");
    world.settle();
    world.offline(0);
    world.offline(1);
    world.relay.restore(newer);
    world.online(1);
    // The welcome comes; the answer to what Bob asks then does not.
    assert!(world.deliver_up(1) && world.deliver_down(1));
    world.offline(1);
    world.relay.restore(older);
    world.online(1);
    world.settle();
    assert_eq!(world.texts(1, direct), ["one"]);
    assert_eq!(world.snapshot(1), world.fresh(1));
}

#[test]
fn what_is_pushed_ahead_of_the_welcome_waits_for_it() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.settle();
    world.cut(1);
    world.pass(600);
    world.say(0, direct, "two");
    world.exchange();
    let text = world.relay.room(direct).clone();
    let delta = crate::relay::changes(
        &text,
        &confab_protocol::sync::ChangesRequest {
            conversation: direct,
            since: text.rev - 1,
            ranges: None,
            limit: None,
        },
        100,
        &world.relay.state.users.clone(),
    );
    world.cut(1);
    for _ in 0..200 {
        if world.devices[1].sending.iter().any(|frame| frame.contains("hello")) {
            break;
        }
        let Some(at) = world.devices[1].wake else { break };
        world.mono = world.mono.max(at);
        world.input(1, confab_engine::Input::Wake);
    }
    let before = world.texts(1, direct);
    let socket = world.devices[1].socket.expect("a socket that has said hello");
    let frame = serde_json::to_string(&Push::Delta(delta)).unwrap();
    world.input(1, confab_engine::Input::Frame { socket, text: &frame });
    assert_eq!(world.texts(1, direct), before, "not applied before the welcome says of which history it is");
    world.settle();
    assert_eq!(world.texts(1, direct), ["one", "two"]);
}
