//! The writer's task: takes what waits and has it stored, batch after batch.

use super::Job;
use super::batch::Core;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::timeout;

/// Most jobs in one transaction.
const BATCH: usize = 1024;

/// `EX_SOFTWARE` and `EX_IOERR` of sysexits.h: by them a supervisor knows why it starts the relay again.
const BROKEN: i32 = 70;
const NOT_DURABLE: i32 = 74;

/// Serves until the queue ends.
pub(super) async fn serve(mut core: Box<Core>, mut queue: Receiver<Job>) {
    let mut batch = Vec::new();
    loop {
        let first = match core.due_in_ms() {
            None => Some(queue.recv().await),
            Some(ms) => timeout(Duration::from_millis(ms), queue.recv()).await.ok(),
        };
        let mut ends = false;
        match first {
            Some(Some(job)) => {
                batch.push(job);
                // All sockets that have something to read now are read first: what they say goes into this commit.
                yield_now().await;
                take(&mut queue, &mut batch);
                ends = batch.iter().any(|job| matches!(job, Job::Stop(_)));
            }
            Some(None) => ends = true,
            // Marks are due, or there is more to tell.
            None => {}
        }
        if ends {
            core.marks.hurry();
        }
        if core.pace.at_once(batch.len()) {
            store(&mut core, &mut batch);
        } else {
            let handed = spawn_blocking(move || {
                store(&mut core, &mut batch);
                (core, batch)
            });
            // It does not panic, and is not cancelled but with the runtime.
            let Ok(back) = handed.await else { return };
            (core, batch) = back;
        }
        if ends {
            return;
        }
    }
}

/// Adds what waits to a batch, as far as it has room.
pub(super) fn take(queue: &mut Receiver<Job>, batch: &mut Vec<Job>) {
    while batch.len() < BATCH {
        let Ok(job) = queue.try_recv() else { return };
        batch.push(job);
    }
}

/// A batch, or the end of the process: after a failed fsync nobody knows what is stored, and after a panic nobody knows
/// what is at hand. Those who wait come back and ask.
fn store(core: &mut Core, batch: &mut Vec<Job>) {
    match catch_unwind(AssertUnwindSafe(|| core.batch(batch))) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::error!(%error, "the relay exits: it does not guess");
            std::process::exit(NOT_DURABLE);
        }
        Err(_) => {
            tracing::error!("the writer has panicked: the relay exits, so that it is started again");
            std::process::exit(BROKEN);
        }
    }
}
