//! One connected device, as the rest of the relay sees it.

use super::queue::{Class, Item, Overflow, Queue};
use super::text::FrameText;
use crate::store::chat::{SessionKey, UserKey};
use confab_protocol::{ConversationId, DeviceId, UserId, limits};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use tokio::sync::Notify;

/// Why the relay closes a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    /// The WebSocket close code.
    pub code: u16,
    /// For people who read logs.
    pub reason: &'static str,
}

/// "Try again later" (RFC 6455's registry): the connection could not keep up.
pub const TRY_AGAIN_LATER: u16 = 1013;

/// What a connection wants to be told of besides its conversations.
#[derive(Debug, Default)]
pub struct Interest {
    /// Whose presence.
    pub users: Box<[UserId]>,
    /// Which conversation's typing.
    pub conversation: Option<ConversationId>,
    /// But not of these: one of the two has blocked the other.
    pub apart: Vec<UserId>,
    /// Of `apart`, those whose presence was asked for: to be told of once neither blocks the other any more.
    pub withheld: Vec<UserId>,
}

/// See the module.
#[derive(Debug)]
pub struct Connection {
    /// Unlike that of any other connection of this run.
    pub id: u64,
    /// Whose.
    pub user: UserId,
    /// Which device.
    pub device: DeviceId,
    rows: OnceLock<(UserKey, SessionKey)>,
    queue: Mutex<Queue>,
    close: OnceLock<Close>,
    /// Changed under the hub's lock only.
    pub(super) interest: Mutex<Interest>,
    /// Something waits to be written.
    pub(crate) wake: Notify,
    /// The socket is to be closed.
    pub(crate) closing: Notify,
    in_flight: AtomicU32,
    /// When the access token expires, in milliseconds since 1970.
    pub(crate) expires_at: AtomicU64,
    /// When something last came from the client.
    pub(crate) heard_at: AtomicU64,
    /// Since when a write has been waiting for the client; 0 if none is.
    pub(crate) writing_since: AtomicU64,
    /// When something that a sync token covers was last queued; 0 if a token was queued after it.
    pub(super) changed_at: AtomicU64,
}

impl Connection {
    /// A connection that has shown a good access token.
    pub fn new(id: u64, user: UserId, device: DeviceId, expires_at: u64, now: u64) -> Self {
        Self {
            id,
            user,
            device,
            rows: OnceLock::new(),
            queue: Mutex::default(),
            close: OnceLock::new(),
            interest: Mutex::default(),
            wake: Notify::new(),
            closing: Notify::new(),
            in_flight: AtomicU32::new(0),
            expires_at: AtomicU64::new(expires_at),
            heard_at: AtomicU64::new(now),
            writing_since: AtomicU64::new(0),
            changed_at: AtomicU64::new(0),
        }
    }

    /// The store's rows of the user and the session, once the session has been looked up.
    pub fn rows(&self) -> Option<(UserKey, SessionKey)> {
        self.rows.get().copied()
    }

    /// States the rows.
    pub fn set_rows(&self, user: UserKey, session: SessionKey) {
        let _ = self.rows.set((user, session));
    }

    /// Queues a frame.
    pub fn push(&self, text: FrameText, class: Class) {
        if self.close.get().is_some() {
            return;
        }
        let pushed = self.queue.lock().push(text, class);
        self.pushed(pushed);
    }

    fn pushed(&self, pushed: Result<(), Overflow>) {
        match pushed {
            Ok(()) => self.wake.notify_one(),
            Err(Overflow) => self.close(Close { code: TRY_AGAIN_LATER, reason: "too slow" }),
        }
    }

    /// Queues the answer to a command: with the delta if there is room, else without.
    pub fn push_ack(
        &self,
        conversation: ConversationId,
        rev: u64,
        full: FrameText,
        short: impl FnOnce() -> FrameText,
    ) {
        self.answered();
        let pushed = {
            let mut queue = self.queue.lock();
            queue
                .ack_with_delta(conversation, rev, full.len())
                .and_then(|fits| queue.push(if fits { full } else { short() }, Class::Ack))
        };
        self.pushed(pushed);
    }

    /// Queues the answer to a request that was counted by [`Connection::begin`].
    pub fn push_answer(&self, text: FrameText) {
        self.answered();
        self.push(text, Class::Answer);
    }

    pub(super) fn push_ping(&self) {
        self.queue.lock().push_ping();
        self.wake.notify_one();
    }

    /// What is to be written now; empty if nothing waits.
    pub fn take(&self) -> VecDeque<Item> {
        self.queue.lock().take()
    }

    /// Moves the bound at which live changes stop. For simulations: queues that fill up are rare with the real one.
    pub(crate) fn set_soft_bytes(&self, bytes: usize) {
        self.queue.lock().set_soft_bytes(bytes);
    }

    /// The presence of everyone who is watched is told by an answer that follows.
    pub(super) fn forget_lost_presence(&self) {
        self.queue.lock().forget_presence();
    }

    pub(super) fn is_behind(&self) -> bool {
        self.queue.lock().is_behind()
    }

    /// Counts a request whose answer comes later. `false` if too many wait already.
    pub fn begin(&self) -> bool {
        self.in_flight
            .fetch_update(Relaxed, Relaxed, |n| (n < limits::IN_FLIGHT as u32).then_some(n + 1))
            .is_ok()
    }

    /// Counts the answer to a request that was counted by [`Connection::begin`].
    pub fn answered(&self) {
        let _ = self.in_flight.fetch_update(Relaxed, Relaxed, |n| n.checked_sub(1));
    }

    /// Asks the socket's task to close. The first reason counts.
    pub fn close(&self, close: Close) {
        let _ = self.close.set(close);
        self.closing.notify_one();
        self.wake.notify_one();
    }

    /// Why the socket is to be closed, if it is.
    pub fn closed(&self) -> Option<Close> {
        self.close.get().copied()
    }
}
