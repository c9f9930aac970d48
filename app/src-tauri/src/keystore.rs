//! The key on phones: sealed by Android's Keystore, or in iOS's Protected Data. Other apps cannot read either.

use confab_shell::vault::{Keychain, KeychainError};
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};

const SERVICE: &str = "chat.confab.app";
const NAME: &str = "vault";

/// One secret there.
pub struct Keystore;

impl Keychain for Keystore {
    fn get(&self) -> Result<Option<Vec<u8>>, KeychainError> {
        match entry().and_then(|entry| entry.get_secret()) {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(sorted(&error)),
        }
    }

    fn put(&self, secret: &[u8]) -> Result<(), KeychainError> {
        entry().and_then(|entry| entry.set_secret(secret)).map_err(|error| sorted(&error))
    }
}

#[cfg(target_os = "android")]
fn entry() -> Result<Entry, Error> {
    android_native_keyring_store::Store::new()?.build(SERVICE, NAME, None)
}

/// Readable once the phone has been unlocked after its start, so that an app that is woken in a pocket can connect.
#[cfg(target_os = "ios")]
fn entry() -> Result<Entry, Error> {
    let modifiers = std::collections::HashMap::from([("access-policy", "after-first-unlock")]);
    apple_native_keyring_store::protected::Store::new()?.build(SERVICE, NAME, Some(&modifiers))
}

fn sorted(error: &Error) -> KeychainError {
    match error {
        Error::NoStorageAccess(_) => KeychainError::Locked(error.to_string()),
        other => KeychainError::Failed(other.to_string()),
    }
}
