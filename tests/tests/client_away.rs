//! A device that was away for long comes back by the token that it had.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_tests::{Person, Proxy, TestRelay};
use std::collections::BTreeMap;

const BEFORE: u64 = 300;
const MISSED: u64 = 10_001;
/// The newest page, which comes first so that there is something to read.
const PAGE: usize = 60;

#[test]
fn ten_thousand_missed_messages_come_and_nothing_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let proxy = Proxy::start(&relay.url());
    let mut alice = Person::register(folder.path(), &relay.url(), "alice");
    let mut bob = Person::register(folder.path(), &proxy.url(), "bob");
    let talk = alice.direct("bob");
    let mut write = |from: u64, to: u64| {
        for number in from..=to {
            alice.send(talk, &format!("message {number}"));
        }
        alice.until_all_is_sent();
    };
    write(1, BEFORE);
    bob.until("what came before", |p| p.texts(talk).len() as u64 == BEFORE);
    bob.close();
    write(BEFORE + 1, BEFORE + MISSED);

    proxy.listen();
    bob.reopen();
    bob.until("the newest", |p| {
        p.texts(talk).last().is_some_and(|text| *text == format!("message {}", BEFORE + MISSED))
    });
    bob.until("nothing owed", |p| p.session().behind == 0);
    bob.until("no hole", |p| p.everything(talk).len() as u64 == BEFORE + MISSED);
    let wanted: Vec<_> = (1..=BEFORE + MISSED).map(|number| format!("message {number}")).collect();
    assert_eq!(bob.all_texts(talk), wanted);

    let mut came: BTreeMap<u64, usize> = BTreeMap::new();
    for frame in proxy.heard() {
        let frame: serde_json::Value = serde_json::from_str(&frame).unwrap();
        let messages = ["ok", "body"].iter().filter_map(|part| frame[part]["messages"].as_array()).flatten();
        for message in messages {
            *came.entry(message["seq"].as_u64().unwrap()).or_default() += 1;
        }
    }
    assert_eq!(came.keys().copied().collect::<Vec<_>>(), (BEFORE + 1..=BEFORE + MISSED).collect::<Vec<_>>());
    let twice = came.values().filter(|times| **times > 1).count();
    assert!(twice <= PAGE, "{twice} came more than once");
}
