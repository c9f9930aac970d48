//! What can go wrong with the database.

use crate::view::Problem;
use confab_engine::CacheError;
use rusqlite::{ErrorCode, ffi};

/// The code of a problem that setting the database aside would solve.
pub const DAMAGED: &str = "storage_damaged";

/// Whether the engine's transaction failed because the database is damaged.
pub fn is_damage(error: &CacheError) -> bool {
    error.0.downcast_ref::<StoreError>().is_some_and(StoreError::is_damage)
}

/// The database could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A newer Confab wrote this database.
    #[error(
        "This device's Confab data was written by a newer version (format {found}, this one knows {known}). Update Confab."
    )]
    Newer {
        /// Its format.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// The SQLite at hand has a bug that damages data.
    #[error("SQLite {0} is too old: at least 3.51.3 is needed.")]
    OldSqlite(String),
    /// SQLite's own.
    #[error("The local database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The folder of the database cannot be used as it has to be.
    #[error("The local database's folder cannot be used: {0}")]
    Disk(String),
    /// A row holds what no version of Confab writes.
    #[error("The local database holds something unreadable: {0}")]
    Unreadable(String),
}

impl StoreError {
    /// The file is damaged, or is no database: set it aside and fetch everything again.
    pub fn is_damage(&self) -> bool {
        match self {
            StoreError::Sqlite(error) => match error {
                rusqlite::Error::SqliteFailure(error, _) | rusqlite::Error::SqlInputError { error, .. } => {
                    is_of_the_file(*error)
                }
                // A column that holds what was never put there.
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::Utf8Error(..) => true,
                _ => false,
            },
            StoreError::Unreadable(_) => true,
            _ => false,
        }
    }

    /// The disk is full.
    pub fn is_full(&self) -> bool {
        matches!(self, StoreError::Sqlite(rusqlite::Error::SqliteFailure(error, _)) if error.code == ErrorCode::DiskFull)
    }
}

/// `SQLITE_ERROR` itself, without an extended code, is what SQLite answers to a statement that does not fit the schema or
/// a module of it. Every statement here is a constant, and fits what the migrations make: so the schema that SQLite reads
/// is not the one that was written. (What a person types is bound to a statement, never a part of it.)
fn is_of_the_file(error: ffi::Error) -> bool {
    matches!(error.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        || error.extended_code == ffi::SQLITE_ERROR
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        StoreError::Unreadable(error.to_string())
    }
}

impl From<StoreError> for CacheError {
    fn from(error: StoreError) -> Self {
        CacheError(Box::new(error))
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let code = if error.is_damage() { DAMAGED } else { "storage" };
        Self { code: code.into(), message: error.to_string(), retry_after_ms: None }
    }
}

impl From<&confab_engine::Problem> for Problem {
    fn from(problem: &confab_engine::Problem) -> Self {
        Self {
            code: problem.code.clone(),
            message: problem.message.clone(),
            retry_after_ms: problem.retry_after_ms,
        }
    }
}

impl From<confab_engine::Problem> for Problem {
    fn from(problem: confab_engine::Problem) -> Self {
        Self { code: problem.code, message: problem.message, retry_after_ms: problem.retry_after_ms }
    }
}

/// What the store's calls give.
pub type Result<T> = std::result::Result<T, StoreError>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;
    use rusqlite::Connection;

    /// What comes of using a sound database whose schema is then changed by hand.
    fn after(change: &str) -> StoreError {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("confab.db");
        drop(Store::open(&path).unwrap());
        let other = Connection::open(&path).unwrap();
        other.execute_batch(change).unwrap();
        drop(other);
        match Store::open(&path).and_then(|store| store.accounts().map(drop)) {
            Ok(()) => panic!("{change}: nothing was found"),
            Err(error) => error,
        }
    }

    #[test]
    fn a_schema_that_is_not_ours_is_damage() {
        for change in [
            "DROP TABLE users",
            "ALTER TABLE accounts RENAME COLUMN relay TO ralay",
            "PRAGMA user_version = 0",
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABL' WHERE name = 'accounts'",
        ] {
            let error = after(change);
            assert!(error.is_damage(), "{change}: {error:?}");
        }
    }

    #[test]
    fn what_time_or_room_can_mend_is_no_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("confab.db");
        let store = Store::open(&path).unwrap();
        store.connection.busy_timeout(std::time::Duration::ZERO).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = StoreError::from(store.connection.execute_batch("BEGIN IMMEDIATE").unwrap_err());
        assert!(!error.is_damage(), "locked: {error:?}");
        let error = StoreError::from(Connection::open(folder.path()).unwrap_err());
        assert!(!error.is_damage(), "no file: {error:?}");
    }
}
