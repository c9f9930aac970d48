//! A whole Confab in one thread: many real engines over real stores and one real relay core, with a seeded clock,
//! network and disk. One seed replays one run to the last byte.
//!
//! A run is: people do random things while sockets are cut, programs are killed, disks fill up and clocks jump; then
//! everything is healed and left to settle; then the invariants are checked.
//!
//! # What is simulated, and where
//!
//! A transport that keeps the order of frames and loses none but the last (TCP, RFC 9293) cannot drop, double or swap a
//! frame in the middle of a stream, and the protocol is built upon that: a sync token covers all that was sent before
//! it. So each of these faults is at the seam where it can happen:
//!
//! - **dropped**: a cut takes every frame from some point on, in each direction, answers to commands that were stored
//!   among them; and the relay's real queue, whose bound is moved near zero for a while, drops live changes and says
//!   "behind".
//! - **doubled**: a command is sent again when its answer was lost with a socket or with a program. A pushed change is
//!   doubled by the net, its copy arriving late: the rule of live changes says that an old one is ignored, and a page
//!   that was read before it brings it a second time as well.
//! - **reordered**: answers that are not acknowledgements may come in any order (the relay reads with several threads),
//!   so the net holds some back until later frames have passed.
//! - **delayed**: every frame takes its time, some much longer, always in order but for the two above.
//! - **cut**: each end learns of it in its own time, or never.
//! - **killed**: a client's program before or after a commit, or between the outputs that follow one; the relay's before or
//!   after a batch. What is committed stays; what a power cut does to a disk is SQLite's to survive.
//! - **disks**: full on either side; on the relay also a failed sync, after which the batch is stored or not.
//! - **clocks** of devices and of the relay jump by seconds to ten years, both ways. **Backups** are put back. **Clients stop
//!   reading.** **Tokens** cannot be had and sessions end. **Intruders** ask for what is none of their business.
//!
//! [`faults`] counts each kind; the test of the seeds asserts that all of them happened often.
//!
//! This crate must not know: how the engine or the relay do what they do. It calls what the product's own drivers call.

// This is a test: what must not fail fails loudly.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(
    clippy::nonminimal_bool,
    clippy::type_complexity,
    clippy::needless_pass_by_value,
    clippy::wrong_self_convention,
    clippy::single_match,
    reason = "the model reads like the rules it checks"
)]

mod actor;
mod check;
mod client_side;
pub mod device;
pub mod dice;
mod disk;
pub mod faults;
mod intruder;
pub mod model;
mod net;
pub mod plan;
pub mod relay;
mod relay_side;
pub mod store;
pub mod trace;
mod truth;
pub mod witness;
pub mod world;

use faults::Faults;
use std::path::{Path, PathBuf};
use world::World;

/// What came of a run.
#[derive(Debug)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// The same for every run of the seed.
    pub hash: u64,
    /// How much happened.
    pub events: u64,
    /// Messages that people were told to be safe.
    pub sent: usize,
    /// What was done to it.
    pub faults: Faults,
    /// What went wrong.
    pub wrong: Vec<String>,
    /// The last lines of the trace, if they were kept.
    pub tail: Vec<String>,
}

/// How much of a run is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Telling {
    /// Nothing but the report.
    #[default]
    Nothing,
    /// The last lines, in the report.
    Tail,
    /// Every line as it comes.
    All,
}

/// A folder in memory, if the system has one: the disk's own speed is not what is tested.
pub fn scratch() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

/// Runs a seed.
pub fn run(seed: u64, telling: Telling) -> Report {
    let folder = tempfile::Builder::new().prefix("confab-sim-").tempdir_in(scratch()).expect("a folder");
    let mut world = World::new(seed, folder.path());
    world.trace.loud = telling == Telling::All;
    world.trace.kept = telling != Telling::Nothing;
    let plan = world.plan.clone();
    world.trace.note(0, format_args!("{plan:?}"));
    world.begin();
    world.run(world.plan.lasts_ms);
    if world.witness.wrong.is_empty() {
        world.heal();
        world.settle();
    }
    if world.witness.wrong.is_empty() {
        world.check();
    }
    Report {
        seed,
        hash: world.trace.hash(),
        events: world.trace.events(),
        sent: world.witness.sent.len(),
        faults: world.faults,
        wrong: std::mem::take(&mut world.witness.wrong),
        tail: world.trace.tail().map(str::to_owned).collect(),
    }
}

/// How a failed seed is told, with the command that runs it again.
pub fn explain(report: &Report) -> String {
    format!(
        "{}\n\nseed {} failed:\n  {}\n\nrun it again: CONFAB_SEED={} cargo test -p confab-sim\nall of it: cargo run -p confab-sim -- --seed {} --all\n",
        report.tail.join("\n"),
        report.seed,
        report.wrong.join("\n  "),
        report.seed,
        report.seed
    )
}
