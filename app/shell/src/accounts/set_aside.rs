//! Damaged databases that were set aside in an account's folder. They may be all that is left of what somebody wrote, so no
//! folder is removed together with one.

use confab_client::native::DATABASE;
use std::io;
use std::path::{Path, PathBuf};

/// Whether a damaged database lies in the folder. A folder that cannot be looked into may hold one.
pub fn is_any(folder: &Path) -> bool {
    list(folder).map_or(true, |files| !files.is_empty())
}

/// Moves them, with what belongs to them, to `to`, which is made if there is anything to move.
///
/// # Errors
/// The disk's; what was not moved is where it was.
pub fn move_all(folder: &Path, to: &Path) -> io::Result<()> {
    let files = list(folder)?;
    if files.is_empty() {
        return Ok(());
    }
    crate::files::private_folder(to)?;
    for file in files {
        if let Some(name) = file.file_name() {
            std::fs::rename(&file, to.join(name))?;
        }
    }
    Ok(())
}

/// `confab.db.damaged-1` and so on, as the store names them, and the logs beside them.
fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let start = format!("{DATABASE}.damaged-");
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&start) {
            found.push(entry.path());
        }
    }
    Ok(found)
}
