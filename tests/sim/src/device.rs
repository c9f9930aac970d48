//! A device: the real engine over a local store, driven by the rule that every driver of the engine follows.

use crate::store::{Fate, LocalStore};
use confab_engine::{Action, Config, Engine, Input, Now, Output, Problem, Reply, Ticket};
use confab_protocol::{DeviceId, UserId};
use std::collections::BTreeMap;

/// See the module.
pub struct Device {
    /// For traces: the person's name and the device's number.
    pub name: String,
    /// Whose.
    pub user: UserId,
    /// Its session at the relay.
    pub session: DeviceId,
    /// What survives.
    pub store: LocalStore,
    /// What does not. `None` while the program is not running.
    pub engine: Option<Engine>,
    /// Which start of the program this is.
    pub life: u64,
    /// When the program started, by the true clock.
    pub born_at: u64,
    /// How far its wall clock is off, in milliseconds.
    pub clock_off: i64,
    /// Whether it has a network.
    pub online: bool,
    /// Its app is in the background.
    pub paused: bool,
    /// The latest wish to be woken.
    pub wake_at: Option<u64>,
    /// Frames that came and were not looked at yet, with their sockets.
    pub inbox: Vec<(u64, String)>,
    /// What a person waits for.
    pub asked: BTreeMap<Ticket, Action>,
    /// What a person asked and will never hear of, for the program was killed.
    pub unheard: Vec<Action>,
    next_ticket: u64,
}

/// How an input went.
pub enum Handled {
    /// It is stored, and this is to be done.
    Done(Vec<Output>),
    /// The program was killed, before the commit or after it.
    Killed,
    /// The store failed; the engine was built anew. Tickets that were asked with this input get this problem.
    Failed(Vec<Output>),
}

impl Device {
    /// A device that has just logged in.
    pub fn new(name: String, user: UserId, session: DeviceId, store: LocalStore) -> Self {
        Self {
            name,
            user,
            session,
            store,
            engine: None,
            life: 0,
            born_at: 0,
            clock_off: 0,
            online: true,
            paused: false,
            wake_at: None,
            inbox: Vec::new(),
            asked: BTreeMap::new(),
            unheard: Vec::new(),
            next_ticket: 0,
        }
    }

    /// The moment as the program sees it.
    pub fn now(&self, true_ms: u64, epoch_ms: u64) -> Now {
        Now {
            mono_ms: true_ms - self.born_at,
            wall_ms: (epoch_ms + true_ms).saturating_add_signed(self.clock_off),
        }
    }

    /// Starts the program.
    pub fn start(&mut self, true_ms: u64, seed: u64) {
        self.life += 1;
        self.born_at = true_ms;
        self.store.reopen();
        self.engine = Some(fresh(seed));
    }

    /// Kills it.
    pub fn kill(&mut self) {
        self.engine = None;
        self.wake_at = None;
        self.inbox.clear();
        let unheard = std::mem::take(&mut self.asked);
        self.unheard.extend(unheard.into_values());
    }

    /// A number for something that a person asks.
    pub fn ticket(&mut self, action: &Action) -> Ticket {
        self.next_ticket += 1;
        let ticket = Ticket(self.next_ticket);
        self.asked.insert(ticket, action.clone());
        ticket
    }

    /// Begin, handle, commit, and only then the outputs.
    pub fn handle(&mut self, now: Now, inputs: Vec<Input<'_>>, fate: Fate, seed: u64) -> Handled {
        let Some(engine) = &mut self.engine else { return Handled::Done(Vec::new()) };
        let mut out = Vec::new();
        let stored = self.store.transact(fate, |cache| {
            inputs.into_iter().try_for_each(|input| engine.handle(now, input, cache, &mut out))
        });
        match (stored, fate) {
            (_, Fate::KilledBefore | Fate::KilledAfter) => Handled::Killed,
            (Ok(()), _) => Handled::Done(out),
            (Err(_), _) => {
                self.engine = Some(fresh(seed));
                self.wake_at = None;
                self.inbox.clear();
                Handled::Failed(self.restart(now))
            }
        }
    }

    fn restart(&mut self, now: Now) -> Vec<Output> {
        let Some(engine) = &mut self.engine else { return Vec::new() };
        let mut out = Vec::new();
        let started =
            self.store.transact(Fate::Kept, |cache| engine.handle(now, Input::Start, cache, &mut out));
        assert!(started.is_ok(), "{}: starting anew failed: {started:?}", self.name);
        let problem = Problem::new("storage", "The disk is full.");
        out.extend(self.asked.keys().map(|ticket| {
            let result: Result<Reply, Problem> = Err(problem.clone());
            Output::Answer { ticket: *ticket, result }
        }));
        out
    }
}

fn fresh(seed: u64) -> Engine {
    Engine::new(Config { client: "confab-sim/0.1".into(), seed })
}
