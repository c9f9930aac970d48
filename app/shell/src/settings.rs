//! The settings of this app on this device. They belong to no account.

use crate::files;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The settings. Fields that a file lacks have their defaults, unknown ones are ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/"))]
#[serde(default)]
pub struct Settings {
    /// Notify of new messages.
    pub notify: bool,
    /// Show who wrote what; else only that there is a new message.
    pub notify_text: bool,
    /// Closing the window leaves the app in the tray, where there is one.
    pub close_to_tray: bool,
    /// Underline misspelt words, where the webview can.
    pub spell_check: bool,
    /// How large everything is drawn: 1 is as designed, from [`ZOOM_MIN`] to [`ZOOM_MAX`].
    pub zoom: f64,
}

/// The smallest zoom.
pub const ZOOM_MIN: f64 = 0.5;
/// The largest zoom.
pub const ZOOM_MAX: f64 = 3.0;

impl Default for Settings {
    fn default() -> Self {
        Self { notify: true, notify_text: true, close_to_tray: true, spell_check: true, zoom: 1.0 }
    }
}

/// What to change; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "native/", optional_fields))]
#[serde(default)]
pub struct SettingsPatch {
    /// See [`Settings::notify`].
    pub notify: Option<bool>,
    /// See [`Settings::notify_text`].
    pub notify_text: Option<bool>,
    /// See [`Settings::close_to_tray`].
    pub close_to_tray: Option<bool>,
    /// See [`Settings::spell_check`].
    pub spell_check: Option<bool>,
    /// See [`Settings::zoom`].
    pub zoom: Option<f64>,
    /// Start at login. It is the system that remembers it.
    pub autostart: Option<bool>,
}

impl Settings {
    /// With the changes.
    #[must_use]
    pub fn patched(&self, patch: &SettingsPatch) -> Self {
        let zoom = patch.zoom.unwrap_or(self.zoom);
        Self {
            notify: patch.notify.unwrap_or(self.notify),
            notify_text: patch.notify_text.unwrap_or(self.notify_text),
            close_to_tray: patch.close_to_tray.unwrap_or(self.close_to_tray),
            spell_check: patch.spell_check.unwrap_or(self.spell_check),
            zoom: sane_zoom(zoom),
        }
    }
}

fn sane_zoom(zoom: f64) -> f64 {
    if zoom.is_finite() { zoom.clamp(ZOOM_MIN, ZOOM_MAX) } else { 1.0 }
}

/// The file of settings.
pub(crate) struct SettingsFile {
    path: PathBuf,
    now: Settings,
}

impl SettingsFile {
    /// A damaged file costs the settings and no more.
    pub fn open(path: PathBuf) -> Self {
        let stored = files::read(&path).map_err(|error| error.to_string()).and_then(|bytes| match bytes {
            Some(bytes) => serde_json::from_slice(&bytes).map_err(|error| error.to_string()),
            None => Ok(Settings::default()),
        });
        let mut now = stored.unwrap_or_else(|error| {
            tracing::warn!(error, "the settings cannot be read and have their defaults");
            Settings::default()
        });
        now.zoom = sane_zoom(now.zoom);
        Self { path, now }
    }

    pub fn get(&self) -> &Settings {
        &self.now
    }

    /// # Errors
    /// In words, if they could not be stored; then nothing has changed.
    pub fn set(&mut self, settings: Settings) -> Result<(), String> {
        let bytes = serde_json::to_vec_pretty(&settings).map_err(|error| error.to_string())?;
        files::replace(&self.path, &bytes)
            .map_err(|error| format!("The settings could not be stored: {error}."))?;
        self.now = settings;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_and_damage_costs_no_more_than_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let mut file = SettingsFile::open(path.clone());
        assert_eq!(*file.get(), Settings::default());
        let patch = SettingsPatch { zoom: Some(1.25), notify_text: Some(false), ..SettingsPatch::default() };
        file.set(file.get().patched(&patch)).unwrap();
        let again = SettingsFile::open(path.clone());
        assert_eq!((again.get().zoom, again.get().notify_text, again.get().notify), (1.25, false, true));

        std::fs::write(&path, r#"{"notify": false, "zoom": 1e300, "of a newer version": 1}"#).unwrap();
        let newer = SettingsFile::open(path.clone());
        assert_eq!((newer.get().notify, newer.get().zoom), (false, ZOOM_MAX));
        std::fs::write(&path, "{\"notify\": fal").unwrap();
        assert_eq!(*SettingsFile::open(path).get(), Settings::default());
    }

    #[test]
    fn no_zoom_makes_the_window_unreadable() {
        let zoom = |zoom| {
            Settings::default().patched(&SettingsPatch { zoom: Some(zoom), ..Default::default() }).zoom
        };
        assert_eq!((zoom(0.0), zoom(99.0), zoom(f64::NAN)), (ZOOM_MIN, ZOOM_MAX, 1.0));
    }
}
