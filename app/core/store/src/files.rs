//! A database file that may be damaged: it is set aside, never deleted, and what it holds of one's own goes on in a new
//! one.
//!
//! The new one is complete and synced before it takes the name, so that a crash at any point leaves either the damaged
//! file in its place, to be rescued once more, or the new one.

use crate::error::{Result, StoreError};
use crate::rescue::{Rescued, Salvage};
use crate::store::Store;
use rusqlite::Connection;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Most damaged files that are kept: the first, which holds what there was before anything went wrong, and the latest.
const KEPT: usize = 5;

/// What a rescue makes is called so until it is complete.
const DRAFT: &str = ".rescue";

/// What else belongs to a database file.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// A database that was damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where the damaged file lies now.
    pub file: PathBuf,
    /// What was taken over from it.
    pub rescued: Rescued,
}

impl Store {
    /// Opens a file as [`Store::open`] does; a damaged one is set aside and a new one goes on with what can be rescued.
    ///
    /// # Errors
    /// Those of [`Store::open`] but damage, and those of the disk.
    pub fn open_or_rescue(path: &Path) -> Result<(Self, Option<SetAside>)> {
        finish(path)?;
        match Self::open(path) {
            Err(error) if error.is_damage() => {
                let aside = Self::rescue(path)?;
                Ok((Self::open(path)?, Some(aside)))
            }
            result => Ok((result?, None)),
        }
    }

    /// Whether there is nothing but what a rescue made, which was interrupted before that took the file's name;
    /// [`Store::open_or_rescue`] finishes it.
    pub fn is_rescue_unfinished(path: &Path) -> bool {
        !path.exists() && beside(path, DRAFT).exists()
    }

    /// Sets a damaged file aside, which nobody has open, and makes a new one with what can be rescued.
    ///
    /// # Errors
    /// The disk's, or the new database's. Then the damaged file is in its place.
    pub fn rescue(path: &Path) -> Result<SetAside> {
        let draft = beside(path, DRAFT);
        remove_all(&draft)?;
        // Opening it applies what its log holds.
        let salvage = match Connection::open(path) {
            Ok(damaged) => Salvage::read(&damaged),
            Err(_) => Salvage::nothing(),
        };
        let mut store = Self::open(&draft)?;
        let rescued = salvage.write(&mut store)?;
        // One file without a log, so that one rename is enough.
        store.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        drop(store);
        let file = free_name(path)?;
        // First the file: as long as it has its name its log must be beside it.
        fs::rename(path, &file).map_err(|error| disk(path, &error))?;
        for end in BESIDE {
            move_if_there(&beside(path, end), &beside(&file, end))?;
        }
        finish(path)?;
        forget_some(path);
        Ok(SetAside { file, rescued })
    }
}

/// A rescue that was interrupted between its two renames is finished; one that was interrupted before is forgotten.
fn finish(path: &Path) -> Result<()> {
    let draft = beside(path, DRAFT);
    if !draft.exists() {
        return Ok(());
    }
    if path.exists() {
        return remove_all(&draft);
    }
    for end in BESIDE {
        // Of the damaged file, or of the draft, which has nothing in them.
        remove_if_there(&beside(path, end))?;
        remove_if_there(&beside(&draft, end))?;
    }
    fs::rename(&draft, path).map_err(|error| disk(path, &error))
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}

/// `confab.db.damaged-1` and so on, by age.
fn set_asides(path: &Path) -> Vec<(u64, PathBuf)> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let start = format!("{name}.damaged-");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(u64, PathBuf)> = entries
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.strip_prefix(&start)?.parse().ok()?;
            Some((number, entry.path()))
        })
        .collect();
    found.sort();
    found
}

fn free_name(path: &Path) -> Result<PathBuf> {
    let last = set_asides(path).last().map_or(0, |(number, _)| *number);
    let next = last.checked_add(1).ok_or_else(|| StoreError::Disk("no name is free".into()))?;
    Ok(beside(path, &format!(".damaged-{next}")))
}

fn forget_some(path: &Path) {
    let found = set_asides(path);
    let surplus = found.len().saturating_sub(KEPT);
    for (_, file) in found.iter().skip(1).take(surplus) {
        // What cannot be removed takes room and does no other harm.
        let _ = remove_all(file);
    }
}

fn remove_all(path: &Path) -> Result<()> {
    for end in BESIDE {
        remove_if_there(&beside(path, end))?;
    }
    remove_if_there(path)
}

fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk(path, &error)),
        _ => Ok(()),
    }
}

fn move_if_there(from: &Path, to: &Path) -> Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk(from, &error)),
        _ => Ok(()),
    }
}

fn disk(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Disk(format!("{}: {error}", path.display()))
}
