//! Being asked to end by the system, as at the end of a session: the app quits in good order.

use tauri::AppHandle;
use tokio::signal::unix::{SignalKind, signal};

/// Quits at the first SIGTERM or SIGINT.
pub fn start(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        match asked().await {
            Ok(()) => app.exit(0),
            Err(error) => tracing::warn!(%error, "the end of the session will not be noticed"),
        }
    });
}

async fn asked() -> std::io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    Ok(())
}
