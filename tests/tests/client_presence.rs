//! Presence and typing between native clients and the real relay.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_client::api::{Answer, PresenceView, Request};
use confab_tests::{Person, TestRelay};

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
