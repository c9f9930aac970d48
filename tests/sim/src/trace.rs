//! What happened, as a hash that two runs of one seed must share, and as the last lines for whoever looks for a bug.

use std::collections::VecDeque;
use std::fmt;

/// Lines kept for a report of a failure.
const KEPT: usize = 400;

/// See the module.
#[derive(Debug, Default)]
pub struct Trace {
    hash: u64,
    events: u64,
    lines: VecDeque<String>,
    /// Print every line as it comes.
    pub loud: bool,
    /// Keep the last lines. Costs a fifth of the run's time.
    pub kept: bool,
}

impl Trace {
    /// Notes something. Formatted only if somebody may read it.
    pub fn note(&mut self, now: u64, line: fmt::Arguments<'_>) {
        self.events += 1;
        let mut hasher = Fnv(self.hash ^ 0xcbf2_9ce4_8422_2325);
        hasher.number(now);
        let _ = fmt::Write::write_fmt(&mut hasher, line);
        self.hash = hasher.0;
        if self.loud || self.kept {
            let text = format!("{:>12.3}  {line}", now as f64 / 1000.0);
            if self.loud {
                eprintln!("{text}");
            }
            if self.lines.len() == KEPT {
                self.lines.pop_front();
            }
            self.lines.push_back(text);
        }
    }

    /// The hash of everything so far.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// How much has happened.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The last lines.
    pub fn tail(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }
}

/// FNV-1a (Fowler, Noll and Vo), so that hashing a line needs no string.
struct Fnv(u64);

impl Fnv {
    fn number(&mut self, number: u64) {
        number.to_le_bytes().into_iter().for_each(|byte| self.byte(byte));
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
}

impl fmt::Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(|byte| self.byte(byte));
        Ok(())
    }
}
