//! What every native shell of Confab does beside its windows: which accounts there are and their running clients,
//! settings, secrets, the relay's address tried, deep links read, what to notify of.
//!
//! A shell (desktop, phone) makes a [`Shell`] with a folder and a keychain, passes its windows' requests on, and draws
//! what it is told ([`Told`]).
//!
//! This crate must not know: any window toolkit, how a notification or a tray is drawn, what a request of the bridge means.

pub mod api;
pub mod links;
pub mod notices;
pub mod pending;
pub mod probe;
pub mod settings;
pub mod vault;

mod accounts;
mod badge;
mod files;
mod follow;
mod shell;

pub use shell::{Shell, Told};
