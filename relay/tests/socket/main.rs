//! The relay's socket as its clients see it: a whole relay on port 0, a real database, real sockets.

// What a test relies on and does not find has failed the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::needless_pass_by_value, clippy::redundant_closure)]

mod abuse;
mod catching_up;
mod forks;
mod groups;
mod kills;
mod marks;
mod presence;
#[path = "../common/process.rs"]
mod process;
mod program;
mod quiet;
mod rubbish;
mod sending;
mod slowness;
mod storm;
mod support;
#[path = "../common/web.rs"]
mod web;
