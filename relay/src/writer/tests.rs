//! The writer over a database that has really no room left.

use super::{Hand, Writer};
use crate::clock::Machine;
use crate::hub::Hub;
use crate::hub::connection::Connection;
use crate::hub::queue::Item;
use crate::store::accounts::NewUser;
use crate::store::chat::{ChatWrites as _, ConversationKey, SessionKey, UserKey};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store as _, Writes as _};
use confab_protocol::command::Send;
use confab_protocol::limits::TEXT_BYTES;
use confab_protocol::{Command, CommandId, ConversationId, DeviceId, RunId, UserId};
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// A writer driven by hand, and Alice, who writes to herself. Its database may take only so many pages more.
struct Stage {
    store: SqliteStore,
    writer: Writer,
    hand: Hand,
    alice: Arc<Connection>,
}

impl Stage {
    fn new(folder: &Path, pages: i64) -> Self {
        let store = SqliteStore::open(&folder.join("confab.db")).unwrap();
        let writes = store.connection().unwrap();
        let user = UserId(Uuid::from_u128(1));
        let new = NewUser {
            id: user,
            username: "alice".into(),
            display_name: "Alice".into(),
            password: String::new(),
            created_at: 1,
        };
        writes.begin().unwrap();
        assert!(crate::store::accounts::AccountWrites::add_user(&writes, &new).unwrap());
        writes.commit().unwrap();
        let key = crate::store::chat::ChatWrites::user(&writes, user).unwrap().unwrap().key;
        let used: i64 = writes.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        let _: i64 = writes
            .db
            .pragma_update_and_check(None, "max_page_count", used + pages, |row| row.get(0))
            .unwrap();
        let hub = Arc::new(Hub::default());
        let alice = Arc::new(Connection::new(hub.next_id(), user, DeviceId(Uuid::from_u128(2)), u64::MAX, 1));
        alice.set_rows(key, SessionKey(1));
        assert!(hub.connect(&alice));
        let run = RunId(Uuid::from_u128(3));
        let (writer, hand) = Writer::by_hand(Box::new(writes), hub, run, Arc::new(Machine)).unwrap();
        Self { store, writer, hand, alice }
    }

    fn send(&self, id: u64, text: &str) {
        let user = self.alice.user;
        let send = Send {
            command: CommandId(Uuid::now_v7()),
            after: None,
            conversation: ConversationId::direct(user, user),
            direct_with: Some(user),
            text: text.into(),
            mentions: Vec::new(),
            reply_to: None,
        };
        self.writer.command(Arc::clone(&self.alice), Some(id), Command::Send(send)).unwrap();
    }

    /// The answers that wait to be written.
    fn heard(&self) -> Vec<serde_json::Value> {
        let texts = self.alice.take().into_iter().filter_map(|item| match item {
            Item::Text(text, _) => serde_json::from_str(&text).ok(),
            _ => None,
        });
        texts.filter(|frame: &serde_json::Value| frame["id"].is_u64()).collect()
    }
}

/// The relay died between two batches that tell it.
#[test]
fn a_new_run_goes_on_telling_who_shares() {
    let folder = tempfile::tempdir().unwrap();
    let Stage { store, mut hand, .. } = Stage::new(folder.path(), 1_000);
    assert_eq!(hand.due_in_ms(), None);
    let writes = store.connection().unwrap();
    writes.set_sharing(UserKey(1), Some(ConversationKey(0))).unwrap();
    let hub = Arc::new(Hub::default());
    let run = RunId(Uuid::from_u128(4));
    (_, hand) = Writer::by_hand(store.writer().unwrap(), hub, run, Arc::new(Machine)).unwrap();
    for _ in 0..2 {
        assert_eq!(hand.due_in_ms(), Some(0));
        hand.batch().unwrap();
    }
    assert_eq!(hand.due_in_ms(), None);
    assert_eq!(writes.sharing().unwrap(), None);
}

#[test]
fn when_there_is_no_room_a_batch_is_refused_whole_and_smaller_ones_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut stage = Stage::new(folder.path(), 12);
    let large = "x".repeat(TEXT_BYTES);
    stage.send(1, "small");
    stage.hand.batch().unwrap();
    assert_eq!(stage.heard()[0]["ok"]["seq"], 1);
    for id in 2..8 {
        stage.send(id, &large);
    }
    stage.hand.batch().unwrap();
    let answers = stage.heard();
    assert_eq!(answers.len(), 6, "{answers:?}");
    for answer in &answers {
        assert_eq!(answer["error"]["code"], "storage_failed");
        assert_eq!(answer["error"]["retry"], "later");
        assert!(answer["error"]["message"].as_str().unwrap().contains("full"));
    }
    assert!(!stage.writer.is_storing());
    // Reading goes on, and sees what was acknowledged and nothing else.
    let reads = stage.store.reader().unwrap();
    let user = reads.acquainted(crate::store::chat::UserKey(1), &[stage.alice.user]).unwrap();
    assert_eq!(user.len(), 1);
    let id = ConversationId::direct(stage.alice.user, stage.alice.user);
    assert_eq!(reads.member_of(crate::store::chat::UserKey(1), id).unwrap().unwrap().seq, 1);
    // What fits is stored, at the place that follows what is stored.
    stage.send(9, "small as well");
    stage.hand.batch().unwrap();
    assert_eq!(stage.heard()[0]["ok"]["seq"], 2);
    assert!(stage.writer.is_storing());
}
