//! Others' marks. They may go back, for whoever ceases to share them takes them back, so the newest is told by commits: a
//! mark of a page of heads gives way to a push that is not older than the page (docs/protocol.md, Marks).

use crate::cache::Result;
use crate::engine::{Ctx, Engine};
use confab_protocol::{ConversationId, Mark, UserId};
use std::collections::BTreeMap;

/// Most pushed marks that are remembered while pages of heads are on their way. What is beyond them may be shown as the
/// page has it until it is told again.
const REMEMBERED: usize = 10_000;

/// By which commits marks were pushed while pages of heads are on their way.
#[derive(Debug, Default)]
pub(crate) struct PushedMarks(BTreeMap<(ConversationId, UserId), u64>);

impl PushedMarks {
    fn remember(&mut self, id: ConversationId, user: UserId, commit: u64) {
        if self.0.len() < REMEMBERED || self.0.contains_key(&(id, user)) {
            self.0.insert((id, user), commit);
        }
    }

    fn is_newer(&self, id: ConversationId, user: UserId, page: u64) -> bool {
        self.0.get(&(id, user)).is_some_and(|push| *push >= page)
    }
}

impl Engine {
    /// What a head tells, pushed or on a page.
    pub(crate) fn head_marks(&mut self, ctx: &mut Ctx<'_>, id: ConversationId, marks: &[Mark]) -> Result<()> {
        let (page, pushed) = (self.link.frame_commit, &self.catchup.pushed_marks);
        let taken: Vec<Mark> =
            marks.iter().filter(|mark| !pushed.is_newer(id, mark.user, page)).copied().collect();
        ctx.cache.put_marks(id, &taken)
    }

    /// What a push told, a head's included.
    pub(crate) fn remember_marks(&mut self, id: ConversationId, marks: &[Mark]) {
        if self.catchup.heads_pending {
            for mark in marks {
                self.catchup.pushed_marks.remember(id, mark.user, self.link.frame_commit);
            }
        }
    }

    pub(crate) fn pushed_marks(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: ConversationId,
        marks: &[Mark],
    ) -> Result<()> {
        let Some(mut held) = ctx.cache.conversation(id)? else { return Ok(()) };
        let me = ctx.cache.account()?.user;
        if let Some(own) = marks.iter().find(|mark| mark.user == me) {
            held.read = held.read.max(own.read);
            held.delivered = held.delivered.max(own.delivered);
            ctx.cache.put_conversation(&held)?;
        }
        let others: Vec<Mark> = marks.iter().filter(|mark| mark.user != me).copied().collect();
        self.remember_marks(id, &others);
        ctx.cache.put_marks(id, &others)?;
        ctx.touch(id);
        Ok(())
    }
}
