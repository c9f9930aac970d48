//! What every store must do, whatever database it is in. An implementation passes by being named at the end.

use super::accounts::{NewSession, NewUser};
use super::chat::{ConversationKey, ConversationRow, Left, UserKey};
use super::sqlite::SqliteStore;
use super::{Reads, Store, Writes};
use crate::auth::refresh::Rotation;
use confab_protocol::limits;
use confab_protocol::sync::HistoryRequest;
use confab_protocol::{
    CommandId, Content, ConversationId, DeviceId, Kind, Mark, Message, MessageId, Reaction, Role, RunId,
    SystemEvent, UserId,
};
use std::collections::BTreeSet;
use uuid::Uuid;

const NOW: u64 = 1_790_000_000_000;

/// A store with people in it.
struct Bench<'a> {
    store: &'a dyn Store,
    writes: Box<dyn Writes>,
}

impl<'a> Bench<'a> {
    fn new(store: &'a dyn Store) -> Self {
        let writes = store.writer().unwrap();
        let bench = Self { store, writes };
        bench.batch(|writes| {
            writes.begin_run(RunId(Uuid::from_u128(1)), NOW).unwrap();
        });
        bench
    }

    /// One durable batch.
    fn batch<T>(&self, work: impl FnOnce(&dyn Writes) -> T) -> T {
        self.writes.begin().unwrap();
        let result = work(&*self.writes);
        self.writes.commit().unwrap();
        result
    }

    fn reader(&self) -> Box<dyn Reads> {
        self.store.reader().unwrap()
    }

    fn person(&self, name: &str) -> (UserId, UserKey, DeviceId) {
        let (user, device) = (UserId(Uuid::now_v7()), DeviceId(Uuid::now_v7()));
        self.batch(|writes| {
            let new = NewUser {
                id: user,
                username: name.into(),
                display_name: name.to_uppercase(),
                password: "$argon2id$".into(),
                created_at: NOW,
            };
            assert!(writes.add_user(&new).unwrap());
            let rotation = Rotation::first([7; 16]);
            let session = NewSession { device, user, name: "phone".into(), rotation, created_at: NOW };
            writes.add_session(&session).unwrap();
        });
        (user, self.writes.user(user).unwrap().unwrap().key, device)
    }

    /// A conversation with members, all added by commit 1.
    fn conversation(&self, kind: Kind, members: &[UserKey]) -> ConversationRow {
        let mut row = ConversationRow {
            key: ConversationKey(0),
            id: ConversationId(Uuid::now_v7()),
            kind,
            title: "Team".into(),
            title_rev: 1,
            created_at: NOW,
            rev: 0,
            seq: 0,
            first_seq: 1,
            lineage: u64::MAX,
            members: members.len() as u32,
            commit: 1,
        };
        self.batch(|writes| {
            row.key = writes.insert_conversation(&row).unwrap();
            row.rev = 1;
            for member in members {
                row.rev += 1;
                let role = Some(Role::Member);
                writes.save_member(row.key, *member, role, row.rev, 1, &Left::default()).unwrap();
            }
            writes.save_conversation(&row).unwrap();
            writes.set_commit(1).unwrap();
        });
        row
    }

    /// Messages of one sender, each a rev of its own.
    fn write(&self, to: &mut ConversationRow, sender: UserId, texts: &[&str]) -> Vec<Message> {
        let written = texts.iter().map(|text| {
            to.seq += 1;
            to.rev += 1;
            message(to, sender, text)
        });
        let written: Vec<Message> = written.collect();
        self.batch(|writes| {
            for message in &written {
                writes.insert_message(to.key, message, Some([3; 16])).unwrap();
            }
            writes.save_conversation(to).unwrap();
        });
        written
    }
}

fn message(of: &ConversationRow, sender: UserId, text: &str) -> Message {
    Message {
        id: MessageId(Uuid::now_v7()),
        seq: of.seq,
        rev: of.rev,
        sender,
        at: NOW,
        edited_at: None,
        reply_to: None,
        content: Some(Content::Text { text: text.into(), mentions: vec![] }),
        reactions: vec![],
    }
}

fn page(conversation: ConversationId) -> HistoryRequest {
    HistoryRequest { conversation, before: None, after: None, around: None, limit: None }
}

fn messages_read_back_as_they_were_written(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let (bob, b, _) = bench.person("bob");
    let mut row = bench.conversation(Kind::Group, &[a, b]);
    let mut written = bench.write(&mut row, alice, &["", "a\u{1}\"\\ \u{1F600}", &"x".repeat(16 * 1024)]);
    row.seq += 1;
    row.rev += 1;
    let mut full = message(&row, bob, "@alice");
    full.reply_to = Some(confab_protocol::model::ReplyTo { id: written[0].id, seq: 1 });
    full.content = Some(Content::Text { text: "@alice".into(), mentions: vec![alice, bob] });
    row.seq += 1;
    row.rev += 1;
    let mut event = message(&row, bob, "");
    event.content = Some(Content::System { event: SystemEvent::Added { users: vec![alice, bob] } });
    bench.batch(|writes| {
        writes.insert_message(row.key, &full, Some([4; 16])).unwrap();
        writes.insert_message(row.key, &event, None).unwrap();
        full.edited_at = Some(NOW + 1);
        full.rev = row.rev + 1;
        full.reactions = vec![
            Reaction { emoji: "👩‍💻".into(), users: vec![bob, alice] },
            Reaction { emoji: "👍".into(), users: vec![alice] },
        ];
        writes.save_message(row.key, &full).unwrap();
        written[0].content = None;
        written[0].rev = row.rev + 2;
        writes.save_message(row.key, &written[0]).unwrap();
        row.rev += 2;
        writes.save_conversation(&row).unwrap();
    });
    written.extend([full, event]);
    let read = bench.reader().history(&row, &page(row.id), 100).unwrap();
    assert_eq!(read.messages, written);
    assert_eq!(bench.writes.message(row.key, written[3].id).unwrap().as_ref(), Some(&written[3]));
    let other = bench.conversation(Kind::Group, &[a]);
    assert_eq!(bench.writes.message(other.key, written[3].id).unwrap(), None, "not of that conversation");
}

fn ids_are_unique_for_ever(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let mut row = bench.conversation(Kind::Group, &[a]);
    let written = bench.write(&mut row, alice, &["one"]);
    let doubled = Message { seq: 2, rev: 9, ..written[0].clone() };
    bench.writes.begin().unwrap();
    assert!(bench.writes.insert_message(row.key, &doubled, None).is_err());
    bench.writes.rollback();
    let known = bench.writes.known_command(written[0].id.into()).unwrap().unwrap();
    assert_eq!((known.user, known.fingerprint), (a, Some([3; 16])));
    assert_eq!((known.seq, known.rev), (Some(1), Some(written[0].rev)));
    // The first result stays though the row moves on.
    bench.batch(|writes| {
        writes.save_message(row.key, &Message { rev: 99, ..written[0].clone() }).unwrap();
        writes.record_command(CommandId(Uuid::from_u128(5)), a, [5; 16], Some(7)).unwrap();
    });
    assert_eq!(bench.writes.known_command(written[0].id.into()).unwrap().unwrap().rev, known.rev);
    let command = bench.writes.known_command(CommandId(Uuid::from_u128(5))).unwrap().unwrap();
    assert_eq!((command.fingerprint, command.seq, command.rev), (Some([5; 16]), None, Some(7)));
    assert_eq!(bench.writes.known_command(CommandId(Uuid::from_u128(6))).unwrap(), None);
}

fn what_is_undone_leaves_no_trace(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let mut row = bench.conversation(Kind::Group, &[a]);
    let before = bench.writes.position().unwrap();
    bench.writes.begin().unwrap();
    row.seq = 1;
    row.rev += 1;
    bench.writes.insert_message(row.key, &message(&row, alice, "gone"), None).unwrap();
    bench.writes.set_commit(before.commit + 1).unwrap();
    bench.writes.rollback();
    assert_eq!(bench.writes.position().unwrap(), before);

    // A user who was undone does not lend their row to the next one.
    bench.writes.begin().unwrap();
    let user = |n: u128, name: &str| NewUser {
        id: UserId(Uuid::from_u128(n)),
        username: name.into(),
        display_name: name.into(),
        password: String::new(),
        created_at: NOW,
    };
    bench.writes.savepoint().unwrap();
    assert!(bench.writes.add_user(&user(70, "ghost")).unwrap());
    let ghost = bench.writes.user(UserId(Uuid::from_u128(70))).unwrap().unwrap();
    bench.writes.save_member(row.key, ghost.key, Some(Role::Member), 50, 2, &Left::default()).unwrap();
    bench.writes.undo();
    bench.writes.savepoint().unwrap();
    assert!(bench.writes.add_user(&user(71, "carol")).unwrap());
    bench.writes.release().unwrap();
    bench.writes.commit().unwrap();
    assert!(bench.writes.user(UserId(Uuid::from_u128(70))).unwrap().is_none());
    let members: Vec<UserId> = bench.writes.members(row.key).unwrap().iter().map(|m| m.user).collect();
    assert_eq!(members, [alice]);
}

fn changes_are_every_newer_row_in_its_current_state(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let (bob, b, _) = bench.person("bob");
    let mut row = bench.conversation(Kind::Group, &[a, b]);
    let texts: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    let mut written = bench.write(&mut row, alice, &texts.iter().map(String::as_str).collect::<Vec<_>>());
    bench.batch(|writes| {
        for at in [3, 20, 7] {
            row.rev += 1;
            written[at].rev = row.rev;
            written[at].content = None;
            writes.save_message(row.key, &written[at]).unwrap();
        }
        row.rev += 1;
        let left = Left { rev: row.rev - 1, seq: row.seq, lineage: 5, title: "Team".into() };
        writes.save_member(row.key, b, None, row.rev, 2, &left).unwrap();
        row.rev += 1;
        row.title = "Crew".into();
        row.title_rev = row.rev;
        writes.save_conversation(&row).unwrap();
    });
    let reads = bench.reader();
    let expected: BTreeSet<(u64, u64)> = written.iter().map(|m| (m.rev, m.seq)).collect();
    // In steps of any size, from any rev: the same rows, in the order of their revs.
    for limit in [1, 2, 7, 1000] {
        for since in 0..=row.rev {
            let (mut at, mut rows, mut members, mut title) = (since, Vec::new(), Vec::new(), None);
            loop {
                let delta = reads.changes(&row, at, None, limit).unwrap();
                assert!(delta.from == at && (delta.to > at || at == row.rev));
                assert!(delta.messages.len() + delta.members.len() <= limit);
                assert_eq!(delta.lineage.is_some(), !delta.more);
                rows.extend(delta.messages.iter().map(|m| (m.rev, m.seq)));
                members.extend(delta.members.iter().map(|m| (m.user, m.role)));
                title = title.or(delta.title);
                at = delta.to;
                if !delta.more {
                    break;
                }
            }
            assert_eq!(at, row.rev);
            let newer: Vec<(u64, u64)> = expected.iter().copied().filter(|(rev, _)| *rev > since).collect();
            assert_eq!(rows, newer, "since {since} by {limit}");
            assert_eq!(members.contains(&(bob, None)), since < row.rev - 1);
            assert_eq!(title.is_some(), since < row.rev);
        }
    }
    // Only what is held: the same as leaving the others out.
    let ranges = [(2, Some(4)), (21, Some(21)), (29, None)];
    for limit in [1, 3, 1000] {
        let (mut at, mut rows) = (0, Vec::new());
        loop {
            let delta = reads.changes(&row, at, Some(&ranges), limit).unwrap();
            rows.extend(delta.messages.iter().map(|m| (m.rev, m.seq)));
            at = delta.to;
            if !delta.more {
                break;
            }
        }
        let held = |seq: u64| (2..=4).contains(&seq) || seq == 21 || seq >= 29;
        assert_eq!(rows, expected.iter().copied().filter(|(_, seq)| held(*seq)).collect::<Vec<_>>());
    }
}

fn heads_tell_each_member_their_own(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let (bob, b, _) = bench.person("bob");
    let (_, stranger, _) = bench.person("stan");
    let mut row = bench.conversation(Kind::Direct, &[a, b]);
    let written = bench.write(&mut row, alice, &["one", "two", "three"]);
    bench.batch(|writes| {
        let two = Message { content: None, ..written[1].clone() };
        writes.save_message(row.key, &two).unwrap();
        assert_eq!(
            writes.advance_mark(row.key, b, 1, 2, 2).unwrap(),
            Some(Mark { user: bob, read: 1, delivered: 2 })
        );
        assert_eq!(writes.advance_mark(row.key, b, 1, 1, 3).unwrap(), None, "marks only grow");
        writes.set_mention(row.key, b, 3).unwrap();
        writes.set_mention(row.key, b, 2).unwrap();
        writes.set_hidden(row.key, b, 2, 3).unwrap();
    });
    let reads = bench.reader();
    let mine = reads.head(b, row.key).unwrap().unwrap();
    assert_eq!((mine.read, mine.delivered, mine.unread), (1, 2, 1), "the tombstone does not count");
    assert_eq!((mine.mention_seq, mine.hidden_seq, mine.peer), (3, 2, Some(alice)));
    assert_eq!(mine.lineage, "ffffffffffffffff");
    assert_eq!(mine.last.as_ref(), Some(&written[2]));
    let theirs = reads.head(a, row.key).unwrap().unwrap();
    assert_eq!((theirs.unread, theirs.peer), (0, Some(bob)));
    assert_eq!(theirs.marks, [Mark { user: bob, read: 1, delivered: 2 }]);
    bench.batch(|writes| writes.save_profile(b, "BOB", false, 4).unwrap());
    let theirs = reads.head(a, row.key).unwrap().unwrap();
    assert_eq!(theirs.marks, [Mark { user: bob, read: 0, delivered: 2 }], "bob does not tell any more");
    assert_eq!(reads.head(stranger, row.key).unwrap(), None);
    assert!(reads.member_of(b, row.id).unwrap().is_some());
    assert!(reads.member_of(stranger, row.id).unwrap().is_none());
}

fn touched_is_what_changed_for_this_user_since(store: &dyn Store) {
    let bench = Bench::new(store);
    let (_, a, _) = bench.person("alice");
    let (_, b, _) = bench.person("bob");
    let mut rows: Vec<ConversationRow> = (0..5).map(|_| bench.conversation(Kind::Group, &[a, b])).collect();
    let first = ConversationKey(0);
    let reads = bench.reader();
    let keys: Vec<ConversationKey> = rows.iter().map(|row| row.key).collect();
    assert_eq!(reads.touched(a, None, first, 100).unwrap(), keys);
    assert_eq!(reads.touched(a, None, keys[1], 2).unwrap(), keys[2..4], "a page");
    assert_eq!(reads.touched(a, Some(1), first, 100).unwrap(), []);
    bench.batch(|writes| {
        rows[1].commit = 2;
        writes.save_conversation(&rows[1]).unwrap();
        writes.advance_mark(keys[2], b, 0, 0, 2).unwrap();
        writes.set_hidden(keys[3], b, 0, 2).unwrap();
        writes.save_member(keys[4], a, None, 9, 2, &Left::default()).unwrap();
    });
    assert_eq!(reads.touched(a, Some(1), first, 100).unwrap(), [keys[1], keys[4]]);
    assert_eq!(reads.touched(b, Some(1), first, 100).unwrap(), [keys[1], keys[3]]);
    bench.batch(|writes| {
        rows[4].commit = 3;
        writes.save_conversation(&rows[4]).unwrap();
    });
    assert_eq!(reads.touched(a, Some(2), first, 100).unwrap(), [], "what one has left changes unseen");
}

fn runs_end_where_the_next_begins(store: &dyn Store) {
    let bench = Bench::new(store);
    let (one, two) = (RunId(Uuid::from_u128(1)), RunId(Uuid::from_u128(2)));
    assert_eq!(bench.writes.position().unwrap().run, one);
    bench.batch(|writes| writes.set_commit(10).unwrap());
    assert_eq!(bench.writes.run_end(one).unwrap(), Some(10));
    let position = bench.batch(|writes| writes.begin_run(two, NOW).unwrap());
    assert_eq!((position.run, position.commit), (two, 10));
    bench.batch(|writes| writes.set_commit(15).unwrap());
    assert_eq!(bench.writes.run_end(one).unwrap(), Some(10));
    assert_eq!(bench.writes.run_end(two).unwrap(), Some(15));
    assert_eq!(bench.writes.run_end(RunId(Uuid::from_u128(3))).unwrap(), None);
}

fn a_run_that_died_leaves_true_times(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, device) = bench.person("alice");
    let (bob, b, phone) = bench.person("bob");
    bench.conversation(Kind::Group, &[a, b]);
    let session = |user, device| bench.reader().caller(user, device).unwrap().unwrap().session;
    let (hers, his) = (session(alice, device), session(bob, phone));
    bench.batch(|writes| {
        writes.set_present(hers, a).unwrap();
        writes.set_present(his, b).unwrap();
        writes.set_gone(his, b, NOW + 1_000).unwrap();
        writes.set_alive(NOW + 30_000).unwrap();
    });
    bench.batch(|writes| writes.begin_run(RunId(Uuid::from_u128(9)), NOW + 90_000).unwrap());
    let seen = |user, by| bench.reader().seen(by, &[user]).unwrap()[0].last_seen;
    assert_eq!((seen(alice, b), seen(bob, a)), (NOW + 30_000, NOW + 1_000));
    assert_eq!(bench.reader().devices(a).unwrap()[0].last_seen, NOW + 30_000);
}

fn strangers_learn_nothing_of_each_other(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let (bob, b, _) = bench.person("bob");
    let (eve, e, _) = bench.person("eve");
    let row = bench.conversation(Kind::Group, &[a, b]);
    let reads = bench.reader();
    let everyone = [alice, bob, eve];
    let ids = |users: Vec<confab_protocol::User>| users.iter().map(|u| u.id).collect::<Vec<_>>();
    assert_eq!(ids(reads.acquainted(a, &everyone).unwrap()), [alice, bob]);
    assert_eq!(ids(reads.acquainted(e, &everyone).unwrap()), [eve]);
    assert_eq!(reads.seen(e, &everyone).unwrap(), []);
    assert_eq!(reads.seen(a, &[bob, eve]).unwrap().len(), 1);
    bench.batch(|writes| writes.save_profile(b, "Bobby", true, 8).unwrap());
    assert_eq!(ids(reads.profiles_changed(a, 7).unwrap()), [bob]);
    assert_eq!(ids(reads.profiles_changed(a, 8).unwrap()), []);
    assert_eq!(ids(reads.profiles_changed(e, 7).unwrap()), []);
    // One who left is no longer seen, but those who stayed still know the name beside the old messages.
    bench.batch(|writes| writes.save_member(row.key, b, None, 9, 9, &Left::default()).unwrap());
    assert_eq!(reads.seen(a, &[bob]).unwrap(), []);
    assert_eq!(ids(reads.acquainted(a, &[bob]).unwrap()), [bob]);
    assert_eq!(ids(reads.acquainted(b, &[alice]).unwrap()), []);
    assert_eq!(bench.writes.acquaintances(a).unwrap(), [alice]);
}

fn blocks_are_kept_both_ways(store: &dyn Store) {
    let bench = Bench::new(store);
    let (_, a, _) = bench.person("alice");
    let (bob, b, _) = bench.person("bob");
    bench.batch(|writes| {
        writes.set_blocked(a, b, true).unwrap();
        writes.set_blocked(a, b, true).unwrap();
    });
    assert_eq!(bench.reader().blocked(a).unwrap(), [bob]);
    assert!(bench.writes.is_blocked(a, b).unwrap() && !bench.writes.is_blocked(b, a).unwrap());
    bench.batch(|writes| writes.set_blocked(a, b, false).unwrap());
    assert_eq!(bench.reader().blocked(a).unwrap(), []);
}

fn a_read_sees_one_state(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let mut row = bench.conversation(Kind::Group, &[a]);
    let reads = bench.reader();
    reads.begin_read().unwrap();
    assert_eq!(reads.member_of(a, row.id).unwrap().unwrap().seq, 0);
    reads.end_read();
    bench.write(&mut row, alice, &["new"]);
    reads.begin_read().unwrap();
    assert_eq!(reads.member_of(a, row.id).unwrap().unwrap().seq, 1);
    reads.end_read();
}

fn unread_stops_at_its_limit(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let (_, b, _) = bench.person("bob");
    let mut row = bench.conversation(Kind::Group, &[a, b]);
    bench.write(&mut row, alice, &["x"; limits::UNREAD as usize + 20]);
    assert_eq!(bench.reader().head(b, row.key).unwrap().unwrap().unread, limits::UNREAD);
    assert_eq!(bench.reader().head(a, row.key).unwrap().unwrap().unread, 0);
}

macro_rules! contract {
    ($($store:ident: $open:expr;)* => $cases:tt) => {
        $(mod $store {
            use super::*;
            contract!(@cases $open, $cases);
        })*
    };
    (@cases $open:expr, [$($case:ident,)*]) => {
        $(#[test]
        fn $case() {
            let folder = tempfile::TempDir::new().unwrap();
            let open: fn(&std::path::Path) -> SqliteStore = $open;
            super::$case(&open(folder.path()));
        })*
    };
}

contract! {
    sqlite: |folder| SqliteStore::open(&folder.join("confab.db")).unwrap();
    sqlite_in_memory: |_| SqliteStore::in_memory().unwrap();
    => [
        messages_read_back_as_they_were_written,
        ids_are_unique_for_ever,
        what_is_undone_leaves_no_trace,
        changes_are_every_newer_row_in_its_current_state,
        heads_tell_each_member_their_own,
        touched_is_what_changed_for_this_user_since,
        runs_end_where_the_next_begins,
        a_run_that_died_leaves_true_times,
        strangers_learn_nothing_of_each_other,
        blocks_are_kept_both_ways,
        a_read_sees_one_state,
        unread_stops_at_its_limit,
    ]
}
