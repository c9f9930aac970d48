//! The client's drivers: sockets, HTTP, timers and the loop that feeds the engine. The only async code of the core.
//!
//! A shell (desktop, browser, test) opens the database, gives it to the loop with a [`platform::Platform`], and talks
//! to the loop by a [`Handle`]: requests in, answers and events out ([`api`]). `native` and `browser` are the two
//! platforms; everything else is the same in both.
//!
//! This crate must not know: what a screen looks like, or how rows lie in the database.

pub mod api;
pub mod platform;

mod account;
mod client;
mod convert;
mod handle;
mod owed;
mod watch;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;

pub use convert::storage as storage_problem;
pub use handle::Handle;
pub use watch::Screen;

#[cfg(not(target_arch = "wasm32"))]
pub use native::{Client, Options};
