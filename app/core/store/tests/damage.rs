//! Damaged databases: bits that flipped, files that were cut, logs that were, while the app was killed.
//!
//! Whatever happens to the file, the app comes up, nothing panics, and what SQLite can still read of the outbox is kept.

#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_engine::{Cache, Conversation, Entry, EntryState, Random, RangeSet};
use confab_protocol::command::Send;
use confab_protocol::{
    Command, CommandId, Content, ConversationId, DeviceId, Kind, Message, MessageId, Role, User, UserId,
};
use confab_store::view::Draft;
use confab_store::{AccountKey, Store, StoreError};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// More than fit on one page, so that damage to one leaves others.
const PENDING: u128 = 120;
const MESSAGES: u64 = 600;

fn user(n: u128, name: &str) -> User {
    User {
        id: UserId(Uuid::from_u128(n)),
        username: name.to_lowercase(),
        display_name: name.into(),
        deleted: false,
    }
}

fn room() -> ConversationId {
    ConversationId(Uuid::from_u128(1001))
}

fn pending(n: u128) -> Entry {
    let command = Command::Send(Send {
        command: CommandId(Uuid::from_u128(70_000 + n)),
        after: None,
        conversation: room(),
        direct_with: None,
        text: format!("unsent number {n}, {}", "and so on ".repeat(20)),
        mentions: vec![],
        reply_to: None,
    });
    Entry {
        command,
        state: if n.is_multiple_of(3) { EntryState::Handed } else { EntryState::New },
        at: 5,
        resend: false,
    }
}

fn message(seq: u64) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(5000 + u128::from(seq))),
        seq,
        rev: seq,
        sender: UserId(Uuid::from_u128(2)),
        at: 1_700_000_000_000 + seq * 10,
        edited_at: None,
        reply_to: None,
        content: Some(Content::Text {
            text: format!("message {seq} {}", "of some length ".repeat(10)),
            mentions: vec![],
        }),
        reactions: vec![],
    }
}

/// A database with history, an outbox and a draft. With `log`, a part of it is still in the log, as after a kill.
fn filled(folder: &Path, log: bool) -> PathBuf {
    let path = folder.join("confab.db");
    let mut store = Store::open(&path).unwrap();
    let key = store.sign_in("http://relay", &user(1, "Alice"), DeviceId(Uuid::from_u128(9))).unwrap();
    let mut tx = store.begin(key).unwrap();
    tx.put_users(&[user(2, "Bob")]).unwrap();
    let mut held = Conversation::local(room(), Kind::Group, "Team".into(), 1);
    (held.role, held.known, held.members, held.last_seq) = (Some(Role::Owner), true, 2, MESSAGES);
    (held.rev, held.head_rev, held.read) = (MESSAGES, MESSAGES, 40);
    tx.put_conversation(&held).unwrap();
    let rows: Vec<Message> = (1..=MESSAGES).map(message).collect();
    tx.put_messages(room(), &rows).unwrap();
    tx.put_ranges(room(), &RangeSet::from_ranges([(1, MESSAGES)])).unwrap();
    tx.commit().unwrap();
    while store.index_step(200).unwrap() {}
    store.save_draft(key, room(), &Draft { text: "half a thought".into(), ..Draft::default() }).unwrap();
    for n in 0..PENDING {
        let mut tx = store.begin(key).unwrap();
        tx.outbox_push(&pending(n)).unwrap();
        tx.commit().unwrap();
    }
    if log {
        // As a kill leaves it: nothing was folded back.
        let copy = folder.join("killed.db");
        for end in ["", "-wal"] {
            std::fs::copy(folder.join(format!("confab.db{end}")), folder.join(format!("killed.db{end}")))
                .unwrap();
        }
        drop(store);
        return copy;
    }
    drop(store);
    path
}

/// The commands in the outbox that SQLite can read, read by nothing of the code under test.
fn readable(path: &Path) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    for end in ["", "-wal"] {
        let from = PathBuf::from(format!("{}{end}", path.display()));
        if from.exists() {
            std::fs::copy(&from, format!("{}{end}", copy.display())).unwrap();
        }
    }
    let db = Connection::open(&copy).unwrap();
    let whose: Vec<i64> = match db
        .prepare("SELECT account FROM accounts NOT INDEXED")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0)).and_then(Iterator::collect))
    {
        Ok(accounts) => accounts,
        Err(_) => return BTreeSet::new(),
    };
    let mut found = BTreeSet::new();
    for n in 0..=i64::try_from(PENDING).unwrap() + 10 {
        let row =
            db.query_row("SELECT account, id, command FROM outbox NOT INDEXED WHERE n = ?1", [n], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, String>(2)?))
            });
        if let Ok((account, id, text)) = row
            && whose.contains(&account)
            && let Ok(command) = serde_json::from_str::<Command>(&text)
            && command.id().0.as_bytes().as_slice() == id
        {
            found.insert(text);
        }
    }
    found
}

fn outbox(store: &mut Store, key: AccountKey) -> BTreeSet<String> {
    let mut tx = store.begin(key).unwrap();
    let entries = tx.outbox_of(room()).unwrap();
    entries.iter().map(|entry| serde_json::to_string(&entry.command).unwrap()).collect()
}

/// Uses everything that an app uses in its first minute.
fn use_it(store: &mut Store, key: AccountKey) -> Result<(), StoreError> {
    let views = store.views(key);
    views.conversations(true, 0)?;
    views.window(room(), confab_store::view::WindowAt::Newest, 100)?;
    views.draft(room())?;
    views.counters()?;
    let mut tx = store.begin(key)?;
    tx.outbox_push(&pending(999)).map_err(|error| StoreError::Unreadable(error.to_string()))?;
    tx.conversation(room()).map_err(|error| StoreError::Unreadable(error.to_string()))?;
    tx.commit()
}

/// What one way of damaging it came to.
#[derive(Debug, PartialEq)]
enum Came {
    /// Nothing that is used was hit.
    Unharmed,
    /// Found at once, or while it was used.
    Rescued,
}

fn come_up(path: &Path) -> Came {
    let before = readable(path);
    let damaged = std::fs::read(path).unwrap();
    let (mut store, mut aside) = Store::open_or_rescue(path).unwrap();
    let mut key = store.accounts().map(|accounts| accounts.first().map(|account| account.key));
    let used = match &key {
        Ok(Some(key)) => use_it(&mut store, *key).is_ok(),
        Ok(None) => true,
        Err(_) => false,
    };
    if aside.is_none() && !used {
        // Found while running.
        drop(store);
        aside = Some(Store::rescue(path).unwrap());
        store = Store::open(path).unwrap();
        key = store.accounts().map(|accounts| accounts.first().map(|account| account.key));
    }
    let key = key.unwrap();
    if let Some(key) = key {
        // Wherever a flipped bit makes them belong.
        let after = readable(path);
        let lost: Vec<&String> = before.difference(&after).collect();
        assert!(lost.is_empty(), "{aside:?}: {lost:?} of {} were lost", before.len());
        use_it(&mut store, key).unwrap();
    } else {
        assert!(before.is_empty(), "the account could be read");
    }
    match aside {
        Some(aside) => {
            let sound: String = Connection::open(path)
                .unwrap()
                .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
                .unwrap();
            assert_eq!(sound, "ok");
            assert!(
                std::fs::read(&aside.file).unwrap().len() + 65_536 > damaged.len(),
                "it is kept as it was"
            );
            Came::Rescued
        }
        None => Came::Unharmed,
    }
}

/// How often to do what `name` counts: as many times as the environment says, else `usual`.
fn count(name: &str, usual: u64) -> u64 {
    match std::env::var(name) {
        Ok(number) => number.parse().unwrap_or_else(|_| panic!("{name} is no number")),
        Err(_) => usual,
    }
}

/// Twenty seeds, each of which damages the file or its log in its own way.
#[test]
fn twenty_damaged_databases_come_up_with_all_of_the_outbox_that_can_be_read() {
    let mut rescued = 0;
    for seed in 0..count("CONFAB_DAMAGED", 20) {
        let mut random = Random::new(seed);
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path(), seed.is_multiple_of(4));
        let log = PathBuf::from(format!("{}-wal", path.display()));
        let target = if log.exists() && seed.is_multiple_of(8) { log } else { path.clone() };
        let mut bytes = std::fs::read(&target).unwrap();
        match seed % 5 {
            // Cut off.
            0 => bytes.truncate(random.up_to(bytes.len() as u64) as usize),
            // A part that was never written.
            1 => {
                let at = random.up_to(bytes.len() as u64 - 1) as usize & !4095;
                let end = (at + 4096 * (1 + random.up_to(7) as usize)).min(bytes.len());
                bytes[at..end].fill(0);
            }
            // Bits here and there.
            _ => {
                for _ in 0..=random.up_to(40) {
                    let at = random.up_to(bytes.len() as u64 - 1) as usize;
                    // The version of the schema is what tells that a newer app wrote it.
                    if !(60..64).contains(&at) {
                        bytes[at] ^= 1 << random.up_to(7);
                    }
                }
            }
        }
        std::fs::write(&target, bytes).unwrap();
        rescued += usize::from(come_up(&path) == Came::Rescued);
    }
    assert!(rescued >= 5, "only {rescued} of these were damage that matters");
}

#[test]
fn a_page_of_the_outbox_takes_no_other_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path(), false);
    let db = Connection::open(&path).unwrap();
    let root: u32 = db
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'outbox'", [], |row| row.get(0))
        .unwrap();
    drop(db);
    let mut bytes = std::fs::read(&path).unwrap();
    // The first child of the root: its number stands in the root's first cell.
    let page = |number: usize| (number - 1) * 4096..number * 4096;
    let inner = &bytes[page(root as usize)];
    assert_eq!(inner[0], 5, "the table has more than one page");
    let cell = usize::from(u16::from_be_bytes([inner[12 + 10], inner[12 + 11]]));
    let child = u32::from_be_bytes(inner[cell..cell + 4].try_into().unwrap()) as usize;
    bytes[page(child)].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let left = readable(&path);
    assert!(left.len() > 60 && left.len() < PENDING as usize, "{} can be read", left.len());
    assert_eq!(come_up(&path), Came::Rescued);
}

#[test]
fn what_is_rescued_is_unsent_work_and_what_it_belongs_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path(), false);
    let aside = Store::rescue(&path).unwrap();
    assert_eq!(aside.file, folder.path().join("confab.db.damaged-1"));
    assert_eq!(
        (aside.rescued.accounts, aside.rescued.outbox, aside.rescued.drafts),
        (1, PENDING as usize, 1)
    );
    assert!(!aside.rescued.incomplete);
    let mut store = Store::open(&path).unwrap();
    let account = store.accounts().unwrap().remove(0);
    assert_eq!((account.user, account.current), (user(1, "Alice"), true));
    assert_eq!(store.views(account.key).draft(room()).unwrap().text, "half a thought");
    let list = store.views(account.key).conversations(false, 0).unwrap();
    assert_eq!((list.rows[0].title.as_str(), list.rows.len()), ("Team", 1));
    let mut tx = store.begin(account.key).unwrap();
    let found = tx.account().unwrap();
    assert_eq!((found.token, found.seen), (None, None), "every head is to be told again");
    let held = tx.conversation(room()).unwrap().unwrap();
    assert_eq!((held.rev, held.head_rev, held.role), (0, 1, Some(Role::Owner)), "and all of it is owed");
    assert!(tx.ranges(room()).unwrap().is_empty());
    let entries = tx.outbox_of(room()).unwrap();
    assert_eq!(entries, (0..PENDING).map(pending).collect::<Vec<_>>(), "in their order, in their state");
}

#[test]
fn of_many_damaged_files_the_first_and_the_latest_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path(), false);
    for _ in 0..8 {
        Store::rescue(&path).unwrap();
    }
    let mut kept: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().to_str()?.strip_prefix("confab.db.damaged-").map(Into::into)
        })
        .collect();
    kept.sort();
    assert_eq!(kept, ["1", "5", "6", "7", "8"]);
}

#[test]
fn an_interrupted_rescue_is_finished_or_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path(), false);
    let draft = folder.path().join("confab.db.rescue");
    // Killed before the renames: what was begun is worth nothing.
    std::fs::write(&draft, b"half of a database").unwrap();
    let (store, aside) = Store::open_or_rescue(&path).unwrap();
    assert_eq!(aside, None);
    drop(store);
    assert!(!draft.exists());
    // Killed between the two.
    Store::rescue(&path).unwrap();
    std::fs::rename(&path, &draft).unwrap();
    let (mut store, _) = Store::open_or_rescue(&path).unwrap();
    let key = store.accounts().unwrap()[0].key;
    assert_eq!(outbox(&mut store, key).len(), PENDING as usize);
}

#[test]
fn a_newer_database_is_neither_opened_nor_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path(), false);
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let error = Store::open_or_rescue(&path).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }) && !error.is_damage());
    assert!(error.to_string().contains("Update Confab"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// The disk is full: what a person does is refused, and works once there is room.
#[test]
fn five_full_disks_lose_nothing() {
    for run in 0..count("CONFAB_DISKS", 5) as i64 {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path(), false);
        let connection = Connection::open(&path).unwrap();
        let used: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        // Full at another place each time.
        let most = used + run % 20;
        connection.pragma_update_and_check(None, "max_page_count", most, |_| Ok(())).unwrap();
        let mut store = Store::from_connection(connection).unwrap();
        let key = store.accounts().unwrap()[0].key;
        let before = outbox(&mut store, key);
        let mut stored = 0;
        let refused = loop {
            let entry = pending(2_000 + stored);
            let mut tx = store.begin(key).unwrap();
            let done = tx.outbox_push(&entry).map_err(|error| error.to_string());
            let done = done.and_then(|()| tx.commit().map_err(|error| error.to_string()));
            match done {
                Ok(()) => stored += 1,
                Err(error) => break error,
            }
            assert!(stored < 500, "{most} pages are never full");
        };
        assert!(refused.contains("full"), "{refused}");
        // Everything that was answered is there, nothing else is, and it can be read.
        assert_eq!(outbox(&mut store, key).len(), before.len() + stored as usize);
        store.views(key).conversations(false, 0).unwrap();
        let window = store.views(key).window(room(), confab_store::view::WindowAt::Newest, 10).unwrap();
        assert!(window.unwrap().items.len() > 5);
        drop(store);
        let mut store = Store::open(&path).unwrap();
        let mut tx = store.begin(key).unwrap();
        tx.outbox_push(&pending(3_000)).unwrap();
        tx.commit().unwrap();
        assert_eq!(outbox(&mut store, key).len(), before.len() + stored as usize + 1);
    }
}
