//! The whole relay: opens, locks, starts, serves and stops it. The listener, the configuration and the shutdown are
//! arguments, so that a test runs all of it on port 0.

use crate::accounts::Accounts;
use crate::auth::secret;
use crate::auth::token::AccessTokens;
use crate::config::{Config, Directory};
use crate::demo::{self, DemoError};
use crate::http::{self, server};
use crate::lock::{self, LockError};
use crate::relay::{FindMode, Options, Relay};
use crate::store::StoreError;
use crate::store::sqlite::SqliteStore;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

const DAY_MS: u64 = 86_400_000;

/// How long requests that run may take to finish once the relay stops.
const DRAIN: Duration = Duration::from_secs(5);

/// Connections that wait to be accepted. The system may cut it down.
const BACKLOG: i32 = 4096;

/// Why the relay does not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The data folder cannot be used.
    #[error("the data folder {0} cannot be used: {1}")]
    DataDir(PathBuf, io::Error),
    /// Another relay has it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The secret cannot be read or made.
    #[error("the secret cannot be read: {0}")]
    Secret(io::Error),
    /// The database cannot be used.
    #[error("{0}: {1}")]
    Store(PathBuf, StoreError),
    /// The demo's people cannot be made.
    #[error("the demo cannot be made: {0}")]
    Demo(#[from] DemoError),
    /// The address cannot be listened on.
    #[error("{0} cannot be listened on: {1}")]
    Listen(SocketAddr, io::Error),
}

/// Listens where the configuration says: on one address, or on all, IPv6 and IPv4, as far as the machine has them.
///
/// # Errors
/// [`RunError::Listen`]
pub fn bind(config: &Config) -> Result<TcpListener, RunError> {
    let on = |host: IpAddr| {
        let address = SocketAddr::new(host, config.port);
        listen(address).map_err(|error| RunError::Listen(address, error))
    };
    match config.host {
        Some(host) => on(host),
        None => match on(Ipv6Addr::UNSPECIFIED.into()) {
            Err(RunError::Listen(_, error)) if error.kind() != io::ErrorKind::AddrInUse => {
                on(Ipv4Addr::UNSPECIFIED.into())
            }
            result => result,
        },
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    use socket2::{Domain, Protocol, Socket, Type};
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // Systems differ in the default.
        socket.set_only_v6(false)?;
    }
    // After a restart, old connections in TIME_WAIT must not keep the port. On Windows the option means another thing.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Serves until `shutdown` is done, then lets what runs finish, tells the sockets when to come back, and returns.
///
/// # Errors
/// [`RunError`], before anything is served.
pub async fn run(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), RunError> {
    prepare(&config.data_dir).map_err(|error| RunError::DataDir(config.data_dir.clone(), error))?;
    let _lock = lock::lock(&config.data_dir, config.database.path())?;
    let secret = match &config.jwt_secret {
        Some(secret) => secret.clone().into_bytes(),
        None => secret::load_or_make(&config.data_dir).map_err(RunError::Secret)?,
    };
    let path = config.database.path();
    let store_error = |error| RunError::Store(path.to_owned(), error);
    let store = SqliteStore::open(path).map_err(store_error)?;
    if config.demo {
        demo::make(&store).await?;
    }
    let relay = Relay::start(&store, AccessTokens::new(&secret), options(&config)).map_err(store_error)?;
    let accounts = Arc::new(Accounts::new(relay.clone(), &secret, config.registration, config.throttles));
    let router = http::router(http::State {
        relay: relay.clone(),
        accounts,
        trusted_proxies: config.trusted_proxies.into(),
        allowed_origins: config.allowed_origins.into(),
    });
    let (stop, stopping) = watch::channel(false);
    let serving = tokio::spawn(server::serve(listener, router, config.connections, stopping));
    shutdown.await;
    tracing::info!("stopping");
    // Only the server's own task listens, and it ends by itself if it has panicked.
    let _ = stop.send(true);
    relay.stop().await;
    if tokio::time::timeout(DRAIN, serving).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Makes the data folder, for its owner alone.
fn prepare(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn options(config: &Config) -> Options {
    Options {
        find: match config.directory {
            Directory::Open => FindMode::Open,
            Directory::Exact => FindMode::Exact,
            Directory::Off => FindMode::Off,
        },
        origins: config.allowed_origins.clone(),
        greeting_per_address: config.connections.max_greeting_per_address,
        timing: config.connections.timing,
        session_idle_ms: (config.session_idle_days > 0).then(|| u64::from(config.session_idle_days) * DAY_MS),
        ..Options::default()
    }
}
