//! Light or dark as the desktop says by its portal (XDG Desktop Portal, `org.freedesktop.portal.Settings`). GTK 3 does not
//! ask it, and what GTK takes for dark is what the pages' `prefers-color-scheme` follows.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;
use tauri::{AppHandle, Manager, Theme};
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedValue, Value};

const SPACE: &str = "org.freedesktop.appearance";
const KEY: &str = "color-scheme";
/// The window waits this long for the first answer: light that turns dark a moment later hurts, but a portal that has to
/// be started first takes longer than anybody should wait.
const PATIENCE: Duration = Duration::from_millis(150);

/// The first answer.
pub struct Asked(Receiver<Option<Theme>>);

/// Asks, and follows what changes from then on.
pub fn start(app: &AppHandle) -> Asked {
    let (first, answer) = sync_channel(1);
    let app = app.clone();
    let follow = move || {
        let heard = |theme| {
            apply(&app, theme);
            // Where there was no window yet, whoever makes it waits for this. Only the first is waited for.
            let _ = first.try_send(theme);
        };
        if let Err(error) = crate::bus::session().and_then(|bus| listen(&bus, heard)) {
            tracing::debug!(%error, "the desktop does not say whether it is dark");
        }
    };
    if let Err(error) = thread::Builder::new().name("confab-theme".into()).spawn(follow) {
        tracing::warn!(%error, "the window will not follow the desktop's theme");
    }
    Asked(answer)
}

impl Asked {
    /// Draws it if it comes in time. To be called when the window is there.
    pub fn wait(self, app: &AppHandle) {
        if let Ok(theme) = self.0.recv_timeout(PATIENCE) {
            apply(app, theme);
        }
    }
}

/// Tells what the portal says, and again whenever that changes. `None` is no preference.
fn listen(bus: &Connection, mut tell: impl FnMut(Option<Theme>)) -> zbus::Result<()> {
    let portal = Proxy::new(
        bus,
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.Settings",
    )?;
    // Before it is asked, so that no change is missed.
    let changes = portal.receive_signal_with_args("SettingChanged", &[(0, SPACE), (1, KEY)])?;
    match portal.call::<_, _, OwnedValue>("Read", &(SPACE, KEY)) {
        Ok(value) => tell(theme(&value)),
        Err(error) => tracing::debug!(%error, "there is no portal yet"),
    }
    for change in changes {
        let body = change.body();
        if let Ok((_, _, value)) = body.deserialize::<(String, String, Value<'_>)>() {
            tell(theme(&value));
        }
    }
    Ok(())
}

/// `color-scheme` of the portal: 1 is dark, 2 is light. `Read` wraps it twice.
fn theme(value: &Value<'_>) -> Option<Theme> {
    match value {
        Value::Value(inner) => theme(inner),
        Value::U32(1) => Some(Theme::Dark),
        Value::U32(2) => Some(Theme::Light),
        _ => None,
    }
}

fn apply(app: &AppHandle, theme: Option<Theme>) {
    let Some(window) = app.get_webview_window(crate::window::MAIN) else { return };
    // Without a preference GTK's own theme stands, unless this has changed it before.
    if theme.is_none() && window.theme().is_ok_and(|now| now != Theme::Dark) {
        return;
    }
    if let Err(error) = window.set_theme(theme) {
        tracing::warn!(%error, "the window could not take the desktop's theme");
    }
    crate::window::ground(&window, theme.unwrap_or(Theme::Light));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;
    use zbus::blocking::connection::Builder;

    /// A portal that answers dark.
    struct Portal;

    #[zbus::interface(name = "org.freedesktop.portal.Settings")]
    impl Portal {
        fn read(&self, space: &str, key: &str) -> zbus::fdo::Result<OwnedValue> {
            assert_eq!((space, key), (SPACE, KEY));
            let wrapped = Value::Value(Box::new(Value::U32(1)));
            wrapped.try_to_owned().map_err(|error| zbus::fdo::Error::Failed(error.to_string()))
        }
    }

    #[test]
    fn what_the_portal_says_is_heard_at_once_and_whenever_it_changes() {
        const PATH: &str = "/org/freedesktop/portal/desktop";
        let (ours, theirs) = UnixStream::pair().unwrap();
        let portal = thread::spawn(move || {
            let guid = zbus::Guid::generate();
            let builder = Builder::async_io_unix_stream(theirs).server(guid).unwrap().p2p();
            builder.serve_at(PATH, Portal).unwrap().build().unwrap()
        });
        let bus = Builder::async_io_unix_stream(ours).p2p().build().unwrap();
        let portal = portal.join().unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        thread::spawn(move || listen(&bus, |theme| tell.send(theme).unwrap_or_default()));
        assert_eq!(told.recv().unwrap(), Some(Theme::Dark));
        let change = |space: &str, key: &str, scheme: u32| {
            let body = (space, key, Value::U32(scheme));
            let name = "org.freedesktop.portal.Settings";
            portal.emit_signal(None::<&str>, PATH, name, "SettingChanged", &body).unwrap();
        };
        change(SPACE, KEY, 2);
        change(SPACE, "contrast", 1);
        change("org.gnome.desktop.interface", KEY, 1);
        change(SPACE, KEY, 0);
        change(SPACE, KEY, 1);
        let heard: Vec<_> = told.iter().take(3).collect();
        assert_eq!(heard, [Some(Theme::Light), None, Some(Theme::Dark)]);
    }
}
