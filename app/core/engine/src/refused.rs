//! What becomes of a command that was refused: it is told of or shown, tried again, thrown away, or replaced.

use crate::act::{Acted, refuse};
use crate::cache::{Entry, EntryState, Result, target};
use crate::change::refused;
use crate::engine::{Ctx, Engine};
use crate::io::{Output, Problem, Reply, Topic};
use confab_protocol::{Code, Command, CommandId, ConversationId, MessageId};

impl Engine {
    /// A command is refused for good. What depends on it is refused with it; the rest goes on.
    pub(crate) fn fail(&mut self, ctx: &mut Ctx<'_>, entry: Entry, problem: Problem) -> Result<()> {
        let id = entry.command.id();
        self.outbox.dirty = true;
        ctx.changed(Topic::Session);
        if let Some(conversation) = entry.command.conversation() {
            ctx.touch(conversation);
        }
        let dependent = match &entry.command {
            Command::Send(_) => ctx.cache.outbox_about(MessageId::from(id))?,
            Command::CreateGroup(group) => ctx.cache.outbox_of(group.conversation)?,
            _ => Vec::new(),
        };
        if shows_its_problem(&entry.command) {
            ctx.cache.outbox_put(&Entry { state: EntryState::Failed(problem), ..entry })?;
        } else {
            // No message to show it on: the overlay goes, and the person is told.
            ctx.cache.outbox_remove(id)?;
            if matches!(entry.command, Command::Block(_)) {
                ctx.changed(Topic::People);
            }
            let refused = refused(ctx, entry.command)?;
            ctx.out.push(Output::Trouble { problem, refused: Some(refused) });
        }
        let reason = depends_on_refused();
        for other in dependent {
            let waits = !matches!(other.state, EntryState::Failed(_)) && other.command.id() != id;
            if waits && !self.outbox.is_out(other.command.id()) {
                self.fail(ctx, other, reason.clone())?;
            }
        }
        Ok(())
    }

    /// Tries a refused command again, and what was refused because of it.
    pub(crate) fn retry(&mut self, ctx: &mut Ctx<'_>, id: CommandId) -> Acted {
        let Some(entry) = ctx.cache.outbox_get(id)? else {
            return Ok(refuse(Code::NotFound, "There is nothing to try again."));
        };
        let mut again = vec![entry];
        // What was refused only because of this one comes along.
        let followers = match &again[0].command {
            Command::Send(_) => ctx.cache.outbox_about(MessageId::from(id))?,
            Command::CreateGroup(group) => ctx.cache.outbox_of(group.conversation)?,
            _ => Vec::new(),
        };
        again.extend(followers.into_iter().filter(|e| {
            e.command.id() != id
                && matches!(&e.state, EntryState::Failed(p) if p.code == "predecessor_missing")
        }));
        for entry in again {
            if let Some(conversation) = entry.command.conversation() {
                ctx.touch(conversation);
            }
            // What waits anyhow keeps its place.
            if !matches!(entry.state, EntryState::Failed(_)) {
                continue;
            }
            // A refused command is judged anew by the relay, so it may still be rewritten until it is handed again.
            ctx.cache.outbox_put(&Entry { state: EntryState::New, ..entry.clone() })?;
            ctx.cache.outbox_to_end(entry.command.id())?;
        }
        self.outbox.dirty = true;
        ctx.changed(Topic::Session);
        Ok(Ok(Reply::Done))
    }

    /// Throws away what is not on its way, and what depends on it.
    pub(crate) fn discard(&mut self, ctx: &mut Ctx<'_>, id: CommandId) -> Acted {
        let Some(entry) = ctx.cache.outbox_get(id)? else { return Ok(Ok(Reply::Done)) };
        if entry.state == EntryState::Handed {
            return Ok(refuse(Code::Forbidden, "This is already on its way."));
        }
        let followers = match &entry.command {
            Command::Send(_) => ctx.cache.outbox_about(MessageId::from(id))?,
            Command::CreateGroup(group) => ctx.cache.outbox_of(group.conversation)?,
            _ => Vec::new(),
        };
        ctx.cache.outbox_remove(id)?;
        for follower in followers {
            ctx.cache.outbox_remove(follower.command.id())?;
        }
        if let Command::CreateGroup(group) = &entry.command {
            ctx.cache.forget_conversation(group.conversation)?;
        }
        if let Some(conversation) = entry.command.conversation() {
            ctx.touch(conversation);
            self.loosen_replies(ctx, conversation, MessageId::from(id))?;
        }
        self.outbox.dirty = true;
        ctx.changed(Topic::Session);
        Ok(Ok(Reply::Done))
    }

    /// Replies to a message that will never be are plain messages.
    fn loosen_replies(
        &mut self,
        ctx: &mut Ctx<'_>,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<()> {
        for mut entry in ctx.cache.outbox_of(conversation)? {
            let waits = entry.state != EntryState::Handed;
            if let Command::Send(send) = &mut entry.command
                && waits
                && send.reply_to == Some(message)
            {
                send.reply_to = None;
                ctx.cache.outbox_put(&entry)?;
            }
        }
        Ok(())
    }

    /// A new change takes the place of refused ones of the same message.
    pub(crate) fn drop_refused(
        &mut self,
        ctx: &mut Ctx<'_>,
        message: MessageId,
        which: impl Fn(&Command) -> bool,
    ) -> Result<()> {
        for entry in ctx.cache.outbox_about(message)? {
            if matches!(entry.state, EntryState::Failed(_)) && which(&entry.command) {
                ctx.cache.outbox_remove(entry.command.id())?;
            }
        }
        Ok(())
    }
}

pub(crate) fn depends_on_refused() -> Problem {
    Problem::new("predecessor_missing", "It belongs to something that was refused.")
}

/// Whether there is a place on the screen where its refusal stands until it is retried or discarded.
fn shows_its_problem(command: &Command) -> bool {
    matches!(command, Command::Send(_) | Command::CreateGroup(_)) || target(command).is_some()
}
