//! What all parts of a running relay share.

use crate::auth::token::AccessTokens;
use crate::clock::{Machine, Source, now_ms};
use crate::housekeeping;
use crate::hub::{Hub, Timing};
use crate::readers::Readers;
use crate::socket::Greetings;
use crate::store::{Result, Store};
use crate::writer::{Hand, Writer};
use confab_protocol::RunId;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

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
    /// How long things last.
    pub timing: Timing,
    /// A session that was not used for this long has expired, in milliseconds; `None` for never.
    pub session_idle_ms: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            find: FindMode::Open,
            origins: Vec::new(),
            readers: 2,
            greeting_per_address: 64,
            timing: Timing::default(),
            session_idle_ms: None,
        }
    }
}

/// How long the sockets may take to close when the relay stops.
const STOPPING: Duration = Duration::from_secs(4);

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
    /// Who is connected.
    pub hub: Arc<Hub>,
    /// This start of the relay.
    pub run: RunId,
    /// Sockets that have not said `hello`.
    pub(crate) greetings: Arc<Greetings>,
    /// Held once by each socket that is open, whether it has said `hello` or not.
    pub(crate) sockets: watch::Sender<()>,
    source: Arc<dyn Source>,
}

impl Relay {
    /// Starts the writer, the readers and the hub over an opened store. Needs a tokio runtime.
    ///
    /// # Errors
    /// If the store cannot be read or a thread cannot be started.
    pub fn start(store: &dyn Store, tokens: AccessTokens, options: Options) -> Result<Arc<Self>> {
        let run = RunId(uuid::Uuid::new_v4());
        let hub = Arc::new(Hub::new(options.timing));
        let source: Arc<dyn Source> = Arc::new(Machine);
        let writer = Writer::start(store.writer()?, Arc::clone(&hub), run, Arc::clone(&source))?;
        let readers = Readers::start(store, options.readers)?;
        let greetings = Greetings::new(options.greeting_per_address);
        let relay = Self {
            options,
            tokens,
            writer,
            readers,
            hub,
            run,
            greetings,
            sockets: watch::Sender::new(()),
            source,
        };
        let relay = Arc::new(relay);
        let sweep_ms = relay.options.timing.sweep_ms;
        tokio::spawn(housekeeping::run(Arc::downgrade(&relay), sweep_ms));
        Ok(relay)
    }

    /// The same without threads and without a runtime: reads happen at once, the caller runs the writer's batches and
    /// calls [`housekeeping::tend`], and time and ids come from `source`. For simulations.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn by_hand(
        store: &dyn Store,
        tokens: AccessTokens,
        options: Options,
        run: RunId,
        source: Arc<dyn Source>,
    ) -> Result<(Arc<Self>, Hand)> {
        let hub = Arc::new(Hub::new(options.timing));
        let (writer, hand) = Writer::by_hand(store.writer()?, Arc::clone(&hub), run, Arc::clone(&source))?;
        let readers = Readers::in_place(store)?;
        let greetings = Greetings::new(options.greeting_per_address);
        let sockets = watch::Sender::new(());
        let relay = Self { options, tokens, writer, readers, hub, run, greetings, sockets, source };
        Ok((Arc::new(relay), hand))
    }

    /// The relay's clock, in milliseconds since 1970.
    pub fn now(&self) -> u64 {
        self.source.now_ms()
    }

    /// Stops: tells the connected when to come back, stores what waits, and sees the sockets closed, for as long as
    /// [`STOPPING`] at the most.
    pub async fn stop(&self) {
        // Spread over about as long as letting everyone in again takes, so that they do not come at the same moment.
        let spread_ms = 1_000 + (self.hub.connections() as u64).min(9_000);
        self.hub.go_away(|| 500 + random_below(spread_ms));
        self.writer.stop().await;
        if tokio::time::timeout(STOPPING, self.sockets.closed()).await.is_err() {
            tracing::warn!("some sockets did not close in time");
        }
    }
}

/// A random number below `bound`, for spreading load; the clock's digits if the system has no randomness to give.
fn random_below(bound: u64) -> u64 {
    let mut bytes = [0; 8];
    let random = match getrandom::fill(&mut bytes) {
        Ok(()) => u64::from_le_bytes(bytes),
        Err(_) => now_ms(),
    };
    random % bound.max(1)
}
