//! The client's drivers: sockets, HTTP, timers and the loop that feeds the engine. The only async code of the core.
//!
//! This crate must not know: what a screen looks like, or how rows lie in the database.

pub mod api;
