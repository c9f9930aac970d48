//! The readers: a few threads with a connection each, so that a read of microseconds costs no more than a hop.

use crate::store::{Reads, Result as StoreResult, Store, StoreError};
use confab_protocol::{Code, ErrorBody};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Most reads that wait. Further ones are refused with `rate_limited`.
const QUEUE: usize = 4096;

type Job = Box<dyn FnOnce(&dyn Reads) + Send>;

struct Queue {
    jobs: Mutex<(VecDeque<Job>, bool)>,
    filled: Condvar,
}

/// A handle to the reader threads. They end when the last handle is dropped.
#[derive(Clone)]
pub struct Readers(Way);

#[derive(Clone)]
enum Way {
    Threads(Arc<Handle>),
    /// No thread: the caller waits. For simulations, which are one thread.
    InPlace(Arc<Mutex<Box<dyn Reads>>>),
}

struct Handle(Arc<Queue>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.jobs.lock().1 = true;
        self.0.filled.notify_all();
    }
}

impl Readers {
    /// Starts `threads` readers.
    ///
    /// # Errors
    /// If a connection cannot be opened or a thread cannot be started.
    pub fn start(store: &dyn Store, threads: usize) -> StoreResult<Self> {
        let queue = Arc::new(Queue { jobs: Mutex::new((VecDeque::new(), false)), filled: Condvar::new() });
        let handle = Arc::new(Handle(Arc::clone(&queue)));
        for number in 0..threads.max(1) {
            let reads = store.reader()?;
            let queue = Arc::clone(&queue);
            std::thread::Builder::new()
                .name(format!("reader-{number}"))
                .spawn(move || serve(&queue, &*reads))
                .map_err(|error| {
                    StoreError::Failed(format!("a reader thread could not be started: {error}"))
                })?;
        }
        Ok(Self(Way::Threads(handle)))
    }

    /// Reads in the caller's thread, at once.
    ///
    /// # Errors
    /// If the connection cannot be opened.
    pub fn in_place(store: &dyn Store) -> StoreResult<Self> {
        Ok(Self(Way::InPlace(Arc::new(Mutex::new(store.reader()?)))))
    }

    /// Runs `read` in a read transaction of its own and gives back what it found.
    ///
    /// # Errors
    /// `rate_limited` when too many reads wait, `storage_failed` when the database does.
    pub async fn read<T, F>(&self, read: F) -> std::result::Result<T, ErrorBody>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Reads) -> StoreResult<T> + Send + 'static,
    {
        let threads = match &self.0 {
            Way::Threads(handle) => &handle.0,
            Way::InPlace(reads) => {
                return in_transaction(&**reads.lock(), read).map_err(|error| failed(&error));
            }
        };
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |reads| {
            let _ = answer.send(in_transaction(reads, read));
        });
        {
            let mut jobs = threads.jobs.lock();
            if jobs.0.len() >= QUEUE {
                return Err(ErrorBody::new(Code::RateLimited, "The relay is busy. Try again in a moment.")
                    .after_ms(1_000));
            }
            jobs.0.push_back(job);
        }
        threads.filled.notify_one();
        match answered.await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(error)) => Err(failed(&error)),
            Err(_) => Err(ErrorBody::new(Code::Unavailable, "The relay is stopping. Try again in a moment.")),
        }
    }
}

fn failed(error: &StoreError) -> ErrorBody {
    tracing::error!(%error, "a read failed");
    ErrorBody::new(Code::StorageFailed, "The relay could not read its storage. Try again later.")
}

fn in_transaction<T>(reads: &dyn Reads, read: impl FnOnce(&dyn Reads) -> StoreResult<T>) -> StoreResult<T> {
    reads.begin_read()?;
    let found = read(reads);
    reads.end_read();
    found
}

fn serve(queue: &Queue, reads: &dyn Reads) {
    loop {
        let job = {
            let mut jobs = queue.jobs.lock();
            loop {
                if let Some(job) = jobs.0.pop_front() {
                    break job;
                }
                if jobs.1 {
                    return;
                }
                queue.filled.wait(&mut jobs);
            }
        };
        job(reads);
    }
}
