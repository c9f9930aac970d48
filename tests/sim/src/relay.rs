//! The relay: the product's own store, rules, writer, hub and dialogues, driven by hand, and killed at will.

use crate::dice::{Dice, Random};
pub use crate::disk::Disk;
use crate::disk::{Fault, FaultyStore};
use confab_protocol::{DeviceId, RunId, User};
use confab_relay::Relay;
use confab_relay::auth::refresh::Rotation;
use confab_relay::auth::token::AccessTokens;
use confab_relay::clock::Source;
use confab_relay::hub::connection::Close;
use confab_relay::hub::queue::Item;
use confab_relay::relay::Options;
use confab_relay::socket::{Dialogue, Said};
use confab_relay::store::accounts::{NewSession, NewUser};
use confab_relay::store::sqlite::SqliteStore;
use confab_relay::store::{Reads, Store, StoreError};
use confab_relay::writer::Hand;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use uuid::Uuid;

/// The relay's clock and ids.
struct Seeded {
    now: AtomicU64,
    random: Mutex<Random>,
}

impl Source for Seeded {
    fn now_ms(&self) -> u64 {
        self.now.load(Relaxed)
    }

    fn new_id(&self) -> Uuid {
        self.random.lock().unwrap_or_else(std::sync::PoisonError::into_inner).uuid_v7(self.now_ms())
    }
}

/// See the module.
pub struct RelayNode {
    folder: PathBuf,
    source: Arc<Seeded>,
    up: Option<Up>,
    ticks: u64,
    fault: Fault,
    has_backup: bool,
    tables: Option<rusqlite::Connection>,
}

/// What a kill takes.
struct Up {
    hand: Hand,
    dialogues: BTreeMap<u64, Dialogue>,
    relay: Arc<Relay>,
    // Last, so that its files are there until all connections to them are closed.
    store: Arc<SqliteStore>,
}

const SECRET: &[u8] = b"a secret of a simulation, known to all";

impl RelayNode {
    /// A relay in an empty folder, with these people and their devices.
    pub fn new(
        folder: &Path,
        dice: &mut Random,
        now: u64,
        people: &[User],
        devices: &[(usize, DeviceId)],
    ) -> Self {
        let source = Arc::new(Seeded { now: AtomicU64::new(now), random: Mutex::new(dice.part()) });
        let node = Self {
            folder: folder.to_owned(),
            source,
            up: None,
            ticks: 0,
            fault: Fault::default(),
            has_backup: false,
            tables: None,
        };
        let store = node.open();
        let writes = store.writer().unwrap();
        writes.begin().unwrap();
        for user in people {
            let new = NewUser {
                id: user.id,
                username: user.username.clone(),
                display_name: user.display_name.clone(),
                password: "none".into(),
                created_at: now,
            };
            assert!(writes.add_user(&new).unwrap());
        }
        for (who, device) in devices {
            let rotation = Rotation { generation: 0, nonce: [0; 16], previous_nonce: None };
            let new = NewSession {
                device: *device,
                user: people[*who].id,
                name: "simulated".into(),
                rotation,
                created_at: now,
            };
            writes.add_session(&new).unwrap();
        }
        writes.commit().unwrap();
        node
    }

    fn file(&self) -> PathBuf {
        self.folder.join("relay.db")
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.file()).unwrap()
    }

    /// Sets the relay's clock.
    pub fn set_clock(&self, now: u64) {
        self.source.now.store(now, Relaxed);
    }

    /// Starts it: a new run.
    pub fn start(&mut self, run: RunId) {
        assert!(self.up.is_none());
        let store = Arc::new(self.open());
        let faulty = FaultyStore { store: Arc::clone(&store), fault: self.fault.clone() };
        self.fault.set(Disk::Good);
        let tokens = AccessTokens::new(SECRET);
        let source: Arc<dyn Source> = Arc::clone(&self.source) as Arc<dyn Source>;
        let (relay, hand) = Relay::by_hand(&faulty, tokens, Options::default(), run, source).unwrap();
        self.up = Some(Up { hand, dialogues: BTreeMap::new(), relay, store });
        self.tables = Some(self.database());
    }

    /// Kills it. What is committed stays.
    pub fn kill(&mut self) {
        self.tables = None;
        self.up = None;
    }

    /// Whether it runs.
    pub fn is_up(&self) -> bool {
        self.up.is_some()
    }

    /// An access token for a device, as the relay's HTTP side would give it.
    pub fn token(&self, user: &User, device: DeviceId) -> Option<String> {
        let up = self.up.as_ref()?;
        up.relay.tokens.issue(user.id, device, self.source.now_ms()).ok()
    }

    /// A socket was opened.
    pub fn opened(&mut self, link: u64) {
        if let Some(up) = &mut self.up {
            up.dialogues.insert(link, Dialogue::new(Arc::clone(&up.relay)));
        }
    }

    /// A socket is gone.
    pub fn closed(&mut self, link: u64) {
        if let Some(up) = &mut self.up {
            up.dialogues.remove(&link);
        }
    }

    /// A frame came.
    pub fn frame(&mut self, link: u64, text: &str) -> Said {
        let dialogue = self.up.as_mut().and_then(|up| up.dialogues.get_mut(&link));
        dialogue.map_or_else(Said::default, |dialogue| at_once(dialogue.text(text)))
    }

    /// What is to be written to a socket, and whether it is to be closed then.
    pub fn take(&mut self, link: u64) -> (VecDeque<Item>, Option<Close>) {
        let connection =
            self.up.as_ref().and_then(|up| up.dialogues.get(&link)).and_then(Dialogue::connection);
        connection.map_or_else(Default::default, |connection| {
            let mut items = connection.take();
            // "Behind" comes once the rest is written.
            items.extend(connection.take());
            (items, connection.closed())
        })
    }

    /// A socket's peer has answered a ping.
    pub fn pong(&mut self, link: u64) {
        if let Some(dialogue) = self.up.as_ref().and_then(|up| up.dialogues.get(&link)) {
            dialogue.pong();
        }
    }

    /// A socket's peer reads nothing from now on, or reads again.
    pub fn stalled(&mut self, link: u64, stalled: bool) {
        if let Some(dialogue) = self.up.as_ref().and_then(|up| up.dialogues.get(&link)) {
            dialogue.writing_since(if stalled { self.source.now_ms().max(1) } else { 0 });
        }
    }

    /// How many bytes of live changes a socket's queue has room for.
    pub fn set_room(&mut self, link: u64, bytes: usize) {
        if let Some(dialogue) = self.up.as_ref().and_then(|up| up.dialogues.get(&link)) {
            dialogue.set_soft_bytes(bytes);
        }
    }

    /// Whether the writer has something to do.
    pub fn has_work(&mut self) -> bool {
        self.up.as_mut().is_some_and(|up| up.hand.has_work())
    }

    /// In how many milliseconds the writer has something to do by itself.
    pub fn due_in_ms(&self) -> Option<u64> {
        self.up.as_ref().and_then(|up| up.hand.due_in_ms())
    }

    /// One batch of the writer.
    ///
    /// # Errors
    /// The relay would exit.
    pub fn batch(&mut self) -> Result<(), StoreError> {
        self.up.as_mut().map_or(Ok(()), |up| up.hand.batch())
    }

    /// What the relay does every two seconds.
    pub fn tend(&mut self) {
        self.ticks += 1;
        if let Some(up) = &self.up {
            at_once(confab_relay::housekeeping::tend(&up.relay, self.ticks));
        }
    }

    /// A reader of what is stored.
    pub fn reader(&self) -> Option<Box<dyn Reads>> {
        self.up.as_ref().and_then(|up| up.store.reader().ok())
    }

    /// Why a socket is to be closed, though its client reads nothing.
    pub fn closing(&mut self, link: u64) -> Option<Close> {
        let dialogue = self.up.as_ref().and_then(|up| up.dialogues.get(&link));
        dialogue.and_then(Dialogue::connection).and_then(|connection| connection.closed())
    }

    /// Decides how the next commits go.
    pub fn set_disk(&mut self, disk: Disk) {
        self.fault.set(disk);
    }

    fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.file()).unwrap()
    }

    /// The tables, read past the relay's own code.
    pub fn tables(&self) -> &rusqlite::Connection {
        self.tables.as_ref().unwrap()
    }

    /// Whether there is a backup.
    pub fn has_backup(&self) -> bool {
        self.has_backup
    }

    /// Makes a backup.
    pub fn back_up(&mut self) {
        let copy = self.folder.join("backup.db");
        let _ = std::fs::remove_file(&copy);
        self.database().execute("VACUUM INTO ?1", [copy.to_string_lossy()]).unwrap();
        self.has_backup = true;
    }

    /// Puts the backup back. The relay must be down.
    pub fn put_back(&mut self) -> bool {
        assert!(self.up.is_none());
        if !self.has_backup {
            return false;
        }
        for end in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(self.folder.join(format!("relay.db{end}")));
        }
        std::fs::copy(self.folder.join("backup.db"), self.file()).unwrap();
        true
    }
}

/// Runs what never waits. That it does not is what makes the relay's dialogue a thing of one thread.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the relay waited for something while it was driven by hand"),
    }
}
