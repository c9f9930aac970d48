//! The whole shell beside its windows.

use crate::accounts::Accounts;
use crate::api::{
    AccountNumber, LinkView, Probed, SecretsPlace, ShellAnswer, ShellEvent, ShellRequest, ShellView,
    SystemView, own,
};
use crate::badge::Badge;
use crate::links::{self, Place};
use crate::notices::{About, Attention, Incoming, Notice, Notices};
use crate::settings::{Settings, SettingsFile, SettingsPatch};
use crate::vault::{Keychain, Vault};
use crate::{files, probe};
use confab_client::Handle;
use confab_client::api::{Answer, Event, Request, SessionView, Topic};
use confab_store::view::Problem;
use futures::StreamExt;
use std::fs::{File, TryLockError};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Unread conversations are counted at most this often; a flood of messages costs a handful of counts.
const COUNT_PAUSE: Duration = Duration::from_millis(300);

/// They are counted at least this often: a clock that was set back must not keep a muting for ever.
const COUNT_AGAIN: Duration = Duration::from_secs(3_600);

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

/// A request to a client, with the account that it is for.
pub type Ask = (AccountNumber, Request);

type Tell = dyn Fn(Told) + Send + Sync;

struct Inside {
    accounts: Accounts,
    settings: SettingsFile,
    notices: Notices,
    attention: Attention,
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
    runtime: tokio::runtime::Handle,
    tell: Arc<Tell>,
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
        let lock = lock(&folder)?;
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
        (account, request): Ask,
    ) -> impl Future<Output = Result<Answer, Problem>> + Send + use<> {
        // The client gets it before this returns, so that requests keep the order of the calls.
        let asked = {
            let mut inside = self.inside();
            if let Request::Watch { conversation, .. } = &request {
                inside.attention.open = conversation.map(|conversation| About { account, conversation });
            }
            inside.accounts.handle(account).map(|handle| handle.request(request))
        };
        self.look();
        let shell = self.clone();
        async move {
            let answer = asked?.await;
            if let Ok(Answer::Session(session)) = &answer {
                // Before anybody hears of it: an app that dies now must still know whose folder that is.
                shell.learned(account, session);
            }
            answer
        }
    }

    /// Does what a window asks of the shell. `painted` and `quit` are for whoever draws.
    ///
    /// # Errors
    /// As the request says; `storage` if something could not be kept.
    pub async fn request(&self, request: ShellRequest) -> Result<ShellAnswer, Problem> {
        match request {
            ShellRequest::State | ShellRequest::Painted | ShellRequest::Quit => {}
            ShellRequest::Probe { address } => return self.probe(&address).await.map(ShellAnswer::Probed),
            ShellRequest::TakeLink => {
                return Ok(ShellAnswer::Link(self.inside().link.take().unwrap_or_default()));
            }
            ShellRequest::AddAccount { relay } => {
                let (account, new, handle) = {
                    let mut inside = self.inside();
                    let (account, new) = inside.accounts.add(&relay)?;
                    (account, new, inside.accounts.handle(account)?)
                };
                // One that was there is followed already; twice would tell everything twice.
                if new {
                    self.follow(account, handle);
                }
                self.changed();
            }
            ShellRequest::RemoveAccount { account } => {
                let gone = {
                    let mut inside = self.inside();
                    inside.accounts.remove(account)?;
                    inside.notices.forget(account)
                };
                for about in gone {
                    (self.tell)(Told::Seen(about));
                }
                self.changed();
            }
            ShellRequest::Select { account } => {
                self.inside().accounts.select(account)?;
                self.changed();
            }
            ShellRequest::Set { settings } => self.set(&settings)?,
            ShellRequest::KeepSecrets { place } => self.keep_secrets(place).await?,
        }
        Ok(ShellAnswer::View(Box::new(self.view())))
    }

    async fn probe(&self, address: &str) -> Result<Probed, Problem> {
        probe::probe(address).await
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
                    let knows = shell.ask((candidate, Request::Conversation { conversation })).await.is_ok();
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

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
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
        // Whoever waited for a token tries again at once.
        self.network(true);
    }

    /// Passes an account's events on and keeps its badge current, until its client ends.
    fn follow(&self, account: AccountNumber, handle: Handle) {
        let shell = self.clone();
        self.runtime.spawn(async move {
            let mut events = handle.listen();
            shell.learn_session(account, &handle).await;
            let mut due = shell.count(account, &handle).await;
            loop {
                match tokio::time::timeout_at(due, events.next()).await {
                    Ok(None) => return,
                    Ok(Some(event)) => {
                        let news = shell.hear(account, event);
                        if news.session {
                            shell.learn_session(account, &handle).await;
                        }
                        if news.list {
                            // What comes meanwhile is told at once and counted together.
                            due = due.min(Instant::now() + COUNT_PAUSE);
                        }
                    }
                    Err(_) => due = shell.count(account, &handle).await,
                }
            }
        });
    }

    fn hear(&self, account: AccountNumber, event: Event) -> News {
        let mut news = News::default();
        match &event {
            Event::Changed { topics } => {
                for topic in topics {
                    news.session |= matches!(topic, Topic::Session | Topic::All);
                    news.list |= matches!(topic, Topic::Conversations | Topic::All);
                }
            }
            Event::Incoming { conversation, title, sender_name, text, notify: true, .. } => {
                let about = About { account, conversation: *conversation };
                let notice = {
                    let mut inside = self.inside();
                    let account_name = inside.accounts.name_among_several(account);
                    let (settings, attention) = (inside.settings.get().clone(), inside.attention);
                    let account_name = account_name.as_deref();
                    let message = Incoming { about, title, sender: sender_name, text, account_name };
                    inside.notices.incoming(message, &settings, attention)
                };
                if let Some(notice) = notice {
                    (self.tell)(Told::Notice(notice));
                }
            }
            Event::Incoming { .. } | Event::Trouble { .. } => {}
        }
        (self.tell)(Told::Client(account, event));
        news
    }

    async fn learn_session(&self, account: AccountNumber, handle: &Handle) {
        if let Ok(Answer::Session(session)) = handle.request(Request::Session).await {
            self.learned(account, &session);
        }
    }

    fn learned(&self, account: AccountNumber, session: &SessionView) {
        let told = self.inside().accounts.session(account, session);
        match told {
            Ok(false) => {}
            Ok(true) => self.changed(),
            Err(problem) => {
                self.changed();
                (self.tell)(Told::Client(account, Event::Trouble { problem }));
            }
        }
    }

    /// Counts what is unread; gives when to count again even if nothing happens, because a muting ends.
    async fn count(&self, account: AccountNumber, handle: &Handle) -> Instant {
        let mut again = COUNT_AGAIN;
        let badge = match handle.request(Request::Conversations { hidden: false }).await {
            Ok(Answer::Conversations(view)) => {
                if let Some(stale_at) = view.stale_at {
                    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                    again = again.min(Duration::from_millis(stale_at).saturating_sub(now)).max(COUNT_PAUSE);
                }
                Badge::from(&view)
            }
            _ => Badge::default(),
        };
        let news = self.inside().accounts.badge(account, badge);
        if news {
            self.changed();
        }
        Instant::now() + again
    }
}

fn lock(folder: &Path) -> Result<File, Problem> {
    let path = folder.join("lock");
    let failed = |error: &dyn std::fmt::Display| {
        own("storage", format!("{} cannot be used: {error}.", path.display()))
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| failed(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(own("in_use", format!("Confab is running already with the data in {}.", folder.display())))
        }
        Err(TryLockError::Error(error)) => Err(failed(&error)),
    }
}

/// What an event makes worth asking again.
#[derive(Clone, Copy, Default)]
struct News {
    session: bool,
    list: bool,
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod tests;
