//! A store whose disk may be full: the real one with commits that fail when they are told to.

use confab_protocol::sync::{ChangesRequest, HistoryPage, HistoryRequest};
use confab_protocol::{
    CommandId, ConversationId, DeviceId, Head, Mark, Message, MessageId, Notify, Role, RunId, User, UserId,
};
use confab_relay::auth::refresh::Rotation;
use confab_relay::store::accounts::{
    Account, AccountReads, AccountWrites, Keep, LiveSession, NewSession, NewUser,
};
use confab_relay::store::chat::{
    Caller, ChatReads, ChatWrites, ConversationKey, ConversationRow, DeviceRow, KnownCommand, Left,
    MemberRow, Seen, SessionKey, UserKey, UserRow,
};
use confab_relay::store::sqlite::SqliteStore;
use confab_relay::store::{Reads, Result, Store, StoreError, Writes};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// How the next commits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// As they should.
    Good = 0,
    /// There is no room.
    Full = 1,
    /// It is stored, but syncing failed, so nobody knows.
    StoredUnsynced = 2,
    /// It is lost, and syncing failed, so nobody knows.
    LostUnsynced = 3,
}

/// The handle to what happens to commits.
#[derive(Clone, Default)]
pub struct Fault(Arc<AtomicU8>);

impl Fault {
    /// Decides it.
    pub fn set(&self, disk: Disk) {
        self.0.store(disk as u8, Relaxed);
    }
}

/// The real store, with faults.
pub struct FaultyStore {
    /// It.
    pub store: Arc<SqliteStore>,
    /// What happens to its commits.
    pub fault: Fault,
}

impl Store for FaultyStore {
    fn writer(&self) -> Result<Box<dyn Writes>> {
        Ok(Box::new(Faulty { inner: self.store.writer()?, fault: self.fault.clone() }))
    }

    fn reader(&self) -> Result<Box<dyn Reads>> {
        self.store.reader()
    }
}

struct Faulty {
    inner: Box<dyn Writes>,
    fault: Fault,
}

impl AccountReads for Faulty {
    fn account(&self, username: &str) -> Result<Option<Account>> {
        self.inner.account(username)
    }

    fn live_session(&self, device: DeviceId) -> Result<Option<LiveSession>> {
        self.inner.live_session(device)
    }

    fn has_users(&self) -> Result<bool> {
        self.inner.has_users()
    }
}

impl AccountWrites for Faulty {
    fn add_user(&self, user: &NewUser) -> Result<bool> {
        self.inner.add_user(user)
    }

    fn set_password(&self, user: UserId, old: &str, new: &str) -> Result<bool> {
        self.inner.set_password(user, old, new)
    }

    fn add_session(&self, session: &NewSession) -> Result<()> {
        self.inner.add_session(session)
    }

    fn set_rotation(&self, device: DeviceId, rotation: &Rotation, now: u64) -> Result<()> {
        self.inner.set_rotation(device, rotation, now)
    }

    fn end_session(&self, user: UserId, device: DeviceId, now: u64) -> Result<bool> {
        self.inner.end_session(user, device, now)
    }

    fn trim_sessions(&self, user: UserId, keep: Keep, now: u64) -> Result<Vec<DeviceId>> {
        self.inner.trim_sessions(user, keep, now)
    }
}

impl ChatReads for Faulty {
    fn run_end(&self, run: RunId) -> Result<Option<u64>> {
        self.inner.run_end(run)
    }

    fn caller(&self, user: UserId, device: DeviceId) -> Result<Option<Caller>> {
        self.inner.caller(user, device)
    }

    fn apart(&self, user: UserKey) -> Result<Vec<UserId>> {
        self.inner.apart(user)
    }

    fn blocked(&self, user: UserKey) -> Result<Vec<UserId>> {
        self.inner.blocked(user)
    }

    fn touched(
        &self,
        user: UserKey,
        since: Option<u64>,
        after: ConversationKey,
        limit: usize,
    ) -> Result<Vec<ConversationKey>> {
        self.inner.touched(user, since, after, limit)
    }

    fn head(&self, user: UserKey, conversation: ConversationKey) -> Result<Option<Head>> {
        self.inner.head(user, conversation)
    }

    fn profiles_changed(&self, user: UserKey, since: u64) -> Result<Vec<User>> {
        self.inner.profiles_changed(user, since)
    }

    fn profiles(&self, users: &[UserId]) -> Result<Vec<User>> {
        self.inner.profiles(users)
    }

    fn member_of(&self, user: UserKey, conversation: ConversationId) -> Result<Option<ConversationRow>> {
        self.inner.member_of(user, conversation)
    }

    fn changes(
        &self,
        conversation: &ConversationRow,
        request: &ChangesRequest,
        limit: usize,
        out: &mut String,
    ) -> Result<()> {
        self.inner.changes(conversation, request, limit, out)
    }

    fn history(
        &self,
        conversation: &ConversationRow,
        request: &HistoryRequest,
        limit: usize,
    ) -> Result<HistoryPage> {
        self.inner.history(conversation, request, limit)
    }

    fn find_users(&self, query: &str, exact: bool, limit: usize) -> Result<Vec<User>> {
        self.inner.find_users(query, exact, limit)
    }

    fn acquainted(&self, user: UserKey, users: &[UserId]) -> Result<Vec<User>> {
        self.inner.acquainted(user, users)
    }

    fn seen(&self, user: UserKey, users: &[UserId]) -> Result<Vec<Seen>> {
        self.inner.seen(user, users)
    }

    fn devices(&self, user: UserKey) -> Result<Vec<DeviceRow>> {
        self.inner.devices(user)
    }
}

impl ChatWrites for Faulty {
    fn begin_run(&self, run: RunId, now: u64) -> Result<u64> {
        self.inner.begin_run(run, now)
    }

    fn note_commit(&self, commit: u64) -> Result<()> {
        self.inner.note_commit(commit)
    }

    fn take_commits(&self, last: u64) -> Result<()> {
        self.inner.take_commits(last)
    }

    fn set_alive(&self, now: u64) -> Result<()> {
        self.inner.set_alive(now)
    }

    fn set_present(&self, session: SessionKey, user: UserKey) -> Result<()> {
        self.inner.set_present(session, user)
    }

    fn set_gone(&self, session: SessionKey, user: UserKey, at: u64) -> Result<()> {
        self.inner.set_gone(session, user, at)
    }

    fn known_command(&self, id: CommandId) -> Result<Option<KnownCommand>> {
        self.inner.known_command(id)
    }

    fn record_command(
        &self,
        id: CommandId,
        user: UserKey,
        fingerprint: [u8; 16],
        rev: Option<u64>,
    ) -> Result<()> {
        self.inner.record_command(id, user, fingerprint, rev)
    }

    fn user(&self, id: UserId) -> Result<Option<UserRow>> {
        self.inner.user(id)
    }

    fn conversation(&self, id: ConversationId) -> Result<Option<ConversationRow>> {
        self.inner.conversation(id)
    }

    fn members(&self, conversation: ConversationKey) -> Result<Vec<MemberRow>> {
        self.inner.members(conversation)
    }

    fn insert_conversation(&self, row: &ConversationRow) -> Result<ConversationKey> {
        self.inner.insert_conversation(row)
    }

    fn save_conversation(&self, row: &ConversationRow) -> Result<()> {
        self.inner.save_conversation(row)
    }

    fn save_member(
        &self,
        conversation: ConversationKey,
        user: UserKey,
        role: Option<Role>,
        rev: u64,
        commit: u64,
        left: &Left,
    ) -> Result<()> {
        self.inner.save_member(conversation, user, role, rev, commit, left)
    }

    fn message(&self, conversation: ConversationKey, id: MessageId) -> Result<Option<Message>> {
        self.inner.message(conversation, id)
    }

    fn insert_message(
        &self,
        conversation: ConversationKey,
        message: &Message,
        fingerprint: Option<[u8; 16]>,
    ) -> Result<()> {
        self.inner.insert_message(conversation, message, fingerprint)
    }

    fn save_message(&self, conversation: ConversationKey, message: &Message) -> Result<()> {
        self.inner.save_message(conversation, message)
    }

    fn set_mention(&self, conversation: ConversationKey, user: UserKey, seq: u64) -> Result<()> {
        self.inner.set_mention(conversation, user, seq)
    }

    fn advance_mark(
        &self,
        conversation: ConversationKey,
        user: UserKey,
        read: u64,
        delivered: u64,
        commit: u64,
    ) -> Result<Option<Mark>> {
        self.inner.advance_mark(conversation, user, read, delivered, commit)
    }

    fn set_notify(
        &self,
        conversation: ConversationKey,
        user: UserKey,
        notify: Notify,
        commit: u64,
    ) -> Result<()> {
        self.inner.set_notify(conversation, user, notify, commit)
    }
    fn set_hidden(&self, conversation: ConversationKey, user: UserKey, seq: u64, commit: u64) -> Result<()> {
        self.inner.set_hidden(conversation, user, seq, commit)
    }

    fn is_blocked(&self, blocker: UserKey, blocked: UserKey) -> Result<bool> {
        self.inner.is_blocked(blocker, blocked)
    }

    fn set_blocked(&self, blocker: UserKey, blocked: UserKey, on: bool) -> Result<()> {
        self.inner.set_blocked(blocker, blocked, on)
    }

    fn save_profile(&self, user: UserKey, display_name: &str, share_read: bool, commit: u64) -> Result<()> {
        self.inner.save_profile(user, display_name, share_read, commit)
    }

    fn acquaintances(&self, user: UserKey) -> Result<Vec<UserId>> {
        self.inner.acquaintances(user)
    }

    fn sharing(&self) -> Result<Option<(UserId, UserKey, ConversationKey)>> {
        self.inner.sharing()
    }

    fn set_sharing(&self, user: UserKey, after: Option<ConversationKey>) -> Result<()> {
        self.inner.set_sharing(user, after)
    }
}

impl Reads for Faulty {
    fn begin_read(&self) -> Result<()> {
        self.inner.begin_read()
    }

    fn end_read(&self) {
        self.inner.end_read()
    }
}

impl Writes for Faulty {
    fn begin(&self) -> Result<()> {
        self.inner.begin()
    }

    fn commit(&self) -> Result<()> {
        match self.fault.0.load(Relaxed) {
            1 => Err(StoreError::Full),
            2 => {
                self.inner.commit()?;
                Err(StoreError::NotDurable("simulated".into()))
            }
            3 => {
                self.inner.rollback();
                Err(StoreError::NotDurable("simulated".into()))
            }
            _ => self.inner.commit(),
        }
    }

    fn rollback(&self) {
        self.inner.rollback()
    }

    fn savepoint(&self) -> Result<()> {
        self.inner.savepoint()
    }

    fn release(&self) -> Result<()> {
        self.inner.release()
    }

    fn undo(&self) {
        self.inner.undo()
    }
}
