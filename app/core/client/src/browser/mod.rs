//! The drivers for a worker of the browser: its WebSocket, its `fetch`, its timers.

mod http;
mod sleep;
mod socket;

use crate::api::Storage;
use crate::client::{Setup, run};
use crate::convert::own;
use crate::handle::Handle;
use crate::platform::{HttpAnswer, Platform, Post, Secrets, Socket};
use confab_store::view::Problem;
use confab_store::{Rescued, Store};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use wasm_bindgen::JsCast;

type Rescue = Box<dyn Fn() -> Result<(Store, Rescued), String>>;
type Later<T> = Pin<Box<dyn Future<Output = T>>>;
type Flush = Box<dyn Fn() -> Later<Result<(), String>>>;

/// A mark that outlives the database, for [`Platform::owes_logout`].
pub struct Mark {
    /// Whether it stands; an error where nothing can be kept.
    pub read: Box<dyn Fn() -> Later<Result<bool, String>>>,
    /// Puts it, or takes it away.
    pub write: Box<dyn Fn(bool) -> Later<Result<(), String>>>,
}

/// A worker of the browser.
pub struct Browser {
    /// Where the database lies; told truthfully even when that changes.
    storage: RefCell<Storage>,
    /// Makes commits durable where the database does not do it itself.
    flush: Option<Flush>,
    /// Sets a damaged database aside.
    rescue: Rescue,
    mark: Option<Mark>,
}

impl Browser {
    /// A worker whose database lies there, and what to do when that is damaged and has been closed.
    pub fn new(storage: Storage, rescue: Rescue) -> Self {
        Self { storage: RefCell::new(storage), flush: None, rescue, mark: None }
    }

    /// The same with a place for the mark that a log-out is owed.
    pub fn with_mark(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
        self
    }

    /// The same with something to do after every commit. Once it fails, only memory is left.
    pub fn with_flush(mut self, flush: Flush) -> Self {
        self.flush = Some(flush);
        self
    }
}

/// A browser does not say why: of certificates and refused connections it tells its console.
fn offline(message: &str) -> Problem {
    own("offline", message)
}

impl Platform for Browser {
    fn wall_ms(&self) -> u64 {
        js_sys::Date::now() as u64
    }

    fn mono_ms(&self) -> u64 {
        scope().performance().map_or_else(|| self.wall_ms(), |clock| clock.now() as u64)
    }

    fn seed(&self) -> u64 {
        getrandom::u64().unwrap_or_else(|_| js_sys::Math::random().to_bits())
    }

    fn sleep(&self, ms: u64) -> impl Future<Output = ()> + 'static {
        sleep::sleep(ms)
    }

    fn connect(&self, relay: &str) -> impl Future<Output = Result<Socket, Problem>> + 'static {
        socket::connect(relay.to_owned())
    }

    fn post(&self, relay: &str, post: Post) -> impl Future<Output = Result<HttpAnswer, Problem>> + 'static {
        http::post(format!("{relay}{}", post.path), post)
    }

    fn secrets(&self) -> Option<&dyn Secrets> {
        None
    }

    async fn owes_logout(&self) -> bool {
        let Some(mark) = &self.mark else { return false };
        // Where none can be kept there is none.
        (mark.read)().await.unwrap_or(false)
    }

    async fn owe_logout(&self, owed: bool) -> Result<(), String> {
        match &self.mark {
            Some(mark) => (mark.write)(owed).await,
            None => Err("There is no place for it.".into()),
        }
    }

    fn storage(&self) -> Storage {
        *self.storage.borrow()
    }

    fn rescue(&self) -> Result<(Store, Rescued), String> {
        (self.rescue)()
    }

    fn first_paint_ms(&self) -> u64 {
        1_000
    }

    async fn flush(&self) -> Result<(), String> {
        let Some(flush) = &self.flush else { return Ok(()) };
        if self.storage() == Storage::Memory {
            return Ok(());
        }
        let done = flush().await;
        if done.is_err() {
            *self.storage.borrow_mut() = Storage::Memory;
        }
        done
    }
}

/// A client over an open database, and the future that runs it, to be spawned.
pub fn client(
    place: Browser,
    (store, rescued): (Store, Option<Rescued>),
    relay: String,
    client: String,
) -> (Handle, impl Future<Output = ()>) {
    let (handle, asks) = Handle::new();
    (handle, run(Setup { place, store, rescued, relay, client }, asks))
}

/// What is global in every kind of worker.
fn scope() -> web_sys::WorkerGlobalScope {
    js_sys::global().unchecked_into()
}
