//! A native client whose database goes bad, at the real relay.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_client::api::{Connection, Event, Request};
use confab_protocol::ConversationId;
use confab_tests::{Person, TestRelay};
use std::path::Path;

/// Alice and Bob have talked; then Alice, without a relay, has written what is not sent yet, and closed the app.
fn with_unsent_work(folder: &Path) -> (TestRelay, Person, Person, ConversationId) {
    let mut relay = TestRelay::start(&folder.join("relay"));
    let mut alice = Person::register(folder, &relay.url(), "alice");
    let mut bob = Person::register(folder, &relay.url(), "bob");
    let talk = alice.direct("bob");
    for number in 0..30 {
        alice.send(talk, &format!("spoken number {number}"));
    }
    alice.until("sent", |p| p.session().unsent == 0);
    bob.until("there", |p| p.texts(talk).len() == 30);
    relay.stop();
    alice.until("offline", |p| p.session().connection != Connection::Online);
    for number in 0..3 {
        alice.send(talk, &format!("unsent number {number}"));
    }
    alice.close();
    (relay, alice, bob, talk)
}

/// Fills the pages that hold this text.
fn damage(database: &Path, text: &str) {
    let mut bytes = std::fs::read(database).unwrap();
    let mut hit = 0;
    for page in bytes.chunks_mut(4096).skip(1) {
        let holds = page.windows(text.len()).any(|part| part == text.as_bytes());
        // The outbox is on other pages.
        if holds && !page.windows(6).any(|part| part == b"unsent") {
            page.fill(0xff);
            hit += 1;
        }
    }
    assert!(hit > 0, "there is such a page");
    std::fs::write(database, bytes).unwrap();
}

fn arrives_once(relay: &mut TestRelay, alice: &mut Person, bob: &mut Person, talk: ConversationId) {
    relay.start_again();
    for person in [&mut *alice, &mut *bob] {
        person.done(Request::Reconnect);
        person.until("all of it", |p| p.texts(talk).len() == 33);
        let texts = person.texts(talk);
        let wanted =
            (0..30).map(|n| format!("spoken number {n}")).chain((0..3).map(|n| format!("unsent number {n}")));
        assert_eq!(texts, wanted.collect::<Vec<_>>(), "{}", person.name);
    }
    alice.until("sent", |p| p.session().unsent == 0);
}

fn until_told_of_rescue(person: &mut Person) {
    person.until_told(
        "of the rescue",
        |event| matches!(event, Event::Trouble { problem, .. } if problem.code.starts_with("rescued")),
    );
}

#[test]
fn a_damaged_database_is_found_in_use_and_what_is_unsent_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (mut relay, mut alice, mut bob, talk) = with_unsent_work(folder.path());
    damage(&alice.folder().join("confab.db"), "spoken number");
    alice.reopen();
    // Whatever is asked first, it is answered, and so is what follows.
    let _ = (alice.conversations(), alice.texts(talk));
    alice.until("rescued", |p| p.folder().join("confab.db.damaged-1").exists() && p.session().unsent == 3);
    until_told_of_rescue(&mut alice);
    arrives_once(&mut relay, &mut alice, &mut bob, talk);
}

#[test]
fn a_database_that_is_none_any_more_costs_a_login_and_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (mut relay, mut alice, _bob, talk) = with_unsent_work(folder.path());
    std::fs::write(alice.folder().join("confab.db"), vec![7; 50_000]).unwrap();
    alice.reopen();
    until_told_of_rescue(&mut alice);
    assert_eq!(alice.session().unsent, 0, "nothing of it could be read");
    assert!(!alice.signed_in());
    let kept = std::fs::read(alice.folder().join("confab.db.damaged-1")).unwrap();
    assert_eq!(kept, vec![7; 50_000], "as it was");
    relay.start_again();
    alice.login().unwrap();
    alice.until("fetched again", |p| p.texts(talk).len() == 30);
}

#[test]
fn a_newer_database_is_refused_with_a_clear_message() {
    let folder = tempfile::tempdir().unwrap();
    let (_relay, alice, _bob, _talk) = with_unsent_work(folder.path());
    let file = alice.folder().join("confab.db");
    let mut bytes = std::fs::read(&file).unwrap();
    // `user_version` (SQLite's file format, section 1.3).
    bytes[60..64].copy_from_slice(&99u32.to_be_bytes());
    std::fs::write(&file, &bytes).unwrap();
    let options = confab_client::Options {
        relay: "http://127.0.0.1:1".into(),
        folder: alice.folder().to_owned(),
        client: "confab-tests".into(),
        secrets: None,
    };
    let refused = confab_client::Client::start(options).err().expect("it is refused");
    assert_eq!(refused.code, "newer_database");
    assert!(refused.message.contains("Update Confab"), "{}", refused.message);
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "and left alone");
}
