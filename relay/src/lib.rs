//! Confab's relay: accounts, conversations and messages over one WebSocket a client, in one process, kept in SQLite.
//!
//! A request goes: listener -> authenticate -> the writer's transaction (known command? -> decide by pure rules ->
//! store) -> commit -> acknowledge and fan out. [`relay::Relay`] is what all parts share; `rules` decide and know no
//! SQL; `store` keeps and knows no rules; `hub` and `socket` carry and know neither.
//!
//! This crate must not know: the client, its engine, its cache or its screens.

pub mod accounts;
pub mod auth;
pub mod backup;
pub mod clock;
pub mod config;
pub mod demo;
pub mod housekeeping;
pub mod http;
pub mod hub;
pub mod lock;
pub mod readers;
pub mod relay;
pub mod rules;
pub mod run;
pub mod socket;
pub mod store;
pub mod sync;
pub mod throttle;
pub mod writer;

pub use crate::relay::Relay;
