//! The short run: a few hundred seeds, each a whole Confab with its faults.

#![allow(clippy::unwrap_used)]

use confab_sim::faults::{Fault, Faults};
use confab_sim::{Telling, explain, run};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How many seeds the test command runs; `CONFAB_SEEDS` says otherwise.
const SEEDS: u64 = 200;

/// Faults that two hundred seeds bring about at the least, or the simulation has gone tame: about half of what they did
/// when this was written.
const AT_LEAST: &[(Fault, u64)] = &[
    (Fault::Cut, 600),
    (Fault::Offline, 380),
    (Fault::Background, 320),
    (Fault::LostRequest, 500),
    (Fault::LostAnswer, 120),
    (Fault::LostPush, 60),
    (Fault::Delayed, 17_000),
    (Fault::Behind, 500),
    (Fault::Doubled, 130),
    (Fault::Reordered, 300),
    (Fault::Repeated, 700),
    (Fault::KilledDevice, 220),
    (Fault::FullDevice, 90),
    (Fault::KilledRelay, 50),
    (Fault::FullRelay, 55),
    (Fault::Unsynced, 55),
    (Fault::Stalled, 100),
    (Fault::Busy, 130),
    (Fault::ClockBack, 40),
    (Fault::ClockForth, 45),
    (Fault::Restored, 17),
    (Fault::NoToken, 50),
    (Fault::Intruder, 190),
];

/// Runs the seeds from `from` on, as many at once as the machine has cores, and gives back what failed, explained, and
/// what was done to those that did not.
fn failures(from: u64, seeds: u64) -> (Vec<String>, Faults) {
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get().min(8));
    let next = AtomicU64::new(from);
    let (failed, faults) = (Mutex::new(Vec::new()), Mutex::new(Faults::default()));
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
                        Ok(report) if report.wrong.is_empty() => faults.lock().unwrap().add(&report.faults),
                        Ok(report) => failed.lock().unwrap().push(explain(&report)),
                        Err(_) => failed.lock().unwrap().push(format!(
                            "seed {seed} panicked: CONFAB_SEED={seed} cargo test -p confab-sim"
                        )),
                    }
                }
            });
        }
    });
    (failed.into_inner().unwrap(), faults.into_inner().unwrap())
}

#[test]
fn every_seed_keeps_the_promises() {
    let number = |name: &str| {
        std::env::var(name).ok().map(|number| number.parse().unwrap_or_else(|_| panic!("{name} is a number")))
    };
    let (from, seeds) = match number("CONFAB_SEED") {
        Some(seed) => (seed, 1),
        None => (1, number("CONFAB_SEEDS").unwrap_or(SEEDS)),
    };
    let (failed, faults) = failures(from, seeds);
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    // A few seeds leave some faults out altogether.
    for (fault, least) in AT_LEAST.iter().filter(|_| seeds >= SEEDS) {
        let (times, least) = (faults.of(*fault), least * seeds / SEEDS);
        assert!(times >= least, "{fault:?}: {times} times, which should be {least}. All of them:\n{faults}");
    }
}

#[test]
fn every_kind_of_fault_is_asked_for() {
    let asked: Vec<Fault> = AT_LEAST.iter().map(|(fault, _)| *fault).collect();
    assert_eq!(asked, Fault::ALL);
}

#[test]
fn a_seed_replays_to_the_last_byte() {
    for seed in [3, 7, 30] {
        let (one, two) = (run(seed, Telling::Nothing), run(seed, Telling::Nothing));
        assert!(one.events > 100, "seed {seed} did next to nothing");
        assert_eq!((one.hash, one.events), (two.hash, two.events), "seed {seed}");
    }
}
