//! The relay's configuration: flags, the environment and `.env`, read here and nowhere else.
//!
//! With none of them the relay starts with safe defaults and makes its own secret. `--help` tells all of it.

use crate::hub::Timing;
use clap::{Args, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// The command line of the program `relay`.
#[derive(Debug, Parser)]
#[command(
    name = "relay",
    version,
    about = "The Confab relay: one process with the web client inside and SQLite beside it.",
    after_help = "Every option but --demo can stand in the environment or in a file named .env in the working directory, under \
                  the name shown as [env: …]. Flags go before the environment, and the environment before .env."
)]
pub struct Cli {
    /// What to do; `serve` if absent.
    #[command(subcommand)]
    pub action: Option<Action>,
    /// The options, which may stand before or after the action.
    #[command(flatten)]
    pub settings: Settings,
}

/// What the program is to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Serve (the default)
    Serve,
    /// Write a consistent copy of the database to FILE; the relay may be running
    Backup {
        /// Where to; must not exist yet
        file: PathBuf,
    },
    /// Put a copy made by `backup` in the database's place; the relay must not be running
    Restore {
        /// The copy
        file: PathBuf,
    },
    /// Serve, with a few people and conversations to look at if the database is empty
    Demo,
}

/// The options as they stand on the command line.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// The port to listen on; 0 lets the system choose
    #[arg(long, env = "PORT", default_value_t = 5000, global = true)]
    pub port: u16,
    /// The address to listen on [default: all, IPv6 and IPv4]
    #[arg(long, env = "HOST", global = true)]
    pub host: Option<IpAddr>,
    /// The folder that holds the database, the lock and the generated secret; made if it is missing
    #[arg(long, env = "DATA_DIR", default_value = "./data", global = true)]
    pub data_dir: PathBuf,
    /// The database, as `sqlite:PATH` [default: confab.db in the data folder]
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// The secret that signs tokens, at least 8 bytes; 32 random ones are best [default: made at the first start and
    /// kept in the data folder]
    #[arg(long, env = "JWT_SECRET", hide_env_values = true, global = true)]
    pub jwt_secret: Option<String>,
    /// Addresses or networks of the reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed,
    /// separated by commas [default: none]
    #[arg(long, env = "TRUSTED_PROXIES", value_delimiter = ',', global = true)]
    pub trusted_proxies: Vec<String>,
    /// Whether anyone may make an account
    #[arg(long, env = "REGISTRATION", value_enum, default_value_t = Registration::Open, global = true)]
    pub registration: Registration,
    /// How people find each other: `open` by parts of names, `exact` by a whole user name, `off` not at all
    #[arg(long, env = "DIRECTORY", value_enum, default_value_t = Directory::Open, global = true)]
    pub directory: Directory,
    /// Further origins whose pages may connect, such as `https://chat.example.org`, separated by commas [default: the
    /// relay's own]
    #[arg(long, env = "ALLOWED_ORIGINS", value_delimiter = ',', global = true)]
    pub allowed_origins: Vec<String>,
    /// Most connections at a time, sockets and HTTP together
    #[arg(long, env = "MAX_CONNECTIONS", default_value_t = 50_000, global = true)]
    pub max_connections: usize,
    /// Most sockets of one address that have not logged in yet
    #[arg(long, env = "MAX_GREETING_PER_ADDRESS", default_value_t = 64, global = true)]
    pub max_greeting_per_address: usize,
    /// Registrations of one address that are taken at once; they come back one in ten seconds. 0 lifts the limit
    #[arg(long, env = "REGISTER_BURST", default_value_t = 100, global = true)]
    pub register_burst: u32,
    /// Log-ins of one address that are taken at once; they come back one a second. 0 lifts the limit
    #[arg(long, env = "LOGIN_BURST", default_value_t = 100, global = true)]
    pub login_burst: u32,
    /// Failed log-ins of one address to one account that are taken at once; they come back one in twenty seconds.
    /// 0 lifts the limit
    #[arg(long, env = "LOGIN_FAILURES", default_value_t = 10, global = true)]
    pub login_failures: u32,
    /// Days without use after which a device has to log in again. 0 for never
    #[arg(long, env = "SESSION_IDLE_DAYS", default_value_t = SESSION_IDLE_DAYS, global = true)]
    pub session_idle_days: u32,
    /// What to log, as `info`, `warn`, `confab_relay=debug` and so on
    #[arg(long, env = "LOG", default_value = "info", global = true)]
    pub log: String,
    /// The same as the action `demo`
    #[arg(long, global = true)]
    pub demo: bool,
}

/// Whether anyone may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Registration {
    /// Anyone.
    Open,
    /// Nobody.
    Closed,
}

/// How people find each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Directory {
    /// By part of a display name or the start of a user name.
    Open,
    /// By a whole user name.
    Exact,
    /// Not at all.
    Off,
}

/// Where the data lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
}

impl Database {
    /// The file of a SQLite database.
    pub fn path(&self) -> &Path {
        let Database::Sqlite(path) = self;
        path
    }
}

/// Bounds on how often strangers may knock. A burst of 0 means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttles {
    /// Registrations of one address.
    pub register_burst: u32,
    /// Log-ins of one address.
    pub login_burst: u32,
    /// Failed log-ins of one address to one account. From all addresses together, ten times as many.
    pub login_failures: u32,
}

/// Bounds on connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// Most at a time.
    pub max: usize,
    /// Most sockets of one address before their `hello`.
    pub max_greeting_per_address: usize,
    /// The head of a request takes no longer than this, the wait for the next request included, in milliseconds.
    pub head_timeout_ms: u64,
    /// How long things last on a socket.
    pub timing: Timing,
}

impl Default for Connections {
    fn default() -> Self {
        Self { max: 50_000, max_greeting_per_address: 64, head_timeout_ms: 15_000, timing: Timing::default() }
    }
}

/// The configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on; `None` for all.
    pub host: Option<IpAddr>,
    /// The port.
    pub port: u16,
    /// The folder of everything that is kept.
    pub data_dir: PathBuf,
    /// The database.
    pub database: Database,
    /// The secret, unless it is to be made and kept in the data folder.
    pub jwt_secret: Option<String>,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Who may register.
    pub registration: Registration,
    /// Who finds whom.
    pub directory: Directory,
    /// Origins besides the relay's own, lower case, without a slash at the end.
    pub allowed_origins: Vec<String>,
    /// Bounds on connections.
    pub connections: Connections,
    /// Bounds on knocking.
    pub throttles: Throttles,
    /// Days without use after which a session expires; 0 for never.
    pub session_idle_days: u32,
    /// Make the demo people if the database is empty.
    pub demo: bool,
}

/// What is wrong with the configuration, in words for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

impl Config {
    /// The defaults for a data folder, on a port of the system's choice on the loopback. For tests and tools.
    pub fn local(data_dir: impl Into<PathBuf>) -> Self {
        let data_dir = data_dir.into();
        Self {
            host: Some(IpAddr::from([127, 0, 0, 1])),
            port: 0,
            database: Database::Sqlite(data_dir.join(DATABASE_FILE)),
            data_dir,
            jwt_secret: None,
            trusted_proxies: Vec::new(),
            registration: Registration::Open,
            directory: Directory::Open,
            allowed_origins: Vec::new(),
            connections: Connections::default(),
            throttles: Throttles { register_burst: 100, login_burst: 100, login_failures: 10 },
            session_idle_days: SESSION_IDLE_DAYS,
            demo: false,
        }
    }
}

/// A device that was not used for a season is more likely lost than on holiday.
const SESSION_IDLE_DAYS: u32 = 90;

/// The database's name in the data folder.
const DATABASE_FILE: &str = "confab.db";

/// A secret shorter than this can be guessed, in bytes.
const MIN_SECRET_BYTES: usize = 8;

impl TryFrom<Settings> for Config {
    type Error = ConfigError;

    fn try_from(settings: Settings) -> Result<Self, ConfigError> {
        let database = match settings.database_url.as_deref().map(str::trim) {
            None | Some("") => Database::Sqlite(settings.data_dir.join(DATABASE_FILE)),
            Some(url) => database(url)?,
        };
        let jwt_secret = settings.jwt_secret.filter(|secret| !secret.is_empty());
        if jwt_secret.as_ref().is_some_and(|secret| secret.len() < MIN_SECRET_BYTES) {
            return Err(ConfigError(format!(
                "JWT_SECRET has fewer than {MIN_SECRET_BYTES} bytes and could be guessed. Give a longer one (for \
                 instance from `openssl rand -hex 32`), or none: then the relay makes its own."
            )));
        }
        Ok(Self {
            host: settings.host,
            port: settings.port,
            data_dir: settings.data_dir,
            database,
            jwt_secret,
            trusted_proxies: settings
                .trusted_proxies
                .iter()
                .filter_map(|t| network(t).transpose())
                .collect::<Result<_, _>>()?,
            registration: settings.registration,
            directory: settings.directory,
            allowed_origins: settings
                .allowed_origins
                .iter()
                .filter_map(|o| origin(o).transpose())
                .collect::<Result<_, _>>()?,
            connections: Connections {
                max: settings.max_connections.max(1),
                max_greeting_per_address: settings.max_greeting_per_address.max(1),
                ..Connections::default()
            },
            throttles: Throttles {
                register_burst: settings.register_burst,
                login_burst: settings.login_burst,
                login_failures: settings.login_failures,
            },
            session_idle_days: settings.session_idle_days,
            demo: settings.demo,
        })
    }
}

/// Reads a `DATABASE_URL`: `sqlite:relative/path`, `sqlite:/absolute` or `sqlite:///absolute`.
fn database(url: &str) -> Result<Database, ConfigError> {
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err(ConfigError(
            "DATABASE_URL names no scheme. Write sqlite:PATH, such as sqlite:/var/lib/confab/confab.db."
                .into(),
        ));
    };
    if scheme != "sqlite" {
        // The rest may hold a password and is not repeated.
        return Err(ConfigError(format!(
            "DATABASE_URL has the scheme '{scheme}', which this relay does not know. It stores in SQLite: write \
             sqlite:PATH, or leave it out."
        )));
    }
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() || path.starts_with(':') || path.contains(['\0', '?']) {
        return Err(ConfigError(
            "DATABASE_URL names no file. Write sqlite:PATH, such as sqlite:/var/lib/confab/confab.db.".into(),
        ));
    }
    Ok(Database::Sqlite(PathBuf::from(path)))
}

/// An address or network of `TRUSTED_PROXIES`; `None` for an empty entry.
fn network(text: &str) -> Result<Option<IpNet>, ConfigError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map(Some).map_err(|_| {
        ConfigError(format!(
            "TRUSTED_PROXIES has '{text}', which is neither an address (10.0.0.2) nor a network (10.0.0.0/8)."
        ))
    })
}

/// An origin of `ALLOWED_ORIGINS` (RFC 6454) in its usual form; `None` for an empty entry.
fn origin(text: &str) -> Result<Option<String>, ConfigError> {
    let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
    if text.is_empty() {
        return Ok(None);
    }
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .or_else(|| text.strip_prefix("tauri://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '*', ' ']) => Ok(Some(text)),
        _ => Err(ConfigError(format!(
            "ALLOWED_ORIGINS has '{text}', which is no origin. Write a scheme and a host, such as \
             https://chat.example.org."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(args: &[&str]) -> Result<Config, ConfigError> {
        let cli = Cli::try_parse_from([&["relay"], args].concat()).map_err(|e| ConfigError(e.to_string()))?;
        Config::try_from(cli.settings)
    }

    #[test]
    fn nothing_given_is_enough() {
        let config = config(&[]).unwrap();
        assert_eq!(config.port, 5000);
        assert_eq!(config.database, Database::Sqlite("./data/confab.db".into()));
        assert!(config.trusted_proxies.is_empty() && config.jwt_secret.is_none());
    }

    #[test]
    fn another_database_than_sqlite_is_refused_without_repeating_its_password() {
        let error = config(&["--database-url", "postgres://confab:hunter2@db/confab"]).unwrap_err().0;
        assert!(error.contains("'postgres'") && error.contains("sqlite:PATH"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
        for bad in ["confab.db", "sqlite:", "sqlite::memory:", "sqlite://"] {
            assert!(config(&["--database-url", bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn sqlite_paths_in_their_three_spellings() {
        let path = |url: &str| config(&["--database-url", url]).unwrap().database.path().to_owned();
        assert_eq!(path("sqlite:a/b.db"), PathBuf::from("a/b.db"));
        assert_eq!(path("sqlite:/a/b.db"), PathBuf::from("/a/b.db"));
        assert_eq!(path("sqlite:///a/b.db"), PathBuf::from("/a/b.db"));
    }

    #[test]
    fn lists_are_checked() {
        let config =
            config(&["--trusted-proxies", "10.0.0.0/8, ::1", "--allowed-origins", "https://Chat.example/"]);
        let config = config.unwrap();
        assert_eq!(config.trusted_proxies.len(), 2);
        assert_eq!(config.allowed_origins, ["https://chat.example"]);
        assert!(super::tests::config(&["--trusted-proxies", "everyone"]).is_err());
        assert!(super::tests::config(&["--allowed-origins", "*"]).is_err());
        assert!(super::tests::config(&["--jwt-secret", "short"]).is_err());
    }

    #[test]
    fn options_may_follow_the_action() {
        let cli = Cli::try_parse_from(["relay", "backup", "out.db", "--data-dir", "/x"]).unwrap();
        assert_eq!(cli.settings.data_dir, PathBuf::from("/x"));
        assert!(matches!(cli.action, Some(Action::Backup { .. })));
    }
}
