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
        /// The measuring of scripts/bench instead, into target/measure-web.
        #[arg(long)]
        measure: bool,
    },
    /// Writes a .br and a .gz beside every file of the built web client that gains by it.
    Compress {
        /// The folder to go through.
        #[arg(default_value = "app/ui/dist")]
        folder: PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    // As cargo says now: where several checkouts share what they compile, this may have been compiled for another one.
    let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&own).parent().unwrap_or(Path::new("."));
    match Args::parse().step {
        Step::Wasm { dev, measure } => {
            wasm::build(root, if measure { &wasm::MEASURE } else { &wasm::CLIENT }, dev)
        }
        Step::Compress { folder } => compress::folder(&root.join(folder)),
    }
}
