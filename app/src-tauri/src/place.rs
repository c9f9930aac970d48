//! Where the window is and how large: the same at the next start, and when it comes back from the tray.
//!
//! It is written whenever the window is left or closed, because an app that lives in the tray may be ended with the
//! session at any time. Only a window that is to be seen says where it is: one that was never shown has no place yet.
//!
//! All of this but [`put_back`] is for the main thread.

use crate::paths;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tauri::{AppHandle, Manager, PhysicalPosition, PhysicalSize, WebviewWindow};

/// In pixels of the screen; where it is while it is not maximized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    x: i32,
    y: i32,
    width: u32,
    height: u32,
    maximized: bool,
}

/// The last known place, and the one that was written.
#[derive(Default)]
struct Known(Mutex<(Option<Place>, Option<Place>)>);

/// Puts a window that was just made where it was when it was left.
pub fn start(window: &WebviewWindow) {
    let app = window.app_handle();
    let place = file(app).and_then(|file| serde_json::from_slice(&std::fs::read(file).ok()?).ok());
    app.manage(Known(Mutex::new((place, place))));
    let Some(place) = place else { return };
    if let Err(error) = put(window, place) {
        tracing::warn!(%error, "the window could not be put where it was");
    }
}

fn put(window: &WebviewWindow, place: Place) -> tauri::Result<()> {
    // Where a screen is gone the window must not be.
    let screens = window.available_monitors()?;
    if screens.iter().any(|screen| overlap(place, *screen.position(), *screen.size())) {
        window.set_position(PhysicalPosition::new(place.x, place.y))?;
    }
    window.set_size(PhysicalSize::new(place.width, place.height))?;
    if place.maximized { window.maximize() } else { Ok(()) }
}

/// Says again where a hidden window is to be shown: a window manager may put it anywhere.
pub fn put_back(window: &WebviewWindow) {
    let known = window.try_state::<Known>().and_then(|known| lock(&known).0);
    if let Some(place) = known.filter(|place| !place.maximized) {
        let _ = window.set_position(PhysicalPosition::new(place.x, place.y));
    }
}

/// Writes down where it is now.
pub fn save(app: &AppHandle) {
    let (Some(window), Some(known)) = (app.get_webview_window(crate::window::MAIN), app.try_state::<Known>())
    else {
        return;
    };
    let mut known = lock(&known);
    match look(&window, known.0) {
        Ok(place) => known.0 = place,
        Err(error) => tracing::debug!(%error, "where the window is cannot be known"),
    }
    let (Some(place), Some(file)) = (known.0.filter(|_| known.0 != known.1), file(app)) else { return };
    let written = serde_json::to_vec(&place)
        .map_err(std::io::Error::other)
        .and_then(|bytes| confab_client::native::replace(&file, &bytes));
    match written {
        Ok(()) => known.1 = Some(place),
        Err(error) => tracing::warn!(%error, "the window's place could not be kept"),
    }
}

fn look(window: &WebviewWindow, before: Option<Place>) -> tauri::Result<Option<Place>> {
    if !window.is_visible()? || window.is_minimized()? || window.is_fullscreen()? {
        return Ok(before);
    }
    let maximized = window.is_maximized()?;
    if let Some(before) = before.filter(|_| maximized) {
        return Ok(Some(Place { maximized, ..before }));
    }
    let (position, size) = (window.outer_position()?, window.inner_size()?);
    if size.width == 0 || size.height == 0 {
        return Ok(before);
    }
    Ok(Some(Place { x: position.x, y: position.y, width: size.width, height: size.height, maximized }))
}

fn file(app: &AppHandle) -> Option<PathBuf> {
    Some(paths::data(app).ok()?.join("window.json"))
}

fn lock(known: &Known) -> MutexGuard<'_, (Option<Place>, Option<Place>)> {
    known.0.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a file says may be any numbers.
fn overlap(place: Place, position: PhysicalPosition<i32>, size: PhysicalSize<u32>) -> bool {
    let meet = |start: i32, length: u32, other: i32, other_length: u32| {
        let (start, other) = (i64::from(start), i64::from(other));
        start < other + i64::from(other_length) && other < start + i64::from(length)
    };
    meet(place.x, place.width, position.x, size.width) && meet(place.y, place.height, position.y, size.height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_not_put_where_no_screen_is() {
        let screen = (PhysicalPosition::new(1920, 0), PhysicalSize::new(1280, 900));
        let on = |x, y| {
            let place = Place { x, y, width: 800, height: 600, maximized: false };
            overlap(place, screen.0, screen.1)
        };
        assert!(on(2000, 100));
        assert!(on(1200, -500), "a corner of it");
        for (x, y) in [(0, 0), (3200, 100), (2000, 900), (2000, -600), (i32::MAX, i32::MIN)] {
            assert!(!on(x, y), "{x} {y}");
        }
    }
}
