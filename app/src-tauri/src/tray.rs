//! The tray: an icon that says whether something is unread, and a way back to the window.

use crate::window;
use std::sync::Mutex;
use tauri::image::Image;
use tauri::menu::{Menu, MenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};

const PLAIN: &[u8] = include_bytes!("../icons/tray.png");
const UNREAD: &[u8] = include_bytes!("../icons/tray-unread.png");

/// The icon, once there is one, and what it shows.
struct Tray(Mutex<(Option<TrayIcon<Wry>>, Option<u32>)>);

/// Makes it. Where there is no tray, the app goes on without; a window that was to start hidden is shown.
pub fn start(app: &AppHandle, hidden: bool) {
    let icon = make(app).inspect_err(|error| tracing::warn!(error, "there is no tray")).ok();
    let there = icon.is_some();
    app.manage(Tray(Mutex::new((icon, None))));
    let of = app.clone();
    // The bus may be slow, or there may be none.
    tauri::async_runtime::spawn_blocking(move || {
        let tray = there && hosted();
        if let Some(shell) = window::shell(&of) {
            shell.system(|system| system.tray = tray);
        }
        if hidden && !tray {
            window::front(&of);
        }
    });
}

fn make(app: &AppHandle) -> Result<TrayIcon<Wry>, String> {
    // The library behind it is loaded at run time on Linux, and its binding panics where there is none.
    let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| build(app)));
    made.map_err(|_| "its library is missing".to_owned())?.map_err(|error| error.to_string())
}

fn build(app: &AppHandle) -> tauri::Result<TrayIcon<Wry>> {
    let open = MenuItem::with_id(app, "tray_open", "Open Confab", true, None::<&str>)?;
    let quit = MenuItem::with_id(app, "tray_quit", "Quit", true, None::<&str>)?;
    TrayIconBuilder::with_id("confab")
        .icon(Image::from_bytes(PLAIN)?)
        .tooltip("Confab")
        .menu(&Menu::with_items(app, &[&open, &quit])?)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| match event.id().as_ref() {
            "tray_open" => window::front(app),
            "tray_quit" => app.exit(0),
            _ => {}
        })
        .on_tray_icon_event(|tray, event| {
            let TrayIconEvent::Click { button, button_state, .. } = event else { return };
            if button == MouseButton::Left && button_state == MouseButtonState::Up {
                window::front(tray.app_handle());
            }
        })
        .build(app)
}

/// Shows what is unread in all accounts together.
pub fn refresh(app: &AppHandle) {
    let Some(shell) = window::shell(app) else { return };
    let unread: u32 = shell.view().accounts.iter().map(|account| account.unread).sum();
    let of = app.clone();
    let on_main = app.run_on_main_thread(move || draw(&of, unread));
    if let Err(error) = on_main {
        tracing::warn!(%error, "the unread mark could not be drawn");
    }
}

fn draw(app: &AppHandle, unread: u32) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let mut tray = tray.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if tray.1 == Some(unread) {
        return;
    }
    tray.1 = Some(unread);
    if let Some(icon) = &tray.0 {
        let tooltip = if unread == 0 { "Confab".to_owned() } else { format!("Confab: {unread} unread") };
        let drawn = Image::from_bytes(if unread == 0 { PLAIN } else { UNREAD })
            .and_then(|image| icon.set_icon(Some(image)))
            .and_then(|()| icon.set_tooltip(Some(tooltip)));
        if let Err(error) = drawn {
            tracing::warn!(%error, "the unread mark could not be drawn");
        }
    }
    if let Some(window) = app.get_webview_window(window::MAIN) {
        // Only some systems show a number at the app's icon.
        let _ = window.set_badge_count(Some(i64::from(unread)).filter(|count| *count > 0));
    }
}

/// Whether somebody shows tray icons (StatusNotifierItem, freedesktop.org).
#[cfg(target_os = "linux")]
pub fn hosted() -> bool {
    crate::bus::offered("org.kde.StatusNotifierWatcher", crate::bus::Reach::Running).unwrap_or(false)
}

/// Windows and macOS always do.
#[cfg(not(target_os = "linux"))]
pub fn hosted() -> bool {
    true
}
