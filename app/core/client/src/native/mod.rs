//! The drivers for a desktop, a phone, a server's test: tokio, tungstenite, reqwest, a folder.

mod client;
mod files;
mod http;
mod secrets;
mod socket;
mod tls;
mod unreached;

pub use client::{Client, DATABASE, Options};
pub use files::replace;
pub use http::client as http_client;
pub use secrets::SecretFile;
pub use unreached::unreached;

use crate::api::Storage;
use crate::platform::{ATTEMPT_TIMEOUT_MS, HttpAnswer, Platform, Post, Secrets, Socket};
use confab_store::view::Problem;
use confab_store::{Rescued, Store};
use rustls::ClientConfig;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// This machine.
pub(crate) struct Native {
    http: reqwest::Client,
    tls: Arc<ClientConfig>,
    secrets: Box<dyn Secrets>,
    database: PathBuf,
    started: Instant,
}

impl Native {
    fn new(secrets: Box<dyn Secrets>, database: PathBuf) -> Result<Self, String> {
        let tls = tls::config()?;
        let http = http::client_with(&tls, Duration::from_millis(ATTEMPT_TIMEOUT_MS))?;
        Ok(Self { http, tls, secrets, database, started: Instant::now() })
    }
}

impl Platform for Native {
    fn wall_ms(&self) -> u64 {
        // A clock before 1970 is as good as none.
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(0))
    }

    fn mono_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn seed(&self) -> u64 {
        getrandom::u64().unwrap_or_else(|_| self.wall_ms().rotate_left(32) ^ u64::from(std::process::id()))
    }

    fn sleep(&self, ms: u64) -> impl Future<Output = ()> + 'static {
        tokio::time::sleep(Duration::from_millis(ms))
    }

    fn connect(&self, relay: &str) -> impl Future<Output = Result<Socket, Problem>> + 'static {
        socket::connect(relay.to_owned(), self.tls.clone())
    }

    fn post(&self, relay: &str, post: Post) -> impl Future<Output = Result<HttpAnswer, Problem>> + 'static {
        http::post(self.http.clone(), format!("{relay}{}", post.path), post)
    }

    fn secrets(&self) -> Option<&dyn Secrets> {
        Some(self.secrets.as_ref())
    }

    fn storage(&self) -> Storage {
        Storage::Persistent
    }

    fn rescue(&self) -> Result<(Store, Rescued), String> {
        let aside = Store::rescue(&self.database).map_err(|error| error.to_string())?;
        tracing::warn!(file = %aside.file.display(), "the damaged database lies there");
        let store = Store::open(&self.database).map_err(|error| error.to_string())?;
        Ok((store, aside.rescued))
    }

    async fn flush(&self) -> Result<(), String> {
        Ok(())
    }
}
