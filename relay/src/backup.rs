//! Copies of the database: made while the relay runs, put back while it does not.
//!
//! A relay that starts on a copy starts a new run, as every start does. Clients that have seen commits that the copy
//! does not have are told so, and compare. Nothing has to be noted in the copy for that: files that were copied back
//! by hand do as well.

use crate::clock::now_ms;
use crate::lock::{self, LockError};
use crate::store::StoreError;
use crate::store::sqlite::SqliteStore;
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The application id of our databases: "Conf" (0001_accounts.sql).
const APPLICATION_ID: i64 = 0x436f_6e66;

/// A writer that is in the way of the copy's begin is waited for this long.
const BUSY: Duration = Duration::from_secs(30);

/// Why a copy was not made or not put back. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The copy's file is there already.
    #[error("{0} exists already. Name another file, or move that one away")]
    Exists(PathBuf),
    /// There is no database to copy.
    #[error("there is no database at {0}. Check DATA_DIR and DATABASE_URL")]
    Missing(PathBuf),
    /// The file is no copy of a Confab database.
    #[error("{0} is no backup of a Confab relay: {1}")]
    Foreign(PathBuf, String),
    /// A relay is running.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// The database cannot be read.
    #[error("{0}: {1}")]
    Database(PathBuf, rusqlite::Error),
    /// The copy cannot be used by this relay.
    #[error("{0}: {1}")]
    Store(PathBuf, StoreError),
}

type Result<T> = std::result::Result<T, BackupError>;

/// Writes a copy of `database`, as it is at one moment, to `file`, which must not exist. The relay may be running.
///
/// # Errors
/// [`BackupError`]; then `file` does not exist.
pub fn backup(database: &Path, file: &Path) -> Result<()> {
    if !database.exists() {
        return Err(BackupError::Missing(database.to_owned()));
    }
    if file.exists() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let draft = beside(file, ".part");
    let result = copy_into(database, &draft)
        .and_then(|()| fs::rename(&draft, file).and_then(|()| sync_folder(file)).map_err(io_error(file)));
    if result.is_err() {
        let _ = fs::remove_file(&draft);
    }
    result
}

/// `VACUUM INTO` reads in one transaction beside the relay's writer, and leaves out what was deleted.
fn copy_into(database: &Path, draft: &Path) -> Result<()> {
    let _ = fs::remove_file(draft);
    create_private(draft).map_err(io_error(draft))?;
    let failed = |error| BackupError::Database(database.to_owned(), error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(database, flags).map_err(failed)?;
    db.busy_timeout(BUSY).map_err(failed)?;
    db.execute("VACUUM INTO ?1", [draft.to_string_lossy()]).map_err(failed)?;
    File::open(draft).and_then(|copy| copy.sync_all()).map_err(io_error(draft))
}

/// Puts the copy `file` in the database's place. What was there is set aside under the name that is given back.
///
/// # Errors
/// [`BackupError`]; a relay that uses the database, above all.
pub fn restore(data_dir: &Path, database: &Path, file: &Path) -> Result<Option<PathBuf>> {
    fs::create_dir_all(data_dir).map_err(io_error(data_dir))?;
    let _lock = lock::lock(data_dir, database)?;
    check(file)?;
    let draft = beside(database, ".restoring");
    let _ = fs::remove_file(&draft);
    create_private(&draft).map_err(io_error(&draft))?;
    fs::copy(file, &draft).map_err(io_error(&draft))?;
    // The oldest copies are brought to the newest schema here, where a failure changes nothing.
    SqliteStore::open(&draft).map(drop).map_err(|error| BackupError::Store(file.to_owned(), error))?;
    fold_wal(&draft).map_err(|error| BackupError::Database(file.to_owned(), error))?;
    File::open(&draft).and_then(|copy| copy.sync_all()).map_err(io_error(&draft))?;
    let aside = set_aside(database)?;
    fs::rename(&draft, database).and_then(|()| sync_folder(database)).map_err(io_error(database))?;
    Ok(aside)
}

/// Whether a file is a sound database of ours.
fn check(file: &Path) -> Result<()> {
    if !file.exists() {
        return Err(BackupError::Io(file.to_owned(), io::ErrorKind::NotFound.into()));
    }
    let foreign = |why: String| BackupError::Foreign(file.to_owned(), why);
    let sql = |error: rusqlite::Error| foreign(error.to_string());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags).map_err(sql)?;
    let id: i64 = db.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(sql)?;
    if id != APPLICATION_ID {
        return Err(foreign("it is a database of something else".into()));
    }
    let sound: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(sql)?;
    if sound == "ok" { Ok(()) } else { Err(foreign(format!("it is damaged ({sound})"))) }
}

/// Brings what stands in a database's log into its file, so that the file alone is the database.
fn fold_wal(database: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(database, flags)?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// Gives the present database a second name. It keeps the first until the copy takes it, so that there is one at
/// every moment.
fn set_aside(database: &Path) -> Result<Option<PathBuf>> {
    if !database.exists() {
        return Ok(None);
    }
    let aside = beside(database, &format!(".before-restore-{}", now_ms()));
    let folded = fold_wal(database);
    fs::hard_link(database, &aside)
        .or_else(|_| fs::copy(database, &aside).map(drop))
        .map_err(io_error(&aside))?;
    // The log of a database that is too damaged to be opened goes with it.
    for suffix in ["-wal", "-shm"] {
        let log = beside(database, suffix);
        let moved =
            if folded.is_ok() { fs::remove_file(&log) } else { fs::rename(&log, beside(&aside, suffix)) };
        match moved {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(BackupError::Io(log, error)),
            _ => {}
        }
    }
    Ok(Some(aside))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// An empty file that only its owner may read.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Makes a rename durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> BackupError {
    let path = path.to_owned();
    move |error| BackupError::Io(path.clone(), error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store as _;
    use crate::store::accounts::NewUser;
    use confab_protocol::{RunId, UserId};
    use uuid::Uuid;

    fn add(store: &SqliteStore, name: &str) {
        let writer = store.writer().unwrap();
        writer.begin().unwrap();
        let new = NewUser {
            id: UserId(Uuid::now_v7()),
            username: name.into(),
            display_name: name.into(),
            password: "x".into(),
            created_at: 1,
        };
        assert!(writer.add_user(&new).unwrap());
        writer.commit().unwrap();
    }

    fn has(database: &Path, name: &str) -> bool {
        SqliteStore::open(database).unwrap().reader().unwrap().account(name).unwrap().is_some()
    }

    #[test]
    fn a_copy_made_beside_an_open_database_holds_what_was_committed() {
        let folder = tempfile::tempdir().unwrap();
        let (database, copy) = (folder.path().join("confab.db"), folder.path().join("copy.db"));
        let store = SqliteStore::open(&database).unwrap();
        add(&store, "alice");
        let writer = store.writer().unwrap();
        writer.begin().unwrap();
        backup(&database, &copy).unwrap();
        writer.rollback();
        add(&store, "bob");
        assert!(has(&copy, "alice") && !has(&copy, "bob"));
        assert!(matches!(backup(&database, &copy), Err(BackupError::Exists(_))));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o077, 0, "others cannot read it");
        }
    }

    #[test]
    fn a_copy_put_back_replaces_and_sets_aside() {
        let folder = tempfile::tempdir().unwrap();
        let (database, copy) = (folder.path().join("confab.db"), folder.path().join("copy.db"));
        let store = SqliteStore::open(&database).unwrap();
        add(&store, "alice");
        backup(&database, &copy).unwrap();
        add(&store, "bob");
        drop(store);
        let aside = restore(folder.path(), &database, &copy).unwrap().unwrap();
        assert!(has(&database, "alice") && !has(&database, "bob"));
        assert!(has(&aside, "bob"), "nothing is thrown away");
    }

    /// Somebody may put it back by copying, and the relay that starts then must know which commits it never made.
    #[test]
    fn a_copy_ends_with_the_last_commit_that_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let (database, copy) = (folder.path().join("confab.db"), folder.path().join("copy.db"));
        let store = SqliteStore::open(&database).unwrap();
        let run = RunId(Uuid::from_u128(1));
        let writer = store.writer().unwrap();
        let commit = |number| {
            writer.begin().unwrap();
            writer.note_commit(number).unwrap();
            writer.commit().unwrap();
        };
        writer.begin().unwrap();
        assert_eq!(writer.begin_run(run, 1).unwrap(), 0);
        writer.take_commits(1_000).unwrap();
        writer.commit().unwrap();
        commit(7);
        backup(&database, &copy).unwrap();
        commit(9);
        drop((writer, store));
        for (file, last) in [(&database, 9), (&copy, 7)] {
            let store = SqliteStore::open(file).unwrap();
            let writer = store.writer().unwrap();
            writer.begin().unwrap();
            assert_eq!(writer.begin_run(RunId(Uuid::from_u128(2)), 1).unwrap(), 1_000);
            writer.commit().unwrap();
            assert_eq!(store.reader().unwrap().run_end(run).unwrap(), Some(last));
        }
    }

    #[test]
    fn a_damaged_database_can_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (database, copy) = (folder.path().join("confab.db"), folder.path().join("copy.db"));
        let store = SqliteStore::open(&database).unwrap();
        add(&store, "alice");
        backup(&database, &copy).unwrap();
        drop(store);
        fs::write(&database, vec![7u8; 9000]).unwrap();
        fs::write(folder.path().join("confab.db-wal"), b"rubbish").unwrap();
        restore(folder.path(), &database, &copy).unwrap();
        assert!(has(&database, "alice"));
    }

    #[test]
    fn what_is_no_copy_is_refused_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (database, other) = (folder.path().join("confab.db"), folder.path().join("other.db"));
        add(&SqliteStore::open(&database).unwrap(), "alice");
        let cases: [(&[u8], &str); 3] =
            [(b"", "empty"), (b"hello, I am a text", "text"), (&[0; 4096], "zeros")];
        for (bytes, what) in cases {
            fs::write(&other, bytes).unwrap();
            let result = restore(folder.path(), &database, &other);
            assert!(matches!(result, Err(BackupError::Foreign(..))), "{what}: {result:?}");
        }
        fs::remove_file(&other).unwrap();
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
        assert!(matches!(restore(folder.path(), &database, &other), Err(BackupError::Foreign(..))));
        assert!(matches!(
            restore(folder.path(), &database, &folder.path().join("no")),
            Err(BackupError::Io(..))
        ));
        assert!(has(&database, "alice"));
    }

    #[test]
    fn nothing_is_put_back_under_a_running_relay() {
        let folder = tempfile::tempdir().unwrap();
        let (database, copy) = (folder.path().join("confab.db"), folder.path().join("copy.db"));
        add(&SqliteStore::open(&database).unwrap(), "alice");
        backup(&database, &copy).unwrap();
        let _running = lock::lock(folder.path(), &database).unwrap();
        assert!(matches!(restore(folder.path(), &database, &copy), Err(BackupError::Lock(_))));
    }

    #[test]
    fn there_must_be_something_to_copy() {
        let folder = tempfile::tempdir().unwrap();
        let result = backup(&folder.path().join("confab.db"), &folder.path().join("copy.db"));
        assert!(matches!(result, Err(BackupError::Missing(_))));
    }
}
