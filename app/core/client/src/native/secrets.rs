//! Refresh tokens in a file that only its owner can read.

use super::files::replace;
use crate::platform::Secrets;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

/// A JSON file of tokens by account, written whole and swapped in, so that a crash leaves the old one or the new one.
pub struct SecretFile {
    path: PathBuf,
    // One writer at a time; what is in the file is the truth.
    lock: Mutex<()>,
}

impl SecretFile {
    /// Tokens in this file, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), lock: Mutex::new(()) }
    }

    fn read(&self) -> Result<BTreeMap<String, String>, String> {
        match fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice(&bytes).or_else(|error| {
                // Damaged: the password opens a new session, and nothing but the session is lost.
                tracing::warn!(%error, "the file of sessions is damaged and is started anew");
                Ok(BTreeMap::new())
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(self.failed("reading", &error)),
        }
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), String> {
        let _one = self.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut tokens = self.read()?;
        change(&mut tokens);
        let bytes = serde_json::to_vec(&tokens).map_err(|error| error.to_string())?;
        replace(&self.path, &bytes).map_err(|error| self.failed("writing", &error))
    }

    fn failed(&self, what: &str, error: &std::io::Error) -> String {
        format!("{what} {} failed: {error}.", self.path.display())
    }
}

impl Secrets for SecretFile {
    fn load(&self, account: &str) -> Result<Option<String>, String> {
        Ok(self.read()?.remove(account))
    }

    fn save(&self, account: &str, token: &str) -> Result<(), String> {
        self.change(|tokens| {
            tokens.insert(account.to_owned(), token.to_owned());
        })
    }

    fn remove(&self, account: &str) -> Result<(), String> {
        self.change(|tokens| {
            tokens.remove(account);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_kept_by_account_and_for_their_owner_alone() {
        let path = std::env::temp_dir().join(format!("confab-secrets-{}", std::process::id()));
        let file = SecretFile::new(&path);
        assert_eq!(file.load("alice").unwrap(), None);
        file.save("alice", "one").unwrap();
        file.save("bob", "two").unwrap();
        file.save("alice", "three").unwrap();
        let again = SecretFile::new(&path);
        assert_eq!(again.load("alice").unwrap().as_deref(), Some("three"));
        again.remove("alice").unwrap();
        assert_eq!(file.load("alice").unwrap(), None);
        assert_eq!(file.load("bob").unwrap().as_deref(), Some("two"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_damaged_file_costs_the_session_and_no_more() {
        let path = std::env::temp_dir().join(format!("confab-secrets-bad-{}", std::process::id()));
        fs::write(&path, "{\"alice\":").unwrap();
        let file = SecretFile::new(&path);
        assert_eq!(file.load("alice").unwrap(), None);
        file.save("alice", "one").unwrap();
        assert_eq!(file.load("alice").unwrap().as_deref(), Some("one"));
        fs::remove_file(&path).unwrap();
    }
}
