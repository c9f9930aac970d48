//! How tokens are sealed in a file.

use crate::api::SecretsPlace;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// What [`Sealed::check`] says.
pub const CHECK: &[u8] = b"confab vault 1";

/// What `secrets.json` holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sealed {
    pub place: SecretsPlace,
    /// [`CHECK`] sealed under the key, so that another key is known as such.
    pub check: String,
    /// Tokens sealed under the key, by account.
    pub tokens: BTreeMap<String, String>,
}

impl Sealed {
    /// The tokens, but those that the cipher does not open.
    pub fn open_all(&self, cipher: &XChaCha20Poly1305) -> BTreeMap<String, String> {
        let token = |account: &String, text: &String| String::from_utf8(unseal(cipher, account, text)?).ok();
        self.tokens
            .iter()
            .filter_map(|(account, text)| Some((account.clone(), token(account, text)?)))
            .collect()
    }
}

/// Whether it was sealed under this key.
pub fn opens(cipher: &XChaCha20Poly1305, sealed: &Sealed) -> bool {
    unseal(cipher, "", &sealed.check).as_deref() == Some(CHECK)
}

/// `None` if the key has a wrong length.
pub fn cipher(key: &[u8]) -> Option<XChaCha20Poly1305> {
    let key: [u8; KEY_BYTES] = key.try_into().ok()?;
    Some(XChaCha20Poly1305::new(&Key::from(key)))
}

/// Nonce and ciphertext in hexadecimal. The account is bound to it, so that tokens cannot be swapped in the file.
pub fn seal(cipher: &XChaCha20Poly1305, account: &str, plain: &[u8]) -> Result<String, String> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|error| error.to_string())?;
    let payload = Payload { msg: plain, aad: account.as_bytes() };
    let sealed =
        cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| "sealing a secret failed".to_owned())?;
    Ok(nonce.iter().chain(&sealed).map(|byte| format!("{byte:02x}")).collect())
}

/// What [`seal`] sealed for this account under this key.
pub fn unseal(cipher: &XChaCha20Poly1305, account: &str, sealed: &str) -> Option<Vec<u8>> {
    let pairs = sealed.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    let bytes = bytes?;
    let (nonce, rest) = bytes.split_at_checked(NONCE_BYTES)?;
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
    cipher.decrypt(&XNonce::from(nonce), Payload { msg: rest, aad: account.as_bytes() }).ok()
}
