//! One relay a data folder and one a database: locks that the system releases when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Name of the folder's lock file. It stays when the relay stops: removing it would let two relays lock two files of one
/// name. So does the database's, which is named after it.
const FILE: &str = "relay.lock";

/// Held for as long as the data folder and the database are used.
#[derive(Debug)]
pub struct Lock {
    _files: [File; 2],
}

/// Why the lock cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody has it: the data folder, or the database.
    #[error(
        "another relay uses {0} already. Stop that one first, or give this one a folder and a database of its own \
         (DATA_DIR, DATABASE_URL)"
    )]
    Taken(PathBuf),
    /// The lock file cannot be made or locked.
    #[error("{0} cannot be locked: {1}")]
    Failed(PathBuf, io::Error),
}

/// Locks the data folder and the database, wherever it lies: another relay may reach it from another data folder.
///
/// # Errors
/// [`LockError`]
pub fn lock(data_dir: &Path, database: &Path) -> Result<Lock, LockError> {
    let folder = lock_file(&data_dir.join(FILE), data_dir)?;
    let mut name = real_path(database).into_os_string();
    name.push(".lock");
    let database = lock_file(Path::new(&name), database)?;
    Ok(Lock { _files: [folder, database] })
}

/// The one path of a file that may be reached by several (links, relative ones) and may not be there yet.
fn real_path(file: &Path) -> PathBuf {
    let in_its_folder = || {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
        Some(folder.join(file.file_name()?))
    };
    file.canonicalize().ok().or_else(in_its_folder).unwrap_or_else(|| file.to_owned())
}

/// Locks `path` for the use of `what`.
fn lock_file(path: &Path, what: &Path) -> Result<File, LockError> {
    let failed = |error| LockError::Failed(path.to_owned(), error);
    let mut file =
        OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(LockError::Taken(what.to_owned()));
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

    /// The database lies in the folder of one of the two, in a third, and is reached by a link.
    #[test]
    fn two_folders_with_one_database_are_one_whichever_comes_first() {
        let (a, b, c) =
            (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for place in [&a, &b, &c] {
            let database = place.path().join("confab.db");
            for (one, other) in [(&a, &b), (&b, &a)] {
                let first = lock(one.path(), &database).unwrap();
                let Err(LockError::Taken(what)) = lock(other.path(), &database) else {
                    panic!("two have it")
                };
                assert_eq!(what, database, "the message names what they share");
                drop(first);
                assert!(lock(other.path(), &database).is_ok());
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_the_database_is_the_database() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (database, link) = (a.path().join("confab.db"), b.path().join("other.db"));
        std::fs::write(&database, "").unwrap();
        std::os::unix::fs::symlink(&database, &link).unwrap();
        let _first = lock(a.path(), &database).unwrap();
        assert!(matches!(lock(b.path(), &link), Err(LockError::Taken(_))));
    }
}
