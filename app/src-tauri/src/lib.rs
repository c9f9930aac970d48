//! Confab's native app: windows, tray, notifications, keychain, deep links.
//!
//! It draws what `confab_shell` says and passes requests through. What it decides itself is about windows alone.
//!
//! This crate must not know: what a request means, how anything is stored, any screen.

mod bridge;
mod paths;
mod window;

#[cfg(desktop)]
mod autostart;
#[cfg(target_os = "linux")]
mod bus;
#[cfg(desktop)]
mod keychain;
#[cfg(desktop)]
mod menu;
#[cfg(desktop)]
mod notify;
#[cfg(desktop)]
mod place;
#[cfg(all(unix, desktop))]
mod signals;
#[cfg(target_os = "linux")]
mod theme;
#[cfg(desktop)]
mod tray;

#[cfg(mobile)]
mod keystore;
#[cfg(mobile)]
mod mobile;

mod app;

use std::process::ExitCode;

/// Runs the app until it is quit.
pub fn run() -> ExitCode {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("CONFAB_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match app::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the app could not be started");
            ExitCode::FAILURE
        }
    }
}

/// Where a phone's system enters.
#[cfg(mobile)]
#[allow(missing_docs, reason = "the attribute makes a public function without any")]
mod entry {
    #[tauri::mobile_entry_point]
    fn enter() {
        super::run();
    }
}
