//! The menu bar, where the system has one for every app. Elsewhere the page's own menu and keys serve.

use tauri::AppHandle;

/// macOS: the usual menus, and what of the screens belongs there.
#[cfg(target_os = "macos")]
pub fn make(app: &AppHandle) -> tauri::Result<()> {
    use crate::bridge::Listeners;
    use confab_shell::api::{MenuItem as Item, ShellEvent};
    use tauri::Manager;
    use tauri::menu::{Menu, MenuItem, Submenu};

    let item = |id: &str, text: &str, keys: &str| MenuItem::with_id(app, id, text, true, Some(keys));
    let menu = Menu::default(app)?;
    menu.append(&Submenu::with_items(
        app,
        "Accounts",
        true,
        &[
            &item("add_account", "Add Account…", "CmdOrCtrl+Shift+N")?,
            &item("settings", "Settings…", "CmdOrCtrl+,")?,
        ],
    )?)?;
    app.set_menu(menu)?;
    app.on_menu_event(|app, event| {
        let item = match event.id().as_ref() {
            "add_account" => Item::AddAccount,
            "settings" => Item::Settings,
            _ => return,
        };
        app.state::<Listeners>().shell(ShellEvent::Menu { item });
    });
    Ok(())
}

/// See the module.
#[cfg(not(target_os = "macos"))]
#[allow(clippy::unnecessary_wraps)]
pub fn make(_app: &AppHandle) -> tauri::Result<()> {
    Ok(())
}
