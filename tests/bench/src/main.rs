//! Measures a release build of Confab, with bare references in the same run, and prints one table.
//!
//! The server has one core, the load another; numbers on a shared machine mean little by themselves, so ratios stand
//! beside them. `docs/performance.md` says what was found so far.
//!
//! This program must not know: the inside of the relay, but for the rows that it writes to save itself ten thousand
//! registrations and a million sends (`relay.rs`, `parts/start.rs`).

mod conn;
mod frame;
mod parts;
mod process;
mod reference;
mod relay;
mod report;
mod swarm;
mod traffic;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use parts::{Context, Part};
use process::Cores;
use std::path::PathBuf;

#[derive(Parser)]
#[command(
    about = "Measures Confab beside bare references and prints one table",
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    reference: Option<Reference>,
    #[command(flatten)]
    bench: Bench,
}

#[derive(clap::Args)]
struct Bench {
    /// What to measure; all if absent
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Write the results as JSON to this file as well
    #[arg(long)]
    json: Option<PathBuf>,
    /// The relay's program
    #[arg(long, default_value = "target/release/relay")]
    relay: PathBuf,
    /// The program of confab-measure
    #[arg(long, default_value = "target/release/measure")]
    engine: PathBuf,
    /// The folder of confab-measure as WebAssembly
    #[arg(long, default_value = "target/measure-web")]
    engine_web: PathBuf,
    /// A folder on the disk to be measured
    #[arg(long, default_value = "target/bench")]
    data: PathBuf,
    /// A tenth of the work, to see whether it runs
    #[arg(long)]
    quick: bool,
}

/// The references run as processes of their own.
#[derive(Subcommand)]
enum Reference {
    #[command(hide = true)]
    ReferenceBroadcast {
        #[arg(long)]
        port: u16,
    },
    #[command(hide = true)]
    ReferenceDurable {
        #[arg(long)]
        port: u16,
        #[arg(long)]
        file: PathBuf,
    },
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    match cli.reference {
        Some(Reference::ReferenceBroadcast { port }) => reference::broadcast::run(port),
        Some(Reference::ReferenceDurable { port, file }) => reference::durable::run(port, &file),
        None => bench(&cli.bench),
    }
}

#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn bench(bench: &Bench) -> Result<()> {
    std::fs::create_dir_all(&bench.data)?;
    let context = Context {
        cores: Cores::choose()?,
        relay: bench.relay.clone(),
        engine: bench.engine.clone(),
        engine_web: bench.engine_web.clone(),
        data: bench.data.canonicalize()?,
        quick: bench.quick,
    };
    // Also moves this thread onto the core of the load.
    context.cores.on_server_core(|| Ok(()))?;
    if context.cores.server == context.cores.load {
        eprintln!(
            "There is only one core: the load and the server share it, and ratios are all that counts."
        );
    }
    let asked = if bench.parts.is_empty() {
        vec![Part::Relay, Part::Engine, Part::EngineBrowser, Part::Browser, Part::Scroll]
    } else {
        bench.parts.clone()
    };
    let mut parts: Vec<Part> = asked.into_iter().flat_map(Part::expand).collect();
    parts.sort();
    parts.dedup();
    let mut rows = Vec::new();
    for part in parts {
        eprintln!("measuring: {part:?}");
        rows.extend(part.run(&context).with_context(|| format!("{part:?} could not be measured"))?);
    }
    println!("\n{}", report::table(&rows));
    let missed = rows.iter().filter(|row| row.pass == Some(false)).count();
    let held = rows.iter().filter(|row| row.pass == Some(true)).count();
    println!("{held} targets kept, {missed} missed");
    if let Some(file) = &bench.json {
        std::fs::write(file, serde_json::to_string_pretty(&rows)?)
            .with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(())
}
