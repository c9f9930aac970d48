//! The client's cache and outbox in SQLite, natively and in the browser, and the views that screens read from it.
//!
//! [`Store::begin`] gives the engine its transaction ([`Tx`] is its `Cache`), [`Store::views`] gives screens their
//! rows. Only sync writes synced rows; the outbox lies over them as an overlay, merged in when a view is read.
//!
//! This crate must not know: sockets, HTTP, timers, threads, or what a screen looks like.

mod convert;
mod error;
#[cfg(not(target_family = "wasm"))]
mod files;
mod fold;
mod rescue;
mod rows;
mod schema;
mod search;
mod store;
mod summary;
mod tx;
pub mod view;
mod views;

pub use error::{DAMAGED, Result, StoreError, is_damage};
#[cfg(not(target_family = "wasm"))]
pub use files::SetAside;
pub use rescue::{Rescued, Salvage};
pub use store::{AccountInfo, AccountKey, Store};
pub use tx::Tx;
pub use views::{Counters, Header, IncomingRow, Me, Views};
