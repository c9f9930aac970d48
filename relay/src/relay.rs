//! What all parts of a running relay share.

use crate::auth::token::AccessTokens;
use crate::clock::now_ms;
use crate::readers::Readers;
use crate::store::{Result, Store, StoreError};
use crate::writer::Writer;
use confab_protocol::RunId;
use std::net::IpAddr;
use std::sync::Arc;

/// The address of the client behind a request, after trusted proxies: a request extension that the HTTP layer sets
/// and the socket's upgrade reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

/// Who is found by `find_users`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FindMode {
    /// By part of a display name or the start of a user name.
    #[default]
    Open,
    /// By the whole user name.
    Exact,
    /// Nobody.
    Off,
}

/// What the messaging core needs of the configuration.
#[derive(Clone, Debug)]
pub struct Options {
    /// Who is found by `find_users`.
    pub find: FindMode,
    /// Origins (`https://host[:port]`) besides the relay's own whose pages may open a socket.
    pub origins: Vec<String>,
    /// Reader threads.
    pub readers: usize,
    /// Sockets without `hello` that one address may have at a time.
    pub greeting_per_address: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { find: FindMode::Open, origins: Vec::new(), readers: 2, greeting_per_address: 64 }
    }
}

/// A running relay.
pub struct Relay {
    /// Configuration.
    pub options: Options,
    /// Access tokens.
    pub tokens: AccessTokens,
    /// The one way to change the store.
    pub writer: Writer,
    /// The way to read it.
    pub readers: Readers,
    /// This start of the relay.
    pub run: RunId,
}

impl Relay {
    /// Starts the writer, the readers and the hub over an opened store. Needs a tokio runtime.
    ///
    /// # Errors
    /// If the store cannot be read or a thread cannot be started.
    pub fn start(store: &dyn Store, tokens: AccessTokens, options: Options) -> Result<Arc<Self>> {
        let run = RunId(uuid::Uuid::new_v4());
        let writer = Writer::start(store.writer()?)
            .map_err(|error| StoreError::Failed(format!("the writer could not be started: {error}")))?;
        let readers = Readers::start(store, options.readers)?;
        Ok(Arc::new(Self { options, tokens, writer, readers, run }))
    }

    /// The relay's clock, in milliseconds since 1970.
    pub fn now(&self) -> u64 {
        now_ms()
    }
}
