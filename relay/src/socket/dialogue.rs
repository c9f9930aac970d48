//! A socket's conversation with the relay without the socket: frames go in, and come out of the connection's queue.
//!
//! For simulations. It does with a frame what a socket's task does with one, by the same functions.

use super::greet::Session;
use super::requests::Requests;
use super::serve::{Heard, first_words, words};
use crate::hub::connection::{Close, Connection};
use crate::relay::Relay;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// See the module. Dropped, its device is connected no more.
pub struct Dialogue {
    relay: Arc<Relay>,
    session: Option<Session>,
    bad: u32,
    typed_at: u64,
}

/// What comes of a frame besides what is in the connection's queue.
#[derive(Debug, Default)]
pub struct Said {
    /// To be sent at once.
    pub reply: Option<String>,
    /// Then the socket is to be closed.
    pub close: Option<Close>,
}

impl Dialogue {
    /// A socket that has just been opened.
    pub fn new(relay: Arc<Relay>) -> Self {
        Self { relay, session: None, bad: 0, typed_at: 0 }
    }

    /// The connection, once the device has been greeted: its queue is what is to be written.
    pub fn connection(&self) -> Option<&Arc<Connection>> {
        self.session.as_ref().map(|session| &session.connection)
    }

    /// A text frame came.
    pub async fn text(&mut self, text: &str) -> Said {
        let Some(session) = &self.session else {
            return match first_words(&self.relay, text, &mut self.bad).await {
                Ok(Heard::Hello(session)) => {
                    self.session = Some(session);
                    Said::default()
                }
                Ok(Heard::Else(reply)) => Said { reply: Some(reply), close: None },
                Ok(Heard::Refused(reply, close)) => Said { reply: Some(reply), close: Some(close) },
                Err(close) => Said { reply: None, close: Some(close) },
            };
        };
        session.connection.heard_at.store(self.relay.now(), Relaxed);
        let mut requests = Requests::new(session);
        requests.typed_at = self.typed_at;
        let done = words(&mut requests, &session.connection, text, &mut self.bad).await;
        self.typed_at = requests.typed_at;
        Said { reply: None, close: done.err() }
    }

    /// The peer has answered a ping.
    pub fn pong(&self) {
        if let Some(session) = &self.session {
            session.connection.heard_at.store(self.relay.now(), Relaxed);
        }
    }

    /// Moves the bound of the queue at which live changes stop, in bytes.
    pub fn set_soft_bytes(&self, bytes: usize) {
        if let Some(session) = &self.session {
            session.connection.set_soft_bytes(bytes);
        }
    }

    /// Since when a write waits for the client; 0 if none does.
    pub fn writing_since(&self, since: u64) {
        if let Some(session) = &self.session {
            session.connection.writing_since.store(since, Relaxed);
        }
    }
}
