//! What can go wrong with the database.

use crate::view::Problem;
use confab_engine::CacheError;
use rusqlite::ErrorCode;

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
                rusqlite::Error::SqliteFailure(error, message) => match error.code {
                    ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => true,
                    ErrorCode::Unknown => message.as_deref().is_some_and(is_of_the_schema),
                    _ => false,
                },
                rusqlite::Error::SqlInputError { msg, .. } => is_of_the_schema(msg),
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

/// Our own statements fit our own schema: if SQLite says otherwise, what it reads of the schema is damaged.
fn is_of_the_schema(message: &str) -> bool {
    [
        "no such table",
        "no such column",
        "no such index",
        "no such module",
        "already exists",
        "has no column",
        "unrecognized option",
        "vtable constructor failed",
        "malformed",
    ]
    .iter()
    .any(|sign| message.contains(sign))
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
