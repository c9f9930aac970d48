//! The system's keychain by the `keyring` crate: Secret Service, Keychain Services, Credential Manager.

use confab_shell::vault::{Keychain, KeychainError};
use keyring::v1::{Entry, Error};

const SERVICE: &str = "chat.confab.app";

/// One secret in the system's keychain.
pub struct System {
    name: String,
}

impl System {
    /// Of a profile; the usual one has no name.
    pub fn new(profile: &str) -> Self {
        let name = if profile.is_empty() { "vault".to_owned() } else { format!("vault {profile}") };
        Self { name }
    }

    fn entry(&self) -> Result<Entry, KeychainError> {
        service()?;
        open(&self.name).map_err(sorted)
    }
}

impl Keychain for System {
    fn get(&self) -> Result<Option<Vec<u8>>, KeychainError> {
        match self.entry()?.get_secret() {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(sorted(error)),
        }
    }

    fn put(&self, secret: &[u8]) -> Result<(), KeychainError> {
        self.entry()?.set_secret(secret).map_err(sorted)
    }
}

fn sorted(error: Error) -> KeychainError {
    match error {
        Error::NoDefaultStore | Error::NotSupportedByStore(_) => KeychainError::Missing(error.to_string()),
        // A question that the person closed comes back as this.
        Error::NoStorageAccess(_) => KeychainError::Locked(error.to_string()),
        other => KeychainError::Failed(other.to_string()),
    }
}

/// The store that the crate keeps for itself speaks to whoever offered the Secret Service when it was first asked, and to
/// nobody ever if nobody did. That program may have been restarted since, so each time it is found anew.
#[cfg(target_os = "linux")]
fn open(name: &str) -> Result<Entry, Error> {
    use keyring_core::api::CredentialStoreApi;
    let store = zbus_secret_service_keyring_store::Store::new()?;
    Ok(Entry { inner: store.build(SERVICE, name, None)? })
}

/// On Windows and macOS it is the system itself.
#[cfg(not(target_os = "linux"))]
fn open(name: &str) -> Result<Entry, Error> {
    Entry::new(SERVICE, name)
}

/// Whether anybody offers the Secret Service. Asking for what nobody offers would be told as a failure, not as an absence.
#[cfg(target_os = "linux")]
fn service() -> Result<(), KeychainError> {
    const NAME: &str = "org.freedesktop.secrets";
    match crate::bus::offered(NAME) {
        Ok(true) => Ok(()),
        Ok(false) => Err(KeychainError::Missing(format!("No program offers {NAME} on this system."))),
        Err(error) => Err(KeychainError::Missing(error.to_string())),
    }
}

/// Windows and macOS always have one.
#[cfg(not(target_os = "linux"))]
fn service() -> Result<(), KeychainError> {
    Ok(())
}
