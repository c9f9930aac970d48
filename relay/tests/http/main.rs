//! The relay's HTTP side as a stranger sees it: a whole relay, a real database, real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::needless_pass_by_value,
    reason = "a test that fails panics"
)]

mod accounts;
mod bodies;
mod browser;
mod connections;
mod files;
#[path = "../common/process.rs"]
mod process;
mod program;
mod sessions;
mod support;
mod throttles;
#[path = "../common/web.rs"]
mod web;
