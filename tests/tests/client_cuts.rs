//! The line is cut once, at every step of a whole session, in both directions, behind a frame and in the middle of it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_client::api::{Answer, Phase, Request};
use confab_tests::{Cut, Direction, Person, Proxy, TestRelay};
use std::path::Path;

/// A session has at least so many steps in each direction: its HTTP requests, upgrades, greetings, commands, catching up.
const STEPS: usize = 9;

#[test]
fn a_cut_behind_any_frame_to_the_relay_loses_and_doubles_nothing() {
    cut_everywhere(Direction::Up, false);
}

#[test]
fn a_cut_within_any_frame_to_the_relay_loses_and_doubles_nothing() {
    cut_everywhere(Direction::Up, true);
}

#[test]
fn a_cut_behind_any_frame_to_the_client_loses_and_doubles_nothing() {
    cut_everywhere(Direction::Down, false);
}

#[test]
fn a_cut_within_any_frame_to_the_client_loses_and_doubles_nothing() {
    cut_everywhere(Direction::Down, true);
}

fn cut_everywhere(direction: Direction, torn: bool) {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let mut bob = Person::register(folder.path(), &relay.url(), "bob");
    for unit in 1.. {
        let proxy = Proxy::start(&relay.url());
        let cut = Cut { direction, unit, torn };
        proxy.cut(cut);
        session(folder.path(), &proxy, &mut bob, &format!("alice-{unit}"));
        if proxy.cut_is_due() {
            // The session is over before so many have passed.
            assert!(unit > STEPS, "only {unit} steps");
            return;
        }
        assert!(unit < 100, "a session without an end");
    }
}

/// Registers, writes, closes the app, misses something, catches up, and writes again.
fn session(folder: &Path, proxy: &Proxy, bob: &mut Person, name: &str) {
    let mut alice = Person::open(folder, &proxy.url(), name);
    join(&mut alice);
    let talk = match alice.ask(Request::OpenDirect { user: bob.me() }) {
        Ok(Answer::Opened(opened)) => opened.conversation,
        other => panic!("{other:?}"),
    };
    alice.send(talk, "one");
    alice.send(talk, "two");
    alice.until_all_is_sent();
    bob.until("both", |p| p.texts(talk) == ["one", "two"]);
    alice.close();
    bob.send(talk, "three");
    bob.send(talk, "four");
    bob.until_all_is_sent();
    alice.reopen();
    alice.until("what she missed", |p| p.texts(talk).len() >= 4);
    alice.send(talk, "five");
    alice.until_all_is_sent();
    let all = ["one", "two", "three", "four", "five"];
    bob.until("all of it", |p| p.texts(talk).len() >= all.len());
    for person in [&alice, bob] {
        assert_eq!(person.texts(talk), all, "{} with {name}", person.name);
        let seqs: Vec<_> = person.messages(talk).iter().map(|row| row.seq).collect();
        assert_eq!(seqs, [1, 2, 3, 4, 5].map(Some), "{} with {name}", person.name);
    }
    assert_eq!(alice.conversations().rows.len(), 1);
}

/// As a person does who is told that it did not work: again, and by logging in if the name is taken by oneself.
fn join(alice: &mut Person) {
    for _ in 0..3 {
        match alice.try_to_register() {
            Ok(()) => break,
            Err(problem) if problem.code == "username_taken" => {
                alice.login().unwrap();
                break;
            }
            Err(problem) => assert_eq!(problem.code, "offline", "{problem:?}"),
        }
    }
    assert_eq!(alice.session().phase, Phase::SignedIn);
}
