//! Names the commands, so that a window may call only those that its capability lists.

fn main() {
    let commands =
        tauri_build::AppManifest::new().commands(&["ask", "listen", "shell", "network", "touched"]);
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    if let Err(error) = tauri_build::try_build(attributes) {
        eprintln!("{error:#}");
        std::process::exit(1);
    }
    export_nothing();
}

/// GNU's linker exports every symbol of a library that names none, and Windows allows 65,536. The library is for phones.
#[allow(clippy::print_stdout)]
fn export_nothing() {
    let target = |what: &str| std::env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "windows" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-cdylib=-Wl,--exclude-all-symbols");
    }
}
