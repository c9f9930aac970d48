//! The client engine: everything that a Confab client decides, without doing any of it.
//!
//! [`Engine::handle`] takes one [`Input`] and the open transaction of the account's [`Cache`], writes what has to be
//! durable through it, and gives out [`Output`]s. The calling rule:
//!
//! 1. begin a transaction; 2. handle one input (or several frames that wait); 3. commit; 4. only then do what the
//!    outputs say. If handling or committing fails, roll back, drop the outputs, close the socket, answer the asker
//!    with `storage`, and go on with a new engine and [`Input::Start`].
//!
//! So a person is told "accepted" only when it is on disk, a frame leaves only after what it relies on is on disk, and
//! all that a crash can take is what lives in the engine itself: the connection, timers, presence and typing.
//!
//! This crate must not know: async, sockets, HTTP, clocks, databases, sources of randomness, or screens. Time and random
//! bits are inputs, so that one seed replays a run.

mod act;
mod apply;
pub mod cache;
mod catchup;
mod change;
mod engine;
mod fork;
mod frames;
pub mod io;
mod link;
mod live;
mod marks;
mod others;
mod outbox;
mod pages;
mod pause;
pub mod random;
pub mod ranges;
mod refused;
mod requests;
mod sane;

pub use cache::{Account, Cache, CacheError, Conversation, Entry, EntryState, PendingMark, Unconfirmed};
pub use change::Refused;
pub use engine::{Config, Engine};
pub use io::{Action, Input, Link, Now, Output, Present, Problem, Reply, Status, Ticket, Topic};
pub use random::Random;
pub use ranges::RangeSet;
