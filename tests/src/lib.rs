//! What tests of the whole system have in common: a relay on port 0, and people with real clients.
//!
//! Nothing here waits for a time to pass. Whoever waits, waits for something to become true, and looks again whenever
//! the client says that something changed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

mod child;
mod line;
mod person;
mod process;
mod proxy;
mod relay;
mod units;

pub use child::{PersonProcess, obey};
pub use line::{Line, Rewrite};
pub use person::{Person, tells};
pub use process::RelayProcess;
pub use proxy::{Cut, Direction, Proxy};
pub use relay::TestRelay;

/// How often to do what `name` counts: as many times as the environment says, else `usual`.
pub fn count(name: &str, usual: usize) -> usize {
    match std::env::var(name) {
        Ok(number) => number.parse().unwrap_or_else(|_| panic!("{name} is no number")),
        Err(_) => usual,
    }
}
