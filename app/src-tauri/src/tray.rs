//! The tray: an icon that says whether something is unread, and a way back to the window.

use crate::window;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
#[cfg(target_os = "linux")]
use std::time::Duration;
use tauri::image::Image;
use tauri::menu::{Menu, MenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};

const PLAIN: &[u8] = include_bytes!("../icons/tray.png");
const UNREAD: &[u8] = include_bytes!("../icons/tray-unread.png");

/// How long a start that is to be hidden waits for a panel that shows tray icons: at login it may come after the app.
#[cfg(target_os = "linux")]
const PATIENCE: Duration = Duration::from_secs(30);

/// The icon, if there could be one, and what it shows.
struct Tray {
    drawn: Mutex<(Option<TrayIcon<Wry>>, Option<u32>)>,
    /// There is an icon, and somebody shows it.
    shown: AtomicBool,
}

/// Makes it. Where there is no tray, the app goes on without; a window that was to start hidden is shown.
pub fn start(app: &AppHandle, hidden: bool) {
    let icon = make(app).inspect_err(|error| tracing::warn!(error, "there is no tray")).ok();
    let there = icon.is_some();
    app.manage(Tray { drawn: Mutex::new((icon, None)), shown: AtomicBool::new(false) });
    if !there {
        tell(app, false);
        if hidden {
            window::front(app);
        }
        return;
    }
    follow(app, hidden);
}

/// Follows whether somebody shows tray icons (StatusNotifierItem, freedesktop.org), for as long as there is a bus, which
/// may be slow.
#[cfg(target_os = "linux")]
fn follow(app: &AppHandle, hidden: bool) {
    let of = app.clone();
    run("confab-tray", move || {
        let watched = crate::bus::watch("org.kde.StatusNotifierWatcher", |there| tell(&of, there));
        tell(&of, false);
        if let Err(error) = watched {
            tracing::debug!(%error, "whether there is a tray is unknown");
            if hidden {
                window::front(&of);
            }
        }
    });
    if hidden {
        let of = app.clone();
        run("confab-hidden", move || {
            std::thread::sleep(PATIENCE);
            if !is_shown(&of) {
                window::front(&of);
            }
        });
    }
}

#[cfg(target_os = "linux")]
fn run(name: &str, work: impl FnOnce() + Send + 'static) {
    if let Err(error) = std::thread::Builder::new().name(name.into()).spawn(work) {
        tracing::warn!(%error, name, "a thread for the tray could not be started");
    }
}

/// Windows and macOS always show them.
#[cfg(not(target_os = "linux"))]
fn follow(app: &AppHandle, _hidden: bool) {
    tell(app, true);
}

/// Whether the window can be got back from the tray, as far as it is known. Never waits.
pub fn is_shown(app: &AppHandle) -> bool {
    app.try_state::<Tray>().is_some_and(|tray| tray.shown.load(Ordering::Acquire))
}

fn tell(app: &AppHandle, shown: bool) {
    if let Some(tray) = app.try_state::<Tray>() {
        tray.shown.store(shown, Ordering::Release);
    }
    if let Some(shell) = window::shell(app) {
        shell.system(|system| system.tray = shown);
    }
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
    let of = app.clone();
    if let Err(error) = app.run_on_main_thread(move || draw(&of)) {
        tracing::warn!(%error, "the unread mark could not be drawn");
    }
}

/// Counts itself, so that of two that were asked for at once the later one cannot draw what the earlier one knew.
fn draw(app: &AppHandle) {
    let (Some(tray), Some(shell)) = (app.try_state::<Tray>(), window::shell(app)) else { return };
    let unread: u32 = shell.view().accounts.iter().map(|account| account.unread).sum();
    let mut tray = tray.drawn.lock().unwrap_or_else(PoisonError::into_inner);
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
