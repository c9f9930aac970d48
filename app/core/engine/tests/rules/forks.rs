//! A relay that was put back from a backup.

use crate::device::World;
use confab_engine::Action;
use confab_protocol::frame::Request;
use confab_protocol::sync::Push;

#[test]
fn own_messages_that_vanished_are_sent_again_under_their_ids_and_others_are_gone() {
    let mut world = World::new(&["Alice", "Bob"]);
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
    let delta = crate::room::changes(
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

/// Two people, and what both hold of one conversation came by pushes: their tokens are older than the backup.
fn ahead_of_their_tokens() -> (World, confab_protocol::ConversationId, crate::relay::State) {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.settle();
    for n in 0..2 {
        world.cut(n);
    }
    world.settle();
    world.say(0, direct, "two");
    world.settle();
    let backup = world.relay.state.clone();
    world.say(0, direct, "three");
    world.settle();
    (world, direct, backup)
}

#[test]
fn a_fork_is_seen_by_one_whose_token_is_older_than_the_backup() {
    let (mut world, direct, backup) = ahead_of_their_tokens();
    world.offline(0);
    world.relay.restore(backup);
    // Under the revs that Alice holds, something else is said.
    world.say(1, direct, "three, but another");
    world.say(1, direct, "four");
    world.cut(1);
    world.settle();
    assert_eq!(world.texts(1, direct), ["one", "two", "three, but another", "four"]);
    world.online(0);
    world.settle();
    assert_eq!(world.texts(0, direct), ["one", "two", "three, but another", "four", "three"]);
    for n in 0..2 {
        assert_eq!(world.snapshot(n), world.fresh(n));
    }
}

#[test]
fn a_fork_is_seen_though_nothing_was_touched_since_the_token() {
    let (mut world, direct, backup) = ahead_of_their_tokens();
    world.offline(0);
    world.relay.restore(backup);
    world.cut(1);
    world.settle();
    assert_eq!(world.texts(1, direct), ["one", "two"], "no page of heads would list it");
    // A crash in the middle of comparing: the fork is found once more.
    world.relay.page_heads = 1;
    world.online(0);
    assert!(world.deliver_up(0) && world.deliver_down(0));
    world.kill(0);
    world.start(0);
    world.settle();
    assert_eq!(world.texts(0, direct), ["one", "two", "three"], "her own message is sent again");
    for n in 0..2 {
        assert_eq!(world.snapshot(n), world.fresh(n));
    }
}

#[test]
fn a_relay_that_only_crashed_makes_nobody_compare() {
    let (mut world, direct, _) = ahead_of_their_tokens();
    let state = world.relay.state.clone();
    world.relay.restore(state);
    let before = world.relay.asked.len();
    for n in 0..2 {
        world.cut(n);
    }
    world.settle();
    assert_eq!(world.texts(0, direct), ["one", "two", "three"]);
    let pulls = world.relay.asked[before..]
        .iter()
        .filter(|request| matches!(request, Request::Changes(_) | Request::History(_)))
        .count();
    assert_eq!(pulls, 0);
}

#[test]
fn a_debt_that_nothing_stands_behind_is_forgotten() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.settle();
    let socket = world.devices[1].socket.expect("online");
    let behind = Push::Behind { conversations: vec![(direct, 99)] };
    let frame = serde_json::to_string(&behind).unwrap();
    world.input(1, confab_engine::Input::Frame { socket, text: &frame });
    world.settle();
    assert_eq!(world.snapshot(1), world.fresh(1));
    let asked = world.relay.asked.len();
    world.pass(60_000);
    world.settle();
    let more = world.relay.asked[asked..].iter().filter(|r| matches!(r, Request::Changes(_))).count();
    assert_eq!(more, 0, "it is not asked for again and again");
}

#[test]
fn a_relay_that_is_not_as_far_as_the_client_is_fetched_anew() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.settle();
    world.relay.resync.insert(direct);
    let socket = world.devices[1].socket.expect("online");
    let rev = world.relay.room(direct).rev;
    let behind = Push::Behind { conversations: vec![(direct, rev + 1)] };
    let frame = serde_json::to_string(&behind).unwrap();
    world.input(1, confab_engine::Input::Frame { socket, text: &frame });
    world.settle();
    assert!(world.relay.resync.is_empty(), "the answer was given");
    let whole = world.relay.asked.iter().any(
        |r| matches!(r, Request::Changes(changes) if changes.conversation == direct && changes.since == 0),
    );
    assert!(whole, "it was asked for from its beginning");
    assert_eq!(world.texts(1, direct), ["one"]);
    assert_eq!(world.snapshot(1), world.fresh(1));
}

/// Found by the simulation: who had left a group that the restored relay does not have, and was taken into it once it
/// had been made again, took the new history for a continuation of the old one.
#[test]
fn a_conversation_that_is_gone_is_fetched_anew_by_who_had_left_it() {
    let mut world = World::new(&["Alice", "Bob"]);
    let backup = world.relay.state.clone();
    let group = world.group(0, &[1]);
    for text in ["one", "two", "three"] {
        world.say(0, group, text);
    }
    world.settle();
    let id = confab_protocol::CommandId(world.id(1));
    world.act(1, Action::Leave { id, conversation: group });
    world.settle();
    world.relay.restore(backup);
    world.cut(1);
    world.settle();
    assert_eq!(world.texts(1, group), ["one", "two", "three"], "what one had stays");
    world.cut(0);
    world.settle();
    world.say(0, group, "four");
    world.settle();
    for n in 0..2 {
        assert_eq!(world.texts(n, group), ["one", "two", "three", "four"], "device {n}");
        assert_eq!(world.snapshot(n), world.fresh(n));
    }
}

/// Found by the simulation: one device made a group and never heard whether the relay had it, another brought it back
/// with the members that it knew of.
#[test]
fn a_group_that_another_device_brought_back_has_the_members_that_it_has_there() {
    let mut world = World::new(&["Alice", "Alice", "Bob"]);
    world.offline(0);
    let group = world.group(0, &[2]);
    // Made at the relay in the meantime, by her other device and without Bob.
    let id = confab_protocol::CommandId(world.id(1));
    world.done(1, Action::CreateGroup { id, conversation: group, title: "Team".into(), members: vec![] });
    world.settle();
    world.online(0);
    world.settle();
    assert_eq!(world.relay.room(group).members.len(), 1);
    let key = world.devices[0].key;
    let mut tx = world.devices[0].store.begin(key).unwrap();
    let members = confab_engine::Cache::members(&mut tx, group).unwrap();
    drop(tx);
    assert_eq!(members.len(), 1, "{members:?}");
}
