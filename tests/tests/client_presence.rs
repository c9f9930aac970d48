//! Presence and typing between native clients and the real relay.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_client::api::{Answer, PresenceView, Request};
use confab_protocol::CommandId;
use confab_tests::{Person, TestRelay};
use uuid::Uuid;

fn presence(person: &Person) -> PresenceView {
    match person.ask(Request::Presence) {
        Ok(Answer::Presence(view)) => view,
        other => panic!("{other:?}"),
    }
}

/// The screen watches a direct conversation from the moment it is opened, and that is before it exists at the relay.
#[test]
fn what_was_watched_before_the_first_message_is_told_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let mut alice = Person::register(folder.path(), &relay.url(), "alice");
    let mut bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = alice.direct("bob");
    alice.done(Request::Watch { conversation: Some(talk), users: vec![bob.me().id] });
    alice.send(talk, "hello bob");
    bob.until("the message", |p| p.texts(talk) == ["hello bob"]);
    alice.until("bob is there", |p| presence(p).users.iter().any(|one| one.online));
    bob.done(Request::Watch { conversation: Some(talk), users: vec![alice.me().id] });
    bob.done(Request::Typing { conversation: talk, on: true });
    alice.until("bob types", |p| presence(p).typing.iter().any(|one| one.name == "BOB"));
    bob.done(Request::Typing { conversation: talk, on: false });
    alice.until("bob does not", |p| presence(p).typing.is_empty());
}

/// The relay forgets at a block that one wanted to know: whoever lifts it sees again at once who is there, on each device.
#[test]
fn who_is_there_is_seen_again_once_a_block_is_lifted() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let mut alice = Person::register(folder.path(), &relay.url(), "alice");
    let bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = alice.direct("bob");
    alice.send(talk, "hello bob");
    let user = bob.me().id;
    alice.done(Request::Watch { conversation: Some(talk), users: vec![user] });
    let there = |person: &Person| presence(person).users.iter().any(|one| one.user == user && one.online);
    alice.until("bob is there", there);
    let mut other = Person::open(&folder.path().join("other"), &relay.url(), "alice");
    other.login().unwrap();
    other.done(Request::Watch { conversation: Some(talk), users: vec![user] });
    other.until("bob is there on the other device", there);
    alice.done(Request::Block { id: CommandId(Uuid::now_v7()), user, blocked: true });
    alice.until("bob is out of sight", |person| !there(person));
    other.until("bob is out of sight on the other device", |person| !there(person));
    alice.done(Request::Block { id: CommandId(Uuid::now_v7()), user, blocked: false });
    alice.until("bob is there again", there);
    other.until("bob is there again on the other device", there);
}
