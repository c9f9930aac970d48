//! The rules of sync, each with the interleaving that it exists for: real engines over real stores around a small relay.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod catching_up;
mod device;
mod forks;
mod link;
mod marks;
mod news;
mod outbox;
mod pause;
mod presence;
mod relay;
mod room;
mod runs;
mod sharing;
mod unknown;
