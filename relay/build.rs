//! Puts the built web client (`app/ui/dist`) into the binary: writes a table of its files, each with the variants that
//! the client's build compressed beside it (`.br`, `.gz`). Without a built client the table is empty.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CONFAB_CLIENT_DIST");
    let dist = env::var_os("CONFAB_CLIENT_DIST").map_or_else(
        || Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../app/ui/dist"),
        PathBuf::from,
    );
    // cargo takes a path that does not exist for one that always changes, and would build anew each time.
    fs::create_dir_all(&dist)?;
    let dist = dist.canonicalize()?;
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = BTreeMap::new();
    collect(&dist, "", &mut files)?;
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("client_files.rs");
    fs::write(out, table(&files)?)
}

/// All files below a folder, by the path in their address.
fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, files)?;
        } else {
            files.insert(path, entry.path());
        }
    }
    Ok(())
}

fn table(files: &BTreeMap<String, PathBuf>) -> io::Result<String> {
    let mut text = String::from("&[\n");
    for (path, file) in files {
        let original = path.strip_suffix(".br").or_else(|| path.strip_suffix(".gz"));
        if original.is_some_and(|original| files.contains_key(original)) {
            continue;
        }
        let mut hasher = DefaultHasher::new();
        fs::read(file)?.hash(&mut hasher);
        let variant = |suffix: &str| match files.get(&format!("{path}{suffix}")) {
            Some(file) => format!("Some(include_bytes!({:?}))", file.display().to_string()),
            None => "None".to_owned(),
        };
        let _ = writeln!(
            text,
            "    File {{ path: {path:?}, tag: \"{:016x}\", plain: include_bytes!({:?}), brotli: {}, gzip: {} }},",
            hasher.finish(),
            file.display().to_string(),
            variant(".br"),
            variant(".gz"),
        );
    }
    text.push_str("]\n");
    Ok(text)
}
