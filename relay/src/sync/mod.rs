//! Catching up: tokens, lineages, and what a device is told at `hello` and afterwards on request.

pub mod heads;
pub mod lineage;
pub mod token;
