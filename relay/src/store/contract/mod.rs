//! What every store must do, whatever database it is in. An implementation passes by being named at the end.

mod catching_up;
mod messages;
mod people;

use super::accounts::{NewSession, NewUser};
use super::chat::{ConversationKey, ConversationRow, Left, UserKey};
use super::sqlite::SqliteStore;
use super::{Reads, Store, Writes};
use crate::auth::refresh::Rotation;
use confab_protocol::sync::{ChangesRequest, HistoryRequest};
use confab_protocol::{
    Content, ConversationId, Delta, DeviceId, Kind, Message, MessageId, Role, RunId, UserId,
};
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

/// Changes, read as a client reads them. What the store appends to must stay as it was.
fn changes(
    reads: &dyn Reads,
    of: &ConversationRow,
    since: u64,
    ranges: Option<&[(u64, Option<u64>)]>,
    limit: usize,
) -> Delta {
    let mut text = "before".to_owned();
    let request =
        ChangesRequest { conversation: of.id, since, ranges: ranges.map(<[_]>::to_vec), limit: None };
    reads.changes(of, &request, limit, &mut text).unwrap();
    serde_json::from_str(text.strip_prefix("before").unwrap()).unwrap()
}

fn page(conversation: ConversationId) -> HistoryRequest {
    HistoryRequest { conversation, before: None, after: None, around: None, limit: None }
}

macro_rules! contract {
    ($($store:ident: $open:expr;)* => $cases:tt) => {
        $(mod $store {
            use super::{SqliteStore, catching_up, messages, people};
            contract!(@cases $open, $cases);
        })*
    };
    (@cases $open:expr, [$($part:ident::$case:ident,)*]) => {
        $(#[test]
        fn $case() {
            let folder = tempfile::TempDir::new().unwrap();
            let open: fn(&std::path::Path) -> SqliteStore = $open;
            $part::$case(&open(folder.path()));
        })*
    };
}

contract! {
    sqlite: |folder| SqliteStore::open(&folder.join("confab.db")).unwrap();
    sqlite_in_memory: |_| SqliteStore::in_memory().unwrap();
    => [
        messages::messages_read_back_as_they_were_written,
        messages::ids_are_unique_for_ever,
        messages::what_is_undone_leaves_no_trace,
        catching_up::changes_are_every_newer_row_in_its_current_state,
        people::heads_tell_each_member_their_own,
        catching_up::touched_is_what_changed_for_this_user_since,
        catching_up::runs_end_with_their_last_commit,
        people::a_run_that_died_leaves_true_times,
        people::strangers_learn_nothing_of_each_other,
        people::blocks_are_kept_both_ways,
        people::people_are_found_by_the_names_that_they_have_now,
        people::who_shares_anew_is_remembered_until_all_know,
        messages::a_read_sees_one_state,
        people::unread_stops_at_its_limit,
    ]
}
