//! The engine's transaction: its `Cache`, over the rows.

use crate::error::{Result, StoreError};
use crate::rows::{conversations, messages, outbox, people};
use crate::{search, summary};
use confab_engine::cache::Result as CacheResult;
use confab_engine::{Account, Cache, Conversation, Entry, PendingMark, RangeSet, Unconfirmed};
use confab_protocol::sync::Seen;
use confab_protocol::{CommandId, ConversationId, Mark, Member, Message, MessageId, User, UserId};
use rusqlite::Connection;
use std::collections::{BTreeSet, HashMap};

/// A transaction with more messages than this is catching up: it leaves the search index to
/// [`crate::Store::index_step`], so that what came is on the screen sooner.
const INDEX_AT_ONCE: usize = 64;

/// An open transaction of one account. Dropping it rolls back.
#[derive(Debug)]
pub struct Tx<'a> {
    db: &'a Connection,
    account: i64,
    me: UserId,
    numbers: HashMap<ConversationId, i64>,
    /// Conversations whose summary is to be written anew.
    dirty: BTreeSet<i64>,
    any_unconfirmed: Option<bool>,
    /// To be written with the commit: many frames of one transaction state it.
    seen: Option<Seen>,
    put: usize,
    open: bool,
}

impl<'a> Tx<'a> {
    pub(crate) fn begin(db: &'a Connection, account: i64) -> Result<Self> {
        db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut tx = Self {
            db,
            account,
            me: UserId(uuid::Uuid::nil()),
            numbers: HashMap::new(),
            dirty: BTreeSet::new(),
            any_unconfirmed: None,
            seen: None,
            put: 0,
            open: true,
        };
        tx.me = people::account(db, account)?.user;
        Ok(tx)
    }

    /// Makes everything that was done durable, the summaries and the search index with it.
    ///
    /// # Errors
    /// The database's; then nothing was done.
    pub fn commit(mut self) -> Result<()> {
        for conv in std::mem::take(&mut self.dirty) {
            summary::refresh(self.db, self.account, self.me, conv)?;
        }
        if (1..=INDEX_AT_ONCE).contains(&self.put) {
            search::index_some(self.db, INDEX_AT_ONCE)?;
        }
        if let Some(seen) = self.seen {
            people::put_seen(self.db, self.account, seen)?;
        }
        self.db.prepare_cached("COMMIT")?.execute([])?;
        self.open = false;
        Ok(())
    }

    fn number(&mut self, id: ConversationId) -> Result<Option<i64>> {
        if let Some(conv) = self.numbers.get(&id) {
            return Ok(Some(*conv));
        }
        let conv = conversations::number(self.db, self.account, id)?;
        if let Some(conv) = conv {
            self.numbers.insert(id, conv);
        }
        Ok(conv)
    }

    /// The number of a conversation that is about to change.
    fn changing(&mut self, id: ConversationId) -> Result<i64> {
        let conv = self
            .number(id)?
            .ok_or_else(|| StoreError::Unreadable(format!("conversation {id} is not there")))?;
        self.dirty.insert(conv);
        Ok(conv)
    }

    /// The outbox of a conversation changed.
    fn outbox_changed(&mut self, conversation: Option<ConversationId>) -> Result<()> {
        if let Some(id) = conversation
            && let Some(conv) = self.number(id)?
        {
            self.dirty.insert(conv);
        }
        Ok(())
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if self.open {
            // A failed COMMIT may have rolled back already; then this fails and nothing is left to do.
            let _ = self.db.execute_batch("ROLLBACK");
        }
    }
}

impl Cache for Tx<'_> {
    fn account(&mut self) -> CacheResult<Account> {
        let mut account = people::account(self.db, self.account)?;
        account.seen = self.seen.or(account.seen);
        Ok(account)
    }

    fn put_account(&mut self, account: &Account) -> CacheResult<()> {
        Ok(people::put_account(self.db, self.account, account)?)
    }

    fn see(&mut self, seen: Seen) -> CacheResult<()> {
        self.seen = Some(seen);
        Ok(())
    }

    fn put_users(&mut self, users: &[User]) -> CacheResult<()> {
        Ok(people::put_users(self.db, self.account, users)?)
    }

    fn user(&mut self, user: UserId) -> CacheResult<Option<User>> {
        Ok(people::user(self.db, self.account, user)?)
    }

    fn conversation(&mut self, id: ConversationId) -> CacheResult<Option<Conversation>> {
        match self.number(id)? {
            Some(conv) => Ok(conversations::get(self.db, conv)?),
            None => Ok(None),
        }
    }

    fn put_conversation(&mut self, conversation: &Conversation) -> CacheResult<()> {
        let number = self.number(conversation.id)?;
        let conv = conversations::put(self.db, self.account, number, conversation)?;
        self.numbers.insert(conversation.id, conv);
        self.dirty.insert(conv);
        Ok(())
    }

    fn forget_conversation(&mut self, id: ConversationId) -> CacheResult<()> {
        if let Some(conv) = self.number(id)? {
            conversations::forget(self.db, self.account, conv, id)?;
            self.numbers.remove(&id);
            self.dirty.remove(&conv);
        }
        Ok(())
    }

    fn conversation_ids(&mut self) -> CacheResult<Vec<ConversationId>> {
        Ok(conversations::all(self.db, self.account)?)
    }

    fn debts(&mut self, limit: usize) -> CacheResult<Vec<ConversationId>> {
        Ok(conversations::debts(self.db, self.account, limit)?)
    }

    fn with_holes(&mut self, limit: usize) -> CacheResult<Vec<ConversationId>> {
        // What this transaction changed counts too.
        for conv in std::mem::take(&mut self.dirty) {
            summary::refresh(self.db, self.account, self.me, conv)?;
        }
        Ok(conversations::with_holes(self.db, self.account, limit)?)
    }

    fn ranges(&mut self, conversation: ConversationId) -> CacheResult<RangeSet> {
        match self.number(conversation)? {
            Some(conv) => Ok(conversations::ranges(self.db, conv)?),
            None => Ok(RangeSet::new()),
        }
    }

    fn put_ranges(&mut self, conversation: ConversationId, ranges: &RangeSet) -> CacheResult<()> {
        let conv = self.changing(conversation)?;
        Ok(conversations::put_ranges(self.db, self.account, conv, ranges)?)
    }

    fn put_messages(&mut self, conversation: ConversationId, rows: &[Message]) -> CacheResult<()> {
        let conv = self.changing(conversation)?;
        let any_unconfirmed = match self.any_unconfirmed {
            Some(known) => known,
            None => *self.any_unconfirmed.insert(messages::any_unconfirmed(self.db, self.account)?),
        };
        for message in rows {
            messages::put(self.db, self.account, conv, message)?;
            if any_unconfirmed {
                messages::confirm(self.db, self.account, message.id)?;
            }
        }
        self.put += rows.len();
        Ok(())
    }

    fn message(&mut self, id: MessageId) -> CacheResult<Option<(ConversationId, Message)>> {
        let Some((conv, message)) = messages::by_id(self.db, self.account, id)? else { return Ok(None) };
        let held = conversations::get(self.db, conv)?;
        Ok(held.map(|held| (held.id, message)))
    }

    fn drop_below(&mut self, conversation: ConversationId, first_seq: u64) -> CacheResult<()> {
        let conv = self.changing(conversation)?;
        Ok(messages::drop_below(self.db, conv, first_seq)?)
    }

    fn put_members(&mut self, conversation: ConversationId, members: &[Member]) -> CacheResult<()> {
        let conv = self.changing(conversation)?;
        Ok(people::put_members(self.db, self.account, conv, members)?)
    }

    fn members(&mut self, conversation: ConversationId) -> CacheResult<Vec<Member>> {
        match self.number(conversation)? {
            Some(conv) => Ok(people::members(self.db, conv)?),
            None => Ok(Vec::new()),
        }
    }

    fn put_marks(&mut self, conversation: ConversationId, marks: &[Mark]) -> CacheResult<()> {
        let conv = self.changing(conversation)?;
        Ok(people::put_marks(self.db, self.account, conv, marks)?)
    }

    fn clear_marks(&mut self, conversation: ConversationId) -> CacheResult<()> {
        let conv = self.changing(conversation)?;
        Ok(people::clear_marks(self.db, conv)?)
    }

    fn set_aside(&mut self, conversation: ConversationId) -> CacheResult<()> {
        let conv = self.changing(conversation)?;
        self.any_unconfirmed = None;
        Ok(messages::set_aside(self.db, self.account, conv, self.me)?)
    }

    fn take_unconfirmed(
        &mut self,
        conversation: ConversationId,
        from: u64,
        to: u64,
    ) -> CacheResult<Vec<Unconfirmed>> {
        let Some(conv) = self.number(conversation)? else { return Ok(Vec::new()) };
        let taken = messages::take_unconfirmed(self.db, conv, from, to)?;
        Ok(taken.into_iter().map(|message| Unconfirmed { message }).collect())
    }

    fn outbox_push(&mut self, entry: &Entry) -> CacheResult<()> {
        outbox::push(self.db, self.account, entry)?;
        Ok(self.outbox_changed(entry.command.conversation())?)
    }

    fn outbox_get(&mut self, id: CommandId) -> CacheResult<Option<Entry>> {
        Ok(outbox::get(self.db, self.account, id)?)
    }

    fn outbox_put(&mut self, entry: &Entry) -> CacheResult<()> {
        outbox::put(self.db, self.account, entry)?;
        Ok(self.outbox_changed(entry.command.conversation())?)
    }

    fn outbox_to_end(&mut self, id: CommandId) -> CacheResult<()> {
        Ok(outbox::to_end(self.db, self.account, id)?)
    }

    fn outbox_remove(&mut self, id: CommandId) -> CacheResult<bool> {
        match outbox::remove(self.db, self.account, id)? {
            Some(conversation) => {
                self.outbox_changed(conversation)?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    fn outbox_lanes(&mut self) -> CacheResult<Vec<Option<ConversationId>>> {
        Ok(outbox::lanes(self.db, self.account)?)
    }

    fn outbox_lane(&mut self, lane: Option<ConversationId>, limit: usize) -> CacheResult<Vec<Entry>> {
        Ok(outbox::lane(self.db, self.account, lane, limit)?)
    }

    fn outbox_about(&mut self, message: MessageId) -> CacheResult<Vec<Entry>> {
        Ok(outbox::about(self.db, self.account, message)?)
    }

    fn outbox_of(&mut self, conversation: ConversationId) -> CacheResult<Vec<Entry>> {
        Ok(outbox::of(self.db, self.account, conversation)?)
    }

    fn push_mark(&mut self, mark: &PendingMark) -> CacheResult<()> {
        let conv = self.changing(mark.conversation)?;
        Ok(outbox::push_mark(self.db, self.account, conv, mark.read, mark.delivered)?)
    }

    fn pending_marks(&mut self, limit: usize) -> CacheResult<Vec<PendingMark>> {
        Ok(outbox::pending_marks(self.db, self.account, limit)?)
    }

    fn marks_sent(&mut self, mark: &PendingMark) -> CacheResult<()> {
        let conv = self.changing(mark.conversation)?;
        Ok(outbox::marks_sent(self.db, self.account, conv, mark.read, mark.delivered)?)
    }
}
