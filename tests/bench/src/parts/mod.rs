//! The parts of the measurement, each of which can be run alone.

pub mod bare;
pub mod browser;
pub mod catchup;
pub mod engine;
pub mod fanout;
pub mod idle;
pub mod pairs;
pub mod scroll;
pub mod size;
pub mod start;

use crate::process::Cores;
use crate::report::Row;
use anyhow::Result;
use clap::ValueEnum;
use std::path::PathBuf;

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Part {
    /// All that concern the relay, and no browser or engine
    Relay,
    /// The references alone: what this machine can do
    Bare,
    /// Memory of an idle connection, CPU of a log-in
    Idle,
    /// One room with a thousand members
    Fanout,
    /// Fifty pairs, and one, with durable acknowledgements
    Pairs,
    /// Ten thousand missed messages
    Catchup,
    /// Starting with a million stored messages
    Start,
    /// The client's cache and engine, native
    Engine,
    /// The same in a worker of Chromium, beside the native one
    EngineBrowser,
    /// The web client in Chromium
    Browser,
    /// A long conversation in the web client
    Scroll,
    /// Size of the program
    Size,
}

impl Part {
    /// The parts that this one stands for.
    pub fn expand(self) -> Vec<Part> {
        match self {
            Part::Relay => {
                vec![Part::Idle, Part::Fanout, Part::Pairs, Part::Catchup, Part::Start, Part::Size]
            }
            part => vec![part],
        }
    }

    /// Measures it.
    ///
    /// # Errors
    /// Whatever keeps it from being measured. A missed target is none.
    pub fn run(self, context: &Context) -> Result<Vec<Row>> {
        match self {
            Part::Bare => bare::run(context),
            Part::Idle => idle::run(context),
            Part::Fanout => fanout::run(context),
            Part::Pairs => pairs::run(context),
            Part::Catchup => catchup::run(context),
            Part::Start => start::run(context),
            Part::Engine => engine::run(context),
            Part::EngineBrowser => engine::run_in_browser(context),
            Part::Browser => browser::run(context),
            Part::Scroll => scroll::run(context),
            Part::Size => size::run(context),
            Part::Relay => Ok(Vec::new()),
        }
    }
}

/// What all parts need.
pub struct Context {
    /// Who runs where.
    pub cores: Cores,
    /// The relay's program.
    pub relay: PathBuf,
    /// The program `measure` of tests/measure.
    pub engine: PathBuf,
    /// The folder of the same as WebAssembly.
    pub engine_web: PathBuf,
    /// Where databases are made: on the disk that is to be measured.
    pub data: PathBuf,
    /// A tenth of the work, for trying out. The targets are not meant for it.
    pub quick: bool,
}

impl Context {
    /// This many, or a tenth.
    pub fn scaled(&self, count: usize) -> usize {
        if self.quick { count / 10 } else { count }
    }
}
