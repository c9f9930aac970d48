//! The writer without its task: whoever holds it says when a batch runs.

use super::Job;
use super::batch::Core;
use crate::store::Result as StoreResult;
use tokio::sync::mpsc::Receiver;

/// See the module.
pub struct Hand {
    core: Core,
    queue: Receiver<Job>,
    waiting: Vec<Job>,
}

impl Hand {
    pub(super) fn new(core: Core, queue: Receiver<Job>) -> Self {
        Self { core, queue, waiting: Vec::new() }
    }

    /// In how many milliseconds a batch is to run though no job comes; `None` if there is no need.
    pub fn due_in_ms(&self) -> Option<u64> {
        self.core.due_in_ms()
    }

    /// Whether a job waits.
    pub fn has_work(&mut self) -> bool {
        super::serve::take(&mut self.queue, &mut self.waiting);
        !self.waiting.is_empty()
    }

    /// One transaction with the jobs that wait, then what it tells.
    ///
    /// # Errors
    /// [`crate::store::StoreError::NotDurable`]: a relay exits then.
    pub fn batch(&mut self) -> StoreResult<()> {
        self.has_work();
        let mut jobs = std::mem::take(&mut self.waiting);
        self.core.batch(&mut jobs)
    }
}
