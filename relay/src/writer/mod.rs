//! The writer: one task that takes all jobs that wait, decides and stores them in one transaction, and acknowledges
//! and fans out after the commit is durable, in commit order.
//!
//! Rules see the earlier commands of the same batch, because the conversations at hand are the truth while it runs. A
//! batch that cannot be committed is answered `storage_failed` whole, and what is at hand is read again.

mod apply;
mod batch;
mod command;
mod conversations;
mod facts;
mod hand;
mod marks;
mod pace;
mod personal;
mod serve;
mod sharing;
#[cfg(test)]
mod tests;
mod transact;

use crate::clock::Source;
use crate::hub::Hub;
use crate::hub::connection::Connection;
use crate::store::chat::{SessionKey, UserKey};
use crate::store::{Result as StoreResult, Writes};
use confab_protocol::sync::MarkRequest;
use confab_protocol::{Code, Command, ErrorBody, RunId};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::oneshot;
use transact::{Closure, Transact};

pub use hand::Hand;

/// Most jobs that wait. Further ones are refused with `rate_limited`.
const QUEUE: usize = 8192;

/// A piece of work for the writer.
enum Job {
    /// Something a person does.
    Command { from: Arc<Connection>, id: Option<u64>, command: Box<Command> },
    /// How far a person has received and read.
    Mark { from: Arc<Connection>, id: Option<u64>, mark: MarkRequest },
    /// Anything about accounts, in a savepoint of its own.
    Transact(Box<dyn Transact>),
    /// A device is connected, or is no more since a time.
    Present { session: SessionKey, user: UserKey, gone_at: Option<u64> },
    /// The relay is alive at this time.
    Alive(u64),
    /// Nothing comes after this.
    Stop(oneshot::Sender<()>),
}

/// A handle to the writer's queue.
#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
    storing: Arc<AtomicBool>,
}

impl Writer {
    /// Records the run and starts the writer's task. Needs a tokio runtime.
    ///
    /// # Errors
    /// If the run cannot be recorded.
    pub fn start(
        writes: Box<dyn Writes>,
        hub: Arc<Hub>,
        run: RunId,
        source: Arc<dyn Source>,
    ) -> StoreResult<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let core = batch::Core::begin(writes, hub, run, source)?;
        let storing = Arc::clone(&core.storing);
        tokio::spawn(serve::serve(Box::new(core), queue));
        Ok(Self { jobs, storing })
    }

    /// The same without the task: the caller runs each batch. For simulations.
    ///
    /// # Errors
    /// If the run cannot be recorded.
    pub fn by_hand(
        writes: Box<dyn Writes>,
        hub: Arc<Hub>,
        run: RunId,
        source: Arc<dyn Source>,
    ) -> StoreResult<(Self, Hand)> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let core = batch::Core::begin(writes, hub, run, source)?;
        let storing = Arc::clone(&core.storing);
        Ok((Self { jobs, storing }, Hand::new(core, queue)))
    }

    /// Whether the store took the latest batch that changed something. `false` while the disk is full, above all.
    pub fn is_storing(&self) -> bool {
        self.storing.load(Relaxed)
    }

    /// Takes a command. Its answer comes through the connection's queue.
    ///
    /// # Errors
    /// `rate_limited` when too many jobs wait.
    pub fn command(&self, from: Arc<Connection>, id: Option<u64>, command: Command) -> Result<(), ErrorBody> {
        self.submit(Job::Command { from, id, command: Box::new(command) })
    }

    /// Takes marks. The answer comes through the connection's queue.
    ///
    /// # Errors
    /// `rate_limited` when too many jobs wait.
    pub fn mark(&self, from: Arc<Connection>, id: Option<u64>, mark: MarkRequest) -> Result<(), ErrorBody> {
        self.submit(Job::Mark { from, id, mark })
    }

    /// Runs `work` inside the writer's transaction and answers once it is durable. The outer result is the store's;
    /// the inner one is a decision: `Err` undoes what `work` wrote and is handed back as it is.
    ///
    /// # Errors
    /// The decision's own, `rate_limited` when too many jobs wait, `storage_failed` when the store does.
    pub async fn transact<T, F>(&self, work: F) -> Result<T, ErrorBody>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Writes) -> StoreResult<Result<T, ErrorBody>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.submit(Job::Transact(Box::new(Closure::new(work, answer))))?;
        answered.await.unwrap_or_else(|_| Err(stopping()))
    }

    /// Notes that a device is connected, or since when it is no more. Lost if the queue is full: it decorates.
    pub fn present(&self, session: SessionKey, user: UserKey, gone_at: Option<u64>) {
        let _ = self.submit(Job::Present { session, user, gone_at });
    }

    /// Notes that the relay is alive.
    pub fn alive(&self, now: u64) {
        let _ = self.submit(Job::Alive(now));
    }

    /// Stores what waits and ends the writer.
    pub async fn stop(&self) {
        let (stopped, waiting) = oneshot::channel();
        if self.jobs.send(Job::Stop(stopped)).await.is_ok() {
            let _ = waiting.await;
        }
    }

    fn submit(&self, job: Job) -> Result<(), ErrorBody> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => {
                ErrorBody::new(Code::RateLimited, "The relay is busy. Try again in a moment.").after_ms(1_000)
            }
            TrySendError::Closed(_) => stopping(),
        })
    }
}

fn stopping() -> ErrorBody {
    ErrorBody::new(Code::Unavailable, "The relay is stopping. Try again in a moment.").after_ms(2_000)
}
