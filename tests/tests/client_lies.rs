//! A native client at a relay that says what no relay says. Whatever it says, nothing of one's own is lost or doubled, and once it
//! speaks the truth everything is as if it always had.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_client::api::{Connection, Phase, Request};
use confab_protocol::ConversationId;
use confab_tests::{Line, Person, Rewrite, TestRelay};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio_tungstenite::tungstenite::Message;

/// Alice comes by the wire, Bob does not.
struct Room {
    alice: Person,
    bob: Person,
    talk: ConversationId,
    line: Line,
    relay: TestRelay,
    /// What has been written, in order.
    written: Vec<String>,
}

impl Room {
    fn open(folder: &Path) -> Self {
        let relay = TestRelay::start(&folder.join("relay"));
        let line = Line::to(&relay.url());
        let mut alice = Person::register(folder, &line.url(), "alice");
        let mut bob = Person::register(folder, &relay.url(), "bob");
        let talk = alice.direct("bob");
        alice.send(talk, "the first");
        alice.until("sent", |p| p.session().unsent == 0);
        // Only then can he write there, too.
        bob.until("he has it", |p| p.texts(talk).len() == 1);
        Self { alice, bob, talk, line, relay, written: vec!["the first".into()] }
    }

    /// Alice writes; nobody waits for it to be sent.
    fn alice_writes(&mut self, text: String) {
        self.alice.send(self.talk, &text);
        self.written.push(text);
    }

    /// Bob writes, and the relay has it.
    fn bob_writes(&mut self, text: String) {
        self.bob.send(self.talk, &text);
        self.bob.until("bob's is sent", |p| p.session().unsent == 0);
        self.written.push(text);
    }

    /// Everything is there on both sides, once, in one order, and the session has held.
    #[track_caller]
    fn settled(&mut self) {
        let (talk, count) = (self.talk, self.written.len());
        self.alice.until("alice has all of it", |p| p.texts(talk).len() == count && p.session().unsent == 0);
        self.bob.until("bob has all of it", |p| p.texts(talk).len() == count);
        let (here, there) = (self.alice.texts(talk), self.bob.texts(talk));
        assert_eq!(here, there);
        let (mut sorted, mut wanted) = (here, self.written.clone());
        sorted.sort();
        wanted.sort();
        assert_eq!(sorted, wanted);
        assert_eq!(self.alice.session().phase, Phase::SignedIn);
    }
}

fn text(text: &str) -> Vec<Message> {
    vec![Message::text(text)]
}

/// Changes the answers to `hello`.
fn welcome(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Rewrite {
    Arc::new(move |frame| {
        let mut frame: Value = serde_json::from_str(frame).ok()?;
        frame.pointer("/ok/page")?;
        change(&mut frame);
        Some(text(&frame.to_string()))
    })
}

/// Changes the changes: pushed ones, those in acks, and those that were asked for.
fn delta(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Rewrite {
    Arc::new(move |frame| {
        let mut frame: Value = serde_json::from_str(frame).ok()?;
        let at = ["/body", "/ok/delta", "/ok"].into_iter().find(|at| {
            frame.pointer(at).is_some_and(|body| body.get("from").is_some() && body.get("to").is_some())
        })?;
        change(frame.pointer_mut(at)?);
        Some(text(&frame.to_string()))
    })
}

fn message(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Rewrite {
    delta(move |delta| {
        for message in delta.get_mut("messages").and_then(Value::as_array_mut).into_iter().flatten() {
            change(message);
        }
    })
}

/// Says this before every frame of the relay's.
fn before(what: impl Into<Message>) -> Rewrite {
    let what = what.into();
    Arc::new(move |frame| Some(vec![what.clone(), Message::text(frame)]))
}

/// Sets a field, whether it was there or not.
fn set(at: &'static str, to: Value) -> impl Fn(&mut Value) + Send + Sync + 'static {
    move |frame| {
        let (above, name) = at.rsplit_once('/').expect("a pointer");
        if let Some(Value::Object(fields)) = frame.pointer_mut(above) {
            fields.insert(name.into(), to.clone());
        }
    }
}

const OTHER: &str = "0192f0c1-2345-7abc-8def-0123456789ab";

/// What no honest relay says, each with its name.
fn lies() -> Vec<(&'static str, Rewrite)> {
    let most = json!(u64::MAX);
    vec![
        ("a page instead of frames", Arc::new(|_| Some(text("<!doctype html><title>Hotel</title>")))),
        ("nothing at all", Arc::new(|_| Some(text("")))),
        ("bytes", before(Message::binary(vec![0, 159, 146, 150]))),
        ("an array", before("[1,2,3]")),
        ("a number", before("17")),
        ("nesting without end", before("[".repeat(100_000))),
        ("a frame over its limit", before("x".repeat(confab_protocol::limits::RELAY_FRAME_BYTES + 1))),
        ("a close that says nothing", Arc::new(|_| Some(vec![Message::Close(None)]))),
        ("an answer to what nobody asked", before(r#"{"id": 9007199254740991, "ok": {}}"#)),
        (
            "an error about what nobody asked",
            before(r#"{"push": "error", "body": {"code": "x", "retry": "y", "message": ""}}"#),
        ),
        ("a push of tomorrow", before(r#"{"push": "holiday", "body": {"of": 2030}}"#)),
        (
            "a removal from what nobody is in",
            before(format!(r#"{{"push": "removed", "body": {{"conversation": "{OTHER}"}}}}"#)),
        ),
        (
            "a debt without end",
            Arc::new({
                let most = most.clone();
                move |frame| {
                    let frame: Value = serde_json::from_str(frame).ok()?;
                    let conversation = frame.pointer("/ok/page/heads/0/conversation")?;
                    let behind = json!({"push": "behind", "body": {"conversations": [[conversation, most]]}});
                    Some([text(&frame.to_string()), text(&behind.to_string())].concat())
                }
            }),
        ),
        ("a welcome without a page", welcome(set("/ok/page", Value::Null))),
        (
            "limits of nothing",
            welcome(|frame| {
                for limit in
                    frame.pointer_mut("/ok/limits").and_then(Value::as_object_mut).into_iter().flatten()
                {
                    *limit.1 = json!(0);
                }
            }),
        ),
        ("a session that has ended long ago", welcome(set("/ok/expires_at", json!(0)))),
        ("a clock at its end", welcome(set("/ok/now", most.clone()))),
        ("a head at the end of numbers", welcome(set("/ok/page/heads/0/rev", most.clone()))),
        ("a newest message at the end of numbers", welcome(set("/ok/page/heads/0/seq", most.clone()))),
        (
            "a history that begins at the end of numbers",
            welcome(set("/ok/page/heads/0/first_seq", most.clone())),
        ),
        ("marks at the end of numbers", welcome(set("/ok/page/heads/0/read", most.clone()))),
        ("more unread than there is", welcome(set("/ok/page/heads/0/unread", json!(u32::MAX)))),
        ("a head of no kind", welcome(set("/ok/page/heads/0/kind", json!("triangle")))),
        ("a fork that is none", welcome(set("/ok/page/fork", json!(true)))),
        ("a lineage of its own", welcome(set("/ok/page/heads/0/lineage", json!("00")))),
        ("a commit at the end of numbers", welcome(set("/commit", most.clone()))),
        ("changes of elsewhere", delta(set("/conversation", json!(OTHER)))),
        ("changes that end before they begin", delta(set("/to", json!(0)))),
        ("changes that begin too late", delta(set("/from", json!(1_000_000)))),
        ("changes to the end of numbers", delta(set("/to", most.clone()))),
        ("changes that never end", delta(set("/more", json!(true)))),
        ("a message nowhere", message(set("/seq", json!(0)))),
        ("a message at the end of numbers", message(set("/seq", most.clone()))),
        ("a message beyond its change", message(set("/rev", most))),
    ]
}

/// What nobody can know from the truth, because it stands under numbers that are right.
fn forgeries() -> Vec<(&'static str, Rewrite)> {
    vec![
        ("a message of nobody", message(set("/sender", json!(OTHER)))),
        ("a message at the end of time", message(set("/at", json!(u64::MAX)))),
        ("messages with one id", message(set("/id", json!(OTHER)))),
        ("a message of a strange kind", message(set("/content", json!({"type": "dance", "steps": [1, 2]})))),
        ("a message of a megabyte", message(set("/content/text", json!("ä".repeat(500_000))))),
    ]
}

#[test]
fn a_relay_that_lies_costs_nothing_that_is_unsent_and_the_truth_heals_it() {
    each(lies(), |folder, name, lie| {
        let mut room = Room::open(folder);
        room.told(name, lie);
        room.bob_writes(format!("bob, after {name}"));
        room.settled();
        room.as_if_fetched_anew(folder);
    });
}

/// Several at once, each in a folder of its own: most of the time is spent in waiting.
fn each(all: Vec<(&'static str, Rewrite)>, check: impl Fn(&Path, &str, Rewrite) + Sync) {
    let (folder, rest) = (tempfile::tempdir().unwrap(), Mutex::new(all));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = rest.lock().unwrap().pop();
                    let Some((name, lie)) = next else { return };
                    check(&folder.path().join(name), name, lie);
                }
            });
        }
    });
}

impl Room {
    /// Both write while the relay lies to Alice; then it stops.
    fn told(&mut self, name: &str, lie: Rewrite) {
        self.line.rewrite(lie);
        self.alice_writes(format!("alice, told {name}"));
        self.bob_writes(format!("bob, while alice is told {name}"));
        self.alice.done(Request::Reconnect);
        self.line.wait_until_rewritten();
        // Whatever it made of it, it answers. Finding goes by the same socket, so what came before has been dealt with.
        let _ = self.alice.find("bob");
        self.alice.conversations();
        let _ = self.alice.texts(self.talk);
        self.line.mend();
        self.alice.done(Request::Reconnect);
    }

    /// A device that fetches everything anew shows the same.
    fn as_if_fetched_anew(&mut self, folder: &Path) {
        let mut anew = Person::open(&folder.join("anew"), &self.relay.url(), "alice");
        anew.login().unwrap();
        let (talk, count) = (self.talk, self.written.len());
        anew.until("all of it", |p| p.texts(talk).len() == count);
        let view = |person: &Person| {
            let rows = person.messages(talk).into_iter().map(|row| {
                (row.id, row.seq, row.at, row.own, row.sender_name.clone(), format!("{:?}", row.content))
            });
            let list = person.conversations().rows.into_iter();
            let list = list.map(|row| (row.id, row.title.clone(), row.unread, row.mention));
            (rows.collect::<Vec<_>>(), list.collect::<Vec<_>>())
        };
        let fresh = view(&anew);
        self.alice.until("the same as one that fetched anew", |p| view(p) == fresh);
    }
}

#[test]
fn a_relay_that_forges_messages_breaks_nothing_and_the_next_ones_come() {
    each(forgeries(), |folder, name, forgery| {
        let mut room = Room::open(folder);
        room.told(name, forgery);
        let after = format!("bob, after {name}");
        room.bob_writes(after.clone());
        let talk = room.talk;
        room.alice.until("the next one", |p| p.texts(talk).contains(&after) && p.session().unsent == 0);
        room.bob.until("alice's", |p| p.texts(talk).len() == room.written.len());
        assert_eq!(room.alice.session().phase, Phase::SignedIn);
    });
}

#[test]
fn a_session_that_the_relay_takes_for_anothers_costs_a_login_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut room = Room::open(folder.path());
    room.line.rewrite(welcome(set("/ok/user/id", json!(OTHER))));
    room.alice_writes("to whom it may concern".into());
    room.alice.done(Request::Reconnect);
    room.alice.until("a login is needed", |p| p.session().phase == Phase::LoginNeeded);
    room.line.mend();
    assert_eq!(room.alice.session().unsent, 1);
    room.alice.login().unwrap();
    room.settled();
}

#[test]
fn words_on_the_screen_name_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let mut room = Room::open(folder.path());
    room.line.rewrite(Arc::new(|_| Some(text("<!doctype html>"))));
    room.alice.done(Request::Reconnect);
    room.alice.until("it is told", |p| {
        let session = p.session();
        session.connection != Connection::Online
            && session.problem.is_some_and(|problem| problem.message.contains("does not understand"))
    });
    assert_eq!(room.alice.session().phase, Phase::SignedIn);
}
