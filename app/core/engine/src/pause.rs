//! Going to the background and coming back. A phone stops an app that nobody looks at, with its sockets; so the engine
//! hands its socket back of itself while it still can, and the relay knows that the device is gone.
//!
//! Nothing of what a person did depends on it: what was not answered is in the outbox and goes again.

use crate::cache::Result;
use crate::engine::{Ctx, Engine};
use crate::io::Topic;
use crate::link::{Phase, QUIET_MS};

/// What is on its way when the app goes to the background has this long to be answered. Systems leave an app about five
/// seconds.
pub const GRACE_MS: u64 = 3_000;

/// See the module.
#[derive(Debug, Default)]
pub(crate) enum Pause {
    /// In the foreground.
    #[default]
    No,
    /// The socket goes at `deadline` (monotonic), or as soon as nothing waits for it. `since` is by the device's clock, for
    /// the other one may stand still while the system sleeps.
    Ending { deadline: u64, since: u64 },
    /// No socket, and no try for one.
    Paused,
}

impl Engine {
    pub(crate) fn pause(&mut self, ctx: &mut Ctx<'_>) {
        if matches!(self.pause, Pause::No) {
            self.pause = Pause::Ending { deadline: ctx.ms() + GRACE_MS, since: ctx.now.wall_ms };
            self.marks.hurry();
        }
    }

    pub(crate) fn resume(&mut self, ctx: &mut Ctx<'_>) {
        match std::mem::take(&mut self.pause) {
            Pause::No => self.network_hint(ctx),
            Pause::Ending { since, .. } => {
                let open =
                    matches!(self.link.phase, Phase::Opening { .. } | Phase::Hello { .. } | Phase::Online);
                if open && ctx.now.wall_ms.saturating_sub(since) > QUIET_MS {
                    // The system slept before the grace was over. Nobody answers on that socket any more.
                    self.renew_socket(ctx, "offline", "The app was in the background.");
                }
                self.network_hint(ctx);
            }
            Pause::Paused if self.link.login_needed => {}
            Pause::Paused => self.connect(ctx),
        }
    }

    /// Whether nothing may be tried now.
    pub(crate) fn is_paused(&self) -> bool {
        matches!(self.pause, Pause::Paused)
    }

    /// Hands the socket back if it is time.
    pub(crate) fn hand_back(&mut self, ctx: &mut Ctx<'_>) -> Result<()> {
        let Pause::Ending { deadline, .. } = self.pause else { return Ok(()) };
        if ctx.ms() < deadline && self.has_errands(ctx)? {
            return Ok(());
        }
        self.drop_socket(ctx);
        // Whoever comes back looks at the app.
        self.link.lost = false;
        self.link.phase = Phase::Stopped;
        self.pause = Pause::Paused;
        ctx.changed(Topic::Session);
        Ok(())
    }

    /// Whether something of the person's is still to be brought to the relay.
    fn has_errands(&mut self, ctx: &mut Ctx<'_>) -> Result<bool> {
        Ok(match self.link.phase {
            Phase::Stopped => false,
            Phase::Online => self.outbox.is_busy() || self.marks.is_busy(),
            _ => !ctx.cache.outbox_lanes()?.is_empty(),
        })
    }

    pub(crate) fn pause_deadline(&self) -> Option<u64> {
        match self.pause {
            Pause::Ending { deadline, .. } => Some(deadline),
            Pause::No | Pause::Paused => None,
        }
    }
}
