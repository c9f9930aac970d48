//! What can go wrong, said so that a program knows what to do and a person knows what happened.

use serde::{Deserialize, Serialize};

/// What to do about an error. A client that meets a code it does not know still knows this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// It will never work as it stands. Tell the person; keep what they wrote.
    Never,
    /// Try the same again after `retry_after_ms`, or after a pause that grows.
    Later,
    /// Log in (or refresh the access token) first, then try the same again.
    AfterLogin,
    /// The client's picture of this conversation is not the relay's. Fetch it anew, then decide.
    Resync,
    /// A class from a newer relay. Treat it as `later`.
    #[serde(other)]
    Unknown,
}

/// The error codes. `docs/protocol.md` lists them with their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The frame is not JSON, not an object, or lacks `op`.
    BadFrame,
    /// The relay does not know this `op` (or this `type` of content).
    Unsupported,
    /// A field is missing, has the wrong type or breaks a rule; the text names it.
    Invalid,
    /// Larger than a limit allows.
    TooLarge,
    /// One of the counted limits is reached (members, reactions, accounts).
    LimitReached,
    /// No access token, an expired one, or one of a session that has ended.
    Unauthenticated,
    /// Wrong user name or password. The same answer for both.
    BadCredentials,
    /// This session was ended: logged out elsewhere, or its refresh token was used twice.
    SessionEnded,
    /// One may see it but not do this (role, blocked, registration closed).
    Forbidden,
    /// There is no such thing, or it is none of the caller's business. The same answer for both.
    NotFound,
    /// This command id was already used for something else.
    IdReused,
    /// The name is taken.
    UsernameTaken,
    /// The command named in `after` has not arrived.
    PredecessorMissing,
    /// Too often. `retry_after_ms` says how long to wait.
    RateLimited,
    /// The relay is shutting down or restarting.
    Unavailable,
    /// The relay's disk is full or failing. Nothing was stored.
    StorageFailed,
    /// A bug in the relay. The text says nothing of the inside.
    Internal,
    /// A code from a newer relay. Do what `retry` says.
    #[serde(other)]
    Unknown,
}

impl Code {
    /// The retry class that goes with a code unless the place says otherwise.
    pub fn retry(self) -> Retry {
        match self {
            Code::Unauthenticated | Code::SessionEnded => Retry::AfterLogin,
            Code::PredecessorMissing
            | Code::RateLimited
            | Code::Unavailable
            | Code::StorageFailed
            | Code::Internal
            | Code::Unknown => Retry::Later,
            _ => Retry::Never,
        }
    }
}

/// An error as it is sent: in the `error` of an answer, and as the body of an HTTP error (`{"error": {…}}`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ErrorBody {
    /// For programs.
    pub code: Code,
    /// For programs that do not know the code.
    pub retry: Retry,
    /// For people, in English. Never parse it.
    pub message: String,
    /// How long to wait before trying again, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl ErrorBody {
    /// An error with its code's own retry class.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, retry: code.retry(), message: message.into(), retry_after_ms: None }
    }

    /// The same, with a pause in milliseconds.
    pub fn after_ms(mut self, retry_after_ms: u64) -> Self {
        self.retry_after_ms = Some(retry_after_ms);
        self
    }
}

impl std::fmt::Display for ErrorBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ErrorBody {}

/// WebSocket close codes of Confab's own (RFC 6455, section 7.4.2) and what a client does about them.
pub mod close {
    /// Malformed frames, again and again. A bug in the client: come back, but slowly.
    pub const BAD_FRAMES: u16 = 4400;
    /// `hello` failed or the session has ended: refresh the token or log in, then come back.
    pub const UNAUTHENTICATED: u16 = 4401;
    /// No `hello` in time.
    pub const HELLO_TIMEOUT: u16 = 4408;
    /// Too many connections of this address or account. Come back later.
    pub const TOO_MANY: u16 = 4429;
    /// What came is no WebSocket frame, or stands where none may (the standard's code).
    pub const PROTOCOL: u16 = 1002;
    /// A text frame that is not UTF-8 (the standard's code).
    pub const NO_UTF8: u16 = 1007;
    /// A frame over the limit (the standard's code).
    pub const TOO_LARGE: u16 = 1009;
    /// The relay restarts (the standard's registry). A `going_away` push said when to come back.
    pub const RESTART: u16 = 1012;
}
