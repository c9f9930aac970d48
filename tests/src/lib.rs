//! What tests of the whole system have in common: a relay on port 0, and people with real clients.
//!
//! Nothing here waits for a time to pass. Whoever waits, waits for something to become true, and looks again whenever
//! the client says that something changed.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod person;
mod relay;

pub use person::{Person, tells};
pub use relay::TestRelay;
