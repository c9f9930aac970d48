//! The conversations that the writer has at hand: counters, members, receivers. They are the truth while a batch runs,
//! and are read again from the store after one that failed.

use crate::rules::{Place, Seat};
use crate::store::chat::{ConversationKey, ConversationRow, UserKey};
use crate::store::{Result, Writes};
use confab_protocol::{ConversationId, UserId};
use std::collections::HashMap;
use std::sync::Arc;

/// Most seats kept at hand, over all conversations: some 100 MiB at the worst.
const SEATS: usize = 1_000_000;

/// A conversation at hand.
pub(super) struct Conversation {
    pub row: ConversationRow,
    pub seats: HashMap<UserId, Seat<UserKey>>,
    /// The members, as those whom a change reaches.
    pub receivers: Arc<[UserId]>,
    /// In a direct conversation: who has blocked the other one. `None` until it is asked.
    pub blockers: Option<Vec<UserId>>,
    /// Differs from what is stored.
    pub dirty: bool,
    used: u64,
}

impl Conversation {
    pub fn place(&self) -> Place<'_, UserKey> {
        Place {
            kind: self.row.kind,
            title: &self.row.title,
            members: self.row.members as usize,
            seats: &self.seats,
        }
    }

    /// Who they are, after roles have changed.
    pub fn count(&mut self) {
        let members: Vec<UserId> =
            self.seats.iter().filter(|(_, seat)| seat.role.is_some()).map(|(user, _)| *user).collect();
        self.row.members = members.len() as u32;
        self.receivers = members.into();
    }

    pub fn key(&self) -> ConversationKey {
        self.row.key
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Conversations {
    at_hand: HashMap<ConversationId, Conversation>,
    dirty: Vec<ConversationId>,
    seats: usize,
    clock: u64,
}

impl Conversations {
    /// The conversation, if there is one; read from the store if it is not at hand.
    pub fn get(&mut self, writes: &dyn Writes, id: ConversationId) -> Result<Option<&mut Conversation>> {
        if !self.at_hand.contains_key(&id) {
            let Some(row) = writes.conversation(id)? else { return Ok(None) };
            let members = writes.members(row.key)?;
            let seats = members
                .into_iter()
                .map(|m| (m.user, Seat { role: m.role, key: m.key, share_read: m.share_read }))
                .collect();
            self.put(row, seats);
        }
        self.clock += 1;
        let Some(conversation) = self.at_hand.get_mut(&id) else { return Ok(None) };
        conversation.used = self.clock;
        Ok(Some(conversation))
    }

    /// Takes in a conversation that was read or has just been made.
    pub fn put(&mut self, row: ConversationRow, seats: HashMap<UserId, Seat<UserKey>>) {
        self.seats += seats.len() + 1;
        let id = row.id;
        let mut conversation = Conversation {
            row,
            seats,
            receivers: Arc::from([]),
            blockers: None,
            dirty: false,
            used: self.clock,
        };
        conversation.count();
        self.at_hand.insert(id, conversation);
    }

    /// Remembers to store its counters at the end of the batch.
    pub fn touch(&mut self, id: ConversationId) {
        if let Some(conversation) = self.at_hand.get_mut(&id)
            && !std::mem::replace(&mut conversation.dirty, true)
        {
            self.dirty.push(id);
        }
    }

    /// Stores the counters of what the batch has changed: once each, however often they moved. Gives back whether any of
    /// them bears the number of this commit.
    ///
    /// # Errors
    /// What the database says.
    pub fn save(&mut self, writes: &dyn Writes, commit: u64) -> Result<bool> {
        let mut borne = false;
        for id in self.dirty.drain(..) {
            if let Some(conversation) = self.at_hand.get_mut(&id) {
                conversation.dirty = false;
                writes.save_conversation(&conversation.row)?;
                borne |= conversation.row.commit == commit;
            }
        }
        Ok(borne)
    }

    /// Forgets all of it, after a batch that failed.
    pub fn forget(&mut self) {
        *self = Self { clock: self.clock, ..Self::default() };
    }

    /// Forgets the blocks of one direct conversation.
    pub fn forget_blocks(&mut self, id: ConversationId) {
        if let Some(conversation) = self.at_hand.get_mut(&id) {
            conversation.blockers = None;
        }
    }

    /// A user's setting, wherever they have a seat at hand.
    pub fn set_share_read(&mut self, user: UserId, share_read: bool) {
        for conversation in self.at_hand.values_mut() {
            if let Some(seat) = conversation.seats.get_mut(&user) {
                seat.share_read = share_read;
            }
        }
    }

    /// Lets go of what was not used for long, between batches.
    pub fn shrink(&mut self) {
        if self.seats <= SEATS {
            return;
        }
        let mut used: Vec<u64> = self.at_hand.values().map(|conversation| conversation.used).collect();
        used.sort_unstable();
        let middle = used.get(used.len() / 2).copied().unwrap_or(0);
        self.at_hand.retain(|_, conversation| conversation.used > middle);
        self.seats = self.at_hand.values().map(|conversation| conversation.seats.len() + 1).sum();
    }
}
