//! Refresh tokens, sealed in a file under a key that the system's keychain holds.
//!
//! The keychain is asked once at the start, on a thread of its own, because it may ask the person. Tokens change every few
//! minutes; with a key in the keychain that costs a file and no question. Where there is no keychain, the key may
//! lie in a file, if the person agrees.

use crate::api::{Closed, SecretsPlace, SecretsView};
use crate::files;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use confab_client::platform::Secrets;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const CHECK: &[u8] = b"confab vault 1";

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

/// What `secrets.json` holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sealed {
    place: SecretsPlace,
    /// [`CHECK`] sealed under the key, so that another key is known as such.
    check: String,
    /// Tokens sealed under the key, by account.
    tokens: BTreeMap<String, String>,
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
    keychain: Box<dyn Keychain>,
    state: Mutex<State>,
}

impl Vault {
    /// A vault in this folder. It is closed (`Opening`) until [`Vault::open`] returns.
    pub fn new(folder: &Path, keychain: Box<dyn Keychain>) -> Self {
        Self {
            file: folder.join("secrets.json"),
            key_file: folder.join("secrets.key"),
            keychain,
            state: Mutex::new(State::Opening),
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

    /// The person has decided where the key is to be: opens it there. Tokens that cannot be read under that key are
    /// dropped, and their accounts have to log in again. Blocks as [`Vault::open`].
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

    fn settle(&self, opened: Result<State, (Closed, String)>) {
        *self.state() = opened.unwrap_or_else(|(why, detail)| {
            tracing::warn!(?why, detail, "the secrets cannot be used");
            State::Closed { why, detail }
        });
    }

    fn try_open(&self) -> Result<State, (Closed, String)> {
        let Some(sealed) = self.stored()? else {
            let place = SecretsPlace::Keychain;
            return self.begin(place, self.key(place)?);
        };
        let key = self.key(sealed.place)?;
        let cipher = key.as_deref().and_then(cipher);
        match cipher.filter(|cipher| unseal(cipher, "", &sealed.check).as_deref() == Some(CHECK)) {
            Some(cipher) => Ok(State::Ready { cipher: Box::new(cipher), sealed }),
            None if sealed.tokens.is_empty() => self.begin(sealed.place, key),
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
        let known = match before {
            State::Ready { cipher, sealed } => open_all(&cipher, &sealed),
            _ => match self.try_open() {
                Ok(State::Ready { cipher, sealed }) if sealed.place == place => {
                    return Ok(State::Ready { cipher, sealed });
                }
                Ok(State::Ready { cipher, sealed }) => open_all(&cipher, &sealed),
                _ => BTreeMap::new(),
            },
        };
        let State::Ready { cipher, mut sealed } = self.begin(place, self.key(place)?)? else {
            return Err((Closed::Failed, "The vault did not open.".into()));
        };
        for (account, token) in known {
            sealed.tokens.insert(account.clone(), seal(&cipher, &account, token.as_bytes()).map_err(failed)?);
        }
        self.write(&sealed).map_err(failed)?;
        Ok(State::Ready { cipher, sealed })
    }

    /// An empty vault under the key that was found in this place, or a new one there.
    fn begin(&self, place: SecretsPlace, key: Option<Vec<u8>>) -> Result<State, (Closed, String)> {
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
        let sealed = Sealed { place, check, tokens: BTreeMap::new() };
        self.write(&sealed).map_err(failed)?;
        Ok(State::Ready { cipher: Box::new(cipher), sealed })
    }

    fn key(&self, place: SecretsPlace) -> Result<Option<Vec<u8>>, (Closed, String)> {
        match place {
            SecretsPlace::Keychain => self.keychain.get().map_err(closed),
            SecretsPlace::File => files::read(&self.key_file).map_err(|error| failed(error.to_string())),
        }
    }

    fn stored(&self) -> Result<Option<Sealed>, (Closed, String)> {
        let bytes = files::read(&self.file).map_err(|error| failed(error.to_string()))?;
        Ok(bytes.and_then(|bytes| {
            serde_json::from_slice(&bytes)
                .inspect_err(
                    |error| tracing::warn!(%error, "the file of secrets is damaged and is started anew"),
                )
                .ok()
        }))
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

fn open_all(cipher: &XChaCha20Poly1305, sealed: &Sealed) -> BTreeMap<String, String> {
    let token = |account: &String, text: &String| String::from_utf8(unseal(cipher, account, text)?).ok();
    sealed
        .tokens
        .iter()
        .filter_map(|(account, text)| Some((account.clone(), token(account, text)?)))
        .collect()
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

fn cipher(key: &[u8]) -> Option<XChaCha20Poly1305> {
    let key: [u8; KEY_BYTES] = key.try_into().ok()?;
    Some(XChaCha20Poly1305::new(&Key::from(key)))
}

/// Nonce and ciphertext in hexadecimal. The account is bound to it, so that tokens cannot be swapped in the file.
fn seal(cipher: &XChaCha20Poly1305, account: &str, plain: &[u8]) -> Result<String, String> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|error| error.to_string())?;
    let payload = Payload { msg: plain, aad: account.as_bytes() };
    let sealed =
        cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| "sealing a secret failed".to_owned())?;
    Ok(nonce.iter().chain(&sealed).map(|byte| format!("{byte:02x}")).collect())
}

fn unseal(cipher: &XChaCha20Poly1305, account: &str, sealed: &str) -> Option<Vec<u8>> {
    let pairs = sealed.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    let bytes = bytes?;
    let (nonce, rest) = bytes.split_at_checked(NONCE_BYTES)?;
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
    cipher.decrypt(&XNonce::from(nonce), Payload { msg: rest, aad: account.as_bytes() }).ok()
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
        })
    }

    fn remove(&self, account: &str) -> Result<(), String> {
        self.0.change(|_, sealed| {
            sealed.tokens.remove(account);
            Ok(())
        })
    }
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
