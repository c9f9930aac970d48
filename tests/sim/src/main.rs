//! Runs many seeds, or one with everything that happens.
#![allow(clippy::print_stdout, clippy::expect_used)]

use clap::Parser;
use confab_sim::faults::Faults;
use confab_sim::{Telling, explain, run};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// Simulates many Confab clients and one relay, with cuts, kills, full disks and jumping clocks.
#[derive(Parser)]
struct Arguments {
    /// Run so many seeds.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// Begin with this one.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Run this one only.
    #[arg(long)]
    seed: Option<u64>,
    /// Tell everything that happens in it.
    #[arg(long)]
    all: bool,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: u64,
    /// Stop after so many failures.
    #[arg(long, default_value_t = 5)]
    failures: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(seed) = arguments.seed {
        let report = run(seed, if arguments.all { Telling::All } else { Telling::Tail });
        println!(
            "seed {seed}: hash {:016x}, {} events, {} messages\n{}",
            report.hash, report.events, report.sent, report.faults
        );
        if !report.wrong.is_empty() {
            println!("{}", explain(&report));
            return ExitCode::FAILURE;
        }
        return ExitCode::SUCCESS;
    }
    let (next, failed, sent, events) =
        (AtomicU64::new(arguments.from), AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let faults = Mutex::new(Faults::default());
    let end = arguments.from + arguments.seeds;
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..arguments.threads {
            scope.spawn(|| {
                while failed.load(Relaxed) < arguments.failures {
                    let seed = next.fetch_add(1, Relaxed);
                    if seed >= end {
                        return;
                    }
                    let outcome = std::panic::catch_unwind(|| run(seed, Telling::Nothing));
                    match outcome {
                        Ok(report) => {
                            sent.fetch_add(report.sent as u64, Relaxed);
                            events.fetch_add(report.events, Relaxed);
                            faults.lock().expect("nobody panics here").add(&report.faults);
                            if !report.wrong.is_empty() {
                                failed.fetch_add(1, Relaxed);
                                println!("seed {seed} failed:\n  {}", report.wrong.join("\n  "));
                            }
                        }
                        Err(_) => {
                            failed.fetch_add(1, Relaxed);
                            println!("seed {seed} panicked");
                        }
                    }
                    if seed.is_multiple_of(1000) {
                        println!("… {seed} ({} s)", started.elapsed().as_secs());
                    }
                }
            });
        }
    });
    let seeds = next.load(Relaxed).min(end) - arguments.from;
    println!("{}", faults.into_inner().expect("nobody panics here"));
    println!(
        "{seeds} seeds, {} messages, {} events, {} failed, {:.1} s",
        sent.load(Relaxed),
        events.load(Relaxed),
        failed.load(Relaxed),
        started.elapsed().as_secs_f64()
    );
    if failed.load(Relaxed) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
