//! What phones do in another way: notifications by their plugin, the key in the app's own folder.

use confab_shell::notices::{About, Notice};
use confab_shell::vault::{Keychain, KeychainError};
use tauri::AppHandle;
use tauri_plugin_notification::NotificationExt;

/// The folder of an app on a phone is closed to every other app and encrypted by the system while it is locked; the vault
/// keeps its key there until the keystores are used.
pub struct AppFolder;

impl Keychain for AppFolder {
    fn get(&self) -> Result<Option<Vec<u8>>, KeychainError> {
        Err(KeychainError::Missing("The key is kept in the app's own folder.".into()))
    }

    fn put(&self, _secret: &[u8]) -> Result<(), KeychainError> {
        Err(KeychainError::Missing("The key is kept in the app's own folder.".into()))
    }
}

/// One a conversation: the number is made of what it is about.
fn number(about: About) -> i32 {
    let id = about.conversation.0.as_u128();
    // The low half of the id is random; any 31 bits of it serve.
    #[allow(clippy::cast_possible_truncation)]
    let low = (id as u32) ^ about.account;
    i32::try_from(low & 0x7fff_ffff).unwrap_or_default()
}

/// Shows one.
pub fn show(app: &AppHandle, notice: &Notice) {
    let shown =
        app.notification().builder().id(number(notice.about)).title(&notice.title).body(&notice.body).show();
    if let Err(error) = shown {
        tracing::warn!(%error, "a notification could not be shown");
    }
}

/// What it was about has been looked at.
pub fn seen(app: &AppHandle, about: About) {
    if let Err(error) = app.notification().remove_active(vec![number(about)]) {
        tracing::debug!(%error, "a notification could not be withdrawn");
    }
}
