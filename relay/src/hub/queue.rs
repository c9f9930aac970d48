//! What waits to be written to one connection: bounded in bytes, and lossy only where loss heals.
//!
//! When it is full, typing, presence and marks go first, of which the latest are kept aside ([`super::lost`]); then live
//! changes are replaced by "you are behind at rev N". Both are told when all else has been written.
//! Answers are never dropped: the limit of requests in flight bounds them. What must be told and cannot be pulled
//! (one's removal, a head, settings) is kept up to a second bound; past that the connection is closed and comes back.

use super::lost::Lost;
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
    /// What of the light frames there was no room for. While there is any, all that follow go there too, or an older mark
    /// would come after a newer one.
    lost: Option<Box<Lost>>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            items: VecDeque::new(),
            soft_bytes: SOFT_BYTES,
            bytes: 0,
            light: 0,
            behind: BTreeMap::new(),
            lost: None,
        }
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
                if self.lost.is_some() || self.bytes + text.len() > self.soft_bytes {
                    return self.lose(&text);
                }
                self.light += 1;
            }
            Class::Delta(conversation, rev) => {
                if !self.room_for_delta(conversation, text.len())? {
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
        if self.room_for_delta(conversation, bytes)? {
            return Ok(true);
        }
        self.note_behind(conversation, rev).map(|()| false)
    }

    fn room_for_delta(&mut self, conversation: ConversationId, bytes: usize) -> Result<bool, Overflow> {
        if self.behind.contains_key(&conversation) {
            return Ok(false);
        }
        if self.bytes + bytes > self.soft_bytes && self.light > 0 {
            self.drop_light()?;
        }
        Ok(self.bytes + bytes <= self.soft_bytes)
    }

    fn drop_light(&mut self) -> Result<(), Overflow> {
        let (bytes, mut dropped) = (&mut self.bytes, Vec::with_capacity(self.light));
        self.items.retain(|item| match item {
            Item::Text(text, Class::Light) => {
                *bytes -= text.len();
                dropped.push(text.clone());
                false
            }
            _ => true,
        });
        self.light = 0;
        dropped.iter().try_for_each(|text| self.lose(text))
    }

    fn lose(&mut self, text: &FrameText) -> Result<(), Overflow> {
        let mut lost = self.lost.take().unwrap_or_default();
        lost.keep(text)?;
        self.lost = (!lost.is_empty()).then_some(lost);
        Ok(())
    }

    /// The presence of everyone who is watched is told by an answer that follows.
    pub fn forget_presence(&mut self) {
        if let Some(mut lost) = self.lost.take() {
            lost.forget_presence();
            self.lost = (!lost.is_empty()).then_some(lost);
        }
    }

    fn note_behind(&mut self, conversation: ConversationId, rev: u64) -> Result<(), Overflow> {
        if self.behind.len() >= BEHIND && !self.behind.contains_key(&conversation) {
            return Err(Overflow);
        }
        let entry = self.behind.entry(conversation).or_insert(rev);
        *entry = rev.max(*entry);
        Ok(())
    }

    /// Everything that waits; once all of it has been taken, what the client is behind in and what was kept aside.
    pub fn take(&mut self) -> VecDeque<Item> {
        if self.items.is_empty() {
            return self.take_late();
        }
        self.bytes = 0;
        self.light = 0;
        std::mem::take(&mut self.items)
    }

    fn take_late(&mut self) -> VecDeque<Item> {
        let mut items = VecDeque::new();
        if !self.behind.is_empty() {
            let conversations = std::mem::take(&mut self.behind).into_iter().collect();
            items.push_back(Item::Text(super::encode(&Push::Behind { conversations }), Class::Must));
        }
        if let Some(lost) = self.lost.take() {
            items.extend(lost.frames().map(|text| Item::Text(text, Class::Light)));
        }
        items
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && !self.is_behind()
    }

    /// Whether something was left out that the client has not been told of yet.
    pub fn is_behind(&self) -> bool {
        !self.behind.is_empty() || self.lost.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::lost::LOST;
    use super::*;
    use confab_protocol::{Mark, Presence, UserId};
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

    fn mark(conversation: u128, user: u128, read: u64) -> FrameText {
        let mark = Mark { user: UserId(Uuid::from_u128(user)), delivered: read, read };
        let push = Push::Marks { conversation: place(conversation), marks: vec![mark] };
        crate::hub::encode_at(read, &push)
    }

    fn presence(user: u128, online: bool) -> FrameText {
        let presence = vec![Presence { user: UserId(Uuid::from_u128(user)), online, last_seen: None }];
        crate::hub::encode(&Push::Presence { presence })
    }

    fn taken(queue: &mut Queue) -> Vec<String> {
        let texts = queue.take().into_iter().map(|item| match item {
            Item::Text(text, _) => text.to_string(),
            other => panic!("{other:?}"),
        });
        texts.collect()
    }

    /// Those that waited and had to go as well as those that came to a full queue, and no older one after a newer one.
    #[test]
    fn the_latest_marks_and_presence_that_found_no_room_come_after_the_rest() {
        let mut queue = Queue::default();
        let (delta, typing) = (Class::Delta(place(1), 1), r#"{"push":"typing","body":{}}"#);
        queue.push(mark(1, 7, 1), Class::Light).unwrap();
        queue.push(mark(1, 8, 2), Class::Light).unwrap();
        queue.push(presence(7, true), Class::Light).unwrap();
        queue.push(typing.to_owned().into(), Class::Light).unwrap();
        queue.push(text(SOFT_BYTES), delta).unwrap();
        queue.push(mark(1, 7, 3), Class::Light).unwrap();
        queue.push(mark(2, 7, 4), Class::Light).unwrap();
        assert_eq!(queue.take().len(), 1);
        // There is room, and yet these must not come before what is older and waits.
        queue.push(mark(1, 7, 5), Class::Light).unwrap();
        queue.push(presence(7, false), Class::Light).unwrap();
        assert!(queue.is_behind(), "no token may say that they were told");
        let one = |user: u128, read| Mark { user: UserId(Uuid::from_u128(user)), delivered: read, read };
        let marks = |n, marks| Push::Marks { conversation: place(n), marks };
        let expected = [
            crate::hub::encode_at(5, &marks(1, vec![one(7, 5), one(8, 2)])).to_string(),
            crate::hub::encode_at(5, &marks(2, vec![one(7, 4)])).to_string(),
            presence(7, false).to_string(),
        ];
        assert_eq!(taken(&mut queue), expected);
        assert!(queue.is_empty());
        queue.push(mark(1, 7, 6), Class::Light).unwrap();
        assert_eq!(taken(&mut queue), [mark(1, 7, 6).to_string()]);
    }

    #[test]
    fn what_is_kept_aside_is_bounded_by_closing() {
        let mut queue = Queue::default();
        queue.push(text(SOFT_BYTES), Class::Must).unwrap();
        for user in 0..LOST as u128 {
            queue.push(mark(1, user, 1), Class::Light).unwrap();
        }
        queue.push(mark(1, 0, 2), Class::Light).unwrap();
        assert_eq!(queue.push(mark(2, 0, 1), Class::Light), Err(Overflow));
    }

    #[test]
    fn who_watches_anew_is_told_no_presence_of_before() {
        let mut queue = Queue::default();
        queue.push(text(SOFT_BYTES), Class::Must).unwrap();
        queue.push(presence(7, true), Class::Light).unwrap();
        queue.forget_presence();
        assert_eq!((queue.take().len(), queue.take().len()), (1, 0));
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
