//! What the loop needs from the place where it runs. `native` and `browser` are the two places.

use crate::api::Storage;
use confab_store::view::Problem;
use confab_store::{Rescued, Store};
use futures::Stream;
use futures::channel::mpsc::UnboundedSender;
use std::future::Future;
use std::pin::Pin;

/// The place where the loop runs. Nothing here decides anything.
pub trait Platform: 'static {
    /// Milliseconds since 1970-01-01 UTC by the device's clock, which somebody may set.
    fn wall_ms(&self) -> u64;
    /// Milliseconds of a clock that never goes back.
    fn mono_ms(&self) -> u64;
    /// Random bits from the system.
    fn seed(&self) -> u64;
    /// Waits at least this many milliseconds.
    fn sleep(&self, ms: u64) -> impl Future<Output = ()> + 'static;
    /// Opens a WebSocket with Confab's subprotocol. A problem is `offline`, or a more telling one.
    fn connect(&self, relay: &str) -> impl Future<Output = Result<Socket, Problem>> + 'static;
    /// `POST`s JSON to a path of the relay. A problem as of `connect`.
    fn post(&self, relay: &str, post: Post) -> impl Future<Output = Result<HttpAnswer, Problem>> + 'static;
    /// Where refresh tokens are kept; `None` where the browser keeps them as a cookie that no script can read.
    fn secrets(&self) -> Option<&dyn Secrets>;
    /// Whether the session of the browser's cookie is one that somebody has logged out of, and the relay does not know yet.
    /// Asked only where there are no [`Platform::secrets`].
    fn owes_logout(&self) -> impl Future<Output = bool> {
        std::future::ready(false)
    }
    /// Notes that, or that it is so no more. It has to outlive the database.
    ///
    /// # Errors
    /// In words.
    fn owe_logout(&self, owed: bool) -> impl Future<Output = Result<(), String>> {
        let _ = owed;
        std::future::ready(Err("There is no place for it.".into()))
    }
    /// Where the database lies.
    fn storage(&self) -> Storage;
    /// Sets the damaged database aside, which is closed, and opens a new one with what could be rescued.
    ///
    /// # Errors
    /// What to tell a person.
    fn rescue(&self) -> Result<(Store, Rescued), String>;
    /// How long the first socket waits for the screens to have painted what is held here, in milliseconds.
    fn first_paint_ms(&self) -> u64 {
        0
    }
    /// Makes what the database has committed durable, where committing alone does not.
    fn flush(&self) -> impl Future<Output = Result<(), String>>;
}

/// A `POST` to the relay.
#[derive(Clone, Debug)]
pub struct Post {
    /// The path, `/api/…`.
    pub path: &'static str,
    /// An access token for `Authorization: Bearer`.
    pub bearer: Option<String>,
    /// The JSON body.
    pub body: String,
}

/// An HTTP answer.
#[derive(Clone, Debug)]
pub struct HttpAnswer {
    /// The status.
    pub status: u16,
    /// The body as text, cut off at [`HTTP_ANSWER_BYTES`].
    pub body: String,
}

/// Most bytes that are read of an HTTP answer.
pub const HTTP_ANSWER_BYTES: usize = 256 * 1024;
/// How long a connection attempt or an HTTP request may take, in milliseconds.
pub const ATTEMPT_TIMEOUT_MS: u64 = 20_000;

/// An open WebSocket. Dropping it closes it.
pub struct Socket {
    /// Frames to send, in order. What is in flight is bounded by the engine.
    pub outgoing: UnboundedSender<String>,
    /// What comes; it ends with [`SocketEvent::Closed`].
    pub incoming: Pin<Box<dyn Stream<Item = SocketEvent>>>,
}

/// What comes from a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketEvent {
    /// A text frame.
    Frame(String),
    /// It is closed.
    Closed {
        /// The close code (RFC 6455, section 7.4), if there was one.
        code: Option<u16>,
        /// What to tell a person.
        reason: String,
    },
}

/// Where refresh tokens are kept, by account.
pub trait Secrets {
    /// The token of an account.
    ///
    /// # Errors
    /// What to tell a person.
    fn load(&self, account: &str) -> Result<Option<String>, String>;
    /// Keeps a token instead of any former one; durable when this returns.
    ///
    /// # Errors
    /// What to tell a person.
    fn save(&self, account: &str, token: &str) -> Result<(), String>;
    /// Forgets an account's token.
    ///
    /// # Errors
    /// What to tell a person.
    fn remove(&self, account: &str) -> Result<(), String>;
}
