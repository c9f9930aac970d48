//! Someone begins or ceases to share how far they have read: the marks that this shows or hides are told anew, so that
//! every device comes to what a new one sees.
//!
//! They may be in any number of conversations, so each batch takes some of them, and the store remembers how far it went.
//! Conversations of more than [`limits::RECEIPT_MEMBERS`] show no marks and are left alone.

use super::batch::{Core, Told};
use super::marks::push;
use crate::hub::event::{Event, Receivers};
use crate::store::Result as StoreResult;
use crate::store::chat::{ConversationKey, UserKey};
use confab_protocol::{Mark, UserId, limits};

/// Conversations told in one batch.
pub(super) const SLICE: usize = 64;

impl Core {
    /// A user's setting has changed: it is to be told in all of their conversations, in this batch and those that follow.
    pub(super) fn share_anew(&mut self, user: UserKey) -> StoreResult<()> {
        self.sharing = true;
        self.writes.set_sharing(user, Some(ConversationKey(0)))
    }

    /// Tells it in some more.
    pub(super) fn go_on_sharing(&mut self) -> StoreResult<()> {
        if !self.sharing {
            return Ok(());
        }
        let Some((user, key, after)) = self.writes.sharing()? else {
            self.sharing = false;
            return Ok(());
        };
        let conversations = self.writes.touched(key, None, after, SLICE)?;
        for conversation in &conversations {
            self.show_marks(user, key, *conversation)?;
        }
        let last = conversations.last().copied().filter(|_| conversations.len() == SLICE);
        self.writes.set_sharing(key, last)?;
        self.changed = true;
        Ok(())
    }

    /// Tells the others in a conversation the user's mark, and the user theirs.
    fn show_marks(&mut self, user: UserId, key: UserKey, conversation: ConversationKey) -> StoreResult<()> {
        let Some(head) = self.writes.head(key, conversation)? else { return Ok(()) };
        let shows_marks = |members: usize| (2..=limits::RECEIPT_MEMBERS).contains(&members);
        if head.role.is_none() || !shows_marks(head.members as usize) {
            return Ok(());
        }
        let (commit, id) = (self.commit(), head.conversation);
        let Some(conversation) = self.conversations.get(&*self.writes, id)? else { return Ok(()) };
        // Members may have come or gone in this batch; the head is of before it.
        if !shows_marks(conversation.receivers.len()) {
            return Ok(());
        }
        let shares = |user: &UserId| conversation.seats.get(user).is_some_and(|seat| seat.share_read);
        let read = if shares(&user) { head.read } else { 0 };
        // To those who do not share, and where nothing was read, it looks as it did before.
        let others: Vec<UserId> = conversation
            .receivers
            .iter()
            .filter(|other| **other != user && head.read > 0 && shares(other))
            .copied()
            .collect();
        let mine = vec![Mark { user, delivered: head.delivered, read }];
        // Whose mark stands at 0 has nothing to show or to hide.
        let theirs: Vec<Mark> = head.marks.into_iter().filter(|mark| mark.delivered > 0).collect();
        if others.is_empty() && theirs.is_empty() {
            return Ok(());
        }
        // Who is away learns of it at the next welcome.
        conversation.row.commit = commit;
        self.conversations.touch(id);
        for (receivers, marks) in [(Receivers::Many(others.into()), mine), (Receivers::One(user), theirs)] {
            if !receivers.as_slice().is_empty() && !marks.is_empty() {
                let text = push(commit, id, marks);
                self.told.push(Told::Event(Event::Light { receivers, except: None, text }));
            }
        }
        Ok(())
    }
}
