//! A relay that was put back from a backup: what differs is fetched anew, and one's own messages that vanished are
//! sent again under their ids.
//!
//! An own message from before the fork is confirmed when its row comes from the relay. It goes out again when its old
//! place lies above the relay's newest seq, or when the page that covers its old place came without it. Sending one
//! that the relay does have does no harm: it answers with the first result.

use crate::cache::{Conversation, Entry, EntryState, GONE, PendingMark, Result};
use crate::engine::{Ctx, Engine};
use crate::io::Topic;
use confab_protocol::command::{CreateGroup, Send};
use confab_protocol::{Command, CommandId, Content, ConversationId, Head, Kind, Message, Role};

impl Engine {
    /// Forgets a conversation's held history in favour of the relay's.
    pub(crate) fn start_anew(
        &mut self,
        ctx: &mut Ctx<'_>,
        held: &mut Conversation,
        head: Option<&Head>,
    ) -> Result<()> {
        ctx.cache.put_conversation(held)?;
        ctx.cache.set_aside(held.id)?;
        // Marks that wait speak of another history's places.
        let all = PendingMark { conversation: held.id, read: u64::MAX, delivered: u64::MAX };
        ctx.cache.marks_sent(&all)?;
        held.rev = 0;
        held.lineage = String::new();
        held.last = None;
        self.catchup.pulls.remove(&held.id);
        if let Some(head) = head {
            held.head_rev = head.rev;
            held.last_seq = head.seq;
            held.first_seq = head.first_seq;
            held.mention_seq = head.mention_seq;
            // Marks grow only within one fork.
            held.read = head.read.min(head.seq);
            held.delivered = head.delivered.min(head.seq);
            ctx.cache.put_conversation(held)?;
            self.resend_vanished(ctx, held, head.seq + 1, u64::MAX)?;
        }
        self.catchup.dirty = true;
        self.catchup.look_for_holes();
        ctx.touch(held.id);
        ctx.changed(Topic::Session);
        Ok(())
    }

    /// The relay says that what is held of a conversation is not its own history: it is fetched anew.
    pub(crate) fn resync(&mut self, ctx: &mut Ctx<'_>, id: ConversationId) -> Result<()> {
        self.pull_refused(ctx, id, None);
        let Some(mut held) = ctx.cache.conversation(id)? else { return Ok(()) };
        // Whatever there is, is owed; the answer says how much that is.
        held.head_rev = held.head_rev.max(1);
        self.start_anew(ctx, &mut held, None)?;
        ctx.cache.put_conversation(&held)
    }

    /// What was in this part of the history, is one's own, and did not come back.
    pub(crate) fn resend_vanished(
        &mut self,
        ctx: &mut Ctx<'_>,
        held: &Conversation,
        from: u64,
        to: u64,
    ) -> Result<()> {
        for lost in ctx.cache.take_unconfirmed(held.id, from, to)? {
            if let Some(command) = sending_again(held, &lost.message) {
                let entry = Entry { command, state: EntryState::New, at: lost.message.at, resend: true };
                ctx.cache.outbox_push(&entry)?;
                self.outbox.dirty = true;
                ctx.changed(Topic::Session);
                ctx.touch(held.id);
            }
        }
        Ok(())
    }

    /// One is a member (again): what could not be sent again before goes out now.
    pub(crate) fn revive_resends(&mut self, ctx: &mut Ctx<'_>, id: ConversationId) -> Result<()> {
        for entry in ctx.cache.outbox_of(id)? {
            if entry.resend && matches!(entry.state, EntryState::Failed(_)) {
                ctx.cache.outbox_put(&Entry { state: EntryState::New, ..entry })?;
                self.outbox.dirty = true;
                ctx.changed(Topic::Session);
            }
        }
        Ok(())
    }

    /// All heads after a fork have come. What was not among them is gone at the relay.
    pub(crate) fn end_of_fork(&mut self, ctx: &mut Ctx<'_>) -> Result<()> {
        let Some(listed) = self.catchup.fork.take() else { return Ok(()) };
        for id in ctx.cache.conversation_ids()? {
            if listed.contains(&id) {
                continue;
            }
            let Some(mut held) = ctx.cache.conversation(id)? else { continue };
            if held.known && held.role.is_some() {
                self.bring_back(ctx, &mut held)?;
            } else if held.known {
                held.lineage = GONE.to_owned();
                ctx.cache.put_conversation(&held)?;
            }
        }
        Ok(())
    }

    /// The relay has lost a whole conversation: it is made again with one's own messages in it.
    fn bring_back(&mut self, ctx: &mut Ctx<'_>, held: &mut Conversation) -> Result<()> {
        let me = ctx.cache.account()?.user;
        let members = ctx.cache.members(held.id)?;
        self.start_anew(ctx, held, None)?;
        held.head_rev = 0;
        held.last_seq = 0;
        held.first_seq = 1;
        held.read = 0;
        held.delivered = 0;
        held.mention_seq = 0;
        match (held.kind, held.role) {
            (Kind::Direct, _) => held.known = false,
            (Kind::Group, Some(Role::Owner)) => {
                held.known = false;
                let command = Command::CreateGroup(CreateGroup {
                    command: CommandId(self.random.uuid_v7(ctx.now.wall_ms)),
                    conversation: held.id,
                    title: held.title.clone(),
                    members: members
                        .iter()
                        .filter(|m| m.role.is_some() && m.user != me)
                        .map(|m| m.user)
                        .take(self.limits.members_per_command)
                        .collect(),
                });
                let entry = Entry { command, state: EntryState::New, at: ctx.now.wall_ms, resend: false };
                ctx.cache.outbox_push(&entry)?;
            }
            // Only its owner can make it again; until then one is no member.
            (Kind::Group, _) => held.role = None,
        }
        ctx.cache.put_conversation(held)?;
        self.resend_vanished(ctx, held, 0, u64::MAX)?;
        self.outbox.dirty = true;
        Ok(())
    }
}

fn sending_again(held: &Conversation, message: &Message) -> Option<Command> {
    let Some(Content::Text { text, mentions }) = &message.content else { return None };
    Some(Command::Send(Send {
        command: CommandId::from(message.id),
        after: None,
        conversation: held.id,
        direct_with: held.peer,
        text: text.clone(),
        mentions: mentions.clone(),
        reply_to: message.reply_to.map(|to| to.id),
    }))
}
