//! Starting at login. The system remembers it, not the settings.

use tauri::AppHandle;
use tauri_plugin_autostart::ManagerExt;

/// Tells the shell how it stands.
pub fn learn(app: &AppHandle) {
    let on = app
        .autolaunch()
        .is_enabled()
        .inspect_err(|error| tracing::warn!(%error, "start at login is unknown"))
        .ok();
    if let Some(shell) = crate::window::shell(app) {
        shell.system(|system| system.autostart = on);
    }
}

/// Switches it.
pub fn set(app: &AppHandle, on: bool) {
    let autolaunch = app.autolaunch();
    let done = if on { autolaunch.enable() } else { autolaunch.disable() };
    if let Err(error) = done {
        tracing::warn!(%error, on, "start at login could not be switched");
    }
    learn(app);
}
