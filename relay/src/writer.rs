//! The writer: one thread that takes all jobs that wait, decides and stores them in one transaction, and answers after
//! the commit is durable.

use crate::store::{Result as StoreResult, Writes};
use confab_protocol::{Code, ErrorBody};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use tokio::sync::oneshot;

/// Most jobs that wait. Further ones are refused with `rate_limited`.
const QUEUE: usize = 8192;
/// Most jobs in one transaction.
const BATCH: usize = 1024;

/// A piece of work for the writer.
enum Job {
    /// Anything about accounts, in a savepoint of its own.
    Transact(Box<dyn Transact>),
}

/// A closure over the store whose answer waits for the commit.
trait Transact: Send {
    /// Runs it; `Err` is the store's failure, which fails the batch. Says whether it wants its changes kept.
    fn run(&mut self, writes: &dyn Writes) -> StoreResult<bool>;
    /// Sends the answer: its own, or the reason why the batch failed.
    fn answer(self: Box<Self>, failed: Option<&ErrorBody>);
}

struct Closure<T, F> {
    work: Option<F>,
    result: Option<Result<T, ErrorBody>>,
    answer: oneshot::Sender<Result<T, ErrorBody>>,
}

impl<T, F> Transact for Closure<T, F>
where
    T: Send,
    F: FnOnce(&dyn Writes) -> StoreResult<Result<T, ErrorBody>> + Send,
{
    fn run(&mut self, writes: &dyn Writes) -> StoreResult<bool> {
        let Some(work) = self.work.take() else { return Ok(false) };
        let result = work(writes)?;
        let keep = result.is_ok();
        self.result = Some(result);
        Ok(keep)
    }

    fn answer(self: Box<Self>, failed: Option<&ErrorBody>) {
        let result = match (failed, self.result) {
            (None, Some(result)) => result,
            (Some(error), _) => Err(error.clone()),
            (None, None) => Err(ErrorBody::new(Code::Internal, "The relay lost this request.")),
        };
        let _ = self.answer.send(result);
    }
}

/// A handle to the writer's queue.
#[derive(Clone)]
pub struct Writer {
    jobs: SyncSender<Job>,
}

impl Writer {
    /// Starts the writer's thread on its connection.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub fn start(writes: Box<dyn Writes>) -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(QUEUE);
        std::thread::Builder::new().name("writer".into()).spawn(move || serve(&queue, &*writes))?;
        Ok(Self { jobs })
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
        self.submit(Job::Transact(Box::new(Closure { work: Some(work), result: None, answer })))?;
        answered.await.unwrap_or_else(|_| Err(stopping()))
    }

    fn submit(&self, job: Job) -> Result<(), ErrorBody> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => {
                ErrorBody::new(Code::RateLimited, "The relay is busy. Try again in a moment.").after_ms(1_000)
            }
            TrySendError::Disconnected(_) => stopping(),
        })
    }
}

fn stopping() -> ErrorBody {
    ErrorBody::new(Code::Unavailable, "The relay is stopping. Try again in a moment.")
}

fn serve(queue: &Receiver<Job>, writes: &dyn Writes) {
    while let Ok(first) = queue.recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH {
            let Ok(job) = queue.try_recv() else { break };
            batch.push(job);
        }
        let failed = store(&mut batch, writes).err().map(|error| {
            writes.rollback();
            tracing::error!(%error, "a batch could not be stored");
            ErrorBody::new(Code::StorageFailed, "The relay could not store this. Try again later.")
        });
        for job in batch {
            match job {
                Job::Transact(job) => job.answer(failed.as_ref()),
            }
        }
    }
}

fn store(batch: &mut [Job], writes: &dyn Writes) -> StoreResult<()> {
    writes.begin()?;
    for job in batch {
        match job {
            Job::Transact(job) => {
                writes.savepoint()?;
                if job.run(writes)? {
                    writes.release()?;
                } else {
                    writes.undo();
                }
            }
        }
    }
    writes.commit()
}
