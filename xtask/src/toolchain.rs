//! Finding a compiler that can build for the browser.
//!
//! A target installed by rustup is taken first. Where rustup cannot download (only package registries are reachable)
//! Debian's `rustc-web` serves: it carries the sources of the standard library, which is then built along.

use anyhow::{Context, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target of the browser.
pub const TARGET: &str = "wasm32-unknown-unknown";

const ADVICE: &str = "No compiler for the browser was found. Install one of:
  rustup target add wasm32-unknown-unknown   (and any clang, with llvm-ar)
  apt-get install rustc-web cargo-web rust-web-src rust-web-llvm lld clang   (on Debian)";

/// A `cargo build` that is set up for the browser; the caller adds what to build.
pub fn cargo_build() -> anyhow::Result<Command> {
    let mut command = match rustup() {
        Some(cargo) => Command::new(cargo),
        None => debian().context(ADVICE)?,
    };
    if let Some((clang, archiver)) = newest_clang() {
        command.env("CC_wasm32_unknown_unknown", clang).env("AR_wasm32_unknown_unknown", archiver);
    } else if std::env::var_os("CC_wasm32_unknown_unknown").is_none() {
        bail!("SQLite for the browser needs clang and llvm-ar. {ADVICE}");
    }
    command.arg("build").args(["--target", TARGET]);
    if command.get_envs().any(|(name, _)| name == "RUSTC_BOOTSTRAP") {
        command.arg("-Zbuild-std=std,panic_abort");
    }
    Ok(command)
}

/// The surrounding cargo, if its compiler has the target.
fn rustup() -> Option<PathBuf> {
    let cargo = PathBuf::from(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let rustc = cargo.with_file_name("rustc");
    let rustc = if rustc.exists() { rustc } else { PathBuf::from("rustc") };
    let output = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output().ok()?;
    let folder = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    let mut entries = folder.read_dir().ok()?;
    entries
        .any(|entry| entry.is_ok_and(|e| e.file_name().to_string_lossy().starts_with("libstd-")))
        .then_some(cargo)
}

/// Debian's compiler with the standard library's sources.
fn debian() -> Option<Command> {
    let (cargo, rustc) = (Path::new("/usr/bin/cargo"), Path::new("/usr/bin/rustc"));
    let sysroot = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    let sysroot = PathBuf::from(String::from_utf8(sysroot.stdout).ok()?.trim());
    let linker = newest("wasm-ld-")?;
    if !cargo.exists() || !sysroot.join("lib/rustlib/src/rust/library/std").exists() {
        return None;
    }
    let mut command = Command::new(cargo);
    // Left by rustup's cargo, they would name its compiler again.
    for name in ["RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "CARGO", "RUSTC_WRAPPER"] {
        command.env_remove(name);
    }
    command
        .env("RUSTC", rustc)
        .env("RUSTDOC", "/usr/bin/rustdoc")
        // Building the standard library is a nightly feature of cargo.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    Some(command)
}

/// The newest clang and the archiver of the same version: `clang-22` with `llvm-ar-22`, or both without a number.
fn newest_clang() -> Option<(PathBuf, PathBuf)> {
    numbered("clang-")
        .into_iter()
        .find_map(|(version, clang)| Some((clang, in_path(&format!("llvm-ar-{version}"))?)))
        .or_else(|| Some((in_path("clang")?, in_path("llvm-ar")?)))
}

fn newest(prefix: &str) -> Option<PathBuf> {
    numbered(prefix).into_iter().next().map(|(_, path)| path)
}

/// Programs in `PATH` named `prefix` and a number, the newest first.
fn numbered(prefix: &str) -> Vec<(u32, PathBuf)> {
    let mut found: Vec<(u32, PathBuf)> = folders()
        .filter_map(|folder| folder.read_dir().ok())
        .flat_map(|entries| entries.flatten())
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((version, entry.path()))
        })
        .collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found
}

fn in_path(name: &str) -> Option<PathBuf> {
    folders().map(|folder| folder.join(name)).find(|path| path.exists())
}

fn folders() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect::<Vec<_>>().into_iter()
}
