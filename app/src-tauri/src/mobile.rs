//! What phones do in another way: notifications by their plugin, and resting in the background.

use crate::window;
use confab_client::api::{Answer, Request};
use confab_shell::notices::{About, Notice};
use tauri::AppHandle;
use tauri::plugin::PermissionState;
use tauri_plugin_notification::NotificationExt;

/// Android: people set sound and appearance of a channel in the system's settings.
#[cfg(target_os = "android")]
const CHANNEL: &str = "messages";

/// Asks for the permission to notify (once; the system remembers the answer) and tells the shell how it stands.
pub fn start(app: &AppHandle) {
    let of = app.clone();
    // It waits for the person.
    tauri::async_runtime::spawn_blocking(move || {
        #[cfg(target_os = "android")]
        make_channel(&of);
        let notification = of.notification();
        let allowed = match notification.permission_state() {
            Ok(PermissionState::Prompt | PermissionState::PromptWithRationale) => {
                notification.request_permission()
            }
            state => state,
        };
        let allowed = allowed
            .inspect_err(|error| tracing::warn!(%error, "whether notifications are allowed is unknown"))
            .is_ok_and(|state| state == PermissionState::Granted);
        if let Some(shell) = window::shell(&of) {
            shell.system(|system| system.notifications = allowed);
        }
    });
}

#[cfg(target_os = "android")]
fn make_channel(app: &AppHandle) {
    use tauri_plugin_notification::{Channel, Importance, Visibility};
    let channel = Channel::builder(CHANNEL, "Messages")
        .importance(Importance::High)
        .visibility(Visibility::Private)
        .vibration(true)
        .build();
    if let Err(error) = app.notification().create_channel(channel) {
        tracing::warn!(%error, "the channel of notifications could not be made");
    }
}

/// One a conversation: the number is made of what it is about, so that it is the same after a restart.
fn number(about: About) -> i32 {
    let id = about.conversation.0.as_u128();
    // The low half of the id is random; any 31 bits of it serve.
    #[allow(clippy::cast_possible_truncation)]
    let low = (id as u32) ^ about.account;
    i32::try_from(low & 0x7fff_ffff).unwrap_or_default()
}

/// Shows one.
pub fn show(app: &AppHandle, notice: &Notice) {
    let builder = app.notification().builder();
    #[cfg(target_os = "android")]
    let builder = builder.channel_id(CHANNEL).icon("ic_notification").auto_cancel();
    let shown = builder.id(number(notice.about)).title(&notice.title).body(&notice.body).show();
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

/// The number in `confab://touched/<number>`, which `MainActivity.kt` makes of a touch. Other apps may open it too, and
/// get no more than the app in front.
pub fn touched(url: &tauri::Url) -> Option<i32> {
    (url.scheme() == "confab" && url.host_str() == Some("touched"))
        .then(|| url.path().trim_matches('/').parse().ok())
        .flatten()
}

/// A notification was touched, perhaps one of an earlier run: finds the conversation that has its number.
pub async fn opened(app: AppHandle, wanted: i32) {
    let Some(shell) = window::shell(&app) else { return };
    for account in shell.view().accounts.iter().map(|account| account.account) {
        let asked = shell.ask(account, Request::Conversations { hidden: false });
        let Ok(Answer::Conversations(list)) = asked.await else { continue };
        let found = list.rows.iter().map(|row| About { account, conversation: row.id });
        if let Some(about) = found.into_iter().find(|about| number(*about) == wanted) {
            shell.open_about(about);
            return;
        }
    }
}
