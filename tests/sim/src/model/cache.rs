//! The model as a [`Cache`].

use super::Model;
use confab_engine::cache::{Result, lane, target};
use confab_engine::{Account, Cache, Conversation, Entry, EntryState, PendingMark, RangeSet, Unconfirmed};
use confab_protocol::sync::Seen;
use confab_protocol::{CommandId, Content, ConversationId, Mark, Member, Message, MessageId, User, UserId};
use std::rc::Rc;

impl Model {
    fn activity(&self, id: ConversationId) -> u64 {
        let held = &self.conversations[&id];
        let newest = held.messages.values().next_back().map_or(0, |m| m.at);
        held.row
            .as_ref()
            .map_or(0, |row| row.created_at.max(row.last.as_ref().map_or(0, |m| m.at)))
            .max(newest)
    }

    fn newest_first(
        &self,
        which: impl Fn(&Conversation, &RangeSet) -> bool,
        limit: usize,
    ) -> Vec<ConversationId> {
        let mut ids: Vec<ConversationId> = self
            .conversations
            .iter()
            .filter(|(_, held)| {
                held.row.as_ref().is_some_and(|row| row.role.is_some() && which(row, &held.ranges))
            })
            .map(|(id, _)| *id)
            .collect();
        ids.sort_by_key(|id| (std::cmp::Reverse(self.activity(*id)), *id));
        ids.truncate(limit);
        ids
    }

    fn entries(&self, which: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        self.outbox.iter().filter(|entry| which(entry)).cloned().collect()
    }
}

impl Cache for Model {
    fn account(&mut self) -> Result<Account> {
        Ok(self.account.clone())
    }

    fn put_account(&mut self, account: &Account) -> Result<()> {
        assert_eq!(account.user, self.account.user, "the account of another user");
        self.account = Account { seen: self.account.seen, ..account.clone() };
        Ok(())
    }

    fn see(&mut self, seen: Seen) -> Result<()> {
        self.account.seen = Some(seen);
        Ok(())
    }

    fn put_users(&mut self, users: &[User]) -> Result<()> {
        let held = Rc::make_mut(&mut self.users);
        held.extend(users.iter().map(|user| (user.id, user.clone())));
        Ok(())
    }

    fn user(&mut self, user: UserId) -> Result<Option<User>> {
        Ok(self.users.get(&user).cloned())
    }

    fn conversation(&mut self, id: ConversationId) -> Result<Option<Conversation>> {
        Ok(self.held(id).and_then(|held| held.row.clone()))
    }

    fn put_conversation(&mut self, conversation: &Conversation) -> Result<()> {
        self.held_mut(conversation.id).row = Some(conversation.clone());
        Ok(())
    }

    fn forget_conversation(&mut self, id: ConversationId) -> Result<()> {
        self.conversations.remove(&id);
        Ok(())
    }

    fn conversation_ids(&mut self) -> Result<Vec<ConversationId>> {
        Ok(self.conversations.iter().filter(|(_, held)| held.row.is_some()).map(|(id, _)| *id).collect())
    }

    fn debts(&mut self, limit: usize) -> Result<Vec<ConversationId>> {
        Ok(self.newest_first(|row, _| row.head_rev > row.rev, limit))
    }

    fn with_holes(&mut self, limit: usize) -> Result<Vec<ConversationId>> {
        let hole = |row: &Conversation, ranges: &RangeSet| {
            row.head_rev <= row.rev && !ranges.covers(row.first_seq, row.last_seq)
        };
        Ok(self.newest_first(hole, limit))
    }

    fn ranges(&mut self, conversation: ConversationId) -> Result<RangeSet> {
        Ok(self.held(conversation).map(|held| held.ranges.clone()).unwrap_or_default())
    }

    fn put_ranges(&mut self, conversation: ConversationId, ranges: &RangeSet) -> Result<()> {
        self.held_mut(conversation).ranges = ranges.clone();
        Ok(())
    }

    fn put_messages(&mut self, conversation: ConversationId, messages: &[Message]) -> Result<()> {
        let held = self.held_mut(conversation);
        for message in messages {
            held.unconfirmed.retain(|_, lost| lost.message.id != message.id);
            match held.messages.get_mut(&message.seq) {
                Some(old) if old.rev >= message.rev => {}
                Some(old) => *old = message.clone(),
                None => {
                    held.messages.insert(message.seq, message.clone());
                }
            }
        }
        Ok(())
    }

    fn message(&mut self, id: MessageId) -> Result<Option<(ConversationId, Message)>> {
        Ok(self.conversations.iter().find_map(|(place, held)| {
            let message = held.messages.values().find(|message| message.id == id)?;
            Some((*place, message.clone()))
        }))
    }

    fn drop_below(&mut self, conversation: ConversationId, first_seq: u64) -> Result<()> {
        let held = self.held_mut(conversation);
        held.messages = held.messages.split_off(&first_seq);
        Ok(())
    }

    fn put_members(&mut self, conversation: ConversationId, members: &[Member]) -> Result<()> {
        let held = self.held_mut(conversation);
        for member in members {
            let newer = held.members.get(&member.user).is_none_or(|old| old.rev < member.rev);
            if newer {
                held.members.insert(member.user, member.clone());
            }
        }
        Ok(())
    }

    fn members(&mut self, conversation: ConversationId) -> Result<Vec<Member>> {
        Ok(self.held(conversation).map(|held| held.members.values().cloned().collect()).unwrap_or_default())
    }

    fn put_marks(&mut self, conversation: ConversationId, marks: &[Mark]) -> Result<()> {
        let held = self.held_mut(conversation);
        for mark in marks {
            held.marks.insert(mark.user, *mark);
        }
        Ok(())
    }

    fn clear_marks(&mut self, conversation: ConversationId) -> Result<()> {
        self.held_mut(conversation).marks.clear();
        Ok(())
    }

    fn set_aside(&mut self, conversation: ConversationId) -> Result<()> {
        let me = self.account.user;
        let held = self.held_mut(conversation);
        for (seq, message) in std::mem::take(&mut held.messages) {
            if message.sender == me && matches!(message.content, Some(Content::Text { .. })) {
                held.unconfirmed.insert(seq, Unconfirmed { message });
            }
        }
        held.ranges = RangeSet::new();
        held.members.clear();
        held.marks.clear();
        Ok(())
    }

    fn take_unconfirmed(
        &mut self,
        conversation: ConversationId,
        from: u64,
        to: u64,
    ) -> Result<Vec<Unconfirmed>> {
        let held = self.held_mut(conversation);
        let (taken, kept) =
            std::mem::take(&mut held.unconfirmed).into_iter().partition(|(seq, _)| (from..=to).contains(seq));
        held.unconfirmed = kept;
        let taken: std::collections::BTreeMap<u64, Unconfirmed> = taken;
        Ok(taken.into_values().collect())
    }

    fn outbox_push(&mut self, entry: &Entry) -> Result<()> {
        if self.outbox_get(entry.command.id())?.is_none() {
            Rc::make_mut(&mut self.outbox).push(entry.clone());
        }
        Ok(())
    }

    fn outbox_get(&mut self, id: CommandId) -> Result<Option<Entry>> {
        Ok(self.outbox.iter().find(|entry| entry.command.id() == id).cloned())
    }

    fn outbox_put(&mut self, entry: &Entry) -> Result<()> {
        let id = entry.command.id();
        if let Some(old) = Rc::make_mut(&mut self.outbox).iter_mut().find(|old| old.command.id() == id) {
            *old = entry.clone();
        }
        Ok(())
    }

    fn outbox_to_end(&mut self, id: CommandId) -> Result<()> {
        let outbox = Rc::make_mut(&mut self.outbox);
        if let Some(at) = outbox.iter().position(|entry| entry.command.id() == id) {
            let entry = outbox.remove(at);
            outbox.push(entry);
        }
        Ok(())
    }

    fn outbox_remove(&mut self, id: CommandId) -> Result<bool> {
        let before = self.outbox.len();
        Rc::make_mut(&mut self.outbox).retain(|entry| entry.command.id() != id);
        Ok(self.outbox.len() < before)
    }

    fn outbox_lanes(&mut self) -> Result<Vec<Option<ConversationId>>> {
        let mut lanes: Vec<_> = self
            .outbox
            .iter()
            .filter(|entry| !matches!(entry.state, EntryState::Failed(_)))
            .map(|entry| lane(&entry.command))
            .collect();
        lanes.sort_unstable();
        lanes.dedup();
        Ok(lanes)
    }

    fn outbox_lane(&mut self, which: Option<ConversationId>, limit: usize) -> Result<Vec<Entry>> {
        let mut entries = self
            .entries(|entry| lane(&entry.command) == which && !matches!(entry.state, EntryState::Failed(_)));
        entries.truncate(limit);
        Ok(entries)
    }

    fn outbox_about(&mut self, message: MessageId) -> Result<Vec<Entry>> {
        Ok(self.entries(|entry| target(&entry.command) == Some(message)))
    }

    fn outbox_of(&mut self, conversation: ConversationId) -> Result<Vec<Entry>> {
        Ok(self.entries(|entry| entry.command.conversation() == Some(conversation)))
    }

    fn push_mark(&mut self, mark: &PendingMark) -> Result<()> {
        let waiting = self.marks.entry(mark.conversation).or_insert(PendingMark {
            conversation: mark.conversation,
            read: 0,
            delivered: 0,
        });
        waiting.read = waiting.read.max(mark.read);
        waiting.delivered = waiting.delivered.max(mark.delivered);
        Ok(())
    }

    fn pending_marks(&mut self, limit: usize) -> Result<Vec<PendingMark>> {
        // Those of conversations that one left wait until one is back.
        let is_member =
            |id| self.held(id).and_then(|held| held.row.as_ref()).is_some_and(|row| row.role.is_some());
        Ok(self.marks.values().filter(|mark| is_member(mark.conversation)).take(limit).copied().collect())
    }

    fn marks_sent(&mut self, mark: &PendingMark) -> Result<()> {
        let done = |waiting: &PendingMark| waiting.read <= mark.read && waiting.delivered <= mark.delivered;
        if self.marks.get(&mark.conversation).is_some_and(done) {
            self.marks.remove(&mark.conversation);
        }
        Ok(())
    }
}
