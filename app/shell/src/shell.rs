//! The whole shell beside its windows.

use crate::accounts::Accounts;
use crate::api::{
    AccountNumber, LinkView, SecretsPlace, ShellAnswer, ShellEvent, ShellRequest, ShellView, SystemView, own,
};
use crate::links::{self, Place};
use crate::notices::{About, Attention, Notice, Notices};
use crate::settings::{Settings, SettingsFile, SettingsPatch};
use crate::vault::{Keychain, Vault};
use crate::{files, probe};
use confab_client::api::{Answer, Event, Request};
use confab_store::view::Problem;
use std::fs::File;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the shell tells whoever draws windows, trays and notifications.
#[derive(Clone, Debug)]
pub enum Told {
    /// For the windows, from an account's client.
    Client(AccountNumber, Event),
    /// For the windows, of the shell itself.
    Shell(ShellEvent),
    /// To show.
    Notice(Notice),
    /// Looked at: its notice may go.
    Seen(About),
    /// Settings were changed, from one to the other.
    Settings(Settings, Settings),
    /// The window should come to the front.
    Front,
}

type Tell = dyn Fn(Told) + Send + Sync;

pub(crate) struct Inside {
    pub(crate) accounts: Accounts,
    pub(crate) settings: SettingsFile,
    pub(crate) notices: Notices,
    pub(crate) attention: Attention,
    link: Option<LinkView>,
    system: SystemView,
    /// Held for as long as the folder is used.
    _lock: File,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Shell {
    inside: Arc<Mutex<Inside>>,
    vault: Arc<Vault>,
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) tell: Arc<Tell>,
}

impl Shell {
    /// Opens everything in a folder and starts the clients of its accounts. The keychain is asked on another thread.
    ///
    /// # Errors
    /// `storage` if the folder cannot be used, `in_use` if another process uses it. Nothing is ever deleted because of an
    /// error.
    pub fn open(
        folder: PathBuf,
        keychain: Box<dyn Keychain>,
        system: SystemView,
        runtime: tokio::runtime::Handle,
        tell: impl Fn(Told) + Send + Sync + 'static,
    ) -> Result<Self, Problem> {
        files::private_folder(&folder)
            .map_err(|error| own("storage", format!("{} cannot be used: {error}.", folder.display())))?;
        let lock = files::lock(&folder)?;
        let vault = Arc::new(Vault::new(&folder, keychain));
        let settings = SettingsFile::open(folder.join("settings.json"));
        let client = format!("confab-{} {}", system.name, system.version);
        let accounts = Accounts::open(folder, client, vault.clone())?;
        let handles = accounts.handles();
        let inside = Inside {
            accounts,
            settings,
            notices: Notices::default(),
            attention: Attention::default(),
            link: None,
            system,
            _lock: lock,
        };
        let shell = Self { inside: Arc::new(Mutex::new(inside)), vault, runtime, tell: Arc::new(tell) };
        for (account, handle) in handles {
            shell.follow(account, handle);
        }
        shell.in_vault(Vault::open);
        Ok(shell)
    }

    /// Passes a window's request on to an account's client.
    ///
    /// # Errors
    /// The client's, or `not_found`.
    pub fn ask(
        &self,
        account: AccountNumber,
        request: Request,
    ) -> impl Future<Output = Result<Answer, Problem>> + Send + use<> {
        // The client gets it before this returns, so that requests keep the order of the calls.
        let asked = {
            let mut inside = self.inside();
            if let Request::Watch { conversation, .. } = &request {
                inside.attention.watch(account, *conversation);
            }
            inside.accounts.handle(account).map(|handle| handle.request(request))
        };
        self.look();
        let shell = self.clone();
        async move {
            let answer = asked?.await;
            if let Ok(Answer::Session(session)) = &answer {
                // Before anybody hears of it: an app that dies now must still know whose folder that is.
                shell.signed(account, session);
            }
            answer
        }
    }

    /// Does what a window asks of the shell. `painted` and `quit` are for whoever draws.
    ///
    /// # Errors
    /// As the request says; `storage` if something could not be kept.
    pub fn request(
        &self,
        request: ShellRequest,
    ) -> impl Future<Output = Result<ShellAnswer, Problem>> + Send + use<> {
        // The last one of these counts: they are done before this returns, so that they keep the order of the calls.
        let begun = match &request {
            ShellRequest::Select { account } => self.select(*account),
            ShellRequest::Set { settings } => self.set(settings),
            _ => Ok(()),
        };
        let shell = self.clone();
        async move {
            begun?;
            shell.rest_of(request).await
        }
    }

    async fn rest_of(&self, request: ShellRequest) -> Result<ShellAnswer, Problem> {
        match request {
            ShellRequest::State | ShellRequest::Painted | ShellRequest::Quit => {}
            ShellRequest::Select { .. } | ShellRequest::Set { .. } => {}
            ShellRequest::Probe { address } => return probe::probe(&address).await.map(ShellAnswer::Probed),
            ShellRequest::TakeLink => {
                return Ok(ShellAnswer::Link(self.inside().link.take().unwrap_or_default()));
            }
            ShellRequest::AddAccount { relay } => {
                let added = {
                    let mut inside = self.inside();
                    let added = inside.accounts.add(&relay);
                    added.and_then(|(account, new)| Ok((account, new, inside.accounts.handle(account)?)))
                };
                // Told also if it failed: another account may be selected, and only not be remembered.
                self.changed();
                let (account, new, handle) = added?;
                // One that was there is followed already; twice would tell everything twice.
                if new {
                    self.follow(account, handle);
                }
            }
            ShellRequest::RemoveAccount { account } => {
                let removed = self.inside().accounts.remove(account);
                if removed.as_ref().err().is_none_or(|problem| problem.code == "storage") {
                    // Gone, if perhaps only until the next start.
                    self.forget_notices(account);
                }
                self.changed();
                removed?;
            }
            ShellRequest::KeepSecrets { place } => self.keep_secrets(place).await?,
        }
        Ok(ShellAnswer::View(Box::new(self.view())))
    }

    fn select(&self, account: AccountNumber) -> Result<(), Problem> {
        let selected = self.inside().accounts.select(account);
        // Told also if it failed: on a full disk it is selected, and only not remembered.
        self.changed();
        selected
    }

    fn set(&self, patch: &SettingsPatch) -> Result<(), Problem> {
        let (before, now) = {
            let mut inside = self.inside();
            let before = inside.settings.get().clone();
            let now = before.patched(patch);
            if now != before {
                inside.settings.set(now.clone()).map_err(|message| own("storage", message))?;
            }
            (before, now)
        };
        if now != before {
            (self.tell)(Told::Settings(before, now));
            self.changed();
        }
        Ok(())
    }

    async fn keep_secrets(&self, place: SecretsPlace) -> Result<(), Problem> {
        let vault = self.vault.clone();
        let kept = self.runtime.spawn_blocking(move || vault.keep_in(place)).await;
        let kept = kept.unwrap_or_else(|error| Err(error.to_string()));
        self.secrets_changed();
        kept.map_err(|message| own("keychain", message))
    }

    /// How everything stands.
    pub fn view(&self) -> ShellView {
        let secrets = self.vault.view();
        let inside = self.inside();
        ShellView {
            accounts: inside.accounts.views(),
            selected: inside.accounts.selected(),
            settings: inside.settings.get().clone(),
            secrets,
            system: inside.system.clone(),
        }
    }

    /// The settings.
    pub fn settings(&self) -> Settings {
        self.inside().settings.get().clone()
    }

    /// Something about the system was found out, or has changed.
    pub fn system(&self, change: impl FnOnce(&mut SystemView)) {
        change(&mut self.inside().system);
        self.changed();
    }

    /// Whether the person looks at the window.
    pub fn focused(&self, focused: bool) {
        self.inside().attention.focused = focused;
        self.look();
        if focused {
            self.network(true);
        }
    }

    /// The system is about to stop the app, as phones do with one that nobody looks at, or it goes on. In the background
    /// the clients have no sockets; they catch up at once when they come back.
    pub fn background(&self, away: bool) {
        for (_, handle) in self.inside().accounts.handles() {
            if away {
                handle.pause();
            } else {
                handle.resume();
            }
        }
    }

    /// What the system says of the network. Woken from sleep counts as there.
    pub fn network(&self, there: bool) {
        for (_, handle) in self.inside().accounts.handles() {
            if there {
                handle.network_hint();
            } else {
                handle.network_lost();
            }
        }
    }

    /// Follows a deep link; `false` if it is none. Whatever comes of it, the window comes to the front.
    pub fn open_link(&self, text: &str) -> bool {
        let Some(link) = links::parse(text) else {
            tracing::warn!("something was opened that is no link of Confab's");
            return false;
        };
        let shell = self.clone();
        self.runtime.spawn(async move {
            let (conversation, seq) = match link.place {
                Place::Conversation(conversation, seq) => (Some(conversation), seq),
                Place::Relay | Place::Invite(_) => (None, None),
            };
            let accounts = shell.inside().accounts.at_relay(&link.relay);
            let mut account = accounts.first().copied();
            if let Some(conversation) = conversation {
                for candidate in accounts {
                    let knows = shell.ask(candidate, Request::Conversation { conversation }).await.is_ok();
                    if knows {
                        account = Some(candidate);
                        break;
                    }
                }
            }
            shell.lead(LinkView { account, relay: Some(link.relay), conversation, seq });
        });
        true
    }

    /// A notice was clicked.
    pub fn open_about(&self, about: About) {
        let conversation = Some(about.conversation);
        self.lead(LinkView { account: Some(about.account), conversation, ..LinkView::default() });
    }

    fn lead(&self, link: LinkView) {
        {
            let mut inside = self.inside();
            if let Some(account) = link.account
                && let Err(problem) = inside.accounts.select(account)
            {
                tracing::warn!(problem.message, "an account could not be selected");
            }
            inside.link = Some(link);
        }
        self.changed();
        (self.tell)(Told::Front);
        (self.tell)(Told::Shell(ShellEvent::Link));
    }

    /// Ends every client and waits until their databases are closed.
    pub fn close(&self) {
        self.inside().accounts.close();
    }

    pub(crate) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn changed(&self) {
        (self.tell)(Told::Shell(ShellEvent::Changed));
    }

    /// Notices of what is in view now are done with.
    fn look(&self) {
        let seen = {
            let mut inside = self.inside();
            let attention = inside.attention;
            attention.open.filter(|about| attention.focused && inside.notices.seen(*about))
        };
        if let Some(about) = seen {
            (self.tell)(Told::Seen(about));
        }
    }

    /// Nobody is there any more who would read what notices of this account say.
    pub(crate) fn forget_notices(&self, account: AccountNumber) {
        let gone = self.inside().notices.forget(account);
        self.tell_seen(gone);
    }

    pub(crate) fn tell_seen(&self, seen: Vec<About>) {
        for about in seen {
            (self.tell)(Told::Seen(about));
        }
    }

    /// On a thread of its own: a keychain may ask the person.
    fn in_vault(&self, work: impl FnOnce(&Vault) + Send + 'static) {
        let shell = self.clone();
        self.runtime.spawn_blocking(move || {
            work(&shell.vault);
            shell.secrets_changed();
        });
    }

    fn secrets_changed(&self) {
        self.changed();
        // To the account in view; where there is none, nobody was logged in.
        let selected = self.inside().accounts.selected();
        if let Some(account) = selected
            && let Some(message) = self.vault.take_damage()
        {
            let problem = own("storage", message);
            (self.tell)(Told::Client(account, Event::Trouble { problem, refused: None }));
        }
        // Whoever waited for a token tries again at once.
        self.network(true);
    }
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod tests;
