//! Applying what the relay says of a conversation: heads, deltas, pages of history.
//!
//! What holds after each of these (and is what makes a resumed cache equal to a fresh one): every message in the held
//! ranges, every member row and the title are as they are at the relay, unless the relay's rev of that row is above
//! one's own rev, which the next pull brings.

use crate::cache::{Conversation, GONE, PendingMark, Result};
use crate::engine::{Ctx, Engine};
use crate::io::{Output, Topic};
use crate::ranges::RangeSet;
use confab_protocol::{
    CommandId, Content, ConversationId, Delta, Head, HistoryPage, Kind, Message, User, UserId,
};

/// Where a delta came from, which decides which of its messages are taken.
pub(crate) enum Source<'a> {
    /// Pushed, or in an acknowledgement: what is held and what is new.
    Live { incoming: bool },
    /// Asked for: what was asked for. What is newer than `announce` came live all the same.
    Pulled { region: &'a RangeSet, announce: Option<u64> },
}

impl Engine {
    /// A head: where a conversation stands, and what the list shows of it.
    pub(crate) fn apply_head(&mut self, ctx: &mut Ctx<'_>, head: &Head) -> Result<()> {
        let owed = self.catchup.listed(head.conversation);
        let held = ctx.cache.conversation(head.conversation)?;
        let made_here = held.as_ref().is_some_and(|held| !held.known);
        if let Some(fork) = &mut self.catchup.fork {
            fork.insert(head.conversation);
        }
        if head.role.is_none() {
            if let Some(mut held) = held {
                if self.catchup.fork.is_some() && differs(&held, head, true) {
                    held.lineage = GONE.to_owned();
                    ctx.cache.put_conversation(&held)?;
                }
                self.apply_removed(ctx, head.conversation)?;
            }
            return Ok(());
        }
        let mut held = held.unwrap_or_else(|| {
            Conversation::local(head.conversation, head.kind, head.title.clone(), head.created_at)
        });
        let forked = self.catchup.fork.is_some();
        let unfinished = forked && held.rev == 0 && !ctx.cache.ranges(held.id)?.is_empty();
        if unfinished || held.lineage == GONE || differs(&held, head, forked) {
            self.start_anew(ctx, &mut held, Some(head))?;
        }
        if !held.known || held.role.is_none() {
            self.live.say_again();
        }
        if made_here {
            // Whom one wanted as members may not be who they are: it may have been made by another device.
            ctx.cache.put_conversation(&held)?;
            ctx.cache.set_aside(held.id)?;
            // Settings of it that waited for the relay to know it may go.
            self.outbox.dirty = true;
        }
        held.known = true;
        if held.role.is_none() {
            self.revive_resends(ctx, held.id)?;
        }
        held.role = head.role;
        // A head may have been read before a change that was pushed ahead of it.
        if head.rev >= held.rev {
            held.kind = head.kind;
            held.title.clone_from(&head.title);
            held.created_at = head.created_at;
            held.peer = head.peer.or(held.peer);
            held.members = head.members;
            held.unread = head.unread;
            held.counted_seq = head.seq;
            held.hidden_seq = head.hidden_seq;
            held.notify = head.notify;
            held.last.clone_from(&head.last);
        }
        held.head_rev = held.head_rev.max(head.rev).max(owed);
        held.last_seq = held.last_seq.max(head.seq);
        held.mention_seq = held.mention_seq.max(head.mention_seq);
        if held.read > head.read {
            // The relay has forgotten how far one had read. Saying it once more does no harm.
            ctx.cache.push_mark(&PendingMark { conversation: held.id, read: held.read, delivered: 0 })?;
        }
        held.read = held.read.max(head.read);
        held.delivered = held.delivered.max(head.delivered);
        ctx.cache.put_conversation(&held)?;
        self.raise_first(ctx, &mut held, head.first_seq)?;
        if forked {
            ctx.cache.clear_marks(held.id)?;
        }
        self.head_marks(ctx, held.id, &head.marks)?;
        self.catchup.dirty = true;
        self.catchup.look_for_holes();
        ctx.touch(held.id);
        ctx.changed(Topic::Session);
        Ok(())
    }

    /// One is no member any more: what is held stays, and nothing more is pulled or sent.
    pub(crate) fn apply_removed(&mut self, ctx: &mut Ctx<'_>, id: ConversationId) -> Result<()> {
        self.catchup.listed(id);
        let Some(mut held) = ctx.cache.conversation(id)? else { return Ok(()) };
        if held.role.take().is_some() {
            held.unread = 0;
            ctx.cache.put_conversation(&held)?;
            ctx.touch(id);
            ctx.changed(Topic::Session);
        }
        self.catchup.pulls.remove(&id);
        self.catchup.no_more_news(id);
        self.settle(ctx, id, u64::MAX)?;
        self.outbox.dirty = true;
        Ok(())
    }

    /// Users as they are now.
    pub(crate) fn apply_users(&mut self, ctx: &mut Ctx<'_>, users: &[User]) -> Result<()> {
        if !users.is_empty() {
            put_users(ctx, users)?;
            ctx.changed(Topic::Conversations);
            ctx.changed(Topic::Session);
        }
        Ok(())
    }

    /// A delta. `true` if it could be applied; if not, the conversation owes a pull.
    pub(crate) fn apply_delta(
        &mut self,
        ctx: &mut Ctx<'_>,
        delta: &Delta,
        source: &Source<'_>,
    ) -> Result<bool> {
        let Some(mut held) = ctx.cache.conversation(delta.conversation)? else {
            self.not_listed(delta.conversation, delta.to);
            return Ok(false);
        };
        if held.role.is_none() && held.known {
            return Ok(false);
        }
        let same_rev_other_history = delta.to == held.rev
            && delta.lineage.as_ref().is_some_and(|l| !held.lineage.is_empty() && *l != held.lineage);
        if same_rev_other_history {
            held.head_rev = held.head_rev.max(delta.to);
            self.start_anew(ctx, &mut held, None)?;
            ctx.cache.put_conversation(&held)?;
            return Ok(false);
        }
        held.head_rev = held.head_rev.max(delta.to);
        if delta.from > held.rev {
            let newest_before = held.last_seq;
            for message in &delta.messages {
                held.last_seq = held.last_seq.max(message.seq);
            }
            ctx.cache.put_conversation(&held)?;
            if let Source::Live { incoming } = source {
                if *incoming && held.last_seq > newest_before {
                    self.catchup.came_early(held.id, newest_before);
                }
                self.keep_early(delta);
            }
            self.catchup.dirty = true;
            ctx.touch(held.id);
            ctx.changed(Topic::Session);
            return Ok(false);
        }
        self.take_rows(ctx, &mut held, delta, source)?;
        if delta.to >= held.rev {
            held.rev = delta.to;
            // In the middle of a pull's pages the lineage is not known.
            held.lineage = delta.lineage.clone().unwrap_or_default();
        }
        if matches!(source, Source::Live { .. }) && held.rev >= held.head_rev {
            self.catchup.no_more_news(held.id);
        }
        held.known = true;
        ctx.cache.put_conversation(&held)?;
        self.settle(ctx, held.id, held.rev)?;
        ctx.touch(held.id);
        Ok(true)
    }

    fn take_rows(
        &mut self,
        ctx: &mut Ctx<'_>,
        held: &mut Conversation,
        delta: &Delta,
        source: &Source<'_>,
    ) -> Result<()> {
        let me = ctx.cache.account()?.user;
        // One that came twice brings a title that may have changed since. Rows have revs of their own.
        if let Some(title) = delta.title.as_ref().filter(|_| delta.to >= held.rev) {
            held.title.clone_from(title);
        }
        put_users(ctx, &delta.users)?;
        if !delta.members.is_empty() {
            self.live.say_again();
            ctx.cache.put_members(held.id, &delta.members)?;
            let members = ctx.cache.members(held.id)?;
            held.members = u32::try_from(members.iter().filter(|m| m.role.is_some()).count()).unwrap_or(0);
            if let Some(own) = members.iter().find(|m| m.user == me) {
                held.role = own.role;
            }
        }
        if delta.messages.is_empty() {
            return Ok(());
        }
        let mut ranges = ctx.cache.ranges(held.id)?;
        let end = ranges.end();
        let wanted = |seq: u64| match source {
            Source::Live { .. } => seq > end || ranges.contains(seq),
            Source::Pulled { region, .. } => region.contains(seq),
        };
        let all = delta.messages.iter().all(|m| wanted(m.seq));
        let some: Vec<Message>;
        let taken: &[Message] = if all {
            &delta.messages
        } else {
            some = delta.messages.iter().filter(|m| wanted(m.seq)).cloned().collect();
            &some
        };
        ctx.cache.put_messages(held.id, taken)?;
        let before = ranges.clone();
        let newest_before = held.last_seq;
        for message in taken {
            ranges.insert(message.seq, message.seq);
        }
        for message in &delta.messages {
            held.last_seq = held.last_seq.max(message.seq);
        }
        if ranges != before {
            ctx.cache.put_ranges(held.id, &ranges)?;
            if ranges.iter().count() > before.iter().count() {
                self.catchup.look_for_holes();
            }
        }
        self.notice(ctx, held, taken, me, &ranges)?;
        let live_above = match source {
            Source::Live { incoming: true } => self.catchup.news_above(held.id).unwrap_or(newest_before),
            Source::Pulled { announce: Some(seq), .. } => *seq,
            _ => u64::MAX,
        };
        self.tell_news(ctx, held, taken, (live_above, me), &before);
        Ok(())
    }

    /// Tells of others' messages above a seq. What came live may be pulled as well, and the other way round, so only what
    /// was not held before is told.
    fn tell_news(
        &mut self,
        ctx: &mut Ctx<'_>,
        held: &Conversation,
        messages: &[Message],
        (above, me): (u64, UserId),
        before: &RangeSet,
    ) {
        let new = |m: &&Message| m.seq > above && m.sender != me && !before.contains(m.seq);
        for message in messages.iter().filter(new) {
            self.has_written(ctx, held.id, message.sender);
            if matches!(message.content, Some(Content::Text { .. })) && message.seq > held.read {
                ctx.out.push(Output::Incoming { conversation: held.id, message: message.id });
            }
        }
    }

    /// What follows from messages that are held now: own ones are acknowledged, others' are delivered.
    fn notice(
        &mut self,
        ctx: &mut Ctx<'_>,
        held: &mut Conversation,
        messages: &[Message],
        me: UserId,
        ranges: &RangeSet,
    ) -> Result<()> {
        let mut others = false;
        for message in messages {
            if message.sender == me {
                self.seen_own(ctx, CommandId::from(message.id))?;
            } else {
                others = true;
                if let Some(Content::Text { mentions, .. }) = &message.content
                    && mentions.contains(&me)
                {
                    held.mention_seq = held.mention_seq.max(message.seq);
                }
            }
        }
        let told = held.kind == Kind::Direct || held.members as usize <= self.limits.receipt_members;
        if others
            && told
            && let Some((_, delivered)) = ranges.around(held.delivered + 1)
        {
            ctx.cache.push_mark(&PendingMark { conversation: held.id, read: 0, delivered })?;
            self.marks.soon(ctx.ms());
        }
        Ok(())
    }

    /// A page of history whose rev is not below one's own.
    pub(crate) fn apply_page(&mut self, ctx: &mut Ctx<'_>, page: &HistoryPage) -> Result<()> {
        let Some(mut held) = ctx.cache.conversation(page.conversation)? else { return Ok(()) };
        let me = ctx.cache.account()?.user;
        put_users(ctx, &page.users)?;
        ctx.cache.put_messages(held.id, &page.messages)?;
        let mut ranges = ctx.cache.ranges(held.id)?;
        let before = ranges.clone();
        ranges.insert(page.from_seq.max(1), page.to_seq);
        ctx.cache.put_ranges(held.id, &ranges)?;
        held.head_rev = held.head_rev.max(page.rev);
        held.last_seq = held.last_seq.max(page.last_seq);
        self.notice(ctx, &mut held, &page.messages, me, &ranges)?;
        ctx.cache.put_conversation(&held)?;
        if let Some(above) = self.catchup.news_above(held.id) {
            self.tell_news(ctx, &held, &page.messages, (above, me), &before);
        }
        self.raise_first(ctx, &mut held, page.first_seq)?;
        if page.from_seq <= page.to_seq {
            self.resend_vanished(ctx, &held, page.from_seq, page.to_seq)?;
        }
        ctx.touch(held.id);
        Ok(())
    }

    /// A purge moved the oldest seq.
    pub(crate) fn raise_first(
        &mut self,
        ctx: &mut Ctx<'_>,
        held: &mut Conversation,
        first_seq: u64,
    ) -> Result<()> {
        if first_seq <= held.first_seq {
            return Ok(());
        }
        held.first_seq = first_seq;
        ctx.cache.put_conversation(held)?;
        ctx.cache.drop_below(held.id, first_seq)?;
        let mut ranges = ctx.cache.ranges(held.id)?;
        ranges.clip_below(first_seq);
        ctx.cache.put_ranges(held.id, &ranges)?;
        ctx.touch(held.id);
        Ok(())
    }
}

/// Writes profiles. A name that changed stands in many places.
fn put_users(ctx: &mut Ctx<'_>, users: &[User]) -> Result<()> {
    for user in users {
        if ctx.cache.user(user.id)?.is_some_and(|held| held != *user) {
            ctx.changed(Topic::People);
        }
    }
    ctx.cache.put_users(users)
}

/// Whether what is held is of another history than the head's.
fn differs(held: &Conversation, head: &Head, forked: bool) -> bool {
    if !held.known {
        return false;
    }
    if held.rev == 0 {
        // Nothing to compare; but what is owed to a history that is gone would be owed for ever.
        return forked;
    }
    let same = held.rev == head.rev && (held.lineage.is_empty() || held.lineage == head.lineage);
    // Without a fork a larger or smaller rev is a debt or a late head; with one, it cannot be told apart. Something that
    // was still owed may have come in part: a page is held though its rev is not.
    let whole = !held.lineage.is_empty() && held.head_rev <= held.rev;
    if forked { !same || !whole } else { held.rev == head.rev && !same }
}
