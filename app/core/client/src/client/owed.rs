//! Making up for a log-out that the relay was not told of: at the start, then again and again until it was.

use super::{Core, Finished};
use crate::account::Failure;
use crate::owed;
use crate::platform::Platform;
use futures::FutureExt;

/// The pause before the second try, in milliseconds; it doubles.
const FIRST_PAUSE_MS: u64 = 5_000;
const LONGEST_PAUSE_MS: u64 = 5 * 60_000;

impl<P: Platform> Core<P> {
    /// Looks whether anything is owed, and begins with it if so.
    pub(super) async fn look_what_is_owed(&mut self) -> bool {
        self.owing = owed::any(&*self.place, &self.relay).await;
        self.settle();
        self.owing
    }

    /// The account in use stays signed in, whatever was noted before a crash.
    pub(super) fn keep_cookie(&mut self) {
        let place = self.place.clone();
        let job = async move {
            owed::forgive_cookie(&*place).await;
            Finished::Nothing
        };
        self.jobs.push(job.boxed_local());
    }

    /// Notes that the relay has to be told of this log-out.
    ///
    /// # Errors
    /// In words; then nobody will tell it.
    pub(super) async fn owe(&mut self) -> Result<(), String> {
        let Some(active) = &self.account else { return Ok(()) };
        owed::note(&*self.place, &self.relay, &active.secret).await?;
        self.owing = true;
        Ok(())
    }

    /// Tells the relay now, if anything is owed to it.
    pub(super) fn settle(&mut self) {
        if !self.owing || std::mem::replace(&mut self.settling, true) {
            return;
        }
        let attempt = owed::settle(self.place.clone(), self.relay.clone(), self.owed_turn.clone());
        self.jobs.push(attempt.map(|result| Finished::Settled { result }).boxed_local());
    }

    pub(super) fn settled(&mut self, result: Result<(), Failure>) {
        self.settling = false;
        let problem = match result {
            Ok(()) => {
                self.owing = false;
                self.owed_tries = 0;
                return;
            }
            Err(Failure::Later(problem)) => problem,
            Err(Failure::Ended(problem) | Failure::Refused(problem)) => {
                tracing::warn!(problem.message, "the relay does not end the session of a log-out");
                return;
            }
        };
        let span = (FIRST_PAUSE_MS << self.owed_tries.min(10)).min(LONGEST_PAUSE_MS);
        self.owed_tries = self.owed_tries.saturating_add(1);
        // Not all devices at the same moment after the relay was away.
        let pause = span / 2 + self.place.seed() % (span / 2);
        let pause = self.place.sleep(pause.max(problem.retry_after_ms.unwrap_or(0)));
        self.jobs.push(pause.map(|()| Finished::SettleAgain).boxed_local());
    }

    /// The pause is over. In the background nothing is done; coming to the front tries again.
    pub(super) fn settle_again(&mut self) {
        if !self.paused {
            self.settle();
        }
    }
}

#[cfg(test)]
#[path = "owed_tests.rs"]
mod tests;
