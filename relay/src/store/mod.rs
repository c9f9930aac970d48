//! What the relay keeps, as traits that any database can serve: [`Reads`] inside one read transaction, [`Writes`]
//! inside the one writer's. SQLite is in [`sqlite`]; `contract` is the suite that every implementation passes.
//!
//! The store knows rows and counters. It must not know who may do what (`rules`), nor frames and sockets.

pub mod accounts;
pub mod chat;
#[cfg(test)]
mod contract;
pub mod sqlite;

use accounts::{AccountReads, AccountWrites};
use chat::{ChatReads, ChatWrites};

/// What can go wrong in a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The database was made by a newer relay.
    #[error(
        "the database is of version {found}, newer than this relay's {known}: install the newer relay again"
    )]
    TooNew {
        /// The database's version.
        found: i64,
        /// The newest that this binary knows.
        known: i64,
    },
    /// Bytes could not be made durable. The relay exits rather than guess.
    #[error("the database could not be made durable: {0}")]
    NotDurable(String),
    /// The database holds something that this relay did not write.
    #[error("the database holds what does not belong there: {0}")]
    Corrupt(String),
    /// Anything else that the database says.
    #[error("the database failed: {0}")]
    Failed(String),
}

/// A store's result.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A database that has been opened and migrated. Each connection is used by one thread.
pub trait Store: Send + Sync + 'static {
    /// The connection that writes. There is one at a time.
    ///
    /// # Errors
    /// What the database says.
    fn writer(&self) -> Result<Box<dyn Writes>>;

    /// A connection that only reads.
    ///
    /// # Errors
    /// What the database says.
    fn reader(&self) -> Result<Box<dyn Reads>>;
}

/// Reads. Those between [`Reads::begin_read`] and [`Reads::end_read`] see one state of the database.
pub trait Reads: AccountReads + ChatReads + Send {
    /// Begins a read transaction.
    ///
    /// # Errors
    /// What the database says.
    fn begin_read(&self) -> Result<()>;

    /// Ends it.
    fn end_read(&self);
}

/// Writes, within the one writer's transaction.
pub trait Writes: Reads + AccountWrites + ChatWrites {
    /// Begins the batch's transaction.
    ///
    /// # Errors
    /// What the database says.
    fn begin(&self) -> Result<()>;

    /// Makes the batch durable.
    ///
    /// # Errors
    /// [`StoreError::NotDurable`] if nobody knows whether it is; any other means that it is not stored.
    fn commit(&self) -> Result<()>;

    /// Forgets the batch.
    fn rollback(&self);

    /// Marks a place within the batch to return to.
    ///
    /// # Errors
    /// What the database says.
    fn savepoint(&self) -> Result<()>;

    /// Keeps what was done since the mark.
    ///
    /// # Errors
    /// What the database says.
    fn release(&self) -> Result<()>;

    /// Undoes what was done since the mark.
    fn undo(&self);
}
