//! Names the commands, so that a window may call only those that its capability lists.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&["ask", "listen", "shell", "network"]);
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    if let Err(error) = tauri_build::try_build(attributes) {
        eprintln!("{error:#}");
        std::process::exit(1);
    }
}
