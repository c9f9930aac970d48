//! The part of the store that concerns accounts and sessions.

/// Reads about accounts.
pub trait AccountReads {}

/// Writes about accounts.
pub trait AccountWrites: AccountReads {}
