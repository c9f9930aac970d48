//! Where the app keeps its data.

#[cfg(desktop)]
use std::path::Path;
use std::path::PathBuf;
use tauri::{AppHandle, Manager};

/// Names another folder for the data: a second profile beside the usual one.
pub const FOLDER_VARIABLE: &str = "CONFAB_DATA";

/// The folder that was named, if one was.
pub fn named() -> Option<PathBuf> {
    std::env::var_os(FOLDER_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from)
}

/// The folder for the data.
pub fn data(app: &AppHandle) -> tauri::Result<PathBuf> {
    named().map_or_else(|| app.path().app_local_data_dir(), Ok)
}

/// A short name that tells profiles apart on the bus and in the keychain; empty for the usual one.
#[cfg(desktop)]
pub fn profile(folder: Option<&Path>) -> String {
    let Some(folder) = folder else { return String::new() };
    // FNV-1a: stable between versions, and nobody chooses their folders to collide.
    let hash = folder
        .to_string_lossy()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    format!("p{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_told_apart_and_the_usual_one_has_no_name() {
        assert_eq!(profile(None), "");
        assert_ne!(profile(Some(Path::new("/a"))), profile(Some(Path::new("/b"))));
        assert_eq!(profile(Some(Path::new("/a"))), profile(Some(Path::new("/a"))));
    }
}
