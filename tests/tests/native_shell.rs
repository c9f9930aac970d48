//! The native shell without its windows, against real relays: several accounts, secrets, links, notices.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_client::api::{Answer, Connection, Phase, Request};
use confab_protocol::ConversationId;
use confab_shell::api::{
    AccountNumber, AccountView, Closed, SecretsPlace, SecretsView, ShellAnswer, ShellEvent, ShellRequest,
    SystemView,
};
use confab_shell::vault::{Keychain, KeychainError};
use confab_shell::{Shell, Told};
use confab_store::view::Problem;
use confab_tests::{Person, TestRelay};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// After so long something has gone wrong.
const STUCK: Duration = Duration::from_secs(60);

/// A keychain in memory; without one, every answer is that there is none.
#[derive(Clone, Default)]
struct Drawer(Option<Arc<Mutex<Option<Vec<u8>>>>>);

impl Drawer {
    fn there() -> Self {
        Self(Some(Arc::default()))
    }
}

impl Keychain for Drawer {
    fn get(&self) -> Result<Option<Vec<u8>>, KeychainError> {
        let missing = || KeychainError::Missing("no keychain here".into());
        Ok(self.0.as_ref().ok_or_else(missing)?.lock().unwrap().clone())
    }

    fn put(&self, secret: &[u8]) -> Result<(), KeychainError> {
        let missing = || KeychainError::Missing("no keychain here".into());
        *self.0.as_ref().ok_or_else(missing)?.lock().unwrap() = Some(secret.to_vec());
        Ok(())
    }
}

/// An app without a window.
struct App {
    runtime: Runtime,
    shell: Shell,
    told: Receiver<Told>,
}

impl App {
    fn try_open(folder: &Path, drawer: &Drawer) -> Result<Self, Problem> {
        let runtime = Runtime::new().unwrap();
        let (tell, told) = channel();
        let system = SystemView { name: "test".into(), version: "0".into(), ..SystemView::default() };
        let shell = Shell::open(
            folder.to_owned(),
            Box::new(drawer.clone()),
            system,
            runtime.handle().clone(),
            move |t| {
                let _ = tell.send(t);
            },
        )?;
        Ok(Self { runtime, shell, told })
    }

    fn open(folder: &Path, drawer: &Drawer) -> Self {
        Self::try_open(folder, drawer).unwrap()
    }

    fn request(&self, request: ShellRequest) -> Result<ShellAnswer, Problem> {
        self.runtime.block_on(self.shell.request(request))
    }

    fn ask(&self, account: AccountNumber, request: Request) -> Result<Answer, Problem> {
        self.runtime.block_on(self.shell.ask(account, request))
    }

    fn add(&self, relay: &str) -> AccountNumber {
        match self.request(ShellRequest::AddAccount { relay: relay.into() }) {
            Ok(ShellAnswer::View(view)) => view.selected.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn register(&mut self, relay: &str, name: &str) -> AccountNumber {
        let account = self.add(relay);
        self.ask(account, register(name)).unwrap();
        self.until("online", |app| app.account(account).connection == Connection::Online);
        account
    }

    fn account(&self, account: AccountNumber) -> AccountView {
        self.shell
            .view()
            .accounts
            .into_iter()
            .find(|one| one.account == account)
            .expect("the account is there")
    }

    /// Waits until something holds, looking again whenever the shell tells something; gives all that was told.
    fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> Vec<Told> {
        let end = Instant::now() + STUCK;
        let mut heard = Vec::new();
        while !holds(self) {
            match self.told.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(told) => heard.push(told),
                Err(RecvTimeoutError::Timeout) => panic!("never: {what}; heard {heard:?}"),
                Err(RecvTimeoutError::Disconnected) => panic!("the shell is gone"),
            }
        }
        heard
    }

    /// The next thing told that fits.
    fn hear<T>(&mut self, what: &str, fits: impl Fn(Told) -> Option<T>) -> T {
        let end = Instant::now() + STUCK;
        loop {
            let told = self.told.recv_timeout(end.saturating_duration_since(Instant::now()));
            if let Some(found) = fits(told.unwrap_or_else(|_| panic!("never: {what}"))) {
                return found;
            }
        }
    }

    fn close(self) {
        self.shell.close();
    }
}

fn register(name: &str) -> Request {
    Request::Register {
        username: name.into(),
        display_name: name.to_uppercase(),
        password: "correct horse battery".into(),
        device_name: "test".into(),
    }
}

fn notice(told: Told) -> Option<confab_shell::notices::Notice> {
    if let Told::Notice(notice) = told { Some(notice) } else { None }
}

fn watch(conversation: ConversationId) -> Request {
    Request::Watch { conversation: Some(conversation), users: vec![] }
}

#[test]
fn accounts_at_two_relays_live_beside_each_other_and_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let here = TestRelay::start(&folder.path().join("here"));
    let there = TestRelay::start(&folder.path().join("there"));
    let (data, drawer) = (folder.path().join("app"), Drawer::there());
    let mut app = App::open(&data, &drawer);
    let first = app.register(&here.url(), "alice");
    let second = app.register(&there.url(), "alice");
    assert_ne!(first, second);
    assert_eq!(app.shell.view().selected, Some(second));

    // A message to the one that the window does not show: a notice that says whose it is, and a badge.
    app.ask(second, watch(ConversationId(Uuid::now_v7()))).unwrap();
    app.shell.focused(true);
    let bob = Person::register(folder.path(), &here.url(), "bob");
    let talk = bob.direct("alice");
    bob.send(talk, "hello from here");
    let told = app.hear("a notice", notice);
    assert_eq!((told.about.account, told.about.conversation), (first, talk));
    assert_eq!((told.title.as_str(), told.body.as_str()), ("BOB (alice)", "hello from here"));
    app.until("the badge", |app| app.account(first).unread == 1);
    assert_eq!(app.account(second).unread, 0);

    app.request(ShellRequest::Select { account: first }).unwrap();
    app.close();
    let mut app = App::open(&data, &drawer);
    app.until("both online", |app| {
        app.shell.view().accounts.iter().all(|account| account.connection == Connection::Online)
    });
    let view = app.shell.view();
    assert_eq!((view.accounts.len(), view.selected), (2, Some(first)));
    assert!(view.accounts.iter().all(|account| account.phase == Phase::SignedIn));
    app.until("the badge is known again", |app| app.account(first).unread == 1);
}

#[test]
fn what_is_in_view_is_not_notified_of_and_what_was_looked_at_is_done_with() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let mut app = App::open(&folder.path().join("app"), &Drawer::there());
    let account = app.register(&relay.url(), "alice");
    let bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = bob.direct("alice");
    bob.send(talk, "one");
    assert_eq!(app.hear("a notice", notice).body, "one");
    bob.send(talk, "two");
    assert_eq!(app.hear("a notice", notice).count, 2);

    // Opened, but nobody looks: still told. Looked at: done with.
    app.ask(account, watch(talk)).unwrap();
    bob.send(talk, "three");
    assert_eq!(app.hear("a notice", notice).count, 3);
    app.shell.focused(true);
    let seen =
        app.hear("that it was seen", |told| if let Told::Seen(about) = told { Some(about) } else { None });
    assert_eq!(seen.conversation, talk);

    // In view: the message comes, and no notice before it is in the window.
    bob.send(talk, "four");
    let before = app.until("the message", |app| {
        matches!(app.ask(account, Request::Conversation { conversation: talk }), Ok(Answer::Conversation(view)) if view.last_seq == 4)
    });
    assert!(before.into_iter().filter_map(notice).next().is_none());
    app.shell.focused(false);
    bob.send(talk, "five");
    assert_eq!(app.hear("a notice", notice).body, "five");
}

#[test]
fn without_a_keychain_nobody_logs_in_until_the_person_agrees_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let data = folder.path().join("app");
    let mut app = App::open(&data, &Drawer::default());
    app.until("the keychain answered", |app| app.shell.view().secrets != SecretsView::Opening);
    assert!(matches!(app.shell.view().secrets, SecretsView::Closed { why: Closed::Missing, .. }));
    let account = app.add(&relay.url());
    let refused = app.ask(account, register("alice")).unwrap_err();
    assert!(refused.message.contains("no keychain here"), "{refused:?}");

    app.request(ShellRequest::KeepSecrets { place: SecretsPlace::File }).unwrap();
    assert_eq!(app.shell.view().secrets, SecretsView::Ready { place: SecretsPlace::File });
    // Nothing was made at the relay that could not be kept here: the name is still free.
    app.ask(account, register("alice")).unwrap();
    app.close();
    let mut app = App::open(&data, &Drawer::default());
    app.until("online again", |app| app.account(account).connection == Connection::Online);
}

#[test]
fn a_keychain_that_answers_late_keeps_nobody_from_reading() {
    /// A keychain whose person thinks until they are told to go on.
    struct Slow(Drawer, Mutex<Receiver<()>>);
    impl Keychain for Slow {
        fn get(&self) -> Result<Option<Vec<u8>>, KeychainError> {
            let _ = self.1.lock().unwrap().recv();
            self.0.get()
        }
        fn put(&self, secret: &[u8]) -> Result<(), KeychainError> {
            self.0.put(secret)
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let (data, drawer) = (folder.path().join("app"), Drawer::there());
    let mut app = App::open(&data, &drawer);
    let account = app.register(&relay.url(), "alice");
    app.close();

    let runtime = Runtime::new().unwrap();
    let (go, wait) = channel();
    let (tell, told) = channel();
    let slow = Box::new(Slow(drawer, Mutex::new(wait)));
    let shell = Shell::open(data, slow, SystemView::default(), runtime.handle().clone(), move |t| {
        let _ = tell.send(t);
    });
    let mut app = App { runtime, shell: shell.unwrap(), told };
    assert_eq!(app.shell.view().secrets, SecretsView::Opening);
    // The cache is there, and the session has not ended.
    assert!(
        matches!(app.ask(account, Request::Session), Ok(Answer::Session(view)) if view.phase == Phase::SignedIn)
    );
    assert!(app.ask(account, Request::Conversations { hidden: false }).is_ok());
    go.send(()).unwrap();
    app.until("online", |app| app.account(account).connection == Connection::Online);
}

#[test]
fn a_link_chooses_the_account_that_knows_the_conversation() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let mut app = App::open(&folder.path().join("app"), &Drawer::there());
    let alice = app.register(&relay.url(), "alice");
    let carol = app.register(&relay.url(), "carol");
    let bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = bob.direct("alice");
    bob.send(talk, "hello");
    app.until("the message", |app| app.account(alice).unread == 1);
    assert_eq!(app.shell.view().selected, Some(carol));

    let host = relay.url().replace("http://", "");
    assert!(!app.shell.open_link("https://example.com/"));
    assert!(app.shell.open_link(&format!("confab://{host}/c/{}/m/1?plain", talk.0)));
    app.hear("that the window is to come", |told| matches!(told, Told::Front).then_some(()));
    app.hear("that a link waits", |told| matches!(told, Told::Shell(ShellEvent::Link)).then_some(()));
    assert_eq!(app.shell.view().selected, Some(alice));
    let Ok(ShellAnswer::Link(link)) = app.request(ShellRequest::TakeLink) else { panic!("no link") };
    assert_eq!((link.account, link.conversation, link.seq), (Some(alice), Some(talk), Some(1)));
    let Ok(ShellAnswer::Link(again)) = app.request(ShellRequest::TakeLink) else { panic!("no link") };
    assert_eq!(again.conversation, None, "it is given once");

    // A relay that nobody here is at: the window is told which.
    assert!(app.shell.open_link("confab://elsewhere.example/"));
    app.hear("that a link waits", |told| matches!(told, Told::Shell(ShellEvent::Link)).then_some(()));
    let Ok(ShellAnswer::Link(link)) = app.request(ShellRequest::TakeLink) else { panic!("no link") };
    assert_eq!((link.account, link.relay.as_deref()), (None, Some("https://elsewhere.example")));
}

#[test]
fn an_account_goes_only_when_nobody_is_logged_in_and_takes_its_folder_along() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let (data, drawer) = (folder.path().join("app"), Drawer::there());
    let mut app = App::open(&data, &drawer);
    let account = app.register(&relay.url(), "alice");
    let own = data.join("accounts").join(account.to_string());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for private in [&data, &own] {
            assert_eq!(std::fs::metadata(private).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }
    assert_eq!(app.request(ShellRequest::RemoveAccount { account }).unwrap_err().code, "account_in_use");
    assert!(app.ask(account, Request::Logout { discard_unsent: false }).is_ok());
    app.until("logged out", |app| app.account(account).user.is_none());
    assert_eq!(app.account(account).phase, Phase::SignedOut);
    app.request(ShellRequest::RemoveAccount { account }).unwrap();
    assert!(app.shell.view().accounts.is_empty());
    assert!(!own.exists());
    // Its number is not given again.
    assert_ne!(app.add(&relay.url()), account);
    app.close();
    // A place that nobody logged in to is forgotten.
    assert!(App::open(&data, &drawer).shell.view().accounts.is_empty());
}

#[test]
fn two_apps_do_not_share_a_folder_and_an_unreadable_list_is_not_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let (data, drawer) = (folder.path().join("app"), Drawer::there());
    let app = App::open(&data, &drawer);
    assert_eq!(App::try_open(&data, &drawer).map(|_| ()).unwrap_err().code, "in_use");
    app.close();
    let list = data.join("accounts.json");
    std::fs::write(&list, "{\"next\": 3, \"accou").unwrap();
    let refused = App::try_open(&data, &drawer).map(|_| ()).unwrap_err();
    assert_eq!(refused.code, "storage");
    assert!(refused.message.contains("Nothing was changed"), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&list).unwrap(), "{\"next\": 3, \"accou");
}

#[test]
fn somebody_whom_the_list_does_not_know_of_is_not_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let (data, drawer) = (folder.path().join("app"), Drawer::there());
    let mut app = App::open(&data, &drawer);
    let account = app.register(&relay.url(), "alice");
    app.close();
    // As after a crash between the login and the writing of the list.
    let list = data.join("accounts.json");
    let mut listed: serde_json::Value = serde_json::from_slice(&std::fs::read(&list).unwrap()).unwrap();
    listed["accounts"][0]["user"] = serde_json::Value::Null;
    std::fs::write(&list, listed.to_string()).unwrap();
    let mut app = App::open(&data, &drawer);
    app.until("alice is back", |app| {
        app.account(account).user.as_ref().is_some_and(|user| user.username == "alice")
    });
}

#[test]
fn the_window_is_told_whenever_the_accounts_change() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = App::open(&folder.path().join("app"), &Drawer::there());
    app.hear("that the keychain answered", |told| {
        matches!(told, Told::Shell(ShellEvent::Changed)).then_some(())
    });
    // Nobody is there, so nothing else is told.
    let told = |app: &App| {
        let told: Vec<Told> = app.told.try_iter().collect();
        told.iter().any(|told| matches!(told, Told::Shell(ShellEvent::Changed)))
    };
    let first = app.add("http://127.0.0.1:9");
    assert!(told(&app), "added");
    let second = app.add("http://127.0.0.2:9");
    assert!(told(&app), "added");
    app.request(ShellRequest::Select { account: first }).unwrap();
    assert!(told(&app), "selected");
    app.request(ShellRequest::RemoveAccount { account: second }).unwrap();
    assert!(told(&app), "removed");
}

#[test]
fn a_newer_database_is_told_of_and_the_other_accounts_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let (data, drawer) = (folder.path().join("app"), Drawer::there());
    let mut app = App::open(&data, &drawer);
    let first = app.register(&relay.url(), "alice");
    let second = app.register(&relay.url(), "bob");
    app.close();
    let database = data.join("accounts").join(first.to_string()).join("confab.db");
    rusqlite::Connection::open(&database).unwrap().pragma_update(None, "user_version", 1_000_000).unwrap();
    let before = std::fs::metadata(&database).unwrap().len();
    let mut app = App::open(&data, &drawer);
    let problem = app.account(first).problem.expect("a problem");
    assert!(problem.message.contains("newer version"), "{problem:?}");
    assert_eq!(app.ask(first, Request::Session).unwrap_err(), problem);
    assert_eq!(std::fs::metadata(&database).unwrap().len(), before);
    app.until("the other online", |app| app.account(second).connection == Connection::Online);
}
