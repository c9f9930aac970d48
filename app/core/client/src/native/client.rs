//! The client on a thread of its own.

use super::{Native, SecretFile};
use crate::client::{Setup, run};
use crate::convert::{failed, own};
use crate::handle::Handle;
use crate::platform::Secrets;
use confab_store::Store;
use confab_store::view::Problem;
use std::path::PathBuf;
use std::thread::{self, JoinHandle};

/// The database's name in a client's folder. Whoever looks whether somebody is in there must look for this one.
pub const DATABASE: &str = "confab.db";

/// What a native client is started with.
pub struct Options {
    /// The relay's address: `http://host:port` or `https://host`.
    pub relay: String,
    /// The folder for the database and the sessions. It is made if need be; one client at a time may use it.
    pub folder: PathBuf,
    /// The client's name and version, for the operator's log.
    pub client: String,
    /// Where refresh tokens are kept; `None` for a file in the folder.
    pub secrets: Option<Box<dyn Secrets + Send>>,
}

/// A running client. Dropping it stops it and waits until the database is closed; its handles get `internal_client` from
/// then on.
pub struct Client {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Client {
    /// Opens the database and starts. The account that was in use goes on at once, network or not.
    ///
    /// # Errors
    /// `newer_database`, `old_sqlite`, `full` or `storage` if the folder or the database cannot be used; `internal_client` if the system gives no thread.
    pub fn start(options: Options) -> Result<Self, Problem> {
        let (handle, asks) = Handle::new();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = thread::Builder::new()
            .name("confab-client".into())
            .spawn(move || {
                // What is open on this thread stays on it: the database and every future of the loop.
                let (runtime, setup) = match tokio_runtime().and_then(|r| Ok((r, open(options)?))) {
                    Ok(ready) => ready,
                    Err(problem) => {
                        let _ = tell.send(Err(problem));
                        return;
                    }
                };
                let _ = tell.send(Ok(()));
                runtime.block_on(run(setup, asks));
            })
            .map_err(|error| own("internal_client", format!("The client could not be started: {error}.")))?;
        told.recv().unwrap_or_else(|_| Err(own("internal_client", "The client stopped while starting.")))?;
        Ok(Self { handle, thread: Some(thread) })
    }

    /// A way to it, from any thread.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.handle.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::ops::Deref for Client {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

fn tokio_runtime() -> Result<tokio::runtime::Runtime, Problem> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| own("internal_client", format!("The client could not be started: {error}.")))
}

fn open(options: Options) -> Result<Setup<Native>, Problem> {
    let storage = |error: &dyn std::fmt::Display| own("storage", error.to_string());
    std::fs::create_dir_all(&options.folder).map_err(|error| storage(&error))?;
    let database = options.folder.join(DATABASE);
    let (store, aside) = Store::open_or_rescue(&database).map_err(failed)?;
    if let Some(aside) = &aside {
        tracing::warn!(file = %aside.file.display(), "the damaged database lies there");
    }
    let secrets: Box<dyn Secrets> = match options.secrets {
        Some(secrets) => secrets,
        None => Box::new(SecretFile::new(options.folder.join("sessions.json"))),
    };
    let place = Native::new(secrets, database).map_err(|message| own("internal_client", message))?;
    let relay = options.relay.trim_end_matches('/').to_owned();
    let rescued = aside.map(|aside| aside.rescued);
    Ok(Setup { place, store, rescued, relay, client: options.client })
}
