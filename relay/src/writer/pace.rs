//! Where the next batch runs: at once, on the runtime's thread that brought it, or on a thread that may wait.
//!
//! Handing a batch over and its answers back costs two changes of threads, a third of what a quick disk takes for a
//! commit. A disk that lets one wait, or a batch that takes long by itself, must not hold up the sockets.

use std::time::Duration;

/// Commits that take no longer are waited for where they are asked for.
const QUICK: Duration = Duration::from_micros(400);
/// Batches with more jobs are handed over.
const SMALL: usize = 64;
/// A commit counts for no more than this many quick ones: one that also moves the log into the database is rare, and says
/// nothing of the next.
const AT_MOST: u32 = 4;
/// The part of a new commit in the running mean.
const WEIGHT: u32 = 8;

/// The running mean of the time that commits take.
#[derive(Debug, Default)]
pub(super) struct Pace {
    commit: Duration,
}

impl Pace {
    /// Takes a commit into account.
    pub fn note(&mut self, took: Duration) {
        let took = took.min(QUICK * AT_MOST);
        self.commit = (self.commit * (WEIGHT - 1) + took) / WEIGHT;
    }

    /// Whether a batch of so many jobs may run at once.
    pub fn at_once(&self, jobs: usize) -> bool {
        jobs <= SMALL && self.commit <= QUICK
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, QUICK, SMALL};
    use std::time::Duration;

    #[test]
    fn a_quick_disk_is_waited_for_and_a_long_batch_is_not() {
        let mut pace = Pace::default();
        for _ in 0..100 {
            pace.note(QUICK / 4);
        }
        assert!(pace.at_once(SMALL));
        assert!(!pace.at_once(SMALL + 1));
    }

    #[test]
    fn a_slow_disk_is_found_out_within_a_few_commits_and_so_is_its_recovery() {
        let mut pace = Pace::default();
        let slow = (0..).take_while(|_| {
            let before = pace.at_once(1);
            pace.note(Duration::from_millis(20));
            before
        });
        assert!((2..5).contains(&slow.count()));
        for _ in 0..100 {
            pace.note(Duration::from_millis(20));
        }
        assert!(!pace.at_once(1));
        for _ in 0..20 {
            pace.note(QUICK / 4);
        }
        assert!(pace.at_once(1));
    }

    #[test]
    fn one_long_commit_among_quick_ones_changes_nothing() {
        let mut pace = Pace::default();
        for _ in 0..100 {
            pace.note(QUICK / 4);
        }
        pace.note(Duration::from_secs(1));
        assert!(pace.at_once(1));
    }
}
