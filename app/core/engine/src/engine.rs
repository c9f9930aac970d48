//! The engine's state and its one entrance.

use crate::cache::{Cache, Result};
use crate::catchup::Catchup;
use crate::io::{Input, Link, Now, Output, Present, Status, Topic};
use crate::link::{Connection, Phase};
use crate::live::Live;
use crate::marks::Marks;
use crate::outbox::Outbox;
use crate::pause::Pause;
use crate::random::Random;
use crate::requests::Requests;
use confab_protocol::ConversationId;
use confab_protocol::limits::Limits;
use std::collections::BTreeSet;

/// What an engine is made with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The client's name and version, for the operator's log.
    pub client: String,
    /// Random bits of the system, so that no two devices share a sequence.
    pub seed: u64,
}

/// One account's engine. What it holds is volatile; everything that must survive is in the [`Cache`].
#[derive(Debug)]
pub struct Engine {
    pub(crate) client: String,
    pub(crate) random: Random,
    pub(crate) limits: Limits,
    pub(crate) link: Connection,
    pub(crate) requests: Requests,
    pub(crate) catchup: Catchup,
    pub(crate) outbox: Outbox,
    pub(crate) marks: Marks,
    pub(crate) live: Live,
    pub(crate) pause: Pause,
    wake: Option<u64>,
}

/// One input being handled: the moment, the open transaction, and what comes out.
pub(crate) struct Ctx<'a> {
    pub now: Now,
    pub cache: &'a mut dyn Cache,
    pub out: &'a mut Vec<Output>,
    changed: BTreeSet<Topic>,
}

impl Ctx<'_> {
    /// Something in a conversation changed, so its line in the list may have too.
    pub fn touch(&mut self, conversation: ConversationId) {
        self.changed.insert(Topic::Conversation(conversation));
        self.changed.insert(Topic::Conversations);
    }

    /// A query's answer may have changed.
    pub fn changed(&mut self, topic: Topic) {
        self.changed.insert(topic);
    }

    /// This moment by the monotonic clock.
    pub fn ms(&self) -> u64 {
        self.now.mono_ms
    }
}

impl Engine {
    /// An engine that does nothing until [`Input::Start`].
    pub fn new(config: Config) -> Self {
        Self {
            client: config.client,
            random: Random::new(config.seed),
            limits: Limits::default(),
            link: Connection::default(),
            requests: Requests::default(),
            catchup: Catchup::default(),
            outbox: Outbox::default(),
            marks: Marks::default(),
            live: Live::default(),
            pause: Pause::default(),
            wake: None,
        }
    }

    /// Handles one input within one transaction. See the crate's calling rule.
    ///
    /// # Errors
    /// The cache's. The engine is of no use after one.
    pub fn handle(
        &mut self,
        now: Now,
        input: Input<'_>,
        cache: &mut dyn Cache,
        out: &mut Vec<Output>,
    ) -> Result<()> {
        let mut ctx = Ctx { now, cache, out, changed: BTreeSet::new() };
        match input {
            Input::Start => self.start(&mut ctx),
            Input::Token { access_token, expires_in_ms } => self.token(&mut ctx, access_token, expires_in_ms),
            Input::NoToken { problem } => self.no_token(&mut ctx, problem),
            Input::AuthLost { problem } => self.auth_lost(&mut ctx, problem),
            Input::NetworkHint => self.network_hint(&mut ctx),
            Input::Pause => self.pause(&mut ctx),
            Input::Resume => self.resume(&mut ctx),
            Input::Opened { socket } => self.opened(&mut ctx, socket)?,
            Input::Frame { socket, text } => self.frame(&mut ctx, socket, text)?,
            Input::Closed { socket, code, problem } => self.closed(&mut ctx, socket, code, problem),
            Input::Do { ticket, action } => self.act(&mut ctx, ticket, action)?,
            Input::Wake => {}
        }
        self.work(&mut ctx)?;
        let changed = std::mem::take(&mut ctx.changed);
        out.extend(changed.into_iter().map(Output::Changed));
        let wake = self.next_wake(now);
        if wake != self.wake {
            self.wake = wake;
            if let Some(mono_ms) = wake {
                out.push(Output::WakeAt { mono_ms });
            }
        }
        Ok(())
    }

    /// Whatever is due or can go out now.
    fn work(&mut self, ctx: &mut Ctx<'_>) -> Result<()> {
        self.link_timers(ctx);
        self.forget_typing(ctx);
        if matches!(self.link.phase, Phase::Online) {
            self.say_watch(ctx);
            self.hand_outbox(ctx)?;
            self.send_marks(ctx)?;
            self.pull_more(ctx)?;
        }
        self.hand_back(ctx)
    }

    fn next_wake(&self, now: Now) -> Option<u64> {
        [self.link_deadline(), self.live.deadline(), self.online_deadline(), self.pause_deadline()]
            .into_iter()
            .flatten()
            .min()
            // A deadline in the past would only be asked for again; one that is due was dealt with above.
            .map(|at| at.max(now.mono_ms + 1))
    }

    fn online_deadline(&self) -> Option<u64> {
        if !matches!(self.link.phase, Phase::Online) {
            return None;
        }
        [self.outbox.deadline(), self.marks.deadline(), self.catchup.deadline()].into_iter().flatten().min()
    }

    /// Where the connection stands.
    pub fn status(&self, now: Now) -> Status {
        let retry_at = match self.link.phase {
            Phase::Waiting { until } => Some(now.wall_ms + until.saturating_sub(now.mono_ms)),
            _ => None,
        };
        Status {
            link: match self.link.phase {
                Phase::Online => Link::Online,
                Phase::Stopped | Phase::Waiting { .. } => Link::Offline,
                Phase::Token | Phase::Opening { .. } | Phase::Hello { .. } => Link::Connecting,
            },
            retry_at_wall_ms: retry_at,
            problem: self.link.problem.clone(),
            login_needed: self.link.login_needed,
            device: self.link.device,
        }
    }

    /// Who is there and who types.
    pub fn present(&self, now: Now) -> Present {
        self.live.present(now.mono_ms)
    }
}
