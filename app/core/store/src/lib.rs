//! The client's cache and outbox in SQLite, natively and in the browser, and the views that screens read from it.
//!
//! This crate must not know: sockets, HTTP, timers, threads, or what a screen looks like.

pub mod view;
