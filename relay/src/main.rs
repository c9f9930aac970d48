//! The program `relay`: reads the configuration and does what it was asked to.

use clap::Parser as _;
use confab_relay::backup;
use confab_relay::config::{Action, Cli, Config};
use confab_relay::run::{bind, run};
use std::io::IsTerminal as _;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("relay: {error}");
            ExitCode::FAILURE
        }
    }
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn start() -> Result<()> {
    match dotenvy::from_path(".env") {
        Ok(()) => {}
        Err(error) if error.not_found() => {}
        Err(error) => return Err(format!("the file .env cannot be read: {error}").into()),
    }
    let cli = Cli::parse();
    log(&cli.settings.log)?;
    let mut config = Config::try_from(cli.settings)?;
    match cli.action.unwrap_or(Action::Serve) {
        Action::Serve => serve(config),
        Action::Demo => {
            config.demo = true;
            serve(config)
        }
        Action::Backup { file } => {
            backup::backup(config.database.path(), &file)?;
            tracing::info!(file = %file.display(), "the backup is written");
            Ok(())
        }
        Action::Restore { file } => {
            let aside = backup::restore(&config.data_dir, config.database.path(), &file)?;
            tracing::info!(database = %config.database.path().display(), "the backup is in place");
            if let Some(aside) = aside {
                tracing::info!(file = %aside.display(), "the former database was kept");
            }
            Ok(())
        }
    }
}

/// Logs go to the standard error, one line an event.
fn log(filter: &str) -> Result<()> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| format!("LOG is '{filter}', which is no filter: {error}"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    Ok(())
}

fn serve(config: Config) -> Result<()> {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let shutdown = asked_to_stop()?;
        let listener = bind(&config)?;
        let address = listener.local_addr()?;
        tracing::info!(version = env!("CARGO_PKG_VERSION"), %address, data = %config.data_dir.display(), "starting");
        tracing::info!("Confab is at http://localhost:{}", address.port());
        run(config, listener, shutdown).await?;
        Ok(())
    })
}

/// Ends with the first SIGTERM or SIGINT. From then on a second one ends the process at once.
fn asked_to_stop() -> Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tokio::spawn(async move {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                std::process::exit(130);
            });
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
