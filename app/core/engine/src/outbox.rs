//! The outbox on its way to the relay: in local order within a conversation, several at once, each until it is
//! accepted or refused.
//!
//! An accepted command stays in the outbox until what it changed is held, so that what the person did does not vanish
//! from the screen for a moment and come back.

use crate::act::unwritten;
use crate::cache::{Entry, EntryState, Result, lane, target};
use crate::engine::{Ctx, Engine};
use crate::io::{Problem, Topic};
use crate::refused::depends_on_refused;
use crate::requests::Asked;
use confab_protocol::frame::Request;
use confab_protocol::{Ack, Code, Command, CommandId, ConversationId, ErrorBody, Retry, UserId, command};
use std::collections::BTreeMap;

use crate::apply::Source;

/// Most commands of one conversation that wait for their answer.
pub const LANE_IN_FLIGHT: usize = 16;
/// Most commands in all that wait for their answer.
pub const COMMANDS_IN_FLIGHT: usize = 64;
/// The first pause after a `later`; it doubles up to the longest.
pub const LATER_MS: u64 = 500;
/// The longest pause after a `later` that names none.
pub const LATER_MOST_MS: u64 = 30_000;

/// What is known of a lane beyond its entries.
#[derive(Debug, Default)]
struct Lane {
    flying: usize,
    not_before: u64,
    failures: u32,
    /// One was put off: the others come back first, then all go out again in order.
    drain: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Something may be to hand.
    pub dirty: bool,
    lanes: BTreeMap<Option<ConversationId>, Lane>,
    flying: BTreeMap<CommandId, Option<ConversationId>>,
    /// Accepted, but what they changed is still to be pulled: up to which rev.
    settled: BTreeMap<CommandId, (ConversationId, u64)>,
}

impl Outbox {
    /// The socket is gone: whatever was not answered is handed again.
    pub fn reset(&mut self) {
        *self = Self { dirty: true, ..Self::default() };
    }

    pub fn deadline(&self) -> Option<u64> {
        self.lanes.values().filter(|lane| lane.not_before > 0).map(|lane| lane.not_before).min()
    }

    /// Whether something waits for its answer, or could go out now.
    pub fn is_busy(&self) -> bool {
        self.dirty || !self.flying.is_empty()
    }

    /// Whether a command is on its way or accepted already.
    pub fn is_out(&self, id: CommandId) -> bool {
        self.flying.contains_key(&id) || self.settled.contains_key(&id)
    }

    fn landed(&mut self, id: CommandId) {
        if let Some(lane) = self.flying.remove(&id)
            && let Some(lane) = self.lanes.get_mut(&lane)
        {
            lane.flying = lane.flying.saturating_sub(1);
        }
        self.dirty = true;
    }
}

impl Engine {
    /// Hands as much as may be on its way.
    pub(crate) fn hand_outbox(&mut self, ctx: &mut Ctx<'_>) -> Result<()> {
        let now = ctx.ms();
        for lane in self.outbox.lanes.values_mut() {
            if lane.not_before > 0 && lane.not_before <= now {
                lane.not_before = 0;
                self.outbox.dirty = true;
            }
        }
        // After a fork nothing goes out before it is known what is missing at the relay.
        if !self.outbox.dirty || self.catchup.fork.is_some() {
            return Ok(());
        }
        self.outbox.dirty = false;
        for lane in ctx.cache.outbox_lanes()? {
            self.hand_lane(ctx, lane)?;
        }
        Ok(())
    }

    fn hand_lane(&mut self, ctx: &mut Ctx<'_>, id: Option<ConversationId>) -> Result<()> {
        if let Some(conversation) = id {
            let gone = ctx.cache.conversation(conversation)?.is_none_or(|c| c.known && c.role.is_none());
            if gone {
                self.refuse_lane(ctx, conversation)?;
            }
        }
        let now = ctx.ms();
        let lane = self.outbox.lanes.entry(id).or_default();
        if lane.not_before > now {
            return Ok(());
        }
        if lane.drain && lane.flying > 0 {
            return Ok(());
        }
        lane.drain = false;
        let settled = self.outbox.settled.values().filter(|(c, _)| Some(*c) == id).count();
        let mut predecessor = None;
        for entry in ctx.cache.outbox_lane(id, LANE_IN_FLIGHT + settled)? {
            let command = entry.command.id();
            if self.outbox.settled.contains_key(&command) {
                continue;
            }
            if !self.outbox.flying.contains_key(&command) {
                if id.is_none() {
                    match awaits(ctx, &entry)? {
                        Awaits::Nothing => {}
                        Awaits::Creation => continue,
                        Awaits::InVain => {
                            self.fail(ctx, entry, unwritten())?;
                            continue;
                        }
                    }
                }
                if let Some(reason) = self.hopeless(ctx, &entry)? {
                    self.fail(ctx, entry, reason)?;
                    continue;
                }
                if self.outbox.flying.len() >= COMMANDS_IN_FLIGHT {
                    self.outbox.dirty = true;
                    return Ok(());
                }
                self.hand(ctx, id, &entry, predecessor)?;
            }
            predecessor = Some(command);
        }
        Ok(())
    }

    fn hand(
        &mut self,
        ctx: &mut Ctx<'_>,
        lane: Option<ConversationId>,
        entry: &Entry,
        predecessor: Option<CommandId>,
    ) -> Result<()> {
        if entry.state == EntryState::New {
            ctx.cache.outbox_put(&Entry { state: EntryState::Handed, ..entry.clone() })?;
        }
        let mut command = entry.command.clone();
        command.set_after(predecessor);
        let id = command.id();
        self.outbox.flying.insert(id, lane);
        self.outbox.lanes.entry(lane).or_default().flying += 1;
        self.ask(ctx, &Request::Command(command), Asked::Command(id));
        Ok(())
    }

    /// Why a command need not even be tried: what it changes, or the group it is for, was refused itself.
    fn hopeless(&mut self, ctx: &mut Ctx<'_>, entry: &Entry) -> Result<Option<Problem>> {
        let failed = |entry: &Entry| matches!(entry.state, EntryState::Failed(_));
        let of_message = match target(&entry.command) {
            Some(message) => ctx.cache.outbox_get(message.into())?.as_ref().is_some_and(failed),
            None => false,
        };
        let hopeless = of_message
            || match entry.command.conversation() {
                Some(id) if ctx.cache.conversation(id)?.is_some_and(|held| !held.known) => {
                    let creates = |e: &Entry| matches!(e.command, Command::CreateGroup(_)) && failed(e);
                    ctx.cache.outbox_of(id)?.iter().any(creates)
                }
                _ => false,
            };
        Ok(hopeless.then(depends_on_refused))
    }

    /// One is no member there any more: what waits gets its refusal here. What was handed before may have been accepted
    /// while one still was a member, so only the relay can tell what became of it.
    fn refuse_lane(&mut self, ctx: &mut Ctx<'_>, conversation: ConversationId) -> Result<()> {
        let problem = Problem::new("forbidden", "You are not a member of this conversation any more.");
        for entry in ctx.cache.outbox_of(conversation)? {
            let id = entry.command.id();
            let waits = entry.state == EntryState::New && !self.outbox.is_out(id);
            if waits && lane(&entry.command).is_some() {
                self.fail(ctx, entry, problem.clone())?;
            }
        }
        Ok(())
    }

    /// The relay has accepted a command.
    pub(crate) fn acknowledged(&mut self, ctx: &mut Ctx<'_>, id: CommandId, ack: &Ack) -> Result<()> {
        let lane = self.outbox.flying.get(&id).copied().flatten();
        self.outbox.landed(id);
        if let Some(lane) = self.outbox.lanes.get_mut(&lane) {
            lane.failures = 0;
        }
        ctx.changed(Topic::Session);
        let entry = ctx.cache.outbox_get(id)?;
        // One that was accepted before may have been overtaken since; the welcome told how things stand.
        if let Some(entry) = entry.as_ref().filter(|_| !ack.replayed) {
            self.own_effect(ctx, &entry.command)?;
        }
        if let Some(delta) = &ack.delta {
            self.apply_delta(ctx, delta, &Source::Live { incoming: false })?;
        }
        let Some(entry) = entry else { return Ok(()) };
        let conversation = entry.command.conversation();
        if let (Some(conversation), Some(rev)) = (conversation, ack.rev)
            && let Some(mut held) = ctx.cache.conversation(conversation)?
            && held.role.is_some() | !held.known
            && rev > held.rev
        {
            // Its change is not held yet: the pull brings it, and until then the outbox shows it.
            held.known = true;
            held.head_rev = held.head_rev.max(rev);
            held.role = held.role.or(Some(confab_protocol::Role::Member));
            ctx.cache.put_conversation(&held)?;
            self.outbox.settled.insert(id, (conversation, rev));
            self.catchup.dirty = true;
            return Ok(());
        }
        ctx.cache.outbox_remove(id)?;
        if let Some(conversation) = conversation {
            ctx.touch(conversation);
        }
        Ok(())
    }

    /// What an accepted command about the caller changed: no delta tells of it.
    fn own_effect(&mut self, ctx: &mut Ctx<'_>, command: &Command) -> Result<()> {
        match command {
            Command::Block(command::Block { user, blocked, .. }) => {
                let mut account = ctx.cache.account()?;
                account.blocked.retain(|one| one != user);
                if *blocked {
                    account.blocked.push(*user);
                } else {
                    self.live.say_again();
                }
                ctx.cache.put_account(&account)?;
                ctx.changed(Topic::People);
            }
            Command::SetProfile(profile) => {
                let mut account = ctx.cache.account()?;
                if let Some(share_read) = profile.share_read {
                    account.share_read = share_read;
                    ctx.cache.put_account(&account)?;
                }
                if let Some(name) = &profile.display_name
                    && let Some(mut me) = ctx.cache.user(account.user)?
                {
                    me.display_name.clone_from(name);
                    self.apply_users(ctx, &[me])?;
                }
            }
            Command::Hide(hide) => {
                if let Some(mut held) = ctx.cache.conversation(hide.conversation)? {
                    // As the relay takes it: after a fork there may be fewer messages than there were.
                    held.hidden_seq = hide.hidden_seq.min(held.last_seq);
                    ctx.cache.put_conversation(&held)?;
                }
            }
            Command::SetNotify(set) => {
                if let Some(mut held) = ctx.cache.conversation(set.conversation)? {
                    held.notify = set.notify;
                    ctx.cache.put_conversation(&held)?;
                }
            }
            Command::Leave(leave) => self.apply_removed(ctx, leave.conversation)?,
            _ => {}
        }
        Ok(())
    }

    /// What is held now covers these accepted commands.
    pub(crate) fn settle(&mut self, ctx: &mut Ctx<'_>, id: ConversationId, rev: u64) -> Result<()> {
        let done: Vec<CommandId> = self
            .outbox
            .settled
            .iter()
            .filter(|(_, (place, until))| *place == id && *until <= rev)
            .map(|(command, _)| *command)
            .collect();
        for command in done {
            self.outbox.settled.remove(&command);
            ctx.cache.outbox_remove(command)?;
            ctx.changed(Topic::Session);
        }
        Ok(())
    }

    /// An own message came from the relay: that acknowledges it, whatever became of the answer.
    pub(crate) fn seen_own(&mut self, ctx: &mut Ctx<'_>, id: CommandId) -> Result<()> {
        if ctx.cache.outbox_remove(id)? {
            self.outbox.settled.remove(&id);
            self.outbox.dirty = true;
            ctx.changed(Topic::Session);
        }
        Ok(())
    }

    /// The relay has refused a command.
    pub(crate) fn command_refused(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: CommandId,
        error: ErrorBody,
    ) -> Result<()> {
        let lane = self.outbox.flying.get(&id).copied().flatten();
        self.outbox.landed(id);
        let Some(entry) = ctx.cache.outbox_get(id)? else { return Ok(()) };
        ctx.changed(Topic::Session);
        match error.retry {
            Retry::Never => {
                self.outbox.lanes.entry(lane).or_default().drain = true;
                if entry.resend && error.code == Code::IdReused {
                    // The relay has this message after all, as it was before an edit.
                    ctx.cache.outbox_remove(id)?;
                    return Ok(());
                }
                self.fail(ctx, entry, error.into())
            }
            Retry::AfterLogin => {
                self.token_refused(ctx, error.into());
                Ok(())
            }
            Retry::Resync => {
                if let Some(conversation) = lane
                    && let Some(mut held) = ctx.cache.conversation(conversation)?
                {
                    held.head_rev = held.head_rev.max(held.rev + 1);
                    ctx.cache.put_conversation(&held)?;
                    self.catchup.dirty = true;
                }
                self.put_off(ctx, lane, error.retry_after_ms.or(Some(LATER_MS)));
                Ok(())
            }
            Retry::Later | Retry::Unknown => {
                let missing = error.code == Code::PredecessorMissing;
                // The predecessor was put off or refused and is dealt with by its own answer: this one just follows it.
                let first = self.outbox.lanes.get(&lane).is_some_and(|lane| lane.drain);
                if missing && first {
                    return Ok(());
                }
                self.put_off(ctx, lane, error.retry_after_ms);
                Ok(())
            }
        }
    }

    /// The lane waits; then everything in it that was not accepted goes out again in order.
    fn put_off(&mut self, ctx: &mut Ctx<'_>, lane: Option<ConversationId>, after_ms: Option<u64>) {
        let jitter = self.random.up_to(LATER_MS);
        let lane = self.outbox.lanes.entry(lane).or_default();
        lane.drain = true;
        let growing = (LATER_MS << lane.failures.min(10)).min(LATER_MOST_MS);
        lane.failures = lane.failures.saturating_add(1);
        let until = ctx.ms() + after_ms.unwrap_or(growing) + jitter;
        lane.not_before = lane.not_before.max(until);
    }
}

/// Who is named by a list of users, without doubles and without oneself.
pub(crate) fn others(users: impl IntoIterator<Item = UserId>, me: UserId) -> Vec<UserId> {
    let mut seen: Vec<UserId> = Vec::new();
    for user in users {
        if user != me && !seen.contains(&user) {
            seen.push(user);
        }
    }
    seen
}

/// What a command about oneself waits for.
enum Awaits {
    Nothing,
    /// The relay does not know its conversation yet, but will.
    Creation,
    /// What would have made the conversation known was refused or discarded.
    InVain,
}

fn awaits(ctx: &mut Ctx<'_>, entry: &Entry) -> Result<Awaits> {
    let Some(id) = entry.command.conversation() else { return Ok(Awaits::Nothing) };
    if ctx.cache.conversation(id)?.is_none_or(|held| held.known) {
        return Ok(Awaits::Nothing);
    }
    let makes = |other: &Entry| {
        matches!(other.command, Command::CreateGroup(_) | Command::Send(_))
            && !matches!(other.state, EntryState::Failed(_))
    };
    let comes = ctx.cache.outbox_of(id)?.iter().any(makes);
    Ok(if comes { Awaits::Creation } else { Awaits::InVain })
}
