//! Notifications of the desktop by notify-rust: one a conversation, the newer in place of the older; a click opens it.

use crate::window;
use confab_shell::notices::{About, Notice};
use confab_shell::pending::{Pending, Standing, Waiting, Work};
use notify_rust::{Notification, NotificationResponse};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use tauri::{AppHandle, Manager};

/// How the desktop knows the app: the name of its desktop file.
#[cfg(target_os = "linux")]
const DESKTOP_FILE: &str = "Confab";

/// The way to the thread that notifies.
struct Notifier(Arc<Pending>);

/// Starts it. The bus may be slow or hang, so nobody waits for it, and what it has to do is bounded.
pub fn start(app: &AppHandle) {
    let todo = Arc::new(Pending::default());
    app.manage(Notifier(todo.clone()));
    let of = app.clone();
    let started = thread::Builder::new().name("confab-notify".into()).spawn(move || run(&of, &todo));
    if let Err(error) = started {
        tracing::warn!(%error, "there will be no notifications");
    }
}

/// Shows one.
pub fn show(app: &AppHandle, notice: Notice) {
    send(app, Work::Show(notice));
}

/// What it was about has been looked at.
pub fn seen(app: &AppHandle, about: About) {
    send(app, Work::Seen(about));
}

fn send(app: &AppHandle, work: Work) {
    if let Some(notifier) = app.try_state::<Notifier>() {
        // Without the thread there are none, which was said when it did not start.
        notifier.0.put(work);
    }
}

/// What is shared with those who wait for clicks.
#[derive(Clone, Default)]
struct Shown {
    standing: Arc<Mutex<Standing>>,
    waiting: Arc<Waiting>,
}

fn run(app: &AppHandle, todo: &Pending) {
    let shown = Shown::default();
    introduce(app);
    let mut offers = offers();
    tell(app, offers.is_some());
    loop {
        match todo.take() {
            Work::Show(notice) => {
                if offers.is_none() {
                    // Somebody may have come since.
                    offers = self::offers();
                }
                match draw(app, &shown, &notice, offers.unwrap_or_default()) {
                    Ok(()) => tell(app, true),
                    Err(error) => {
                        tracing::warn!(%error, "a notification could not be shown");
                        offers = None;
                        tell(app, false);
                    }
                }
            }
            Work::Seen(about) => {
                let id = lock(&shown.standing).remove(about);
                if let Some(id) = id {
                    withdraw(id);
                }
            }
        }
    }
}

fn tell(app: &AppHandle, shown: bool) {
    let Some(shell) = window::shell(app) else { return };
    if shell.view().system.notifications != shown {
        shell.system(|system| system.notifications = shown);
    }
}

fn draw(app: &AppHandle, shown: &Shown, notice: &Notice, offers: Offers) -> notify_rust::error::Result<()> {
    let body = if offers.markup { escaped(&notice.body) } else { notice.body.clone() };
    let mut notification = Notification::new();
    notification.appname("Confab").summary(&notice.title).body(&body).icon("confab");
    #[cfg(target_os = "linux")]
    {
        notification.hint(notify_rust::Hint::DesktopEntry(DESKTOP_FILE.into()));
        notification.hint(notify_rust::Hint::Category("im.received".into()));
        if offers.actions {
            notification.action("default", "Open");
        }
    }
    #[cfg(windows)]
    if is_installed() {
        notification.app_id(&app.config().identifier);
    }
    let before = lock(&shown.standing).number(notice.about);
    #[cfg(target_os = "linux")]
    if let Some(id) = before {
        notification.id(id);
    }
    let handle = notification.show()?;
    let id = number(&handle);
    let oldest = lock(&shown.standing).shown(notice.about, id);
    // One too many costs the oldest, and with it the thread that waits for its click. Where it cannot be withdrawn, the
    // new one is not waited for.
    let room = oldest.is_none_or(withdraw);
    // The one that it replaced is waited for already.
    if before == Some(id) || !room {
        return Ok(());
    }
    wait(app.clone(), shown, notice.about, id, handle);
    Ok(())
}

fn wait(app: AppHandle, shown: &Shown, about: About, id: u32, handle: notify_rust::NotificationHandle) {
    // Where none takes the place of another, a lively conversation would cost a thread for each of its messages. What
    // nobody waits for is shown all the same.
    let place = Waiting::place(&shown.waiting, about);
    if cfg!(not(target_os = "linux")) && place.is_none() {
        return;
    }
    let standing = shown.standing.clone();
    let waiting = thread::Builder::new().name("confab-notice".into()).spawn(move || {
        let _place = place;
        let _ = handle.wait_for_response(|response: &NotificationResponse| {
            lock(&standing).gone(about, id);
            if matches!(response, NotificationResponse::Default | NotificationResponse::Action(_))
                && let Some(shell) = window::shell(&app)
            {
                shell.open_about(about);
            }
        });
    });
    if let Err(error) = waiting {
        tracing::warn!(%error, "a click on a notification will not be noticed");
    }
}

fn lock(standing: &Mutex<Standing>) -> MutexGuard<'_, Standing> {
    standing.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says whose notifications these are. Without it macOS takes them for the Finder's; only of a bundle it knows the name.
#[cfg(target_os = "macos")]
fn introduce(app: &AppHandle) {
    if !is_installed() {
        return;
    }
    if let Err(error) = notify_rust::set_application(&app.config().identifier) {
        tracing::warn!(%error, "notifications have the name of another app");
    }
}

/// Elsewhere each notification says it.
#[cfg(not(target_os = "macos"))]
fn introduce(_app: &AppHandle) {}

/// Whether an installer has told the system of the app's identifier. Windows shows nothing of one that it does not know.
#[cfg(any(windows, target_os = "macos"))]
fn is_installed() -> bool {
    !cfg!(debug_assertions) && !tauri::is_dev()
}

/// What the desktop's notifications can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Offers {
    /// They take `<` and `&` for markup (Desktop Notifications Specification, `body-markup`).
    markup: bool,
    /// They can be clicked.
    actions: bool,
}

/// `None` if nobody shows notifications.
#[cfg(target_os = "linux")]
fn offers() -> Option<Offers> {
    let names = notify_rust::get_capabilities().ok()?;
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    Some(Offers { markup: has("body-markup"), actions: has("actions") })
}

#[cfg(not(target_os = "linux"))]
#[allow(clippy::unnecessary_wraps)]
fn offers() -> Option<Offers> {
    Some(Offers { markup: false, actions: true })
}

/// What somebody wrote must not become a link or an image on the desktop.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(target_os = "linux")]
fn number(handle: &notify_rust::NotificationHandle) -> u32 {
    handle.id()
}

/// Elsewhere notifications have no numbers that could be given again.
#[cfg(not(target_os = "linux"))]
fn number(_handle: &notify_rust::NotificationHandle) -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// `CloseNotification` of the specification; the handle that could do it is busy waiting. `false` if it failed.
#[cfg(target_os = "linux")]
fn withdraw(id: u32) -> bool {
    const NAME: &str = "org.freedesktop.Notifications";
    let closed = crate::bus::session().and_then(|bus| {
        bus.call_method(Some(NAME), "/org/freedesktop/Notifications", Some(NAME), "CloseNotification", &id)
    });
    if let Err(error) = &closed {
        tracing::debug!(%error, "a notification could not be withdrawn");
    }
    closed.is_ok()
}

#[cfg(not(target_os = "linux"))]
fn withdraw(_id: u32) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_somebody_wrote_is_no_markup() {
        assert_eq!(escaped("<a href=x>1 & 2</a>"), "&lt;a href=x&gt;1 &amp; 2&lt;/a&gt;");
    }
}
