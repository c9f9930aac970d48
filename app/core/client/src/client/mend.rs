//! A damaged database, found while running: it is set aside, what is one's own goes on in a new one.

use super::{Core, Finished};
use crate::api::Topic;
use crate::convert::own;
use crate::platform::Platform;
use confab_store::view::Problem;
use confab_store::{DAMAGED, Rescued, Store};
use futures::FutureExt;

/// A disk on which the third database goes bad is not worth a fourth.
const MENDS: u32 = 3;

impl<P: Platform> Core<P> {
    /// Sets the damaged database aside; `true` if there is a sound one now. The engine is another one then, and starts
    /// by itself.
    pub(super) fn mend(&mut self) -> bool {
        if self.mended >= MENDS || self.broken.is_some() {
            return false;
        }
        self.mended += 1;
        tracing::error!("the local database is damaged and is set aside");
        // The damaged one has to be closed; nothing is asked of what stands in for it.
        let Ok(nothing) = Store::in_memory() else { return false };
        self.store = nothing;
        match self.place.rescue() {
            Ok((store, rescued)) => {
                self.store = store;
                self.go_on();
                self.tell_rescued(rescued);
                true
            }
            Err(message) => {
                let problem = own(
                    DAMAGED,
                    format!("The data on this device is damaged and could not be set aside: {message}"),
                );
                self.renew_engine();
                self.account = None;
                self.broken = Some(problem.clone());
                self.trouble(problem);
                false
            }
        }
    }

    /// The account, if it was rescued, with a new engine that starts when this is done.
    fn go_on(&mut self) {
        self.renew_engine();
        let accounts = self.store.accounts().unwrap_or_default();
        let stays = self.account.as_ref().is_some_and(|active| accounts.iter().any(|a| a.key == active.key));
        if stays {
            let turn = self.turn;
            self.jobs.push(async move { Finished::Restart { turn } }.boxed_local());
        } else {
            self.account = None;
        }
        self.changed_here.push(Topic::All);
    }

    /// A person is told what became of their data.
    pub(super) fn tell_rescued(&mut self, rescued: Rescued) {
        let (code, kept) = match rescued {
            Rescued { incomplete: true, .. } => ("rescued_partly", "A part of it could not be read."),
            Rescued { outbox: 0, .. } => ("rescued", "Nothing was waiting to be sent."),
            _ => ("rescued_unsent", "What waits to be sent was kept."),
        };
        let message = format!("The data on this device was damaged and has been set aside. {kept}");
        self.trouble(own(code, message));
    }

    /// Whether a problem is one that [`Core::mend`] solves.
    pub(super) fn is_damage(problem: &Problem) -> bool {
        problem.code == DAMAGED
    }
}
