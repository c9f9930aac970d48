//! The store in SQLite: WAL, `synchronous=FULL`, STRICT tables, every statement a named constant with an index.

mod accounts;
mod changes;
mod chat;
mod heads;
mod history;
mod ids;
mod json;
mod message;
mod migrations;
mod names;
mod people;
#[cfg(test)]
mod plans;
mod sql;
mod transaction;

use crate::store::{Reads, Result, Store, StoreError, Writes};
use confab_protocol::Role;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ffi};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Statements kept prepared per connection. Above the number of statements that there are.
const PREPARED: usize = 256;

/// Earlier versions can corrupt a WAL database (fixed in 3.51.3).
const OLDEST_SQLITE: i32 = 3_051_003;

/// One connection.
pub struct Sqlite {
    pub(crate) db: Connection,
    ids: RefCell<ids::Ids>,
}

/// A database file (or a named one in memory) that connections are opened to.
pub struct SqliteStore {
    place: Place,
    /// Keeps a database in memory alive while no other connection is open.
    _anchor: parking_lot::Mutex<Connection>,
}

enum Place {
    File(PathBuf),
    Memory(String),
}

impl SqliteStore {
    /// Opens the database file, makes it if it is missing, and brings it to the newest version.
    ///
    /// # Errors
    /// [`StoreError::TooNew`], or what SQLite says.
    pub fn open(path: &Path) -> Result<Self> {
        Self::at(Place::File(path.to_owned()))
    }

    /// A new database in memory, for tests.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn in_memory() -> Result<Self> {
        let name = format!("file:/confab-{}?vfs=memdb", uuid::Uuid::new_v4());
        Self::at(Place::Memory(name))
    }

    fn at(place: Place) -> Result<Self> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(StoreError::Failed(format!(
                "SQLite {} has a known corruption bug; 3.51.3 or newer is needed",
                rusqlite::version()
            )));
        }
        let mut anchor = open(&place)?;
        migrations::refuse_newer(&anchor)?;
        set_up(&anchor)?;
        migrations::migrate(&mut anchor)?;
        Ok(Self { place, _anchor: parking_lot::Mutex::new(anchor) })
    }

    /// A connection with its concrete type.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn connection(&self) -> Result<Sqlite> {
        Ok(Sqlite { db: connect(&self.place)?, ids: RefCell::default() })
    }
}

fn connect(place: &Place) -> Result<Connection> {
    let db = open(place)?;
    set_up(&db)?;
    Ok(db)
}

/// A connection that has neither set nor written anything.
fn open(place: &Place) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = match place {
        Place::File(path) => Connection::open_with_flags(path, flags & !OpenFlags::SQLITE_OPEN_URI)?,
        Place::Memory(name) => Connection::open_with_flags(name, flags)?,
    };
    db.busy_timeout(Duration::from_secs(10))?;
    Ok(db)
}

fn set_up(db: &Connection) -> Result<()> {
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", "ON")?;
    db.pragma_update(None, "cell_size_check", "ON")?;
    db.pragma_update(None, "trusted_schema", "OFF")?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    // Otherwise SQLite compiles each statement with a bound LIMIT anew at every run, to plan by the value: half of what
    // a log-in costs. All plans here are good for any value.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.set_prepared_statement_cache_capacity(PREPARED);
    Ok(())
}

impl Store for SqliteStore {
    fn writer(&self) -> Result<Box<dyn Writes>> {
        Ok(Box::new(self.connection()?))
    }

    fn reader(&self) -> Result<Box<dyn Reads>> {
        let connection = self.connection()?;
        connection.db.pragma_update(None, "query_only", "ON")?;
        Ok(Box::new(connection))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error().map(|e| (e.extended_code, e.extended_code & 0xff)) {
            Some((ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC, _)) => {
                StoreError::NotDurable(error.to_string())
            }
            Some((_, ffi::SQLITE_FULL)) => StoreError::Full,
            Some((_, ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB)) => StoreError::Corrupt(error.to_string()),
            _ => StoreError::Failed(error.to_string()),
        }
    }
}

/// A role as it stands in the table.
fn role(number: i64) -> Role {
    match number {
        2 => Role::Owner,
        1 => Role::Admin,
        _ => Role::Member,
    }
}

fn role_number(role: Role) -> i64 {
    match role {
        Role::Member => 0,
        Role::Admin => 1,
        Role::Owner => 2,
    }
}
