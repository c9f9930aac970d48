//! Refresh tokens, sealed in a file under a key that the system's keychain holds.
//!
//! The keychain is asked once at the start, on a thread of its own, because it may ask the person. Tokens change every few
//! minutes; with a key in the keychain that costs a file and no question. Where there is no keychain, the key may
//! lie in a file, if the person agrees.

use crate::api::{Closed, SecretsPlace, SecretsView};
use crate::files;
use aside::Asides;
use chacha20poly1305::XChaCha20Poly1305;
use confab_client::platform::Secrets;
use sealed::{CHECK, Sealed, cipher, opens, seal, unseal};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod aside;
mod sealed;

pub use sealed::KEY_BYTES;

/// Why a keychain gave or took nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// There is none.
    #[error("{0}")]
    Missing(String),
    /// It is locked, and the person did not unlock it.
    #[error("{0}")]
    Locked(String),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

/// The system's keychain, for one secret. Its calls may block for as long as a person thinks.
pub trait Keychain: Send + Sync + 'static {
    /// What is kept there, if anything is.
    ///
    /// # Errors
    /// See [`KeychainError`].
    fn get(&self) -> Result<Option<Vec<u8>>, KeychainError>;
    /// Keeps it instead of any former one.
    ///
    /// # Errors
    /// See [`KeychainError`].
    fn put(&self, secret: &[u8]) -> Result<(), KeychainError>;
}

enum State {
    Opening,
    Ready { cipher: Box<XChaCha20Poly1305>, sealed: Sealed },
    Closed { why: Closed, detail: String },
}

/// The secrets of all accounts.
pub struct Vault {
    file: PathBuf,
    key_file: PathBuf,
    asides: Asides,
    keychain: Box<dyn Keychain>,
    state: Mutex<State>,
    /// What was found damaged and is not told yet.
    damage: Mutex<Option<String>>,
}

impl Vault {
    /// A vault in this folder. It is closed (`Opening`) until [`Vault::open`] returns.
    pub fn new(folder: &Path, keychain: Box<dyn Keychain>) -> Self {
        Self {
            file: folder.join("secrets.json"),
            key_file: folder.join("secrets.key"),
            asides: Asides::beside(folder.join("secrets.json")),
            keychain,
            state: Mutex::new(State::Opening),
            damage: Mutex::new(None),
        }
    }

    /// How it stands.
    pub fn view(&self) -> SecretsView {
        match &*self.state() {
            State::Opening => SecretsView::Opening,
            State::Ready { sealed, .. } => SecretsView::Ready { place: sealed.place },
            State::Closed { why, detail } => SecretsView::Closed { why: *why, detail: detail.clone() },
        }
    }

    /// Opens it where it was kept before, or in the keychain if it is new. Blocks for as long as the keychain does.
    pub fn open(&self) {
        let opened = self.try_open();
        self.settle(opened);
    }

    /// The person has decided where the key is to be: opens it there. Tokens whose key is not to be had are set aside, and
    /// their accounts have to log in again unless that key comes back first. Blocks as [`Vault::open`].
    ///
    /// # Errors
    /// In words, if they could not be moved; then they stay where they were.
    pub fn keep_in(&self, place: SecretsPlace) -> Result<(), String> {
        let moving = match &*self.state() {
            State::Ready { sealed, .. } if sealed.place == place => return Ok(()),
            State::Ready { .. } => true,
            State::Opening | State::Closed { .. } => false,
        };
        let opened = self.try_keep_in(place);
        match opened {
            Err((_, detail)) if moving => {
                self.open();
                Err(detail)
            }
            opened => {
                self.settle(opened);
                Ok(())
            }
        }
    }

    /// What a person is to be told of a damaged file, once.
    pub fn take_damage(&self) -> Option<String> {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn settle(&self, opened: Result<State, (Closed, String)>) {
        *self.state() = opened.unwrap_or_else(|(why, detail)| {
            tracing::warn!(?why, detail, "the secrets cannot be used");
            State::Closed { why, detail }
        });
    }

    fn try_open(&self) -> Result<State, (Closed, String)> {
        let Some(sealed) = self.stored()? else {
            let place = SecretsPlace::Keychain;
            return self.begin(place, self.key(place)?, &BTreeMap::new());
        };
        let key = self.key(sealed.place)?;
        let cipher = key.as_deref().and_then(cipher);
        match cipher.filter(|cipher| opens(cipher, &sealed)) {
            Some(cipher) => self.ready(cipher, sealed, false),
            None if sealed.tokens.is_empty() => self.begin(sealed.place, key, &BTreeMap::new()),
            None => {
                let what = if key.is_some() { "holds another key" } else { "holds no key" };
                Err((Closed::Changed, format!("The {} {what}.", name(sealed.place))))
            }
        }
    }

    fn try_keep_in(&self, place: SecretsPlace) -> Result<State, (Closed, String)> {
        // What can still be read moves along; asking the keychain again may be all that was missing.
        // Bound first: in a `match` the lock would be held while the keychain waits for a person.
        let before = std::mem::replace(&mut *self.state(), State::Opening);
        let opened = if matches!(before, State::Ready { .. }) { Ok(before) } else { self.try_open() };
        let known = match opened {
            Ok(State::Ready { cipher, sealed }) if sealed.place == place => {
                return Ok(State::Ready { cipher, sealed });
            }
            Ok(State::Ready { cipher, sealed }) => sealed.open_all(&cipher),
            _ => BTreeMap::new(),
        };
        let key = self.key(place)?;
        if known.is_empty()
            && let Some(unread) = self.stored()?
        {
            self.asides.keep(&unread).map_err(failed)?;
        }
        self.begin(place, key, &known)
    }

    /// A vault with these tokens under the key that was found in this place, or a new one there. The one before it stands
    /// until this one is written whole.
    fn begin(
        &self,
        place: SecretsPlace,
        key: Option<Vec<u8>>,
        tokens: &BTreeMap<String, String>,
    ) -> Result<State, (Closed, String)> {
        let key = match key.filter(|key| key.len() == KEY_BYTES) {
            Some(key) => key,
            None => {
                let mut fresh = vec![0; KEY_BYTES];
                getrandom::fill(&mut fresh).map_err(|error| failed(error.to_string()))?;
                match place {
                    SecretsPlace::Keychain => self.keychain.put(&fresh).map_err(closed)?,
                    SecretsPlace::File => {
                        files::replace(&self.key_file, &fresh).map_err(|error| failed(error.to_string()))?;
                    }
                }
                fresh
            }
        };
        let cipher = cipher(&key).ok_or_else(|| failed("The key has a wrong length.".into()))?;
        let check = seal(&cipher, "", CHECK).map_err(failed)?;
        let mut sealed = Sealed { place, check, tokens: BTreeMap::new() };
        for (account, token) in tokens {
            sealed.tokens.insert(account.clone(), seal(&cipher, account, token.as_bytes()).map_err(failed)?);
        }
        self.ready(cipher, sealed, true)
    }

    /// Takes back what was set aside and opens under this key.
    fn ready(
        &self,
        cipher: XChaCha20Poly1305,
        mut sealed: Sealed,
        changed: bool,
    ) -> Result<State, (Closed, String)> {
        let asides = self.asides.opened_by(&cipher);
        for (account, text) in asides.iter().flat_map(|(_, aside)| &aside.tokens) {
            // What the account got since is newer.
            sealed.tokens.entry(account.clone()).or_insert_with(|| text.clone());
        }
        if changed || !asides.is_empty() {
            self.write(&sealed).map_err(failed)?;
        }
        for (file, _) in asides {
            self.asides.remove(&file);
        }
        Ok(State::Ready { cipher: Box::new(cipher), sealed })
    }

    fn key(&self, place: SecretsPlace) -> Result<Option<Vec<u8>>, (Closed, String)> {
        match place {
            SecretsPlace::Keychain => self.keychain.get().map_err(closed),
            SecretsPlace::File => files::read(&self.key_file).map_err(|error| failed(error.to_string())),
        }
    }

    /// A file that cannot be understood is set aside.
    fn stored(&self) -> Result<Option<Sealed>, (Closed, String)> {
        let bytes = files::read(&self.file).map_err(|error| failed(error.to_string()))?;
        let Some(bytes) = bytes else { return Ok(None) };
        let error = match serde_json::from_slice(&bytes) {
            Ok(sealed) => return Ok(Some(sealed)),
            Err(error) => error,
        };
        let aside = self.asides.damaged().map_err(|error| failed(error.to_string()))?;
        tracing::warn!(%error, file = %aside.display(), "the file of secrets is damaged and is set aside");
        let told = format!(
            "The file that keeps you logged in was damaged and has been set aside as {}. Every account has to log in again.",
            aside.display()
        );
        *self.damage.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
        Ok(None)
    }

    fn write(&self, sealed: &Sealed) -> Result<(), String> {
        let bytes = serde_json::to_vec(sealed).map_err(|error| error.to_string())?;
        files::replace(&self.file, &bytes)
            .map_err(|error| format!("writing {} failed: {error}.", self.file.display()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(
        &self,
        change: impl FnOnce(&XChaCha20Poly1305, &mut Sealed) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut state = self.state();
        let State::Ready { cipher, sealed } = &mut *state else { return Err(unusable(&state)) };
        let mut changed = sealed.clone();
        change(cipher, &mut changed)?;
        self.write(&changed)?;
        *sealed = changed;
        Ok(())
    }
}

fn name(place: SecretsPlace) -> &'static str {
    match place {
        SecretsPlace::Keychain => "keychain",
        SecretsPlace::File => "key file",
    }
}

fn failed(detail: String) -> (Closed, String) {
    (Closed::Failed, detail)
}

fn closed(error: KeychainError) -> (Closed, String) {
    match error {
        KeychainError::Missing(detail) => (Closed::Missing, detail),
        KeychainError::Locked(detail) => (Closed::Locked, detail),
        KeychainError::Failed(detail) => (Closed::Failed, detail),
    }
}

fn unusable(state: &State) -> String {
    match state {
        State::Opening => "The system's keychain has not answered yet.".into(),
        State::Closed { detail, .. } => format!("The place for secrets is closed: {detail}"),
        State::Ready { .. } => String::new(),
    }
}

/// A vault as the clients want it.
pub(crate) struct VaultSecrets(pub Arc<Vault>);

impl Secrets for VaultSecrets {
    fn load(&self, account: &str) -> Result<Option<String>, String> {
        match &*self.0.state() {
            State::Ready { cipher, sealed } => {
                let Some(text) = sealed.tokens.get(account) else { return Ok(None) };
                let token = unseal(cipher, account, text).and_then(|token| String::from_utf8(token).ok());
                if token.is_none() {
                    tracing::warn!("a session cannot be read any more; its account has to log in again");
                }
                Ok(token)
            }
            state => Err(unusable(state)),
        }
    }

    fn save(&self, account: &str, token: &str) -> Result<(), String> {
        self.0.change(|cipher, sealed| {
            sealed.tokens.insert(account.to_owned(), seal(cipher, account, token.as_bytes())?);
            Ok(())
        })?;
        self.0.asides.forget(account);
        Ok(())
    }

    fn remove(&self, account: &str) -> Result<(), String> {
        self.0.change(|_, sealed| {
            sealed.tokens.remove(account);
            Ok(())
        })?;
        self.0.asides.forget(account);
        Ok(())
    }
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
