//! What a window asks of the shell around the clients, and what it is told. The bridge to a client is
//! [`confab_client::api`]; this is the rest.

use crate::settings::{Settings, SettingsPatch};
use confab_client::api::{Connection, Phase};
use confab_protocol::{ConversationId, User};
use confab_store::view::Problem;
use serde::{Deserialize, Serialize};

/// An account of this app, by a number that is never given twice.
pub type AccountNumber = u32;

/// What a window asks of the shell, told apart by `type`. Each is answered with a [`ShellView`] unless its doc names
/// another type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/"))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ShellRequest {
    /// How everything stands.
    State,
    /// Tries what a person typed as a relay's address. Answers with [`Probed`].
    Probe {
        /// `chat.example`, `https://chat.example`, `localhost:5000`.
        address: String,
    },
    /// A place for one more account at a relay, and selects it. It is empty until somebody logs in there.
    AddAccount {
        /// As [`Probed`] gave it.
        relay: String,
    },
    /// Takes an account away that nobody is logged in to; `account_in_use` otherwise.
    RemoveAccount {
        /// Which.
        account: AccountNumber,
    },
    /// The window shows this account from now on.
    Select {
        /// Which.
        account: AccountNumber,
    },
    /// Other settings.
    Set {
        /// What to change.
        settings: SettingsPatch,
    },
    /// Where the secrets are to be kept, or to ask the keychain again.
    KeepSecrets {
        /// Where.
        place: SecretsPlace,
    },
    /// The deep link that waits, if one does; it is given once. Answers with [`LinkView`].
    TakeLink,
    /// The first list has been painted: for the log and the bench.
    Painted,
    /// Ends the app.
    Quit,
}

/// How everything stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/"))]
pub struct ShellView {
    /// The accounts, in the order in which they were added.
    pub accounts: Vec<AccountView>,
    /// The one that the window shows.
    pub selected: Option<AccountNumber>,
    /// The settings.
    pub settings: Settings,
    /// Where the secrets are.
    pub secrets: SecretsView,
    /// What this system offers.
    pub system: SystemView,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/"))]
pub struct AccountView {
    /// Its number.
    pub account: AccountNumber,
    /// Its relay's address.
    pub relay: String,
    /// Who is logged in.
    pub user: Option<User>,
    /// Where it stands.
    pub phase: Phase,
    /// Where its connection stands.
    pub connection: Connection,
    /// Conversations with something unread.
    pub unread: u32,
    /// One of them mentions oneself.
    pub mentioned: bool,
    /// Why its data cannot be opened. Nothing was deleted.
    pub problem: Option<Problem>,
}

/// What this system offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/"))]
pub struct SystemView {
    /// `linux`, `macos`, `windows`, `android`, `ios`.
    pub name: String,
    /// The app's version.
    pub version: String,
    /// There is a tray to close to.
    pub tray: bool,
    /// Somebody shows notifications.
    pub notifications: bool,
    /// It can be started at login; absent where that is not for an app to decide.
    pub autostart: Option<bool>,
}

/// Where secrets are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/"))]
#[serde(rename_all = "snake_case")]
pub enum SecretsPlace {
    /// The key is in the system's keychain.
    Keychain,
    /// The key is in a file beside the data, readable by its owner only. Only if the person agreed.
    File,
}

/// How the secrets stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/"))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SecretsView {
    /// The keychain has been asked and has not answered yet (it may be asking the person).
    Opening,
    /// They can be used.
    Ready {
        /// Where they are.
        place: SecretsPlace,
    },
    /// They cannot be used; nobody can log in or reconnect until the person decides.
    Closed {
        /// Why.
        why: Closed,
        /// In words of the system, for whoever looks for the cause.
        detail: String,
    },
}

/// Why secrets cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/"))]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// This system has no keychain.
    Missing,
    /// It is locked, and stays so.
    Locked,
    /// It does not hold what Confab put there (another keychain, a copied folder): the sessions cannot be read again.
    Changed,
    /// It, or the file, failed in another way.
    Failed,
}

/// A relay that answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/"))]
pub struct Probed {
    /// Its address, tidied.
    pub relay: String,
    /// Its version.
    pub version: String,
    /// Nobody on the way can read along (https, or this very machine).
    pub private: bool,
}

/// A deep link for the window to follow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/"))]
pub struct LinkView {
    /// The account to show; absent if there is none at that relay.
    pub account: Option<AccountNumber>,
    /// The relay of the link.
    pub relay: Option<String>,
    /// The conversation to open.
    pub conversation: Option<ConversationId>,
    /// The place in it.
    pub seq: Option<u64>,
}

/// What the shell tells a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/"))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ShellEvent {
    /// Ask for the state again.
    Changed,
    /// A deep link waits, or a notification was clicked.
    Link,
    /// Something chosen from a native menu.
    Menu {
        /// What.
        item: MenuItem,
    },
}

/// What native menus offer of the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/"))]
#[serde(rename_all = "snake_case")]
pub enum MenuItem {
    /// The settings.
    Settings,
    /// Add an account.
    AddAccount,
}

/// The answers to [`ShellRequest`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/"))]
#[serde(untagged)]
pub enum ShellAnswer {
    /// To most.
    View(Box<ShellView>),
    /// To `probe`.
    Probed(Probed),
    /// To `take_link`.
    Link(LinkView),
}

/// A problem of the shell's own.
pub(crate) fn own(code: &str, message: impl Into<String>) -> Problem {
    Problem { code: code.into(), message: message.into(), retry_after_ms: None }
}

#[cfg(all(test, feature = "ts"))]
mod tests {
    //! As in `confab_client::api`: writes the TypeScript, or compares it with `CONFAB_CHECK_TS=1`.

    use super::*;
    use ts_rs::{Config, TS};

    #[test]
    fn the_typescript_of_the_shell_is_current() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/bridge/generated");
        let fresh = std::env::temp_dir().join(format!("confab-shell-ts-{}", std::process::id()));
        let check = std::env::var_os("CONFAB_CHECK_TS").is_some();
        let out = if check { fresh.clone() } else { root.clone() };
        let config = Config::new().with_large_int("number").with_out_dir(&out);
        ShellRequest::export_all(&config).unwrap();
        ShellEvent::export_all(&config).unwrap();
        ShellAnswer::export_all(&config).unwrap();
        if check {
            let read = |dir: &std::path::Path| {
                let entries =
                    std::fs::read_dir(dir.join("native")).unwrap().map(|entry| entry.unwrap().path());
                let mut files: Vec<_> = entries
                    .map(|path| {
                        (path.file_name().unwrap().to_owned(), std::fs::read_to_string(path).unwrap())
                    })
                    .collect();
                files.sort();
                files
            };
            assert_eq!(read(&fresh), read(&root), "stale: run scripts/types and commit the result");
            std::fs::remove_dir_all(&fresh).unwrap();
        }
    }
}
