//! Pages that were asked for: what `changes` and `history` answer, taken in.

use crate::apply::Source;
use crate::cache::Result;
use crate::engine::{Ctx, Engine};
use crate::io::{Reply, Topic};
use crate::link::answer;
use crate::ranges::RangeSet;
use confab_protocol::{ConversationId, Delta, HistoryPage};

impl Engine {
    pub(crate) fn changes(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: ConversationId,
        (since, owed): (u64, u64),
        region: &RangeSet,
        delta: &Delta,
    ) -> Result<()> {
        let announce = self.catchup.news_above(id);
        let applied =
            delta.conversation == id && self.apply_delta(ctx, delta, &Source::Pulled { region, announce })?;
        if !applied || (delta.more && delta.to <= since) {
            // The ground moved under it (a fork, a removal), or the relay does not get on. Begin anew after a pause.
            self.pull_refused(ctx, id, None);
            return Ok(());
        }
        if !delta.more {
            if let Some(mut held) = ctx.cache.conversation(id)? {
                if held.head_rev == owed && owed > held.rev {
                    // Whatever told of that rev was said before this was asked, so this answer would have it. It is of
                    // a history that a restored relay does not have.
                    held.head_rev = held.rev;
                    held.last_seq = ctx.cache.ranges(id)?.end().max(held.first_seq.saturating_sub(1));
                    ctx.cache.put_conversation(&held)?;
                }
                for (from, to) in ctx.cache.ranges(id)?.iter() {
                    self.resend_vanished(ctx, &held, from, to)?;
                }
            }
            ctx.changed(Topic::Session);
            self.catchup.look_for_holes();
        }
        let early = match self.catchup.pulls.get_mut(&id) {
            Some(pull) if !delta.more => std::mem::take(&mut pull.early),
            _ => Vec::new(),
        };
        self.pull_answered(id, !delta.more);
        self.outbox.dirty = true;
        for delta in early {
            self.apply_delta(ctx, &delta, &Source::Live { incoming: true })?;
        }
        let owes =
            ctx.cache.conversation(id)?.is_some_and(|held| held.role.is_some() && held.head_rev > held.rev);
        if !owes {
            self.catchup.no_more_news(id);
        }
        if !delta.more && delta.to <= since && owes {
            // The relay has nothing newer, and yet something is owed: ask again, but not in a hot loop.
            self.pull_refused(ctx, id, None);
        }
        Ok(())
    }

    pub(crate) fn history(
        &mut self,
        ctx: &mut Ctx<'_>,
        page: Box<HistoryPage>,
        newest: bool,
        waiting: Vec<crate::io::Ticket>,
    ) -> Result<()> {
        let id = page.conversation;
        let own = ctx.cache.conversation(id)?.filter(|held| held.role.is_some());
        let Some(own) = own else {
            waiting.into_iter().for_each(|ticket| answer(ctx, ticket, Ok(Reply::Done)));
            self.pull_answered(id, true);
            return Ok(());
        };
        if page.rev < own.rev && page.from_seq <= page.to_seq {
            self.check_page(ctx, page, waiting);
            return Ok(());
        }
        self.apply_page(ctx, &page)?;
        waiting.into_iter().for_each(|ticket| answer(ctx, ticket, Ok(Reply::Done)));
        let alone = !newest && self.catchup.pulls.get(&id).is_none_or(|pull| pull.region.is_none());
        self.pull_answered(id, alone);
        if newest && let Some(pull) = self.catchup.pulls.get_mut(&id) {
            pull.newest_taken = true;
        }
        Ok(())
    }

    /// The changes since an older page: the page is brought up to them, and held if that is enough.
    pub(crate) fn page_checked(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut page: Box<HistoryPage>,
        waiting: Vec<crate::io::Ticket>,
        delta: Delta,
    ) -> Result<()> {
        for message in delta.messages {
            if let Some(old) = page.messages.iter_mut().find(|old| old.seq == message.seq)
                && old.rev < message.rev
            {
                *old = message;
            }
        }
        let stuck = delta.to <= page.rev;
        page.rev = page.rev.max(delta.to);
        if stuck {
            // No answer but "nothing newer": the relay itself is not where we are. Ask for the page anew, later.
            let id = page.conversation;
            waiting.into_iter().for_each(|ticket| answer(ctx, ticket, Ok(Reply::Done)));
            self.pull_refused(ctx, id, None);
            return Ok(());
        }
        self.history(ctx, page, false, waiting)
    }
}
