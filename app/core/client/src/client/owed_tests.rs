//! A log-out without a relay, in a browser and on a device that keeps its own secrets.

#![allow(clippy::unwrap_used)]

use crate::api::{Answer, Event, Phase, Request, SessionView, Storage};
use crate::client::{Setup, run};
use crate::handle::Handle;
use crate::native::SecretFile;
use crate::platform::{HttpAnswer, Platform, Post, Secrets, Socket};
use confab_protocol::http::Session;
use confab_protocol::{DeviceId, User, UserId};
use confab_store::view::Problem;
use confab_store::{Rescued, Store};
use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;
use uuid::Uuid;

/// A relay with one account, and what of the device outlives a restart.
#[derive(Default)]
struct World {
    reachable: Cell<bool>,
    /// The refresh tokens of the sessions that there are.
    sessions: RefCell<Vec<String>>,
    made: Cell<u32>,
    /// The browser's.
    cookie: RefCell<Option<String>>,
    mark: Cell<bool>,
}

impl World {
    fn answer(&self, post: &Post, cookies: bool) -> Result<HttpAnswer, Problem> {
        if !self.reachable.get() {
            return Err(crate::convert::own("offline", "The relay cannot be reached."));
        }
        let body: serde_json::Value = serde_json::from_str(&post.body).unwrap();
        let given =
            body["refresh_token"].as_str().map(str::to_owned).or_else(|| self.cookie.borrow().clone());
        let known = given.filter(|token| self.sessions.borrow().contains(token));
        let ended = r#"{"error":{"code":"unauthenticated","retry":"after_login","message":"x"}}"#;
        let ended = || Ok(HttpAnswer { status: 401, body: ended.into() });
        match (post.path, known) {
            ("/api/logout", Some(token)) => {
                self.sessions.borrow_mut().retain(|other| *other != token);
                *self.cookie.borrow_mut() = None;
                Ok(HttpAnswer { status: 204, body: String::new() })
            }
            ("/api/refresh", Some(token)) => Ok(session(&token, cookies)),
            ("/api/login", _) => {
                self.made.set(self.made.get() + 1);
                let token = format!("token {}", self.made.get());
                self.sessions.borrow_mut().push(token.clone());
                if cookies {
                    *self.cookie.borrow_mut() = Some(token.clone());
                }
                Ok(session(&token, cookies))
            }
            _ => ended(),
        }
    }
}

fn session(token: &str, cookies: bool) -> HttpAnswer {
    let user = UserId(Uuid::from_u128(1));
    let session = Session {
        user: User { id: user, username: "alice".into(), display_name: "Alice".into(), deleted: false },
        device: DeviceId(Uuid::from_u128(2)),
        access_token: "access".into(),
        expires_in: 900,
        refresh_token: (!cookies).then(|| token.to_owned()),
    };
    HttpAnswer { status: 200, body: serde_json::to_string(&session).unwrap() }
}

struct Place {
    world: Rc<World>,
    secrets: Option<SecretFile>,
}

impl Platform for Place {
    fn wall_ms(&self) -> u64 {
        1_700_000_000_000
    }
    fn mono_ms(&self) -> u64 {
        0
    }
    fn seed(&self) -> u64 {
        7
    }
    fn sleep(&self, ms: u64) -> impl Future<Output = ()> + 'static {
        tokio::time::sleep(Duration::from_millis(ms))
    }
    fn connect(&self, _relay: &str) -> impl Future<Output = Result<Socket, Problem>> + 'static {
        std::future::ready(Err(crate::convert::own("offline", "There are no sockets here.")))
    }
    fn post(&self, _relay: &str, post: Post) -> impl Future<Output = Result<HttpAnswer, Problem>> + 'static {
        std::future::ready(self.world.answer(&post, self.secrets.is_none()))
    }
    fn secrets(&self) -> Option<&dyn Secrets> {
        self.secrets.as_ref().map(|file| file as &dyn Secrets)
    }
    fn owes_logout(&self) -> impl Future<Output = bool> {
        std::future::ready(self.world.mark.get())
    }
    fn owe_logout(&self, owed: bool) -> impl Future<Output = Result<(), String>> {
        self.world.mark.set(owed);
        std::future::ready(Ok(()))
    }
    fn storage(&self) -> Storage {
        if self.secrets.is_some() { Storage::Persistent } else { Storage::Memory }
    }
    fn rescue(&self) -> Result<(Store, Rescued), String> {
        Err("Nothing is damaged here.".into())
    }
    async fn flush(&self) -> Result<(), String> {
        Ok(())
    }
}

struct Device {
    world: Rc<World>,
    /// Of its secrets; a browser has none.
    file: Option<PathBuf>,
}

impl Device {
    fn browser() -> Self {
        Self { world: Rc::default(), file: None }
    }

    fn native(folder: &Path) -> Self {
        Self { world: Rc::default(), file: Some(folder.join("secrets")) }
    }

    /// Starts its client over an empty database, as after a reload in a browser that keeps none.
    fn start(&self) -> (Handle, UnboundedReceiver<Event>) {
        let (handle, asks) = Handle::new();
        let place = Place { world: self.world.clone(), secrets: self.file.as_ref().map(SecretFile::new) };
        let setup = Setup {
            place,
            store: Store::in_memory().unwrap(),
            rescued: None,
            relay: "http://relay.example".into(),
            client: "test".into(),
        };
        tokio::task::spawn_local(run(setup, asks));
        let events = handle.listen();
        (handle, events)
    }

    fn sessions(&self) -> Vec<String> {
        self.world.sessions.borrow().clone()
    }

    fn reachable(&self, yes: bool) {
        self.world.reachable.set(yes);
    }

    /// Whether anything is still noted.
    fn owes(&self) -> bool {
        self.world.mark.get()
            || self
                .file
                .as_ref()
                .is_some_and(|file| std::fs::read_to_string(file).is_ok_and(|text| text.contains("owed")))
    }
}

async fn ask(handle: &Handle, request: Request) -> Result<SessionView, Problem> {
    match handle.request(request).await? {
        Answer::Session(view) => Ok(*view),
        other => panic!("{other:?}"),
    }
}

async fn phase(handle: &Handle) -> Phase {
    ask(handle, Request::Session).await.unwrap().phase
}

fn login() -> Request {
    Request::Login { username: "alice".into(), password: "long enough".into(), device_name: String::new() }
}

/// Logs in, loses the relay and logs out.
async fn logged_out_offline(device: &Device) -> Handle {
    device.reachable(true);
    let (handle, mut events) = device.start();
    ask(&handle, login()).await.unwrap();
    device.reachable(false);
    let view = ask(&handle, Request::Logout { discard_unsent: true }).await.unwrap();
    assert_eq!(view.phase, Phase::SignedOut);
    assert_eq!(device.sessions(), ["token 1"], "the relay does not know");
    handle.stop();
    let mut told = Vec::new();
    while let Some(event) = events.next().await {
        if let Event::Trouble { problem, .. } = event {
            told.push(problem.code);
        }
    }
    assert_eq!(told, ["logout_owed"]);
    handle
}

/// On one thread, where time goes by itself while everybody waits.
fn play(story: impl Future<Output = ()>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, story);
}

#[test]
fn a_reload_without_a_relay_does_not_log_in_again_and_the_relay_is_told_when_it_is_back() {
    play(async {
        let device = Device::browser();
        logged_out_offline(&device).await;
        assert!(device.world.cookie.borrow().is_some(), "no script can remove it");

        let (handle, _events) = device.start();
        assert_eq!(phase(&handle).await, Phase::SignedOut);
        tokio::time::sleep(Duration::from_secs(600)).await;
        assert!(device.owes());
        device.reachable(true);
        tokio::time::sleep(Duration::from_secs(600)).await;
        assert_eq!(phase(&handle).await, Phase::SignedOut);
        assert!(device.sessions().is_empty());
        assert!(!device.owes());
    });
}

#[test]
fn a_reload_with_a_relay_ends_the_session_instead_of_going_on_with_it() {
    play(async {
        let device = Device::browser();
        logged_out_offline(&device).await;
        device.reachable(true);
        let (handle, _events) = device.start();
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(phase(&handle).await, Phase::SignedOut);
        assert!(device.sessions().is_empty());
        assert!(!device.owes());
    });
}

#[test]
fn a_cookie_that_nobody_logged_out_of_still_signs_in() {
    play(async {
        let device = Device::browser();
        device.reachable(true);
        let (handle, _events) = device.start();
        ask(&handle, login()).await.unwrap();
        handle.stop();
        let (handle, _events) = device.start();
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(phase(&handle).await, Phase::SignedIn);
    });
}

#[test]
fn whoever_logs_in_again_keeps_the_new_session_and_loses_the_old_one() {
    let folder = std::env::temp_dir().join(format!("confab-owed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for device in [Device::browser(), Device::native(&folder)] {
        play(async {
            logged_out_offline(&device).await;
            let (handle, _events) = device.start();
            assert_eq!(ask(&handle, login()).await.unwrap_err().code, "offline");
            device.reachable(true);
            ask(&handle, login()).await.unwrap();
            tokio::time::sleep(Duration::from_secs(600)).await;
            assert_eq!(device.sessions(), ["token 2"]);
            assert!(!device.owes());
            assert_eq!(phase(&handle).await, Phase::SignedIn);
        });
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_token_that_is_owed_lies_among_the_secrets_until_the_relay_was_told() {
    let folder = std::env::temp_dir().join(format!("confab-owed-native-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let device = Device::native(&folder);
    play(async {
        logged_out_offline(&device).await;
        assert!(device.owes());
        let (handle, _events) = device.start();
        handle.pause();
        tokio::time::sleep(Duration::from_secs(60)).await;
        device.reachable(true);
        tokio::time::sleep(Duration::from_secs(600)).await;
        assert_eq!(device.sessions(), ["token 1"], "nothing is done in the background");
        handle.resume();
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(device.sessions().is_empty());
        assert_eq!(std::fs::read_to_string(device.file.as_ref().unwrap()).unwrap(), "{}");
    });
    std::fs::remove_dir_all(&folder).unwrap();
}
