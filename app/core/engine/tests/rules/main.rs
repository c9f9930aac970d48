//! The rules of sync, each with the interleaving that it exists for: real engines over real stores around a small relay.

mod catching_up;
mod device;
mod forks;
mod outbox;
mod relay;
mod runs;
