//! Putting it together, and what the shell tells.

use crate::bridge::{Held, Listeners, invoked};
use crate::{paths, window};
use confab_shell::api::SystemView;
use confab_shell::vault::Keychain;
use confab_shell::{Shell, Told};
use confab_store::view::Problem;
use tauri::{AppHandle, Manager, RunEvent, Wry};
use tauri_plugin_deep_link::DeepLinkExt;

/// Given at a start by the system (at login): the window stays in the tray.
pub const HIDDEN: &str = "--hidden";

/// Runs until the app is quit.
pub fn run() -> tauri::Result<()> {
    let builder = tauri::Builder::<Wry>::new();
    #[cfg(desktop)]
    let builder = desktop_plugins(builder);
    #[cfg(mobile)]
    let builder = builder.plugin(tauri_plugin_notification::init());
    let app = builder
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .manage(Listeners::default())
        .invoke_handler(invoked)
        .setup(|app| Ok(set_up(app.handle())?))
        .build(tauri::generate_context!())?;
    app.run(|app, event| match event {
        RunEvent::Exit => {
            #[cfg(desktop)]
            crate::place::save(app);
            if let Some(shell) = window::shell(app) {
                shell.close();
            }
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::front(app),
        _ => {}
    });
    Ok(())
}

#[cfg(desktop)]
fn desktop_plugins(builder: tauri::Builder<Wry>) -> tauri::Builder<Wry> {
    let named = paths::named();
    let mut single = tauri_plugin_single_instance::Builder::new().callback(|app, arguments, _| {
        tracing::info!(count = arguments.len(), "started once more");
        window::front(app);
    });
    let profile = paths::profile(named.as_deref());
    if !profile.is_empty() {
        // Profiles run beside each other; one of each.
        single = single.dbus_id(format!("chat.confab.app.{profile}"));
    }
    // First, as it ends a second start before anything else is touched.
    let builder = builder.plugin(single.build());
    builder.plugin(tauri_plugin_autostart::Builder::new().arg(HIDDEN).app_name("Confab").build())
}

fn set_up(app: &AppHandle) -> tauri::Result<()> {
    let hidden = std::env::args().any(|argument| argument == HIDDEN);
    // Asked while the databases are opened.
    #[cfg(target_os = "linux")]
    let theme = crate::theme::start(app);
    let held = open_shell(app);
    if let Err(problem) = &held {
        tracing::error!(problem.message, "the data cannot be opened");
    }
    app.manage(Held(held));
    #[cfg(desktop)]
    {
        crate::notify::start(app);
        crate::menu::make(app)?;
    }
    window::make(app, hidden)?;
    #[cfg(target_os = "linux")]
    theme.wait(app);
    #[cfg(all(unix, desktop))]
    crate::signals::start(app);
    #[cfg(desktop)]
    crate::tray::start(app, hidden);
    #[cfg(desktop)]
    crate::autostart::learn(app);
    #[cfg(mobile)]
    crate::mobile::start(app);
    follow_links(app);
    Ok(())
}

fn open_shell(app: &AppHandle) -> Result<Shell, Problem> {
    let folder = paths::data(app).map_err(|error| Problem {
        code: "storage".into(),
        message: format!("There is no place for Confab's data: {error}."),
        retry_after_ms: None,
    })?;
    let system = SystemView {
        name: std::env::consts::OS.into(),
        version: app.package_info().version.to_string(),
        ..SystemView::default()
    };
    let of = app.clone();
    let runtime = tauri::async_runtime::handle().inner().clone();
    Shell::open(folder, keychain(), system, runtime, move |told| hear(&of, told))
}

#[cfg(desktop)]
fn keychain() -> Box<dyn Keychain> {
    let named = paths::named();
    Box::new(crate::keychain::System::new(&paths::profile(named.as_deref())))
}

#[cfg(mobile)]
fn keychain() -> Box<dyn Keychain> {
    Box::new(crate::keystore::Keystore)
}

fn follow_links(app: &AppHandle) {
    let of = app.clone();
    app.deep_link().on_open_url(move |event| {
        if let Some(shell) = window::shell(&of) {
            for url in event.urls() {
                follow_link(&of, &shell, &url);
            }
        }
    });
    // The link that the app was started with was there before anybody listened.
    if let (Some(shell), Ok(Some(urls))) = (window::shell(app), app.deep_link().get_current()) {
        for url in urls {
            follow_link(app, &shell, &url);
        }
    }
    #[cfg(target_os = "linux")]
    if std::env::var_os("APPIMAGE").is_some()
        && let Err(error) = app.deep_link().register_all()
    {
        tracing::warn!(%error, "links to Confab could not be registered");
    }
}

fn follow_link(_app: &AppHandle, shell: &Shell, url: &tauri::Url) {
    #[cfg(mobile)]
    if let Some(number) = crate::mobile::touched(url) {
        tauri::async_runtime::spawn(crate::mobile::opened(_app.clone(), number));
        return;
    }
    shell.open_link(url.as_str());
}

/// What the shell tells, from whatever thread.
fn hear(app: &AppHandle, told: Told) {
    match told {
        Told::Client(account, event) => app.state::<Listeners>().client(account, &event),
        Told::Shell(event) => {
            app.state::<Listeners>().shell(event);
            #[cfg(desktop)]
            if event == confab_shell::api::ShellEvent::Changed {
                crate::tray::refresh(app);
            }
        }
        #[cfg(desktop)]
        Told::Notice(notice) => crate::notify::show(app, notice),
        #[cfg(desktop)]
        Told::Seen(about) => crate::notify::seen(app, about),
        #[cfg(mobile)]
        Told::Notice(notice) => crate::mobile::show(app, &notice),
        #[cfg(mobile)]
        Told::Seen(about) => crate::mobile::seen(app, about),
        Told::Settings(before, now) => {
            #[cfg(desktop)]
            if let Some(window) = app.get_webview_window(window::MAIN) {
                if before.zoom.to_bits() != now.zoom.to_bits() {
                    let _ = window.set_zoom(now.zoom);
                }
                if before.spell_check != now.spell_check {
                    window::spell_check(&window, now.spell_check);
                }
            }
            #[cfg(mobile)]
            let _ = (before, now);
        }
        Told::Front => window::front(app),
    }
}
