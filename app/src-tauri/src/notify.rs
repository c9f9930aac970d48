//! Notifications of the desktop by notify-rust: one a conversation, the newer in place of the older; a click opens it.

use crate::window;
use confab_shell::notices::{About, Notice};
use notify_rust::{Notification, NotificationResponse};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use tauri::{AppHandle, Manager};

/// Most notifications that are waited for at once: each costs a thread until it is gone.
const WAITED_FOR: usize = 32;
/// How the desktop knows the app: the name of its desktop file.
#[cfg(target_os = "linux")]
const DESKTOP_FILE: &str = "Confab";

enum Work {
    Show(Notice),
    Seen(About),
}

/// The way to the thread that notifies.
struct Notifier(Mutex<Sender<Work>>);

/// Notifications that stand, by what they are about.
type Standing = Arc<Mutex<BTreeMap<About, u32>>>;

/// Starts it. The bus may be slow, so nobody waits for it.
pub fn start(app: &AppHandle) {
    let (work, todo) = channel();
    app.manage(Notifier(Mutex::new(work)));
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
        let sender = notifier.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Without the thread there are none, which was said when it did not start.
        let _ = sender.send(work);
    }
}

fn run(app: &AppHandle, todo: &Receiver<Work>) {
    let standing = Standing::default();
    let mut offers = offers();
    tell(app, offers.is_some());
    while let Ok(work) = todo.recv() {
        match work {
            Work::Show(notice) => {
                if offers.is_none() {
                    // Somebody may have come since.
                    offers = self::offers();
                }
                match draw(app, &standing, &notice, offers.unwrap_or_default()) {
                    Ok(()) => tell(app, true),
                    Err(error) => {
                        tracing::warn!(%error, "a notification could not be shown");
                        offers = None;
                        tell(app, false);
                    }
                }
            }
            Work::Seen(about) => {
                if let Some(id) = lock(&standing).remove(&about) {
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

fn draw(
    app: &AppHandle,
    standing: &Standing,
    notice: &Notice,
    offers: Offers,
) -> notify_rust::error::Result<()> {
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
    let before = lock(standing).get(&notice.about).copied();
    #[cfg(target_os = "linux")]
    if let Some(id) = before {
        notification.id(id);
    }
    let handle = notification.show()?;
    let id = number(&handle);
    let mut known = lock(standing);
    known.insert(notice.about, id);
    // The one that it replaced is waited for already.
    if before == Some(id) {
        return Ok(());
    }
    if known.len() > WAITED_FOR {
        known.pop_first();
        return Ok(());
    }
    drop(known);
    wait(app.clone(), standing.clone(), notice.about, id, handle);
    Ok(())
}

fn wait(app: AppHandle, standing: Standing, about: About, id: u32, handle: notify_rust::NotificationHandle) {
    let waiting = thread::Builder::new().name("confab-notice".into()).spawn(move || {
        let _ = handle.wait_for_response(|response: &NotificationResponse| {
            let mut known = lock(&standing);
            if known.get(&about) == Some(&id) {
                known.remove(&about);
            }
            drop(known);
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

fn lock(standing: &Standing) -> MutexGuard<'_, BTreeMap<About, u32>> {
    standing.lock().unwrap_or_else(PoisonError::into_inner)
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

/// `CloseNotification` of the specification; the handle that could do it is busy waiting.
#[cfg(target_os = "linux")]
fn withdraw(id: u32) {
    const NAME: &str = "org.freedesktop.Notifications";
    let closed = zbus::blocking::Connection::session().and_then(|bus| {
        bus.call_method(Some(NAME), "/org/freedesktop/Notifications", Some(NAME), "CloseNotification", &id)
    });
    if let Err(error) = closed {
        tracing::debug!(%error, "a notification could not be withdrawn");
    }
}

#[cfg(not(target_os = "linux"))]
fn withdraw(_id: u32) {}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_somebody_wrote_is_no_markup() {
        assert_eq!(escaped("<a href=x>1 & 2</a>"), "&lt;a href=x&gt;1 &amp; 2&lt;/a&gt;");
    }
}
