//! The connection: token, socket, hello, pauses between tries, pings.

use crate::cache::Result;
use crate::engine::{Ctx, Engine};
use crate::io::{Now, Output, Problem, Reply, Ticket, Topic};
use crate::requests::Asked;
use confab_protocol::error::close;
use confab_protocol::frame::Request;
use confab_protocol::sync::{Hello, Push, Renew, Seen};
use confab_protocol::{Code, DeviceId, ErrorBody, Retry, RunId};

/// The first pause between tries is up to this long; it doubles with every failure.
pub const FIRST_PAUSE_MS: u64 = 500;
/// The longest pause.
pub const LONGEST_PAUSE_MS: u64 = 60_000;
/// A socket that is not open by then is given up.
pub const OPEN_TIMEOUT_MS: u64 = 15_000;
/// A `hello` that is not answered by then is given up.
pub const WELCOME_TIMEOUT_MS: u64 = 15_000;
/// A socket on which nothing came for this long is pinged.
pub const QUIET_MS: u64 = 25_000;
/// One that stays quiet this long after the ping is dead.
pub const DEAD_MS: u64 = 10_000;
/// A request that is not answered by then means that the relay has lost it: the socket is renewed.
pub const ANSWER_TIMEOUT_MS: u64 = 60_000;
/// A token is renewed this long before it expires, or when half of its time is over if that is later.
pub const RENEW_MS: u64 = 90_000;
/// One that expires sooner than this is not worth saying `hello` with.
pub const USABLE_MS: u64 = 5_000;
/// A connection that held this long counts as a success: the pauses begin anew.
pub const STEADY_MS: u64 = 10_000;
/// Most pushes that are kept while the welcome is on its way.
pub const EARLY_PUSHES: usize = 1_000;

/// Where the connection stands.
#[derive(Debug, Default)]
pub(crate) enum Phase {
    /// Not started, paused, or a login is needed.
    #[default]
    Stopped,
    /// Waiting for an access token.
    Token,
    /// Waiting for the socket.
    Opening { deadline: u64 },
    /// Waiting for the welcome. What is pushed meanwhile may belong to another history, so it waits too.
    Hello { deadline: u64, early: Vec<(u64, Push)> },
    /// Welcome.
    Online,
    /// Waiting for the next try.
    Waiting { until: u64 },
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    pub phase: Phase,
    pub socket: u64,
    pub token: Option<(String, u64)>,
    pub renewing: bool,
    pub renew_at: u64,
    pub failures: u32,
    pub problem: Option<Problem>,
    pub retry_after: Option<u64>,
    pub online_since: u64,
    pub last_heard: u64,
    pub last_sent: u64,
    pub pinged: bool,
    pub login_needed: bool,
    pub device: Option<DeviceId>,
    /// The run that said welcome on this socket.
    pub run: Option<RunId>,
    /// The largest commit that a frame of this socket stated.
    pub commit: u64,
    /// What the frame states that is being taken; 0 if it states none.
    pub frame_commit: u64,
    /// What the cache has been told of it.
    pub seen: Option<Seen>,
    /// Something came that could not be placed: no newer sync token is stored until the next welcome.
    pub distrust: bool,
    /// A connection that stood was lost, and none has been since.
    pub lost: bool,
}

impl Connection {
    /// Sets when to renew a token that expires in so many milliseconds.
    pub fn plan_renewal(&mut self, now: u64, expires_in_ms: u64) {
        self.renewing = false;
        self.renew_at = now.saturating_add(expires_in_ms - RENEW_MS.min(expires_in_ms / 2));
    }
}

impl Engine {
    pub(crate) fn start(&mut self, ctx: &mut Ctx<'_>) {
        if matches!(self.link.phase, Phase::Stopped) && !self.link.login_needed {
            self.connect(ctx);
        }
    }

    /// The next step towards a connection: a token if there is no good one, else a socket.
    pub(crate) fn connect(&mut self, ctx: &mut Ctx<'_>) {
        if self.is_paused() {
            self.link.phase = Phase::Stopped;
            return;
        }
        let usable = self.link.token.as_ref().is_some_and(|(_, expires)| *expires > ctx.ms() + USABLE_MS);
        if usable {
            self.link.socket += 1;
            self.link.phase = Phase::Opening { deadline: ctx.ms() + OPEN_TIMEOUT_MS };
            ctx.out.push(Output::OpenSocket { socket: self.link.socket });
        } else {
            self.link.token = None;
            self.link.phase = Phase::Token;
            ctx.out.push(Output::NeedToken);
        }
        ctx.changed(Topic::Session);
    }

    pub(crate) fn token(&mut self, ctx: &mut Ctx<'_>, access_token: String, expires_in_ms: u64) {
        self.link.token = Some((access_token.clone(), ctx.ms().saturating_add(expires_in_ms)));
        self.link.plan_renewal(ctx.ms(), expires_in_ms);
        self.link.login_needed = false;
        match self.link.phase {
            Phase::Online => {
                self.link.renewing = true;
                self.ask(ctx, &Request::Renew(Renew { access_token }), Asked::Renew);
            }
            Phase::Token | Phase::Waiting { .. } | Phase::Stopped => self.connect(ctx),
            Phase::Opening { .. } | Phase::Hello { .. } => {}
        }
    }

    pub(crate) fn no_token(&mut self, ctx: &mut Ctx<'_>, problem: Problem) {
        match self.link.phase {
            Phase::Token => {
                self.link.retry_after = problem.retry_after_ms;
                self.wait(ctx, Some(problem));
            }
            Phase::Online => {
                self.link.renewing = false;
                self.link.renew_at = ctx.ms() + problem.retry_after_ms.unwrap_or(RENEW_MS / 6);
            }
            _ => {}
        }
    }

    pub(crate) fn auth_lost(&mut self, ctx: &mut Ctx<'_>, problem: Problem) {
        self.drop_socket(ctx);
        self.link.token = None;
        self.link.login_needed = true;
        self.link.problem = Some(problem);
        self.link.phase = Phase::Stopped;
        ctx.changed(Topic::Session);
    }

    pub(crate) fn network_hint(&mut self, ctx: &mut Ctx<'_>) {
        if matches!(self.link.phase, Phase::Waiting { .. }) {
            self.connect(ctx);
        } else if matches!(self.link.phase, Phase::Online) && !self.link.pinged {
            // The network changed: find out now whether the socket still lives.
            self.ping(ctx);
        }
    }

    pub(crate) fn opened(&mut self, ctx: &mut Ctx<'_>, socket: u64) -> Result<()> {
        if socket != self.link.socket || !matches!(self.link.phase, Phase::Opening { .. }) {
            return Ok(());
        }
        let Some((access_token, _)) = self.link.token.clone() else { return Ok(()) };
        let account = ctx.cache.account()?;
        let (since, seen) = (account.token, account.seen);
        self.link.phase = Phase::Hello { deadline: ctx.ms() + WELCOME_TIMEOUT_MS, early: Vec::new() };
        self.link.last_heard = ctx.ms();
        let client = self.client.clone();
        self.ask(ctx, &Request::Hello(Hello { access_token, since, seen, client }), Asked::Hello);
        Ok(())
    }

    pub(crate) fn closed(&mut self, ctx: &mut Ctx<'_>, socket: u64, code: Option<u16>, problem: Problem) {
        if socket != self.link.socket
            || !matches!(self.link.phase, Phase::Opening { .. } | Phase::Hello { .. } | Phase::Online)
        {
            return;
        }
        self.forget_socket(ctx);
        match code {
            Some(close::UNAUTHENTICATED) => self.token_refused(ctx, problem),
            Some(close::BAD_FRAMES | close::TOO_MANY | close::TOO_LARGE) => {
                // Coming back at once would end in the same.
                self.link.failures = self.link.failures.max(4);
                self.wait(ctx, Some(problem));
            }
            _ => self.wait(ctx, Some(problem)),
        }
    }

    /// The relay does not take the token: a new one, but not in a hot loop.
    pub(crate) fn token_refused(&mut self, ctx: &mut Ctx<'_>, problem: Problem) {
        self.drop_socket(ctx);
        self.link.token = None;
        if self.link.failures == 0 {
            self.link.failures = 1;
            self.connect(ctx);
        } else {
            self.wait(ctx, Some(problem));
        }
    }

    /// Waits before the next try: full jitter over a growing span, and what the relay asked for on top.
    pub(crate) fn wait(&mut self, ctx: &mut Ctx<'_>, problem: Option<Problem>) {
        self.drop_socket(ctx);
        let span = (FIRST_PAUSE_MS << self.link.failures.min(10)).min(LONGEST_PAUSE_MS);
        let asked = self.link.retry_after.take().unwrap_or(0);
        let pause = asked.saturating_add(self.random.up_to(span));
        self.link.failures = self.link.failures.saturating_add(1);
        self.link.problem = problem;
        self.link.phase = Phase::Waiting { until: ctx.ms().saturating_add(pause) };
        ctx.changed(Topic::Session);
    }

    /// The connection is of no use: close it and come back.
    pub(crate) fn renew_socket(&mut self, ctx: &mut Ctx<'_>, code: &str, message: &str) {
        self.wait(ctx, Some(Problem::new(code, message)));
    }

    pub(crate) fn drop_socket(&mut self, ctx: &mut Ctx<'_>) {
        if matches!(self.link.phase, Phase::Opening { .. } | Phase::Hello { .. } | Phase::Online) {
            ctx.out.push(Output::CloseSocket { socket: self.link.socket });
            self.forget_socket(ctx);
        }
    }

    /// All that lived with the socket ends with it.
    fn forget_socket(&mut self, ctx: &mut Ctx<'_>) {
        if matches!(self.link.phase, Phase::Online) {
            self.link.lost = true;
            if ctx.ms() >= self.link.online_since + STEADY_MS {
                self.link.failures = 0;
            }
        }
        self.link.phase = Phase::Stopped;
        self.link.pinged = false;
        self.link.renewing = false;
        self.link.run = None;
        self.link.commit = 0;
        self.link.seen = None;
        for asked in self.requests.drain() {
            match asked {
                Asked::FindUsers(ticket) | Asked::Devices(ticket) => offline(ctx, ticket),
                Asked::History { waiting, .. } | Asked::Check { waiting, .. } => {
                    waiting.into_iter().for_each(|ticket| offline(ctx, ticket));
                }
                _ => {}
            }
        }
        for ticket in self.catchup.reset() {
            offline(ctx, ticket);
        }
        self.outbox.reset();
        self.marks.reset();
        self.live.reset();
        ctx.changed(Topic::Presence);
        ctx.changed(Topic::Session);
    }

    pub(crate) fn link_deadline(&self) -> Option<u64> {
        match self.link.phase {
            Phase::Stopped | Phase::Token => None,
            Phase::Opening { deadline } | Phase::Hello { deadline, .. } => Some(deadline),
            Phase::Waiting { until } => Some(until),
            Phase::Online => {
                let quiet =
                    self.link.last_heard + if self.link.pinged { QUIET_MS + DEAD_MS } else { QUIET_MS };
                let answer = self.requests.oldest().map(|at| at + ANSWER_TIMEOUT_MS);
                let renew = (!self.link.renewing).then_some(self.link.renew_at);
                [Some(quiet), answer, renew].into_iter().flatten().min()
            }
        }
    }

    pub(crate) fn link_timers(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.ms();
        match self.link.phase {
            Phase::Waiting { until } if now >= until => self.connect(ctx),
            Phase::Opening { deadline } | Phase::Hello { deadline, .. } if now >= deadline => {
                self.renew_socket(ctx, "offline", "The relay does not answer.");
            }
            Phase::Online => {
                let dead = self.link.pinged && now >= self.link.last_heard + QUIET_MS + DEAD_MS;
                let lost = self.requests.oldest().is_some_and(|at| now >= at + ANSWER_TIMEOUT_MS);
                if dead || lost {
                    self.renew_socket(ctx, "offline", "The relay does not answer any more.");
                    return;
                }
                if !self.link.pinged && now >= self.link.last_heard + QUIET_MS {
                    self.ping(ctx);
                }
                if !self.link.renewing && now >= self.link.renew_at {
                    self.link.renewing = true;
                    ctx.out.push(Output::NeedToken);
                }
            }
            _ => {}
        }
    }

    fn ping(&mut self, ctx: &mut Ctx<'_>) {
        self.link.pinged = true;
        // From now on the silence counts, however long it lasted before.
        self.link.last_heard = ctx.ms().saturating_sub(QUIET_MS);
        self.ask(ctx, &Request::Ping, Asked::Ping);
    }

    /// The relay refused `hello` or `renew`.
    pub(crate) fn hello_refused(&mut self, ctx: &mut Ctx<'_>, error: ErrorBody) {
        self.link.retry_after = error.retry_after_ms;
        match error.retry {
            Retry::AfterLogin => self.token_refused(ctx, error.into()),
            Retry::Never if error.code == Code::Unsupported => {
                self.link.failures = self.link.failures.max(6);
                self.wait(ctx, Some(Problem::new("too_old", error.message)));
            }
            _ => self.wait(ctx, Some(error.into())),
        }
    }

    /// What a welcome says of the connection.
    pub(crate) fn welcomed(&mut self, now: Now, device: DeviceId, expires_in_ms: u64) -> Vec<(u64, Push)> {
        let early = match std::mem::replace(&mut self.link.phase, Phase::Online) {
            Phase::Hello { early, .. } => early,
            _ => Vec::new(),
        };
        self.link.online_since = now.mono_ms;
        self.link.problem = None;
        self.link.device = Some(device);
        self.link.distrust = false;
        self.link.plan_renewal(now.mono_ms, expires_in_ms);
        if let Some((_, expires)) = &mut self.link.token {
            *expires = now.mono_ms.saturating_add(expires_in_ms);
        }
        early
    }
}

/// Answers an action that needs the network.
pub(crate) fn offline(ctx: &mut Ctx<'_>, ticket: Ticket) {
    answer(ctx, ticket, Err(Problem::new("offline", "This needs a connection to the relay.")));
}

/// Answers an action.
pub(crate) fn answer(ctx: &mut Ctx<'_>, ticket: Ticket, result: std::result::Result<Reply, Problem>) {
    ctx.out.push(Output::Answer { ticket, result });
}
