//! Build steps that cargo alone does not do: the engine as WebAssembly, and the web client's files compressed.
//!
//! This crate must not know: what the things that it builds do.

mod compress;
mod toolchain;
mod wasm;

use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};

#[derive(Parser)]
#[command(about = "Confab's build steps")]
struct Args {
    #[command(subcommand)]
    step: Step,
}

#[derive(Subcommand)]
enum Step {
    /// Builds the engine for the browser into app/ui/engine.
    Wasm {
        /// Keeps names and checks overflow; larger and slower.
        #[arg(long)]
        dev: bool,
    },
    /// Writes a .br and a .gz beside every file of the built web client that gains by it.
    Compress {
        /// The folder to go through.
        #[arg(default_value = "app/ui/dist")]
        folder: PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    match Args::parse().step {
        Step::Wasm { dev } => wasm::build(root, dev),
        Step::Compress { folder } => compress::folder(&root.join(folder)),
    }
}
