//! Asks the real store and the model the same, and compares.

use crate::model::Model;
use confab_engine::cache::Result;
use confab_engine::{Account, Cache, Conversation, Entry, PendingMark, RangeSet, Unconfirmed};
use confab_protocol::sync::Seen;
use confab_protocol::{CommandId, ConversationId, Mark, Member, Message, MessageId, User, UserId};
use std::fmt::Debug;

/// See the module.
pub struct Both<'a> {
    pub model: &'a mut Model,
    pub real: &'a mut dyn Cache,
}

/// The real store's answer, if it is the model's.
fn same<T: PartialEq + Debug>(what: &str, real: Result<T>, model: Result<T>) -> Result<T> {
    let real = real?;
    // The model does not fail.
    let model = model?;
    assert!(real == model, "the store answers to {what}: {real:?}, the model: {model:?}");
    Ok(real)
}

/// The same, for lists whose order does not matter.
fn same_set<T: PartialEq + Debug + Ord + Clone>(
    what: &str,
    real: Result<Vec<T>>,
    model: Result<Vec<T>>,
) -> Result<Vec<T>> {
    let real = real?;
    let (mut one, mut two) = (real.clone(), model?);
    one.sort();
    two.sort();
    assert!(one == two, "the store answers to {what}: {one:?}, the model: {two:?}");
    Ok(real)
}

/// Some of a set, by an order that is the store's own to define.
fn some(
    what: &str,
    limit: usize,
    real: Result<Vec<ConversationId>>,
    all: Result<Vec<ConversationId>>,
) -> Result<Vec<ConversationId>> {
    let (real, all) = (real?, all?);
    let fits = real.len() == all.len().min(limit) && real.iter().all(|id| all.contains(id));
    assert!(fits, "the store answers to {what}: {real:?}, of {all:?}");
    Ok(real)
}

impl Cache for Both<'_> {
    fn account(&mut self) -> Result<Account> {
        same("account", self.real.account(), self.model.account())
    }

    fn put_account(&mut self, account: &Account) -> Result<()> {
        self.real.put_account(account)?;
        self.model.put_account(account)
    }

    fn see(&mut self, seen: Seen) -> Result<()> {
        self.real.see(seen)?;
        self.model.see(seen)
    }

    fn put_users(&mut self, users: &[User]) -> Result<()> {
        self.real.put_users(users)?;
        self.model.put_users(users)
    }

    fn user(&mut self, user: UserId) -> Result<Option<User>> {
        same("user", self.real.user(user), self.model.user(user))
    }

    fn conversation(&mut self, id: ConversationId) -> Result<Option<Conversation>> {
        same("conversation", self.real.conversation(id), self.model.conversation(id))
    }

    fn put_conversation(&mut self, conversation: &Conversation) -> Result<()> {
        self.real.put_conversation(conversation)?;
        self.model.put_conversation(conversation)
    }

    fn forget_conversation(&mut self, id: ConversationId) -> Result<()> {
        self.real.forget_conversation(id)?;
        self.model.forget_conversation(id)
    }

    fn conversation_ids(&mut self) -> Result<Vec<ConversationId>> {
        same_set("conversation_ids", self.real.conversation_ids(), self.model.conversation_ids())
    }

    fn debts(&mut self, limit: usize) -> Result<Vec<ConversationId>> {
        some("debts", limit, self.real.debts(limit), self.model.debts(usize::MAX))
    }

    fn with_holes(&mut self, limit: usize) -> Result<Vec<ConversationId>> {
        some("with_holes", limit, self.real.with_holes(limit), self.model.with_holes(usize::MAX))
    }

    fn ranges(&mut self, conversation: ConversationId) -> Result<RangeSet> {
        same("ranges", self.real.ranges(conversation), self.model.ranges(conversation))
    }

    fn put_ranges(&mut self, conversation: ConversationId, ranges: &RangeSet) -> Result<()> {
        self.real.put_ranges(conversation, ranges)?;
        self.model.put_ranges(conversation, ranges)
    }

    fn put_messages(&mut self, conversation: ConversationId, messages: &[Message]) -> Result<()> {
        self.real.put_messages(conversation, messages)?;
        self.model.put_messages(conversation, messages)
    }

    fn message(&mut self, id: MessageId) -> Result<Option<(ConversationId, Message)>> {
        same("message", self.real.message(id), self.model.message(id))
    }

    fn drop_below(&mut self, conversation: ConversationId, first_seq: u64) -> Result<()> {
        self.real.drop_below(conversation, first_seq)?;
        self.model.drop_below(conversation, first_seq)
    }

    fn put_members(&mut self, conversation: ConversationId, members: &[Member]) -> Result<()> {
        self.real.put_members(conversation, members)?;
        self.model.put_members(conversation, members)
    }

    fn members(&mut self, conversation: ConversationId) -> Result<Vec<Member>> {
        let sorted = |mut members: Vec<Member>| {
            members.sort_by_key(|member| member.user);
            members
        };
        same("members", self.real.members(conversation).map(sorted), self.model.members(conversation))
    }

    fn put_marks(&mut self, conversation: ConversationId, marks: &[Mark]) -> Result<()> {
        self.real.put_marks(conversation, marks)?;
        self.model.put_marks(conversation, marks)
    }

    fn clear_marks(&mut self, conversation: ConversationId) -> Result<()> {
        self.real.clear_marks(conversation)?;
        self.model.clear_marks(conversation)
    }

    fn set_aside(&mut self, conversation: ConversationId) -> Result<()> {
        self.real.set_aside(conversation)?;
        self.model.set_aside(conversation)
    }

    fn take_unconfirmed(
        &mut self,
        conversation: ConversationId,
        from: u64,
        to: u64,
    ) -> Result<Vec<Unconfirmed>> {
        same(
            "take_unconfirmed",
            self.real.take_unconfirmed(conversation, from, to),
            self.model.take_unconfirmed(conversation, from, to),
        )
    }

    fn outbox_push(&mut self, entry: &Entry) -> Result<()> {
        self.real.outbox_push(entry)?;
        self.model.outbox_push(entry)
    }

    fn outbox_get(&mut self, id: CommandId) -> Result<Option<Entry>> {
        same("outbox_get", self.real.outbox_get(id), self.model.outbox_get(id))
    }

    fn outbox_put(&mut self, entry: &Entry) -> Result<()> {
        self.real.outbox_put(entry)?;
        self.model.outbox_put(entry)
    }

    fn outbox_to_end(&mut self, id: CommandId) -> Result<()> {
        self.real.outbox_to_end(id)?;
        self.model.outbox_to_end(id)
    }

    fn outbox_remove(&mut self, id: CommandId) -> Result<bool> {
        same("outbox_remove", self.real.outbox_remove(id), self.model.outbox_remove(id))
    }

    fn outbox_lanes(&mut self) -> Result<Vec<Option<ConversationId>>> {
        same_set("outbox_lanes", self.real.outbox_lanes(), self.model.outbox_lanes())
    }

    fn outbox_lane(&mut self, which: Option<ConversationId>, limit: usize) -> Result<Vec<Entry>> {
        same("outbox_lane", self.real.outbox_lane(which, limit), self.model.outbox_lane(which, limit))
    }

    fn outbox_about(&mut self, message: MessageId) -> Result<Vec<Entry>> {
        same("outbox_about", self.real.outbox_about(message), self.model.outbox_about(message))
    }

    fn outbox_of(&mut self, conversation: ConversationId) -> Result<Vec<Entry>> {
        same("outbox_of", self.real.outbox_of(conversation), self.model.outbox_of(conversation))
    }

    fn push_mark(&mut self, mark: &PendingMark) -> Result<()> {
        self.real.push_mark(mark)?;
        self.model.push_mark(mark)
    }

    fn pending_marks(&mut self, limit: usize) -> Result<Vec<PendingMark>> {
        let sorted = |mut marks: Vec<PendingMark>| {
            marks.sort_by_key(|mark| mark.conversation);
            marks
        };
        let (real, all) = (self.real.pending_marks(limit)?, self.model.pending_marks(usize::MAX)?);
        if all.len() <= limit {
            return same("pending_marks", Ok(sorted(real)), Ok(sorted(all)));
        }
        assert_eq!(real.len(), limit, "the store does not give as many marks as it may");
        Ok(real)
    }

    fn marks_sent(&mut self, mark: &PendingMark) -> Result<()> {
        self.real.marks_sent(mark)?;
        self.model.marks_sent(mark)
    }
}
