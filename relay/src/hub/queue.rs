//! What waits to be written to one connection: bounded in bytes, and lossy only where loss heals.
//!
//! When it is full, typing, presence and marks go first; then live changes are replaced by "you are behind at rev N".
//! Answers are never dropped: the limit of requests in flight bounds them. What must be told and cannot be pulled
//! (one's removal, a head, settings) is kept up to a second bound; past that the connection is closed and comes back.

use super::text::FrameText;
use confab_protocol::ConversationId;
use confab_protocol::sync::Push;
use std::collections::{BTreeMap, VecDeque};

/// Live changes stop here, in bytes.
pub const SOFT_BYTES: usize = 256 * 1024;
/// A connection with more than this is closed, in bytes.
pub const HARD_BYTES: usize = 1024 * 1024;
/// Most conversations that one connection is behind in. One more and it is closed.
pub const BEHIND: usize = 4096;

/// How a frame may be treated when there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The answer to a request.
    Answer,
    /// The answer to a command, which may hold a delta.
    Ack,
    /// Told once, and not to be had otherwise.
    Must,
    /// A change, which can be pulled.
    Delta(ConversationId, u64),
    /// Typing, presence, others' marks.
    Light,
}

/// Something to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A text frame.
    Text(FrameText, Class),
    /// A ping.
    Ping,
    /// The answer to one, with its payload. The socket's own.
    Pong(Box<[u8]>),
    /// The end, with code and reason. The socket's own.
    Close(Box<[u8]>),
}

/// The queue has grown past its last bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

/// See the module.
#[derive(Debug)]
pub struct Queue {
    items: VecDeque<Item>,
    /// Where live changes stop, in bytes.
    soft_bytes: usize,
    /// Of all items but answers without a delta.
    bytes: usize,
    light: usize,
    #[allow(clippy::box_collection, reason = "nearly always absent, and there is one in every connection")]
    behind: BTreeMap<ConversationId, u64>,
}

impl Default for Queue {
    fn default() -> Self {
        Self { items: VecDeque::new(), soft_bytes: SOFT_BYTES, bytes: 0, light: 0, behind: BTreeMap::new() }
    }
}

impl Queue {
    /// Moves the bound at which live changes stop. What waits already stays.
    pub fn set_soft_bytes(&mut self, bytes: usize) {
        self.soft_bytes = bytes;
    }

    /// Adds a frame, or makes room, or notes that the client is behind.
    ///
    /// # Errors
    /// [`Overflow`] when the connection is to be closed.
    pub fn push(&mut self, text: FrameText, class: Class) -> Result<(), Overflow> {
        match class {
            Class::Answer | Class::Ack => {}
            Class::Light => {
                if self.bytes + text.len() > self.soft_bytes {
                    return Ok(());
                }
                self.light += 1;
            }
            Class::Delta(conversation, rev) => {
                if !self.room_for_delta(conversation, text.len()) {
                    return self.note_behind(conversation, rev);
                }
            }
            Class::Must => {
                if self.bytes + text.len() > HARD_BYTES {
                    return Err(Overflow);
                }
            }
        }
        if class != Class::Answer {
            self.bytes += text.len();
        }
        self.items.push_back(Item::Text(text, class));
        Ok(())
    }

    /// Adds a ping, unless something else waits to be written, which does as well.
    pub fn push_ping(&mut self) {
        if self.items.is_empty() {
            self.items.push_back(Item::Ping);
        }
    }

    /// Whether an acknowledgement may carry its delta; if not, the client is noted to be behind.
    ///
    /// # Errors
    /// As [`Queue::push`].
    pub fn ack_with_delta(
        &mut self,
        conversation: ConversationId,
        rev: u64,
        bytes: usize,
    ) -> Result<bool, Overflow> {
        if self.room_for_delta(conversation, bytes) {
            return Ok(true);
        }
        self.note_behind(conversation, rev).map(|()| false)
    }

    fn room_for_delta(&mut self, conversation: ConversationId, bytes: usize) -> bool {
        if self.behind.contains_key(&conversation) {
            return false;
        }
        if self.bytes + bytes > self.soft_bytes && self.light > 0 {
            self.drop_light();
        }
        self.bytes + bytes <= self.soft_bytes
    }

    fn drop_light(&mut self) {
        let bytes = &mut self.bytes;
        self.items.retain(|item| match item {
            Item::Text(text, Class::Light) => {
                *bytes -= text.len();
                false
            }
            _ => true,
        });
        self.light = 0;
    }

    fn note_behind(&mut self, conversation: ConversationId, rev: u64) -> Result<(), Overflow> {
        if self.behind.len() >= BEHIND && !self.behind.contains_key(&conversation) {
            return Err(Overflow);
        }
        let entry = self.behind.entry(conversation).or_insert(rev);
        *entry = rev.max(*entry);
        Ok(())
    }

    /// Everything that waits; once all of it has been taken, what the client is behind in.
    pub fn take(&mut self) -> VecDeque<Item> {
        if self.items.is_empty() && !self.behind.is_empty() {
            let conversations = std::mem::take(&mut self.behind).into_iter().collect();
            let push = serde_json::to_string(&Push::Behind { conversations });
            // These types always serialise.
            return push.map(|text| Item::Text(text.into(), Class::Must)).into_iter().collect();
        }
        self.bytes = 0;
        self.light = 0;
        std::mem::take(&mut self.items)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.behind.is_empty()
    }

    /// Whether some live changes were left out and the client has not been told yet.
    pub fn is_behind(&self) -> bool {
        !self.behind.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn place(n: u128) -> ConversationId {
        ConversationId(Uuid::from_u128(n))
    }

    fn text(bytes: usize) -> FrameText {
        "x".repeat(bytes).into()
    }

    #[test]
    fn light_frames_go_first_then_changes_are_replaced_by_behind() {
        let mut queue = Queue::default();
        queue.push(text(200 * 1024), Class::Delta(place(1), 1)).unwrap();
        queue.push(text(50 * 1024), Class::Light).unwrap();
        // No room for this beside the light one, which goes.
        queue.push(text(40 * 1024), Class::Delta(place(1), 2)).unwrap();
        assert_eq!(queue.items.len(), 2);
        assert_eq!(queue.bytes, 240 * 1024);
        // No room at all: behind, and what follows in this conversation with it.
        queue.push(text(40 * 1024), Class::Delta(place(1), 3)).unwrap();
        queue.push(text(1), Class::Delta(place(1), 4)).unwrap();
        queue.push(text(1), Class::Delta(place(2), 9)).unwrap();
        queue.push(text(20 * 1024), Class::Light).unwrap();
        assert_eq!(queue.take().len(), 3);
        let last = queue.take();
        let Some(Item::Text(push, _)) = last.front() else { panic!("no push") };
        assert_eq!(
            serde_json::from_str::<Push>(push).unwrap(),
            Push::Behind { conversations: vec![(place(1), 4)] }
        );
        assert!(queue.is_empty() && queue.take().is_empty());
    }

    #[test]
    fn an_ack_keeps_its_place_but_not_its_delta() {
        let mut queue = Queue::default();
        queue.push(text(SOFT_BYTES), Class::Delta(place(1), 1)).unwrap();
        assert_eq!(queue.ack_with_delta(place(1), 2, 100), Ok(false));
        queue.push(text(100), Class::Answer).unwrap();
        assert_eq!(queue.take().len(), 2);
        assert!(queue.is_behind());
    }

    #[test]
    fn what_must_be_told_is_bounded_by_closing() {
        let mut queue = Queue::default();
        queue.push(text(HARD_BYTES), Class::Must).unwrap();
        assert_eq!(queue.push(text(1), Class::Must), Err(Overflow));
        let mut queue = Queue::default();
        queue.push(text(SOFT_BYTES), Class::Must).unwrap();
        for n in 0..BEHIND {
            queue.push(text(1), Class::Delta(place(n as u128), 1)).unwrap();
        }
        queue.push(text(1), Class::Delta(place(0), 2)).unwrap();
        assert_eq!(queue.push(text(1), Class::Delta(place(BEHIND as u128), 1)), Err(Overflow));
    }
}
