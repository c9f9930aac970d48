//! Times of the engine over a large cache: the same work on this machine (the program `measure`) and in a worker of a
//! browser (`browser.rs`, started by `tests/bench/browser/engine.mjs`).
//!
//! This crate must not know: how files are opened, what time it is, or what the targets are.

mod data;
mod work;

#[cfg(target_arch = "wasm32")]
mod browser;

pub use work::{Failure, Place, prepare, run};
