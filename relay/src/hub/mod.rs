//! Who is connected, and what reaches them: the writer hands each committed batch over, in commit order, and every
//! receiver's queue gets the same bytes.
//!
//! One lock guards the tables; under it frames are only queued, never written. The hub must not know the store or the
//! rules: receivers were fixed in the writer's transaction.

pub mod connection;
pub mod event;
mod lost;
pub mod presence;
pub mod queue;
mod sweep;
mod text;

use crate::store::chat::Position;
use confab_protocol::sync::Push;
use confab_protocol::{Ack, ConversationId, DeviceId, UserId, frame};
use connection::{Close, Connection};
use event::{Event, Receivers};
use parking_lot::Mutex;
use queue::Class;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub use sweep::{Swept, Timing};
pub use text::FrameText;

/// The connected, and whom they watch.
pub struct Hub {
    state: Mutex<State>,
    next_id: AtomicU64,
    timing: Timing,
}

#[derive(Default)]
struct State {
    people: HashMap<UserId, Person>,
    /// By the user whose presence is watched.
    watchers: HashMap<UserId, Vec<Arc<Connection>>>,
    /// By the conversation that is open.
    open: HashMap<ConversationId, Vec<Arc<Connection>>>,
    /// Users who left a conversation: whose presence may be told to whom is to be asked again.
    left: Vec<UserId>,
    leavings: u64,
    /// Everything up to this commit has been queued.
    published: Option<Position>,
    leaving: bool,
    connections: usize,
}

#[derive(Default)]
struct Person {
    connections: Vec<Arc<Connection>>,
    /// Their watchers think that they are here.
    told_online: bool,
    /// Since when nobody is connected, if so.
    gone_at: Option<u64>,
}

impl Default for Hub {
    fn default() -> Self {
        Self::new(Timing::default())
    }
}

/// Encodes a push that tells of something stored: of nothing that was committed after `commit`.
pub(crate) fn encode_at(commit: u64, push: &Push) -> FrameText {
    confab_protocol::frame::stamped(commit, &encode(push)).into()
}

/// Encodes a push.
pub(crate) fn encode(push: &Push) -> FrameText {
    // The protocol's types always serialise; an empty object would be ignored by any client.
    serde_json::to_string(push).unwrap_or_else(|_| "{}".into()).into()
}

impl Hub {
    /// Nobody is connected yet.
    pub fn new(timing: Timing) -> Self {
        Self { state: Mutex::default(), next_id: AtomicU64::new(1), timing }
    }

    /// States the run and the commit that the relay starts at.
    pub fn begin(&self, position: Position) {
        self.state.lock().published = Some(position);
    }

    /// The latest commit all of which has been queued; every read that begins now sees it.
    pub fn position(&self) -> Option<Position> {
        self.state.lock().published
    }

    /// An id for a new connection.
    pub fn next_id(&self) -> u64 {
        self.next_id.fetch_add(1, Relaxed)
    }

    /// How many sockets are connected.
    pub fn connections(&self) -> usize {
        self.state.lock().connections
    }

    /// Subscribes a connection to everything that its user is told. `false` if the relay is stopping.
    pub fn connect(&self, connection: &Arc<Connection>) -> bool {
        let mut state = self.state.lock();
        if state.leaving {
            return false;
        }
        state.people.entry(connection.user).or_default().connections.push(Arc::clone(connection));
        state.connections += 1;
        true
    }

    /// Unsubscribes it. Gives back whether another socket of the same device is still connected.
    pub fn disconnect(&self, connection: &Arc<Connection>, now: u64) -> bool {
        let mut state = self.state.lock();
        state.forget_interest(connection);
        let Some(person) = state.people.get_mut(&connection.user) else { return false };
        let before = person.connections.len();
        person.connections.retain(|other| other.id != connection.id);
        let removed = before - person.connections.len();
        let device_stays = person.connections.iter().any(|other| other.device == connection.device);
        if person.connections.is_empty() {
            person.connections.shrink_to_fit();
            person.gone_at = Some(now);
        }
        state.connections -= removed;
        device_stays
    }

    /// Whether any of the user's devices is connected.
    pub fn is_online(&self, user: UserId) -> bool {
        self.state.lock().people.get(&user).is_some_and(|person| !person.connections.is_empty())
    }

    /// Whether the user has another connection than this one.
    pub fn has_others(&self, user: UserId, except: Option<u64>) -> bool {
        let state = self.state.lock();
        state.people.get(&user).is_some_and(|person| person.connections.iter().any(|c| Some(c.id) != except))
    }

    /// Which of the user's devices are connected.
    pub fn devices(&self, user: UserId) -> Vec<DeviceId> {
        let state = self.state.lock();
        state.people.get(&user).map_or_else(Vec::new, |p| p.connections.iter().map(|c| c.device).collect())
    }

    /// Closes the sockets of a session that has ended. It has been stored before, so that one that says hello now is
    /// either found here or refused there.
    pub fn end_session(&self, device: DeviceId) {
        let state = self.state.lock();
        let connections = state.people.values().flat_map(|person| &person.connections);
        for connection in connections.filter(|connection| connection.device == device) {
            connection.close(Close {
                code: confab_protocol::error::close::UNAUTHENTICATED,
                reason: "the session has ended",
            });
        }
    }

    /// Queues a committed batch for everyone whom it concerns. The caller is the writer, in commit order.
    pub fn publish(&self, events: Vec<Event>, position: Position, now: u64) {
        let mut state = self.state.lock();
        for event in events {
            state.tell(event, now);
        }
        state.published = Some(position);
    }

    /// Tells everyone when to come back, closes their sockets, and lets nobody in any more. `pause` gives each
    /// connection its pause in milliseconds.
    pub fn go_away(&self, mut pause: impl FnMut() -> u64) {
        let mut state = self.state.lock();
        state.leaving = true;
        for connection in state.people.values().flat_map(|person| &person.connections) {
            connection.push(encode(&Push::GoingAway { retry_after_ms: pause() }), Class::Must);
            connection
                .close(Close { code: confab_protocol::error::close::RESTART, reason: "the relay restarts" });
        }
    }
}

impl State {
    fn tell(&mut self, event: Event, now: u64) {
        match event {
            Event::Ack { to, full, id, command, seq, conversation, rev } => {
                // The short form is made only where it is needed.
                to.changed_at.store(now, Relaxed);
                let short = || {
                    let ack = Ack { command, seq, rev: Some(rev), replayed: false, delta: None };
                    frame::answer(id, &ack).unwrap_or_default().into()
                };
                to.push_ack(conversation, rev, full, short);
            }
            Event::Answer { to, text: Some(text) } => to.push_answer(text),
            Event::Answer { to, text: None } => to.answered(),
            Event::Delta { conversation, rev, receivers, except, text } => {
                self.push(&receivers, except, &text, Class::Delta(conversation, rev), now);
            }
            Event::Must { receivers, except, text } => self.push(&receivers, except, &text, Class::Must, now),
            Event::Light { receivers, except, text } => {
                self.push(&receivers, except, &text, Class::Light, now);
            }
            Event::Apart { one, other } => self.part(one, other),
            Event::Together { one, other } => self.join(one, other),
            Event::Left { user, conversation } => self.leave(user, conversation),
        }
    }

    fn push(&self, receivers: &Receivers, except: Option<u64>, text: &FrameText, class: Class, now: u64) {
        for user in receivers.as_slice() {
            let Some(person) = self.people.get(user) else { continue };
            for connection in &person.connections {
                if except != Some(connection.id) {
                    connection.changed_at.store(now, Relaxed);
                    connection.push(text.clone(), class);
                }
            }
        }
    }
}
