//! The short run: a few hundred seeds, each a whole Confab with its faults.

#![allow(clippy::unwrap_used)]

use confab_sim::{Telling, explain, run};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How many seeds the test command runs.
const SEEDS: u64 = 200;

/// Runs the seeds from `from` on, as many at once as the machine has cores, and gives back what failed, explained.
fn failures(from: u64, seeds: u64) -> Vec<String> {
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get().min(8));
    let next = AtomicU64::new(from);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Relaxed);
                    if seed >= from + seeds || failed.lock().unwrap().len() >= 3 {
                        return;
                    }
                    let outcome = std::panic::catch_unwind(|| run(seed, Telling::Tail));
                    match outcome {
                        Ok(report) if report.wrong.is_empty() => {}
                        Ok(report) => failed.lock().unwrap().push(explain(&report)),
                        Err(_) => failed.lock().unwrap().push(format!(
                            "seed {seed} panicked: CONFAB_SEED={seed} cargo test -p confab-sim"
                        )),
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap()
}

#[test]
fn every_seed_keeps_the_promises() {
    let (from, seeds) = match std::env::var("CONFAB_SEED") {
        Ok(seed) => (seed.parse().expect("CONFAB_SEED is a number"), 1),
        Err(_) => (1, SEEDS),
    };
    let failed = failures(from, seeds);
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_seed_replays_to_the_last_byte() {
    for seed in [3, 7, 30] {
        let (one, two) = (run(seed, Telling::Nothing), run(seed, Telling::Nothing));
        assert!(one.events > 100, "seed {seed} did next to nothing");
        assert_eq!((one.hash, one.events), (two.hash, two.events), "seed {seed}");
    }
}
