//! Pulling what is missing: debts first, then holes.
//!
//! A conversation has at most one pull on its way, so that what one answer says of a region cannot be overtaken by
//! another's. A pull that takes several pages keeps its region: rows come by rev, so a page may hold seq 8 and the
//! next one seq 6, and both belong to what was asked.

use crate::cache::{Conversation, Result};
use crate::engine::{Ctx, Engine};
use crate::io::Ticket;
use crate::link::offline;
use crate::others::PushedMarks;
use crate::ranges::RangeSet;
use crate::requests::Asked;
use confab_protocol::frame::Request;
use confab_protocol::sync::{ChangesRequest, HistoryRequest};
use confab_protocol::{ConversationId, Delta, Head, HistoryPage};
use std::collections::{BTreeMap, BTreeSet};

/// Further behind than this many messages, the newest page comes first and the rest as a hole.
pub const FAR: u64 = 200;
/// Most pulls on their way at once.
pub const PULLS: usize = 4;
/// Messages in a page that a person waits for.
pub const PAGE: usize = 60;
/// Messages in a page that fills a hole in the background.
pub const FILL_PAGE: usize = 250;
/// The pause between two such pages.
pub const FILL_PAUSE_MS: u64 = 400;
/// The first pause after a pull that was refused; it doubles.
pub const PULL_PAUSE_MS: u64 = 1_000;
/// Most pushed deltas that are kept while a pull is on its way. What is beyond them is pulled.
pub const EARLY_DELTAS: usize = 64;
/// A head that comes live with more messages than this is history, not news; and of what was missed while there was no
/// connection, only so many are told.
pub const NEWS_MOST: u64 = 10;
/// Most holes that persons wait for at once.
pub const LOADS: usize = 64;

/// What is on its way for one conversation.
#[derive(Debug, Default)]
pub(crate) struct Pull {
    /// A request waits for its answer.
    pub busy: bool,
    /// The region of a pull in the middle of its pages.
    pub region: Option<RangeSet>,
    /// The newest page was taken; now the changes.
    pub newest_taken: bool,
    /// Not before.
    pub not_before: u64,
    pub failures: u32,
    /// Pushed while the pull was on its way, and newer than what it may bring: to be looked at again after it.
    pub early: Vec<Delta>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Catchup {
    pub pulls: BTreeMap<ConversationId, Pull>,
    /// Holes that persons wait for.
    loads: Vec<(ConversationId, u64, Ticket)>,
    /// Something may be to pull.
    pub dirty: bool,
    /// Until all heads after a fork have come: the conversations that were listed.
    pub fork: Option<BTreeSet<ConversationId>>,
    /// More pages of heads are on their way.
    pub heads_pending: bool,
    next_fill: u64,
    /// No hole is left, as far as known.
    filled: bool,
    /// The connection was lost and is back: what came meanwhile is news, for nobody closed the app.
    pub missed: bool,
    pub pushed_marks: PushedMarks,
    /// Told of before their heads came: up to which rev.
    unlisted: BTreeMap<ConversationId, u64>,
    /// Conversations of which something came live that has to be pulled: what is above this seq is news all the same.
    news: BTreeMap<ConversationId, u64>,
}

impl Catchup {
    /// The socket is gone. The tickets of those who wait come out.
    pub fn reset(&mut self) -> Vec<Ticket> {
        let loads = std::mem::take(&mut self.loads);
        *self = Self { dirty: true, ..Self::default() };
        loads.into_iter().map(|(_, _, ticket)| ticket).collect()
    }

    pub fn deadline(&self) -> Option<u64> {
        let paused = self.pulls.values().filter(|p| !p.busy && p.not_before > 0).map(|p| p.not_before).min();
        let fill = (!self.filled && !self.busy() && !self.comparing()).then_some(self.next_fill);
        [paused, fill].into_iter().flatten().min()
    }

    fn busy(&self) -> bool {
        self.pulls.values().any(|pull| pull.busy)
    }

    fn in_flight(&self) -> usize {
        self.pulls.values().filter(|pull| pull.busy).count()
    }

    fn ready(&self, id: ConversationId, now: u64) -> bool {
        self.pulls.get(&id).is_none_or(|pull| !pull.busy && pull.not_before <= now)
    }

    /// A head came live, and a little of what it tells of is still to be pulled.
    pub fn announce(&mut self, id: ConversationId, before: u64, head: &Head) {
        if head.role.is_some() && head.seq > before && head.seq - before <= NEWS_MOST {
            self.news.insert(id, before);
        }
    }

    /// A delta came live that can be taken only after a pull, which may bring its messages as well: they are news all the
    /// same.
    pub fn came_early(&mut self, id: ConversationId, before: u64) {
        self.news.entry(id).or_insert(before);
    }

    /// A head after a lost connection: of much that was missed, the newest messages are told. `end` is the newest seq that is
    /// held.
    pub fn came_meanwhile(&mut self, end: u64, head: &Head) {
        if head.role.is_some() && head.seq > end {
            self.came_early(head.conversation, end.max(head.seq.saturating_sub(NEWS_MOST)));
        }
    }

    /// A rev was told of before the conversation's head came.
    pub fn owed_to_unlisted(&mut self, id: ConversationId, rev: u64) {
        let owed = self.unlisted.entry(id).or_default();
        *owed = rev.max(*owed);
    }

    /// The head came: up to which rev it was told of before, 0 if it was not.
    pub fn listed(&mut self, id: ConversationId) -> u64 {
        self.unlisted.remove(&id).unwrap_or(0)
    }

    /// Whether something was told of a conversation whose head has not come.
    pub fn owes_unlisted(&self) -> bool {
        !self.unlisted.is_empty()
    }

    /// Above which seq a conversation's messages are news, whichever way they come, until all of them have come.
    pub fn news_above(&self, id: ConversationId) -> Option<u64> {
        self.news.get(&id).copied()
    }

    /// All that was told of has come; what a pull on its way brings is nothing new.
    pub fn no_more_news(&mut self, id: ConversationId) {
        self.news.remove(&id);
    }

    /// A fork, and not all heads have come yet.
    fn comparing(&self) -> bool {
        self.heads_pending && self.fork.is_some()
    }

    /// Pauses that are over are forgotten; something may be to do then.
    fn end_pauses(&mut self, now: u64) {
        for pull in self.pulls.values_mut() {
            if pull.not_before > 0 && pull.not_before <= now && !pull.busy {
                pull.not_before = 0;
                self.dirty = true;
                self.filled = false;
            }
        }
    }

    /// A hole may have come into being.
    pub fn look_for_holes(&mut self) {
        self.filled = false;
    }
}

/// What to ask the changes of: everything held and everything new.
pub(crate) fn region_of(held: &Conversation, ranges: &RangeSet, most: usize) -> RangeSet {
    let mut region = opened(ranges.to_ask(FAR, most));
    if region.is_empty() {
        region.insert(held.first_seq, u64::MAX);
    } else if region.iter().next().is_some_and(|(from, _)| from <= held.first_seq.saturating_add(FAR)) {
        // A small hole at the very start is not worth a page of its own.
        region.insert(held.first_seq, held.first_seq);
        region = opened(region.to_ask(FAR + 1, most));
    }
    region
}

fn opened(asked: Vec<(u64, Option<u64>)>) -> RangeSet {
    RangeSet::from_ranges(asked.into_iter().map(|(from, to)| (from, to.unwrap_or(u64::MAX))))
}

fn on_wire(region: &RangeSet, first_seq: u64) -> Option<Vec<(u64, Option<u64>)>> {
    let all = region.iter().next() == Some((first_seq, u64::MAX)) || region.covers(1, u64::MAX);
    (!all).then(|| region.iter().map(|(from, to)| (from, (to != u64::MAX).then_some(to))).collect())
}

impl Engine {
    /// Starts as many pulls as may be on their way.
    pub(crate) fn pull_more(&mut self, ctx: &mut Ctx<'_>) -> Result<()> {
        let now = ctx.ms();
        self.catchup.end_pauses(now);
        if self.catchup.comparing() {
            return Ok(());
        }
        if self.catchup.dirty {
            self.catchup.dirty = false;
            self.start_loads(ctx)?;
            self.start_debts(ctx)?;
        }
        if !self.catchup.filled && !self.catchup.busy() && now >= self.catchup.next_fill {
            self.fill_hole(ctx)?;
        }
        Ok(())
    }

    fn start_loads(&mut self, ctx: &mut Ctx<'_>) -> Result<()> {
        let mut later = Vec::new();
        for (id, seq, ticket) in std::mem::take(&mut self.catchup.loads) {
            if !self.catchup.ready(id, ctx.ms()) {
                later.push((id, seq, ticket));
                continue;
            }
            if ctx.cache.ranges(id)?.contains(seq) {
                // An earlier page brought it.
                crate::link::answer(ctx, ticket, Ok(crate::io::Reply::Done));
                continue;
            }
            self.ask_history(ctx, id, Some(seq), PAGE, vec![ticket]);
        }
        self.catchup.loads = later;
        Ok(())
    }

    fn start_debts(&mut self, ctx: &mut Ctx<'_>) -> Result<()> {
        let room = PULLS.saturating_sub(self.catchup.in_flight());
        if room == 0 {
            return Ok(());
        }
        let mut queue = ctx.cache.debts(PULLS + self.catchup.pulls.len())?;
        if let Some(open) = self.live.open()
            && let Some(held) = ctx.cache.conversation(open)?
            && held.role.is_some()
            && held.head_rev > held.rev
        {
            queue.retain(|id| *id != open);
            queue.insert(0, open);
        }
        let now = ctx.ms();
        let chosen: Vec<_> = queue.into_iter().filter(|id| self.catchup.ready(*id, now)).take(room).collect();
        for id in chosen {
            self.pull(ctx, id)?;
        }
        Ok(())
    }

    /// The next request of a conversation's pull.
    fn pull(&mut self, ctx: &mut Ctx<'_>, id: ConversationId) -> Result<()> {
        let Some(held) = ctx.cache.conversation(id)? else { return Ok(()) };
        let ranges = ctx.cache.ranges(id)?;
        let pull = self.catchup.pulls.entry(id).or_default();
        pull.not_before = 0;
        let behind = held.last_seq.saturating_sub(ranges.end().max(held.first_seq.saturating_sub(1)));
        if pull.region.is_none() && !pull.newest_taken && behind > FAR {
            self.ask_history(ctx, id, None, PAGE, Vec::new());
            return Ok(());
        }
        // A page that was loaded in the middle of the pull belongs to it from now on.
        let mut region = region_of(&held, &ranges, self.limits.ranges);
        if let Some(begun) = &pull.region {
            for (from, to) in begun.iter() {
                region.insert(from, to);
            }
            region = opened(region.to_ask(1, self.limits.ranges));
        }
        pull.region = Some(region.clone());
        pull.busy = true;
        let request = ChangesRequest {
            conversation: id,
            since: held.rev,
            ranges: on_wire(&region, held.first_seq),
            limit: None,
        };
        self.ask(
            ctx,
            &Request::Changes(request),
            Asked::Changes { conversation: id, since: held.rev, owed: held.head_rev, region },
        );
        Ok(())
    }

    /// Asks for a page: around a seq, or the newest.
    fn ask_history(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: ConversationId,
        around: Option<u64>,
        limit: usize,
        waiting: Vec<Ticket>,
    ) {
        self.catchup.pulls.entry(id).or_default().busy = true;
        let request =
            HistoryRequest { conversation: id, before: None, after: None, around, limit: Some(limit) };
        let asked = Asked::History { conversation: id, newest: around.is_none(), waiting };
        self.ask(ctx, &Request::History(request), asked);
    }

    /// Asks what has changed in a page since it was read.
    pub(crate) fn check_page(&mut self, ctx: &mut Ctx<'_>, page: Box<HistoryPage>, waiting: Vec<Ticket>) {
        self.catchup.pulls.entry(page.conversation).or_default().busy = true;
        let request = ChangesRequest {
            conversation: page.conversation,
            since: page.rev,
            ranges: Some(vec![(page.from_seq, Some(page.to_seq))]),
            limit: None,
        };
        self.ask(ctx, &Request::Changes(request), Asked::Check { page, waiting });
    }

    /// One page of one hole, the newest hole of the conversation with the newest activity first.
    fn fill_hole(&mut self, ctx: &mut Ctx<'_>) -> Result<()> {
        let now = ctx.ms();
        let candidates = ctx.cache.with_holes(PULLS + self.catchup.pulls.len())?;
        let Some(id) = candidates.into_iter().find(|id| self.catchup.ready(*id, now)) else {
            self.catchup.filled = true;
            return Ok(());
        };
        let Some(held) = ctx.cache.conversation(id)? else { return Ok(()) };
        let ranges = ctx.cache.ranges(id)?;
        let Some((from, to)) = ranges.holes(held.first_seq, held.last_seq).pop() else {
            self.catchup.filled = true;
            return Ok(());
        };
        self.catchup.next_fill = now + FILL_PAUSE_MS;
        self.catchup.pulls.entry(id).or_default().busy = true;
        let limit = usize::try_from(to - from + 1).unwrap_or(FILL_PAGE).min(FILL_PAGE);
        let request = HistoryRequest {
            conversation: id,
            before: Some(to + 1),
            after: None,
            around: None,
            limit: Some(limit),
        };
        let asked = Asked::History { conversation: id, newest: false, waiting: Vec::new() };
        self.ask(ctx, &Request::History(request), asked);
        Ok(())
    }

    /// A person waits for a hole to be filled.
    pub(crate) fn load(&mut self, ctx: &mut Ctx<'_>, id: ConversationId, seq: u64, ticket: Ticket) {
        if self.catchup.loads.len() >= LOADS {
            // Whoever scrolls that fast has left the first one behind.
            let (_, _, oldest) = self.catchup.loads.remove(0);
            offline(ctx, oldest);
        }
        self.catchup.loads.push((id, seq, ticket));
        self.catchup.dirty = true;
    }

    /// A delta that cannot be applied yet, in the middle of a pull.
    pub(crate) fn keep_early(&mut self, delta: &Delta) {
        if let Some(pull) = self.catchup.pulls.get_mut(&delta.conversation)
            && pull.busy
            && pull.early.len() < EARLY_DELTAS
        {
            pull.early.push(delta.clone());
        }
    }

    /// A pull's answer has been dealt with, and it is over or goes on by itself.
    pub(crate) fn pull_answered(&mut self, id: ConversationId, over: bool) {
        self.catchup.dirty = true;
        if over {
            self.catchup.pulls.remove(&id);
        } else if let Some(pull) = self.catchup.pulls.get_mut(&id) {
            pull.busy = false;
            pull.failures = 0;
        }
    }

    /// A pull was refused: again after a pause.
    pub(crate) fn pull_refused(&mut self, ctx: &mut Ctx<'_>, id: ConversationId, after_ms: Option<u64>) {
        let pull = self.catchup.pulls.entry(id).or_default();
        pull.busy = false;
        pull.region = None;
        let pause = after_ms.unwrap_or(PULL_PAUSE_MS << pull.failures.min(6));
        pull.failures += 1;
        pull.not_before = (ctx.ms() + pause).max(1);
    }
}
