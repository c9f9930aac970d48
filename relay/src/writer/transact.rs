//! Work that other parts of the relay give the writer as a closure over the store.

use crate::store::{Result as StoreResult, Writes};
use confab_protocol::{Code, ErrorBody};
use tokio::sync::oneshot;

/// A closure over the store whose answer waits for the commit.
pub(super) trait Transact: Send {
    /// Runs it; `Err` is the store's failure, which fails the batch. Says whether it wants its changes kept.
    fn run(&mut self, writes: &dyn Writes) -> StoreResult<bool>;
    /// Sends the answer: its own, or the reason why the batch failed.
    fn answer(self: Box<Self>, failed: Option<&ErrorBody>);
}

/// See [`Transact`].
pub(super) struct Closure<T, F> {
    work: Option<F>,
    result: Option<Result<T, ErrorBody>>,
    answer: oneshot::Sender<Result<T, ErrorBody>>,
}

impl<T, F> Closure<T, F> {
    pub fn new(work: F, answer: oneshot::Sender<Result<T, ErrorBody>>) -> Self {
        Self { work: Some(work), result: None, answer }
    }
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
