//! The relay's secret: given by the operator, or made at the first start and kept in the data folder.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// The name of the file in the data folder.
pub const FILE: &str = "secret";

/// Random bytes of a secret that the relay makes.
const BYTES: usize = 32;

/// The secret kept in a folder; makes one if there is none. Only the owner may read the file.
///
/// # Errors
/// What the file system says, with the path; and a file that is too short to be a secret.
pub fn load_or_make(folder: &Path) -> io::Result<Vec<u8>> {
    let path = folder.join(FILE);
    match fs::read(&path) {
        Ok(secret) if secret.len() >= BYTES => Ok(secret),
        Ok(_) => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!(
                "{} is too short to be a secret. Put the right one back, or remove the file: then a new one is made \
                 and everyone logs in again.",
                path.display()
            ),
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(folder, &path),
        Err(error) => Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
    }
}

/// Writes beside and renames, so that a crash leaves no half of a secret.
fn make(folder: &Path, path: &Path) -> io::Result<Vec<u8>> {
    let mut secret = vec![0u8; BYTES];
    getrandom::fill(&mut secret).map_err(|error| io::Error::other(error.to_string()))?;
    let draft = folder.join("secret.new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let first = load_or_make(folder.path()).unwrap();
        assert_eq!(first.len(), BYTES);
        assert_eq!(load_or_make(folder.path()).unwrap(), first);
        let other = tempfile::tempdir().unwrap();
        assert_ne!(load_or_make(other.path()).unwrap(), first);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        load_or_make(folder.path()).unwrap();
        let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_secret_is_told_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), b"short").unwrap();
        assert!(load_or_make(folder.path()).unwrap_err().to_string().contains("too short"));
        assert_eq!(fs::read(folder.path().join(FILE)).unwrap(), b"short");
    }
}
