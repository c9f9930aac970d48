//! The wire between a Confab relay and its clients: frames, types, error codes, limits and the version.
//!
//! Everything that either side sends is a type of this crate, and `docs/protocol.md` describes it for those who
//! do not read Rust. Rules that both sides must agree on (what a user name looks like, how the id of a direct
//! conversation is computed) live here too, in [`text`] and [`ids`].
//!
//! This crate must not know: sockets, HTTP libraries, databases, clocks, or how either side stores what it holds.

pub mod command;
pub mod content;
pub mod error;
pub mod frame;
pub mod http;
pub mod ids;
pub mod limits;
pub mod model;
pub mod sync;
pub mod text;

pub use command::{Ack, Command};
pub use content::{Content, SystemEvent};
pub use error::{Code, ErrorBody, Retry};
pub use ids::{CommandId, ConversationId, DeviceId, MessageId, RunId, UserId};
pub use model::{Head, Kind, Mark, Member, Message, Notify, NotifyLevel, Presence, Reaction, Role, User};
pub use sync::{Delta, HeadsPage, HistoryPage, Welcome};

/// The WebSocket subprotocol of this version (RFC 6455, section 1.9). Offered by the client and confirmed by the relay.
pub const SUBPROTOCOL: &str = "confab.v1";

/// The version of the wire. A change that an older peer would misread raises it, and [`SUBPROTOCOL`] with it.
pub const VERSION: u32 = 1;
