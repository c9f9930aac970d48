//! More comes at once than a device can take.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_client::api::Connection;
use confab_tests::{Person, TestRelay};

/// Found in the browser: the first message of a conversation, and thousands behind it.
#[test]
fn a_flood_in_a_new_conversation_arrives() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let mut alice = Person::register(folder.path(), &relay.url(), "alice");
    let mut bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = bob.direct("alice");
    let count = 3000;
    for number in 1..=count {
        bob.send(talk, &format!("Message number {number}"));
    }
    bob.until("everything sent", |p| p.session().unsent == 0);
    alice.until("online", |p| p.session().connection == Connection::Online);
    alice.until("the newest", |p| p.texts(talk).last().is_some_and(|text| text == "Message number 3000"));
    alice.until("nothing owed", |p| p.session().behind == 0);
    assert_eq!(alice.conversations().rows.len(), 1);
}
