//! Times of a large cache on this machine: `cargo run --release -p confab-measure [messages] [conversations]`.
//!
//! With `--build FILE` it only makes such a cache there, for another program to be measured with.

use confab_measure::{Failure, Place};
use confab_store::Store;
use std::path::Path;
use std::time::Instant;

#[expect(clippy::print_stdout, reason = "the times are what this program is for")]
fn main() -> Result<(), Failure> {
    let built = std::env::args().skip_while(|argument| argument != "--build").nth(1);
    if let Some(file) = built {
        return confab_measure::prepare(&place(Path::new(&file)), 100_000, 200);
    }
    let mut arguments = std::env::args().skip(1).filter_map(|a| a.parse::<u64>().ok());
    let (messages, rooms) = (arguments.next().unwrap_or(100_000), arguments.next().unwrap_or(200));
    let folder = std::env::temp_dir().join(format!("confab-measure-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("cache.db");
    let place = place(&path);
    confab_measure::prepare(&place, messages, rooms)?;
    println!("file: {:.1} MiB\n", std::fs::metadata(&path)?.len() as f64 / 1_048_576.0);
    confab_measure::run(&place, messages, rooms)?;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the times are what this program is for")]
fn place(file: &Path) -> Place<'_> {
    let began = Instant::now();
    Place {
        open: Box::new(move || Store::open(file)),
        now_ms: Box::new(move || began.elapsed().as_secs_f64() * 1000.0),
        say: Box::new(|line| println!("{line}")),
    }
}
