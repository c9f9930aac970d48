//! The main window: made, shown, hidden, closed, zoomed, and kept to its own pages.

use crate::bridge::Held;
use confab_shell::api::ShellRequest;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};

/// Its label, which `capabilities/` names.
pub const MAIN: &str = "main";
/// What is drawn before the page is: the ground of the light and the dark theme (`--bg` of `tokens.css`).
#[cfg(desktop)]
const GROUNDS: [tauri::utils::config::Color; 2] = [
    tauri::utils::config::Color(0xf4, 0xf3, 0xef, 0xff),
    tauri::utils::config::Color(0x14, 0x15, 0x19, 0xff),
];

/// Makes it.
pub fn make(app: &AppHandle, hidden: bool) -> tauri::Result<WebviewWindow> {
    let outside = app.clone();
    let elsewhere = app.clone();
    let builder = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .on_navigation(move |url| own_page(url) || leave(&outside, url))
        .on_new_window(move |url, _| {
            leave(&elsewhere, &url);
            NewWindowResponse::Deny
        });
    #[cfg(desktop)]
    let builder = builder
        .title("Confab")
        .inner_size(1100.0, 760.0)
        .min_inner_size(360.0, 480.0)
        .visible(false)
        .background_color(GROUNDS[0]);
    let window = builder.build()?;
    #[cfg(desktop)]
    {
        if let Ok(theme) = window.theme() {
            ground(&window, theme);
        }
        crate::place::start(&window);
        let settings = shell(app).map(|shell| shell.settings()).unwrap_or_default();
        // A system may not know how; the page is then as large as it is.
        let _ = window.set_zoom(settings.zoom);
        spell_check(&window, settings.spell_check);
        if !hidden {
            window.show()?;
        }
    }
    #[cfg(mobile)]
    let _ = hidden;
    let of = app.clone();
    window.on_window_event(move |event| happened(&of, event));
    Ok(window)
}

/// Gives it the ground of a theme.
#[cfg(desktop)]
pub fn ground(window: &WebviewWindow, theme: tauri::Theme) {
    let ground = GROUNDS[usize::from(theme == tauri::Theme::Dark)];
    if let Err(error) = window.set_background_color(Some(ground)) {
        tracing::warn!(%error, "the window's ground could not be drawn");
    }
}

/// Brings it to the front, wherever it is.
pub fn front(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    #[cfg(desktop)]
    {
        if window.is_visible().is_ok_and(|visible| !visible) {
            crate::place::put_back(&window);
        }
        // Each may be refused by a window manager; the next is tried all the same.
        let _ = window.unminimize();
        let _ = window.show();
    }
    let _ = window.set_focus();
}

/// What the page asks that concerns windows.
pub fn requested(app: &AppHandle, request: &ShellRequest) {
    match request {
        ShellRequest::Quit => app.exit(0),
        ShellRequest::Painted => tracing::info!("the first list is painted"),
        #[cfg(desktop)]
        ShellRequest::Set { settings } => {
            if let Some(on) = settings.autostart {
                crate::autostart::set(app, on);
            }
        }
        _ => {}
    }
}

fn happened(app: &AppHandle, event: &WindowEvent) {
    match event {
        WindowEvent::Focused(focused) => {
            if let Some(shell) = shell(app) {
                // Where a phone only covers the app for a moment, it tells of its coming back by this alone.
                #[cfg(mobile)]
                if *focused {
                    shell.background(false);
                }
                shell.focused(*focused);
            }
            #[cfg(desktop)]
            if !*focused {
                crate::place::save(app);
            }
        }
        #[cfg(desktop)]
        WindowEvent::ThemeChanged(theme) => {
            if let Some(window) = app.get_webview_window(MAIN) {
                ground(&window, *theme);
            }
        }
        #[cfg(mobile)]
        WindowEvent::Suspended | WindowEvent::Resumed => {
            if let Some(shell) = shell(app) {
                let away = matches!(event, WindowEvent::Suspended);
                shell.background(away);
                shell.focused(!away);
            }
        }
        #[cfg(desktop)]
        WindowEvent::CloseRequested { api, .. } => {
            crate::place::save(app);
            let to_tray = shell(app).is_some_and(|shell| shell.settings().close_to_tray);
            // Without an icon that somebody shows nobody could get the window back.
            if to_tray && crate::tray::is_shown(app) {
                api.prevent_close();
                if let Some(window) = app.get_webview_window(MAIN) {
                    let _ = window.hide();
                }
                if let Some(shell) = shell(app) {
                    shell.focused(false);
                }
            }
        }
        _ => {}
    }
}

/// The shell, if it could be opened.
pub fn shell(app: &AppHandle) -> Option<confab_shell::Shell> {
    app.try_state::<Held>()?.0.as_ref().ok().cloned()
}

/// Tauri serves the app's own pages by a scheme of its own, which on Windows and Android is written as a host. Elsewhere
/// that host would be whatever server answers to it.
const BY_HOST: bool = cfg!(any(windows, target_os = "android"));

fn own_page(url: &Url) -> bool {
    is_own(url, BY_HOST, tauri::is_dev())
}

/// `developed`: the pages come from the development server, on some port of this machine.
fn is_own(url: &Url, by_host: bool, developed: bool) -> bool {
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "tauri" => host == "localhost",
        "http" | "https" => {
            let own = by_host && host == "tauri.localhost" && url.port().is_none();
            own || (developed && host == "localhost")
        }
        // What a webview begins with, on some systems.
        "about" => url.path() == "blank",
        _ => false,
    }
}

/// A link that leads out of Confab opens where the person opens links. Nothing else of the system can be reached this way.
fn leave(app: &AppHandle, url: &Url) -> bool {
    if matches!(url.scheme(), "http" | "https" | "mailto") {
        use tauri_plugin_opener::OpenerExt;
        if let Err(error) = app.opener().open_url(url.as_str(), None::<&str>) {
            tracing::warn!(%error, "a link could not be opened");
        }
    }
    false
}

/// Underlines misspelt words in the languages of the system, where that is for the app to say.
#[cfg(target_os = "linux")]
pub fn spell_check(window: &WebviewWindow, on: bool) {
    use webkit2gtk::{WebContextExt, WebViewExt};
    let languages = languages(|name| std::env::var(name).ok());
    let done = window.with_webview(move |webview| {
        if let Some(context) = webview.inner().context() {
            let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
            context.set_spell_checking_languages(&languages);
            context.set_spell_checking_enabled(on);
        }
    });
    if let Err(error) = done {
        tracing::warn!(%error, "spell-checking could not be set");
    }
}

/// On Windows and macOS the webview follows the system.
#[cfg(all(desktop, not(target_os = "linux")))]
pub fn spell_check(_window: &WebviewWindow, _on: bool) {}

/// The languages of the environment (`LANGUAGE`, `LC_ALL`, `LANG`; POSIX and gettext), as `en_GB`.
#[cfg(target_os = "linux")]
fn languages(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in ["LANGUAGE", "LC_ALL", "LANG"] {
        for one in variable(name).unwrap_or_default().split(':') {
            let language = one.split(['.', '@']).next().unwrap_or_default();
            let known = language.is_empty() || language == "C" || language == "POSIX";
            if !known && !found.iter().any(|other| other == language) {
                found.push(language.to_owned());
            }
        }
    }
    if found.is_empty() {
        found.push("en_US".into());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_apps_own_pages_stay_in_the_window() {
        let own = |url: &str, by_host| is_own(&Url::parse(url).unwrap(), by_host, false);
        // On Linux, macOS and iOS; on Windows and Android.
        for (url, by_scheme, by_host) in [
            ("tauri://localhost/index.html#/settings", true, true),
            ("http://tauri.localhost/", false, true),
            ("https://tauri.localhost/index.html", false, true),
            ("https://tauri.localhost:8443/", false, false),
            ("about:blank", true, true),
            ("about:config", false, false),
            ("about:srcdoc", false, false),
            ("http://localhost:3000/", false, false),
            ("https://chat.example/", false, false),
            ("file:///etc/passwd", false, false),
            ("tauri://evil/", false, false),
            ("javascript:alert(1)", false, false),
            ("data:text/html,x", false, false),
        ] {
            assert_eq!((own(url, false), own(url, true)), (by_scheme, by_host), "{url}");
        }
        assert!(is_own(&Url::parse("http://localhost:3000/").unwrap(), false, true));
        assert_eq!(BY_HOST, cfg!(any(windows, target_os = "android")));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn spelling_is_checked_in_the_languages_of_the_environment() {
        let of = |pairs: &'static [(&str, &str)]| {
            languages(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(of(&[("LANG", "de_AT.UTF-8"), ("LANGUAGE", "de_AT:en_GB:C")]), ["de_AT", "en_GB"]);
        assert_eq!(of(&[("LANG", "C.UTF-8")]), ["en_US"]);
    }
}
