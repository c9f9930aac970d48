//! Files compressed once at build time, so that the relay serves them without work.

use anyhow::Context;
use std::fs;
use std::io::Write;
use std::path::Path;

/// Extensions of files that compress; pictures and fonts already are.
const TEXTUAL: [&str; 9] = ["html", "js", "mjs", "css", "wasm", "json", "svg", "webmanifest", "txt"];
/// Below this a header costs more than it saves.
const LEAST_BYTES: usize = 256;

/// Writes `.br` and `.gz` beside the files of a folder and of those in it, where they are smaller.
pub fn folder(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            self::folder(&path)?;
        } else if path.extension().and_then(|e| e.to_str()).is_some_and(|e| TEXTUAL.contains(&e)) {
            file(&path)?;
        }
    }
    Ok(())
}

fn file(path: &Path) -> anyhow::Result<()> {
    let bytes = fs::read(path)?;
    let squeezed =
        if bytes.len() < LEAST_BYTES { vec![] } else { vec![("br", brotli(&bytes)?), ("gz", gzip(&bytes)?)] };
    for extension in ["br", "gz"] {
        let beside = path.with_added_extension(extension);
        match squeezed.iter().find(|(name, small)| *name == extension && small.len() < bytes.len()) {
            Some((_, small)) => fs::write(&beside, small)?,
            // One of an earlier build must not outlive its file.
            None if beside.exists() => fs::remove_file(&beside)?,
            None => {}
        }
    }
    Ok(())
}

fn brotli(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        // The whole file is the window; 24 is the most that every browser takes.
        lgwin: 24,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params)?;
    Ok(out)
}

fn gzip(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn what_is_compressed_reads_back() {
        let folder = std::env::temp_dir().join(format!("confab-compress-{}", std::process::id()));
        fs::create_dir_all(folder.join("deep")).unwrap();
        let text = "the quick brown fox ".repeat(100);
        fs::write(folder.join("deep/page.js"), &text).unwrap();
        fs::write(folder.join("tiny.js"), "1").unwrap();
        fs::write(folder.join("tiny.js.br"), "stale").unwrap();
        super::folder(&folder).unwrap();

        let mut plain = String::new();
        let small = fs::read(folder.join("deep/page.js.br")).unwrap();
        brotli::Decompressor::new(&small[..], 4096).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, text);
        let small = fs::File::open(folder.join("deep/page.js.gz")).unwrap();
        plain.clear();
        flate2::read::GzDecoder::new(small).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, text);
        assert!(!folder.join("tiny.js.br").exists());
        fs::remove_dir_all(&folder).unwrap();
    }
}
