//! The app as a program. Everything is in the library, which phones link.

// No console window beside the app.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    confab_desktop::run()
}
