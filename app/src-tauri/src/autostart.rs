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
    #[cfg(target_os = "linux")]
    if on && let Err(error) = outlive(app) {
        tracing::warn!(%error, "once Confab is uninstalled, its start at login will fail");
    }
    learn(app);
}

/// The entry outlives the package, which must not touch people's folders. With `TryExec` a desktop passes over an entry
/// whose program is gone (Desktop Entry Specification).
#[cfg(target_os = "linux")]
fn outlive(app: &AppHandle) -> Result<(), Box<dyn std::error::Error>> {
    use tauri::Manager;
    // Where the plugin writes it.
    let file = app.path().home_dir()?.join(".config/autostart/Confab.desktop");
    let entry = std::fs::read_to_string(&file)?;
    if let Some(entry) = with_try_exec(&entry) {
        std::fs::write(&file, entry)?;
    }
    Ok(())
}

/// `None` if it has one, or starts nothing.
#[cfg(target_os = "linux")]
fn with_try_exec(entry: &str) -> Option<String> {
    if entry.lines().any(|line| line.starts_with("TryExec=")) {
        return None;
    }
    let exec = entry.lines().find_map(|line| line.strip_prefix("Exec="))?;
    let program = exec.strip_suffix(crate::app::HIDDEN).unwrap_or(exec).trim().trim_matches('"');
    Some(format!("{}\nTryExec={program}\n", entry.trim_end()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::with_try_exec;

    #[test]
    fn an_entry_names_the_program_without_which_it_is_void() {
        for exec in ["/opt/a b/confab --hidden", "\"/opt/a b/confab\" --hidden", "/opt/a b/confab"] {
            let entry = format!("[Desktop Entry]\nExec={exec}\nTerminal=false");
            let with = with_try_exec(&entry).unwrap();
            assert_eq!(with, format!("{entry}\nTryExec=/opt/a b/confab\n"));
            assert_eq!(with_try_exec(&with), None);
        }
        assert_eq!(with_try_exec("[Desktop Entry]"), None);
    }
}
