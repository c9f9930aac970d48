//! The facts that a rule needs, read from what is at hand and from the store.

use super::batch::Core;
use super::conversations::Conversation;
use crate::rules::Seat;
use crate::rules::groups::Candidate;
use crate::rules::messages::Blocks;
use crate::store::chat::UserKey;
use crate::store::{Result as StoreResult, Writes};
use confab_protocol::{ConversationId, Kind, Message, MessageId, UserId};
use std::collections::HashMap;

/// Who does something.
#[derive(Clone, Copy)]
pub(super) struct Caller {
    pub user: UserId,
    pub key: UserKey,
}

/// Who has blocked whom in a direct conversation; nobody in a group.
pub(super) fn blocks(
    writes: &dyn Writes,
    conversation: &mut Conversation,
    caller: UserId,
) -> StoreResult<Blocks> {
    if conversation.row.kind == Kind::Group {
        return Ok(Blocks::default());
    }
    if conversation.blockers.is_none() {
        let mut blockers = Vec::new();
        for (user, seat) in &conversation.seats {
            for (other, theirs) in &conversation.seats {
                if user != other && writes.is_blocked(seat.key, theirs.key)? {
                    blockers.push(*user);
                }
            }
        }
        conversation.blockers = Some(blockers);
    }
    let blockers = conversation.blockers.as_deref().unwrap_or_default();
    Ok(Blocks {
        by_caller: blockers.contains(&caller),
        by_peer: blockers.iter().any(|blocker| *blocker != caller),
    })
}

/// A message of the conversation, by id.
pub(super) fn message(
    writes: &dyn Writes,
    conversation: &Conversation,
    id: Option<MessageId>,
) -> StoreResult<Option<Message>> {
    match id {
        Some(id) => writes.message(conversation.key(), id),
        None => Ok(None),
    }
}

impl Core {
    /// Those whom the caller wants in a group, and their rows.
    #[allow(clippy::type_complexity, reason = "a pair for one caller")]
    pub(super) fn candidates(
        &self,
        caller: Caller,
        users: &[UserId],
    ) -> StoreResult<(Vec<Candidate>, HashMap<UserId, Seat<UserKey>>)> {
        let mut candidates = Vec::with_capacity(users.len());
        let mut seats = HashMap::with_capacity(users.len());
        for user in users {
            let row = self.writes.user(*user)?.filter(|row| !row.user.deleted);
            let blocks_caller = match &row {
                Some(row) => self.writes.is_blocked(row.key, caller.key)?,
                None => false,
            };
            candidates.push(Candidate { user: *user, exists: row.is_some(), blocks_caller });
            if let Some(row) = row {
                seats.insert(*user, Seat { role: None, key: row.key, share_read: row.share_read });
            }
        }
        Ok((candidates, seats))
    }

    /// Whether there is such a conversation, whoever asks.
    pub(super) fn exists(&mut self, id: ConversationId) -> StoreResult<bool> {
        Ok(self.conversations.get(&*self.writes, id)?.is_some())
    }
}
