//! Marks and presence that found no room in a connection's queue: the latest of each, told once there is room.
//!
//! Without this a mark that was dropped would stay unknown until the same person's next one: the sync token that follows
//! it says that it was told. Typing is forgotten, it passes by itself; a token is given again after the next change.

use super::queue::Overflow;
use super::{FrameText, encode, encode_at};
use confab_protocol::frame::{RelayFrame, Stamped, parse_stamped};
use confab_protocol::sync::Push;
use confab_protocol::{ConversationId, Mark, Presence, UserId};
use std::collections::BTreeMap;

/// Most marks and people that are kept, together. One more and the connection is closed, and comes back.
pub const LOST: usize = 4096;

/// See the module.
#[derive(Debug, Default)]
pub struct Lost {
    marks: BTreeMap<(ConversationId, UserId), Mark>,
    presence: BTreeMap<UserId, Presence>,
    /// The newest commit that a mark among them is of.
    commit: u64,
}

impl Lost {
    /// Keeps what a frame tells that is not written. Frames come in the order in which they were to be written.
    ///
    /// # Errors
    /// [`Overflow`] when too much would be kept.
    pub fn keep(&mut self, text: &FrameText) -> Result<(), Overflow> {
        // The hub has encoded it itself.
        let Ok(Stamped { commit, frame: RelayFrame::Push(push) }) = parse_stamped(text) else {
            return Ok(());
        };
        match *push {
            Push::Marks { conversation, marks } => {
                self.commit = self.commit.max(commit.unwrap_or(0));
                self.marks.extend(marks.into_iter().map(|mark| ((conversation, mark.user), mark)));
            }
            Push::Presence { presence } => {
                self.presence.extend(presence.into_iter().map(|one| (one.user, one)));
            }
            _ => {}
        }
        if self.marks.len() + self.presence.len() > LOST { Err(Overflow) } else { Ok(()) }
    }

    /// All of the presence is told anew.
    pub fn forget_presence(&mut self) {
        self.presence.clear();
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty() && self.presence.is_empty()
    }

    /// The frames that tell it: one a conversation, and one of all presence.
    pub fn frames(self) -> impl Iterator<Item = FrameText> {
        let mut marks: BTreeMap<ConversationId, Vec<Mark>> = BTreeMap::new();
        for ((conversation, _), mark) in self.marks {
            marks.entry(conversation).or_default().push(mark);
        }
        let commit = self.commit;
        let marks = marks
            .into_iter()
            .map(move |(conversation, marks)| encode_at(commit, &Push::Marks { conversation, marks }));
        let presence: Vec<Presence> = self.presence.into_values().collect();
        let presence = (!presence.is_empty()).then(|| encode(&Push::Presence { presence }));
        marks.chain(presence)
    }
}
