//! The connection and what lives with it: pauses, goodbyes, being told to pull, presence and typing.

use crate::device::World;
use confab_engine::{Action, Input, Link, Problem};
use confab_protocol::frame::Request;
use confab_protocol::sync::Push;
use confab_protocol::{CommandId, Presence};
use std::collections::BTreeSet;

/// When a device tries again, in milliseconds from now.
fn pause(world: &World, n: usize) -> u64 {
    let status = world.devices[n].engine.status(world.now());
    assert_eq!(status.link, Link::Offline);
    status.retry_at_wall_ms.expect("it will try again") - world.now().wall_ms
}

fn push(world: &mut World, n: usize, push: &Push) {
    let socket = world.devices[n].socket.expect("online");
    let text = serde_json::to_string(push).unwrap();
    world.input(n, Input::Frame { socket, text: &text });
}

/// Lets a device fail so many times, and tells how long it paused after each.
fn pauses(world: &mut World, n: usize, times: usize) -> Vec<u64> {
    world.offline(n);
    let mut all = Vec::new();
    for _ in 0..times {
        let ms = pause(world, n);
        all.push(ms);
        world.pass(ms + 1);
    }
    all
}

#[test]
fn pauses_are_random_over_a_span_that_doubles_up_to_a_minute() {
    let mut first = BTreeSet::new();
    let mut longest = [0; 12];
    for names in 1..=40 {
        // Devices of different numbers have different seeds.
        let names = vec!["Alice"; names];
        let mut world = World::new(&names);
        let n = names.len() - 1;
        let all = pauses(&mut world, n, 12);
        for (failures, ms) in all.iter().enumerate() {
            let span = (500u64 << failures).min(60_000);
            assert!(*ms <= span, "pause {failures} is {ms} of {span}");
            longest[failures] = longest[failures].max(*ms);
        }
        first.insert(all[3]);
    }
    assert!(first.len() > 20, "they do not come together: {first:?}");
    assert!(longest[0] > 250 && longest[4] > 4_000 && longest[11] > 30_000, "the span is used: {longest:?}");
}

#[test]
fn a_connection_that_held_begins_the_pauses_anew() {
    let mut world = World::new(&["Alice"]);
    let all = pauses(&mut world, 0, 12);
    assert!(all[11] > 500, "{all:?}");
    world.online(0);
    world.pass(60_000);
    world.offline(0);
    assert!(pause(&world, 0) <= 500);
}

#[test]
fn a_relay_that_goes_away_says_when_to_come_back_and_is_obeyed() {
    let mut world = World::new(&["Alice"]);
    world.pass(60_000);
    push(&mut world, 0, &Push::GoingAway { retry_after_ms: 20_000 });
    world.cut(0);
    let ms = pause(&world, 0);
    assert!((20_000..=20_500).contains(&ms), "{ms}");
    // It was for this once.
    world.pass(ms + 1);
    assert_eq!(world.devices[0].engine.status(world.now()).link, Link::Online);
    world.pass(60_000);
    world.cut(0);
    assert!(pause(&world, 0) <= 500);
}

#[test]
fn a_refused_token_waits_as_long_as_the_relay_asks() {
    let mut world = World::new(&["Alice"]);
    world.offline(0);
    world.kill(0);
    // The driver answers by itself in this world; here the relay is busy.
    let problem = Problem { retry_after_ms: Some(7_000), ..Problem::new("rate_limited", "busy") };
    world.busy = Some(problem);
    world.start(0);
    let ms = pause(&world, 0);
    assert!((7_000..=7_500).contains(&ms), "{ms}");
}

#[test]
fn who_is_behind_pulls_what_was_left_out() {
    let mut world = World::new(&["Alice", "Bob"]);
    let (direct, group) = (world.direct(0, 1), world.group(0, &[1]));
    world.say(0, direct, "one");
    world.settle();
    for number in 0..5 {
        world.say(0, direct, &format!("left out {number}"));
        world.say(0, group, &format!("left out too {number}"));
        world.deliver_up(0);
    }
    // Bob reads too slowly: the relay says only how far he is behind.
    world.relay.lines.get_mut(&1).unwrap().queue.clear();
    let conversations = [direct, group].map(|id| (id, world.relay.room(id).rev)).to_vec();
    push(&mut world, 1, &Push::Behind { conversations });
    let before = world.relay.asked.len();
    world.settle();
    assert_eq!(world.texts(1, direct).len(), 6);
    assert_eq!(world.snapshot(1), world.fresh(1));
    let changes =
        world.relay.asked[before..].iter().filter(|r| matches!(r, Request::Changes(c) if c.since > 0));
    assert_eq!(changes.count(), 2, "one answer each, from where he was");
}

#[test]
fn an_old_snapshot_and_the_events_since_are_a_fresh_snapshot() {
    let mut world = World::new(&["Alice", "Bob"]);
    let group = world.group(0, &[1]);
    let mut ids = Vec::new();
    for number in 0..20 {
        ids.push(world.say(0, group, &format!("old {number}")));
    }
    world.settle();
    let old = world.snapshot(1);
    let before = world.relay.asked.len();
    for (number, message) in ids.iter().take(6).enumerate() {
        let id = CommandId(world.id(0));
        let conversation = group;
        let action = match number % 3 {
            0 => {
                Action::Edit { id, conversation, message: *message, text: "edited".into(), mentions: vec![] }
            }
            1 => Action::Delete { id, conversation, message: *message },
            _ => Action::React { id, conversation, message: *message, emoji: "👍".into(), on: true },
        };
        world.done(0, action);
    }
    let id = CommandId(world.id(0));
    world.done(0, Action::Rename { id, conversation: group, title: "Another title".into() });
    world.say(1, group, "new");
    world.settle();
    let asked = world.relay.asked[before..].to_vec();
    assert_ne!(world.snapshot(1), old);
    assert_eq!(world.snapshot(1), world.fresh(1));
    let pulled = asked.iter().filter(|r| matches!(r, Request::Changes(_) | Request::History(_))).count();
    assert_eq!(pulled, 0, "by events alone");
}

#[test]
fn typing_is_forgotten_after_its_time_and_presence_with_the_socket() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "one");
    world.settle();
    let bob = world.devices[1].user.id;
    world.done(0, Action::Watch { conversation: Some(direct), users: vec![bob] });
    world.exchange();
    push(
        &mut world,
        0,
        &Push::Presence { presence: vec![Presence { user: bob, online: true, last_seen: None }] },
    );
    push(&mut world, 0, &Push::Typing { conversation: direct, user: bob, on: true });
    let present = |world: &World| world.devices[0].engine.present(world.now());
    assert_eq!(present(&world).typing, [(direct, bob)]);
    world.pass(4_000);
    // Said again, it lasts longer.
    push(&mut world, 0, &Push::Typing { conversation: direct, user: bob, on: true });
    world.pass(6_900);
    assert_eq!(present(&world).typing.len(), 1);
    world.pass(200);
    assert_eq!(present(&world).typing, [], "nobody said that it ended");
    assert!(present(&world).users[0].online);
    world.offline(0);
    assert_eq!(present(&world).users, [], "nothing is known any more");
}
