//! The store by itself: what survives a killed app, what search finds, and that no query walks through a whole table.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_engine::{Cache, Conversation, Entry, EntryState, RangeSet};
use confab_protocol::command::{React, Rename, Send};
use confab_protocol::{
    Command, CommandId, Content, ConversationId, DeviceId, Kind, Message, MessageId, Role, User, UserId,
};
use confab_store::view::{Draft, MessageState, WindowAt, WindowItem};
use confab_store::{AccountKey, Store};
use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use std::collections::BTreeSet;
use std::sync::Mutex;
use uuid::Uuid;

fn user(n: u128, name: &str) -> User {
    User {
        id: UserId(Uuid::from_u128(n)),
        username: name.to_lowercase(),
        display_name: name.into(),
        deleted: false,
    }
}

fn room(n: u128) -> ConversationId {
    ConversationId(Uuid::from_u128(1000 + n))
}

fn message(seq: u64, sender: u128, text: &str) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(5000 + u128::from(seq))),
        seq,
        rev: seq,
        sender: UserId(Uuid::from_u128(sender)),
        at: 1_700_000_000_000 + seq * 10,
        edited_at: None,
        reply_to: None,
        content: Some(Content::Text { text: text.into(), mentions: vec![] }),
        reactions: vec![],
    }
}

/// Alice's account with a group of hers and these texts of Bob's in it.
fn filled(store: &mut Store, texts: &[&str]) -> AccountKey {
    let key = store.sign_in("http://relay", &user(1, "Alice"), DeviceId(Uuid::from_u128(9))).unwrap();
    let mut tx = store.begin(key).unwrap();
    tx.put_users(&[user(2, "Bob")]).unwrap();
    let mut held = Conversation::local(room(1), Kind::Group, "Team".into(), 1);
    held.role = Some(Role::Owner);
    held.known = true;
    held.members = 2;
    held.last_seq = texts.len() as u64;
    tx.put_conversation(&held).unwrap();
    let rows: Vec<Message> = texts.iter().zip(1..).map(|(text, seq)| message(seq, 2, text)).collect();
    tx.put_messages(room(1), &rows).unwrap();
    tx.put_ranges(room(1), &RangeSet::from_ranges([(1, texts.len() as u64)])).unwrap();
    tx.commit().unwrap();
    while store.index_step(100).unwrap() {}
    key
}

fn pending(id: u128, text: &str) -> Entry {
    let command = Command::Send(Send {
        command: CommandId(Uuid::from_u128(id)),
        after: None,
        conversation: room(1),
        direct_with: None,
        text: text.into(),
        mentions: vec![],
        reply_to: None,
    });
    Entry { command, state: EntryState::New, at: 5, resend: false }
}

fn shown(store: &Store, key: AccountKey) -> Vec<(String, MessageState)> {
    let window = store.views(key).window(room(1), WindowAt::Newest, 100).unwrap().unwrap();
    window
        .items
        .into_iter()
        .filter_map(|item| match item {
            WindowItem::Message { message } => match message.content {
                Some(Content::Text { text, .. }) => Some((text, message.state)),
                _ => None,
            },
            WindowItem::Hole { .. } => None,
        })
        .collect()
}

#[test]
fn what_was_accepted_is_there_after_a_kill_and_what_was_not_committed_is_not() {
    let folder = std::env::temp_dir().join(format!("confab-store-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("cache.db");
    let mut store = Store::open(&path).unwrap();
    let key = filled(&mut store, &["hello"]);
    let mut tx = store.begin(key).unwrap();
    tx.outbox_push(&pending(70, "accepted")).unwrap();
    tx.commit().unwrap();
    store.save_draft(key, room(1), &Draft { text: "half".into(), ..Draft::default() }).unwrap();
    let mut tx = store.begin(key).unwrap();
    tx.outbox_push(&pending(71, "never committed")).unwrap();
    // A killed process runs no destructor.
    std::mem::forget(tx);
    std::mem::forget(store);
    let store = Store::open(&path).unwrap();
    assert_eq!(
        shown(&store, key),
        [("hello".into(), MessageState::Sent), ("accepted".into(), MessageState::Pending)]
    );
    let list = store.views(key).conversations(false, 0).unwrap();
    assert_eq!((list.rows[0].pending, list.rows[0].draft.as_deref()), (1, Some("half")));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_outbox_lies_over_the_rows_and_a_refusal_lifts_it() {
    let mut store = Store::in_memory().unwrap();
    let key = filled(&mut store, &["hello"]);
    let commands = [
        Command::React(React {
            command: CommandId(Uuid::from_u128(80)),
            after: None,
            conversation: room(1),
            message: MessageId(Uuid::from_u128(5001)),
            emoji: "👍".into(),
            on: true,
        }),
        Command::Rename(Rename {
            command: CommandId(Uuid::from_u128(81)),
            after: None,
            conversation: room(1),
            title: "New".into(),
        }),
    ];
    let mut tx = store.begin(key).unwrap();
    for command in &commands {
        let entry = Entry { command: command.clone(), state: EntryState::New, at: 1, resend: false };
        tx.outbox_push(&entry).unwrap();
    }
    tx.commit().unwrap();
    let look = |store: &Store| {
        let views = store.views(key);
        let window = views.window(room(1), WindowAt::Newest, 10).unwrap().unwrap();
        let WindowItem::Message { message } = &window.items[0] else { panic!("a message") };
        (
            message.reactions.len(),
            message.change.is_some(),
            views.header(room(1), 0).unwrap().unwrap().row.title,
        )
    };
    assert_eq!(look(&store), (1, true, "New".into()));
    let mut tx = store.begin(key).unwrap();
    for command in &commands {
        tx.outbox_remove(command.id()).unwrap();
    }
    tx.commit().unwrap();
    assert_eq!(look(&store), (0, false, "Team".into()));
}

/// What search is to find, here and in the browser (`tests/browser`).
#[derive(serde::Deserialize)]
struct SearchCases {
    texts: Vec<String>,
    queries: Vec<SearchCase>,
}

#[derive(serde::Deserialize)]
struct SearchCase {
    query: String,
    /// Places of the texts, the first one being 1; the newest first.
    hits: Vec<u64>,
    why: String,
}

#[test]
fn search_finds_parts_single_characters_and_every_script() {
    let cases: SearchCases = serde_json::from_str(include_str!("../../../../tests/search.json")).unwrap();
    let mut store = Store::in_memory().unwrap();
    let key = filled(&mut store, &cases.texts.iter().map(String::as_str).collect::<Vec<_>>());
    let find = |query: &str| -> Vec<u64> {
        let view = store.views(key).search(query, None, None, 50).unwrap();
        assert_eq!(view.not_searched, 0);
        view.hits.iter().map(|hit| hit.seq).collect()
    };
    for SearchCase { query, hits, why } in &cases.queries {
        assert_eq!(&find(query), hits, "{query}: {why}");
    }
    let mut first = store.views(key).search("a", None, None, 1).unwrap();
    let mut all = vec![first.hits[0].seq];
    while let Some(next) = first.next.take() {
        first = store.views(key).search("a", None, Some(&next), 1).unwrap();
        all.extend(first.hits.iter().map(|hit| hit.seq));
    }
    assert_eq!(all, find("a"), "pages make the whole");
}

#[test]
fn an_edit_and_a_deletion_change_what_search_finds() {
    let mut store = Store::in_memory().unwrap();
    let key = filled(&mut store, &["apple", "banana"]);
    let mut tx = store.begin(key).unwrap();
    let edited = Message { rev: 9, ..message(1, 2, "cherry") };
    let deleted = Message { rev: 10, content: None, ..message(2, 2, "") };
    tx.put_messages(room(1), &[edited, deleted]).unwrap();
    // An older state that comes late changes nothing.
    tx.put_messages(room(1), &[message(1, 2, "apple")]).unwrap();
    tx.commit().unwrap();
    let count = |query: &str| store.views(key).search(query, None, None, 9).unwrap().hits.len();
    assert_eq!((count("apple"), count("banana"), count("cherry")), (0, 0, 1));
}

#[test]
fn accounts_do_not_see_each_other() {
    let mut store = Store::in_memory().unwrap();
    let alice = filled(&mut store, &["for alice"]);
    let bob = store.sign_in("http://other", &user(7, "Bob"), DeviceId(Uuid::from_u128(8))).unwrap();
    assert!(store.views(bob).conversations(true, 0).unwrap().rows.is_empty());
    assert!(store.views(bob).search("alice", None, None, 9).unwrap().hits.is_empty());
    assert!(store.views(bob).window(room(1), WindowAt::Newest, 9).unwrap().is_none());
    store.sign_out(alice).unwrap();
    assert_eq!(store.accounts().unwrap().len(), 1);
}

// The shape is SQLite's callback.
#[allow(clippy::needless_pass_by_value)]
fn remember(event: TraceEvent<'_>) {
    if let TraceEvent::Stmt(_, sql) = event {
        SEEN.lock().unwrap().insert(sql.to_owned());
    }
}

static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

#[test]
fn no_query_walks_through_a_table() {
    let folder = std::env::temp_dir().join(format!("confab-plans-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("cache.db");
    let mut connection = Connection::open(&path).unwrap();
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(remember)).unwrap();
    let mut store = Store::from_connection(connection).unwrap();
    let key = filled(&mut store, &["hello", "world"]);
    let mut tx = store.begin(key).unwrap();
    tx.outbox_push(&pending(70, "waiting")).unwrap();
    tx.outbox_lanes().unwrap();
    tx.outbox_lane(Some(room(1)), 5).unwrap();
    tx.outbox_about(MessageId(Uuid::from_u128(5001))).unwrap();
    tx.outbox_of(room(1)).unwrap();
    tx.debts(5).unwrap();
    tx.with_holes(5).unwrap();
    tx.pending_marks(5).unwrap();
    tx.message(MessageId(Uuid::from_u128(5001))).unwrap();
    tx.take_unconfirmed(room(1), 1, 2).unwrap();
    tx.drop_below(room(1), 2).unwrap();
    tx.set_aside(room(1)).unwrap();
    tx.outbox_remove(CommandId(Uuid::from_u128(70))).unwrap();
    tx.commit().unwrap();
    let views = store.views(key);
    views.conversations(true, 0).unwrap();
    views.header(room(1), 0).unwrap();
    views.window(room(1), WindowAt::Unread, 50).unwrap();
    views.members(room(1)).unwrap();
    views.search("lo", Some(room(1)), None, 9).unwrap();
    views.search("lo", None, None, 9).unwrap();
    views.counters().unwrap();
    views.known_users().unwrap();
    views.me().unwrap();
    let plain = Connection::open(&path).unwrap();
    let queries: Vec<String> = SEEN.lock().unwrap().iter().cloned().collect();
    let mut looked_at = 0;
    for sql in queries {
        let word = sql.split_whitespace().next().unwrap_or_default().to_uppercase();
        if !["SELECT", "UPDATE", "DELETE", "INSERT"].contains(&word.as_str()) || sql.contains("search_index_")
        {
            continue;
        }
        let Ok(mut statement) = plain.prepare(&format!("EXPLAIN QUERY PLAN {sql}")) else { continue };
        let steps: Vec<String> =
            statement.raw_query().mapped(|row| row.get::<_, String>(3)).map(|step| step.unwrap()).collect();
        looked_at += 1;
        for step in steps {
            let walks =
                step.starts_with("SCAN") && !step.contains("USING INDEX") && !step.contains("VIRTUAL TABLE");
            // The accounts of a device are a handful; the unindexed are taken from their end; a list is read whole.
            let fine = ["accounts", " a", "unindexed", "CONSTANT ROW", "(subquery"];
            assert!(!walks || fine.iter().any(|name| step.contains(name)), "{step}: {sql}");
        }
    }
    assert!(looked_at > 30, "{looked_at}");
    std::fs::remove_dir_all(&folder).unwrap();
}
