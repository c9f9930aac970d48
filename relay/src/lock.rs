//! One relay a data folder: a lock that the system releases when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Name of the lock file. It stays when the relay stops: removing it would let two relays lock two files of one name.
const FILE: &str = "relay.lock";

/// Held for as long as the data folder is used.
#[derive(Debug)]
pub struct Lock {
    _files: Vec<File>,
}

/// Why the lock cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody has it.
    #[error(
        "another relay uses {0} already. Stop that one first, or give this one a folder and a database of its own \
         (DATA_DIR, DATABASE_URL)"
    )]
    Taken(PathBuf),
    /// The lock file cannot be made or locked.
    #[error("{0} cannot be locked: {1}")]
    Failed(PathBuf, io::Error),
}

/// Locks the data folder, and the database too if it lies elsewhere.
///
/// # Errors
/// [`LockError`]
pub fn lock(data_dir: &Path, database: &Path) -> Result<Lock, LockError> {
    let mut paths = vec![data_dir.join(FILE)];
    if !same_folder(data_dir, database) {
        let mut name = database.as_os_str().to_owned();
        name.push(".lock");
        paths.push(name.into());
    }
    let files = paths.iter().map(|path| lock_file(path)).collect::<Result<_, _>>()?;
    Ok(Lock { _files: files })
}

fn same_folder(data_dir: &Path, database: &Path) -> bool {
    let folder = match database.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match (data_dir.canonicalize(), folder.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

fn lock_file(path: &Path) -> Result<File, LockError> {
    let failed = |error| LockError::Failed(path.to_owned(), error);
    let mut file =
        OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(LockError::Taken(path.parent().unwrap_or(path).to_owned()));
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    // For people who look: who holds it. Nothing depends on it.
    let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_locked_once() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("confab.db");
        let first = lock(folder.path(), &database).unwrap();
        assert!(matches!(lock(folder.path(), &database), Err(LockError::Taken(_))));
        drop(first);
        assert!(lock(folder.path(), &database).is_ok());
    }

    #[test]
    fn two_folders_with_one_database_are_one() {
        let (a, b, c) =
            (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let database = c.path().join("confab.db");
        let first = lock(a.path(), &database).unwrap();
        assert!(matches!(lock(b.path(), &database), Err(LockError::Taken(_))));
        drop(first);
        assert!(lock(b.path(), &database).is_ok());
    }
}
