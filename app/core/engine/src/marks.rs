//! Delivered and read marks on their way to the relay: gathered for a moment, one merged row a conversation.

use crate::cache::{PendingMark, Result};
use crate::engine::{Ctx, Engine};
use crate::io::Topic;
use crate::requests::Asked;
use confab_protocol::frame::Request;
use confab_protocol::sync::MarkRequest;
use confab_protocol::{ConversationId, ErrorBody, Retry};
use std::collections::BTreeSet;

/// Marks are gathered this long before they are sent.
pub const GATHER_MS: u64 = 200;
/// Most marks that wait for their answer.
pub const MARKS_IN_FLIGHT: usize = 16;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    due: Option<u64>,
    flying: BTreeSet<ConversationId>,
}

impl Marks {
    /// The socket is gone: what was not answered is sent again.
    pub fn reset(&mut self) {
        self.flying.clear();
        self.due = Some(0);
    }

    /// What is gathered goes out now.
    pub fn hurry(&mut self) {
        self.due = self.due.map(|_| 0);
    }

    /// Whether something waits for its answer, or is to be sent.
    pub fn is_busy(&self) -> bool {
        self.due.is_some() || !self.flying.is_empty()
    }

    pub fn deadline(&self) -> Option<u64> {
        self.due
    }

    /// There is something to send, after a moment.
    pub fn soon(&mut self, now: u64) {
        self.due.get_or_insert(now + GATHER_MS);
    }
}

impl Engine {
    pub(crate) fn mark_read(
        &mut self,
        ctx: &mut Ctx<'_>,
        conversation: ConversationId,
        seq: u64,
    ) -> Result<bool> {
        let Some(held) = ctx.cache.conversation(conversation)? else { return Ok(false) };
        let read = seq.min(held.last_seq);
        if read > held.read && held.known {
            ctx.cache.push_mark(&PendingMark { conversation, read, delivered: 0 })?;
            self.marks.soon(ctx.ms());
            ctx.touch(conversation);
        }
        Ok(true)
    }

    pub(crate) fn send_marks(&mut self, ctx: &mut Ctx<'_>) -> Result<()> {
        if self.marks.due.is_none_or(|due| ctx.ms() < due) {
            return Ok(());
        }
        self.marks.due = None;
        let waiting = ctx.cache.pending_marks(MARKS_IN_FLIGHT * 2)?;
        for mark in waiting {
            if self.marks.flying.len() >= MARKS_IN_FLIGHT {
                break;
            }
            if !self.marks.flying.insert(mark.conversation) {
                continue;
            }
            let some = |seq: u64| (seq > 0).then_some(seq);
            let request = MarkRequest {
                conversation: mark.conversation,
                read: some(mark.read),
                delivered: some(mark.delivered),
            };
            self.ask(ctx, &Request::Mark(request), Asked::Mark(mark));
        }
        Ok(())
    }

    pub(crate) fn mark_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        mark: PendingMark,
        error: Option<&ErrorBody>,
    ) -> Result<()> {
        self.marks.flying.remove(&mark.conversation);
        match error {
            Some(error) if error.retry != Retry::Never => {
                let pause = error.retry_after_ms.unwrap_or(5_000);
                self.marks.due = Some(ctx.ms() + pause);
                return Ok(());
            }
            // Refused for good: not a member any more, so there is nobody to tell.
            Some(_) => {}
            None => {
                if let Some(mut held) = ctx.cache.conversation(mark.conversation)? {
                    held.read = held.read.max(mark.read);
                    // What has been read has been received: so the relay takes it too.
                    held.delivered = held.delivered.max(mark.delivered).max(mark.read);
                    ctx.cache.put_conversation(&held)?;
                }
            }
        }
        ctx.cache.marks_sent(&mark)?;
        ctx.touch(mark.conversation);
        ctx.changed(Topic::Session);
        self.marks.soon(ctx.ms());
        Ok(())
    }
}
