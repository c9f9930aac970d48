//! Two people with native clients and the real relay.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_client::api::{Connection, Event, Phase, Request};
use confab_protocol::MessageId;
use confab_store::view::MessageState;
use confab_tests::{Person, TestRelay};
use uuid::Uuid;

fn online(person: &mut Person) {
    person.until("online", |p| p.session().connection == Connection::Online);
}

fn nothing_unsent(person: &mut Person) {
    person.until("everything sent", |p| p.session().unsent == 0);
}

#[test]
fn two_people_talk_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let mut alice = Person::register(folder.path(), &relay.url(), "alice");
    let mut bob = Person::register(folder.path(), &relay.url(), "bob");

    let talk = alice.direct("bob");
    alice.send(talk, "hello bob");
    bob.until("alice's message", |p| p.texts(talk) == ["hello bob"]);
    bob.send(talk, "hello alice");
    alice.until("bob's answer", |p| p.texts(talk) == ["hello bob", "hello alice"]);
    nothing_unsent(&mut bob);

    let rows = alice.messages(talk);
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [Some(1), Some(2)]);
    assert!(rows[0].own && !rows[1].own);
    assert_eq!(rows[0].state, MessageState::Sent);
    assert_eq!(rows[1].sender_name, "BOB");
    assert_eq!(alice.conversations().rows[0].unread, 1);
    // She did not look at the conversation: each of the two is told of the other's message, once, and not of one's own.
    for (person, text) in [(&mut alice, "hello alice"), (&mut bob, "hello bob")] {
        person.until_told("of it", |event| matches!(event, Event::Incoming { .. }));
        assert_eq!(incoming(person), [text], "{}", person.name);
    }
}

/// The texts that somebody was told of.
fn incoming(person: &mut Person) -> Vec<String> {
    let texts = person.events().into_iter().filter_map(|event| match event {
        Event::Incoming { text, .. } => Some(text),
        _ => None,
    });
    texts.collect()
}

#[test]
fn what_is_written_offline_arrives_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut relay = TestRelay::start(&folder.path().join("relay"));
    let mut alice = Person::register(folder.path(), &relay.url(), "alice");
    let mut bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = alice.direct("bob");
    alice.send(talk, "zero");
    bob.until("the first message", |p| p.texts(talk).len() == 1);

    relay.stop();
    alice.until("offline", |p| p.session().connection != Connection::Online);
    for text in ["one", "two"] {
        alice.send(talk, text);
    }
    let three = MessageId(Uuid::now_v7());
    alice.send_as(three, talk, "three");
    // Asked again, as a tab does that did not hear the answer.
    alice.send_as(three, talk, "three");
    alice.reopen();
    let session = alice.session();
    assert_eq!((session.phase, session.unsent), (Phase::SignedIn, 3));
    assert_eq!(alice.texts(talk), ["zero", "one", "two", "three"]);
    assert_eq!(alice.messages(talk)[3].state, MessageState::Pending);

    relay.start_again();
    alice.done(Request::Reconnect);
    nothing_unsent(&mut alice);
    bob.done(Request::Reconnect);
    bob.until("all of it", |p| p.texts(talk).len() >= 4);
    assert_eq!(bob.texts(talk), ["zero", "one", "two", "three"]);
    assert_eq!(alice.texts(talk), ["zero", "one", "two", "three"]);
}

#[test]
fn a_closed_app_catches_up_when_it_opens() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let mut alice = Person::register(folder.path(), &relay.url(), "alice");
    let mut bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = alice.direct("bob");
    alice.send(talk, "first");
    bob.until("the first message", |p| p.texts(talk).len() == 1);
    bob.close();
    let texts: Vec<String> = (0..30).map(|n| format!("message {n}")).collect();
    for text in &texts {
        alice.send(talk, text);
    }
    nothing_unsent(&mut alice);

    bob.reopen();
    bob.until("what was missed", |p| p.texts(talk).len() == 31);
    assert_eq!(bob.texts(talk)[1..], texts);
    bob.until("caught up", |p| p.session().behind == 0);
    assert_eq!(bob.conversations().rows[0].unread, 31);
}

#[test]
fn a_draft_survives_the_app() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let mut alice = Person::register(folder.path(), &relay.url(), "alice");
    let _bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = alice.direct("bob");
    let draft = confab_store::view::Draft { text: "unfinis".into(), ..Default::default() };
    alice.done(Request::SaveDraft { conversation: talk, draft: draft.clone() });
    alice.reopen();
    match alice.ask(Request::Draft { conversation: talk }) {
        Ok(confab_client::api::Answer::Draft(kept)) => assert_eq!(kept, draft),
        other => panic!("{other:?}"),
    }
    online(&mut alice);
}
