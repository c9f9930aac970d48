//! The relay or an app is killed in the middle of what it does; both are processes, both are the real ones.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_client::api::Request;
use confab_protocol::{CommandId, ConversationId, MessageId};
use confab_store::view::MessageState;
use confab_tests::{Direction, Person, PersonProcess, Proxy, RelayProcess, TestRelay, count};
use std::sync::mpsc::{Receiver, Sender, channel};
use uuid::Uuid;

const RELAY: &str = env!("CARGO_BIN_EXE_relay-under-test");
const PERSON: &str = env!("CARGO_BIN_EXE_person");

/// In one run.
const KILLS: usize = 10;
/// What one person writes around one kill: some before it, some while it happens, some while the relay is dead.
const BEFORE: usize = 10;
const DURING: usize = 20;
const AFTER: usize = 5;

/// Two write both ways; the relay dies ten times under them. All that they wrote is there once, for both in one order,
/// in which each one's messages stand as they were written.
#[test]
fn kills_of_the_relay_lose_and_double_nothing_for_those_who_write() {
    for _ in 0..count("CONFAB_KILLS", KILLS).div_ceil(KILLS) {
        kills_of_the_relay();
    }
}

fn kills_of_the_relay() {
    let folder = tempfile::tempdir().unwrap();
    let mut relay = RelayProcess::start(RELAY, &folder.path().join("relay"));
    let mut alice = Person::register(folder.path(), &relay.url(), "alice");
    let mut bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = alice.direct("bob");
    assert_eq!(bob.direct("alice"), talk);
    for kill in 0..KILLS {
        std::thread::scope(|scope| {
            let (writing, both) = channel();
            let mut ends = Vec::new();
            for person in [&mut alice, &mut bob] {
                let writing = writing.clone();
                let (end, dead) = channel();
                ends.push(end);
                scope.spawn(move || write_around_a_kill(person, talk, kill, writing, &dead));
            }
            drop(writing);
            let writers = both.iter().take(2).count();
            relay.kill();
            assert_eq!(writers, 2, "one has failed");
            ends.iter().for_each(|end| end.send(()).unwrap());
        });
        relay.start_again();
        for person in [&alice, &bob] {
            person.done(Request::Reconnect);
        }
    }
    alice.until_all_is_sent();
    bob.until_all_is_sent();
    let each = KILLS * (BEFORE + DURING + AFTER);
    for person in [&mut alice, &mut bob] {
        person.until("all of both", |p| p.everything(talk).len() >= 2 * each);
    }
    let texts = alice.all_texts(talk);
    assert_eq!(texts, bob.all_texts(talk));
    assert_eq!(texts.len(), 2 * each);
    for name in ["alice", "bob"] {
        let own: Vec<_> = texts.iter().filter(|text| text.starts_with(name)).collect();
        let written: Vec<_> = (0..KILLS)
            .flat_map(|kill| (0..BEFORE + DURING + AFTER).map(move |n| format!("{name} {kill}/{n}")))
            .collect();
        assert_eq!(own, written.iter().collect::<Vec<_>>());
    }
}

/// The relay is killed once some of both are acknowledged and both are writing on.
fn write_around_a_kill(
    person: &mut Person,
    talk: ConversationId,
    kill: usize,
    writing: Sender<()>,
    dead: &Receiver<()>,
) {
    let name = person.name.clone();
    let text = |number: usize| format!("{name} {kill}/{number}");
    for number in 0..BEFORE {
        person.send(talk, &text(number));
    }
    person.until("some are acknowledged", |p| p.session().unsent < BEFORE as u32);
    person.send(talk, &text(BEFORE));
    writing.send(()).unwrap();
    drop(writing);
    for number in BEFORE + 1..BEFORE + DURING {
        person.send(talk, &text(number));
    }
    dead.recv().unwrap();
    for number in BEFORE + DURING..BEFORE + DURING + AFTER {
        person.send(talk, &text(number));
    }
}

/// An app has accepted a message or an edit and is killed before it hears of it again: half of the times the relay has
/// it, half of the times it never got it.
#[test]
fn kills_of_an_app_between_accepting_and_acknowledgement_lose_and_double_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let proxy = Proxy::start(&relay.url());
    let mut alice = Person::register(folder.path(), &proxy.url(), "alice");
    let mut bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = alice.direct("bob");
    let first = alice.send(talk, "text 0");
    alice.until_all_is_sent();
    bob.until("the first message", |p| p.texts(talk) == ["text 0"]);
    alice.close();
    let start = || PersonProcess::start(PERSON, folder.path(), &proxy.url(), "alice");

    let mut sent = vec![(first, "text 0".to_owned())];
    let kills = count("CONFAB_CLIENT_KILLS", 20);
    for kill in 0..kills {
        let (edits, taken) = (kill % 2 == 1, kill % 4 < 2);
        let mut app = start();
        app.until_online();
        proxy.hold(if taken { Direction::Down } else { Direction::Up });
        let text = format!("text {}", kill + 1);
        if edits {
            let at = kill * 7 % sent.len();
            sent[at].1 = format!("{text}, edited");
            app.ask(edit(talk, sent[at].0, &sent[at].1));
        } else {
            let id = MessageId(Uuid::now_v7());
            app.ask(Request::Send {
                id,
                conversation: talk,
                text: text.clone(),
                mentions: vec![],
                reply_to: None,
            });
            sent.push((id, text));
        }
        if taken {
            bob.until("what she did", |p| last_of(p, talk) == last(&sent));
        }
        app.kill();
        proxy.sever();
        let mut app = start();
        app.until_all_is_sent();
        app.kill();
        bob.until("what she did", |p| last_of(p, talk) == last(&sent));
    }
    alice.reopen();
    alice.until("everything", |p| last_of(p, talk) == last(&sent) && p.session().unsent == 0);
    for person in [&alice, &bob] {
        let rows = person.everything(talk);
        assert_eq!(rows.len(), sent.len(), "{}", person.name);
        assert_eq!(last_of(person, talk), last(&sent), "{}", person.name);
        assert!(
            person.messages(talk).iter().all(|row| row.state == MessageState::Sent && row.change.is_none())
        );
    }
}

fn edit(conversation: ConversationId, message: MessageId, text: &str) -> Request {
    let id = CommandId(Uuid::now_v7());
    Request::Edit { id, conversation, message, text: text.to_owned(), mentions: vec![] }
}

/// As many as a window shows.
const SHOWN: usize = 500;

fn last(sent: &[(MessageId, String)]) -> Vec<(MessageId, String)> {
    sent[sent.len().saturating_sub(SHOWN)..].to_vec()
}

fn last_of(person: &Person, talk: ConversationId) -> Vec<(MessageId, String)> {
    let rows = person.messages(talk);
    rows.iter().map(|row| row.id).zip(person.texts(talk)).collect()
}
