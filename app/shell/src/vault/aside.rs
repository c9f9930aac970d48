//! Files of secrets that were set aside: `secrets.json.sealed-N`, whose key was not to be had when the person went on with
//! another, and `secrets.json.damaged-N`.
//!
//! Sealed ones are taken back when their key is there again. Until then each account that logs in anew or out is struck
//! out of them, so that nothing old comes back.

use super::sealed::{Sealed, opens};
use crate::files;
use chacha20poly1305::XChaCha20Poly1305;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Most numbers that are tried for a name.
const NUMBERS: u32 = 1000;

/// Those beside a file.
pub struct Asides {
    file: PathBuf,
}

impl Asides {
    pub fn beside(file: PathBuf) -> Self {
        Self { file }
    }

    /// Keeps a copy of what cannot be opened now, in place of an older copy of the same; nothing if it holds no tokens.
    ///
    /// # Errors
    /// In words; then nothing may take its place.
    pub fn keep(&self, sealed: &Sealed) -> Result<(), String> {
        if sealed.tokens.is_empty() {
            return Ok(());
        }
        let bytes = serde_json::to_vec(sealed).map_err(|error| error.to_string())?;
        // The check is never sealed twice to the same words.
        let same = self.sealed().into_iter().find(|(_, other)| other.check == sealed.check);
        let file = match same {
            Some((file, _)) => file,
            None => self.free("sealed").map_err(|error| error.to_string())?,
        };
        files::replace(&file, &bytes)
            .map_err(|error| format!("writing {} failed: {error}.", file.display()))?;
        tracing::warn!(file = %file.display(), "the sessions that cannot be opened now lie there");
        Ok(())
    }

    /// Moves the file itself aside; gives where it lies now.
    ///
    /// # Errors
    /// The disk's; then it is in its place.
    pub fn damaged(&self) -> io::Result<PathBuf> {
        let file = self.free("damaged")?;
        fs::rename(&self.file, &file)?;
        Ok(file)
    }

    /// Those that were sealed under this key, the newest first.
    pub fn opened_by(&self, cipher: &XChaCha20Poly1305) -> Vec<(PathBuf, Sealed)> {
        let mut all = self.sealed();
        all.retain(|(_, sealed)| opens(cipher, sealed));
        all
    }

    /// The account has another token, or none: none of its old ones may come back.
    pub fn forget(&self, account: &str) {
        for (file, mut sealed) in self.sealed() {
            if sealed.tokens.remove(account).is_none() {
                continue;
            }
            if sealed.tokens.is_empty() {
                self.remove(&file);
                continue;
            }
            let written = serde_json::to_vec(&sealed)
                .map_err(io::Error::other)
                .and_then(|bytes| files::replace(&file, &bytes));
            if let Err(error) = written {
                tracing::warn!(%error, file = %file.display(), "an old session could not be struck out");
            }
        }
    }

    pub fn remove(&self, file: &Path) {
        if let Err(error) = fs::remove_file(file) {
            tracing::warn!(%error, file = %file.display(), "sessions that were set aside could not be removed");
        }
    }

    /// What cannot be read is left as it is.
    fn sealed(&self) -> Vec<(PathBuf, Sealed)> {
        let mut numbers = self.numbers("sealed").unwrap_or_default();
        numbers.sort_by_key(|number| std::cmp::Reverse(*number));
        let read = |number| {
            let file = self.name("sealed", number);
            let sealed = serde_json::from_slice(&files::read(&file).ok()??).ok()?;
            Some((file, sealed))
        };
        numbers.into_iter().filter_map(read).collect()
    }

    fn free(&self, why: &str) -> io::Result<PathBuf> {
        let next = self.numbers(why)?.into_iter().max().unwrap_or(0) + 1;
        if next > NUMBERS {
            return Err(io::Error::other(format!("too many files lie beside {}", self.file.display())));
        }
        Ok(self.name(why, next))
    }

    fn name(&self, why: &str, number: u32) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(format!(".{why}-{number}"));
        name.into()
    }

    fn numbers(&self, why: &str) -> io::Result<Vec<u32>> {
        let (Some(folder), Some(name)) = (self.file.parent(), self.file.file_name()) else {
            return Ok(Vec::new());
        };
        let start = format!("{}.{why}-", name.to_string_lossy());
        let number = |entry: io::Result<fs::DirEntry>| {
            entry.ok()?.file_name().to_str()?.strip_prefix(&start)?.parse::<u32>().ok()
        };
        // No more are looked at than would ever be made.
        let found = fs::read_dir(folder)?.filter_map(number).filter(|number| *number <= NUMBERS);
        Ok(found.collect())
    }
}
