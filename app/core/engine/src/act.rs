//! What a person does: checked, then into the outbox (or, if it is of the moment, on its way).

use crate::cache::{Conversation, Entry, EntryState, Result};
use crate::engine::{Ctx, Engine};
use crate::io::{Action, Problem, Reply, Ticket, Topic};
use crate::link::{Phase, answer, offline};
use crate::outbox::others;
use crate::requests::Asked;
use confab_protocol::command as c;
use confab_protocol::frame::Request;
use confab_protocol::sync::FindUsers;
use confab_protocol::{
    Code, Command, CommandId, ConversationId, ErrorBody, Kind, Member, MessageId, Role, User, UserId, text,
};

/// An action was refused here, before it reached the outbox.
pub(crate) type Refused = Problem;

pub(crate) fn refuse<T>(code: Code, message: &str) -> std::result::Result<T, Refused> {
    Err(ErrorBody::new(code, message).into())
}

/// A refusal with a code of the client's own.
fn own<T>(code: &str, message: &str) -> std::result::Result<T, Refused> {
    Err(Problem::new(code, message))
}

/// A setting of a conversation that the relay does not know and will not.
pub(crate) fn unwritten() -> Problem {
    Problem::new("unwritten", "Nothing has been written here yet, so there is nothing to be told of.")
}

/// `Ok(Ok(_))`: done. `Ok(Err(_))`: refused. `Err(_)`: the storage failed.
pub(crate) type Acted = Result<std::result::Result<Reply, Refused>>;

/// Unwraps the inner result or returns it.
macro_rules! check {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(problem) => return Ok(Err(Problem::from(problem))),
        }
    };
}

impl Engine {
    pub(crate) fn act(&mut self, ctx: &mut Ctx<'_>, ticket: Ticket, action: Action) -> Result<()> {
        let online = matches!(self.link.phase, Phase::Online);
        match action {
            Action::Load { conversation, seq } => {
                if !online {
                    offline(ctx, ticket);
                } else {
                    self.load(ctx, conversation, seq, ticket);
                }
                return Ok(());
            }
            Action::FindUsers { query } => {
                if online {
                    let request = Request::FindUsers(FindUsers { query });
                    self.ask(ctx, &request, Asked::FindUsers(ticket));
                } else {
                    offline(ctx, ticket);
                }
                return Ok(());
            }
            Action::Devices => {
                if online {
                    self.ask(ctx, &Request::Devices, Asked::Devices(ticket));
                } else {
                    offline(ctx, ticket);
                }
                return Ok(());
            }
            Action::Watch { conversation, users } => self.watch(ctx, conversation, users),
            Action::Typing { conversation, on } => {
                if online {
                    self.typing(ctx, conversation, on);
                }
            }
            stored => {
                let result = self.store(ctx, stored)?;
                answer(ctx, ticket, result);
                return Ok(());
            }
        }
        answer(ctx, ticket, Ok(Reply::Done));
        Ok(())
    }

    /// What must not be lost.
    fn store(&mut self, ctx: &mut Ctx<'_>, action: Action) -> Acted {
        match action {
            Action::Send { id, conversation, text, mentions, reply_to } => {
                self.send(ctx, id, conversation, text, mentions, reply_to)
            }
            Action::Edit { id, conversation, message, text, mentions } => {
                self.edit(ctx, id, conversation, message, text, mentions)
            }
            Action::Delete { id, conversation, message } => self.delete(ctx, id, conversation, message),
            Action::React { id, conversation, message, emoji, on } => {
                check!(text::emoji(&emoji));
                check!(writable(ctx, conversation)?);
                let command =
                    Command::React(c::React { command: id, after: None, conversation, message, emoji, on });
                self.queue(ctx, command)
            }
            Action::MarkRead { conversation, seq } => {
                if self.mark_read(ctx, conversation, seq)? {
                    Ok(Ok(Reply::Done))
                } else {
                    Ok(refuse(Code::NotFound, "There is no such conversation."))
                }
            }
            Action::OpenDirect { user } => self.open_direct(ctx, &user),
            Action::CreateGroup { id, conversation, title, members } => {
                self.create_group(ctx, id, conversation, &title, &members)
            }
            Action::Hide { id, conversation, hidden } => {
                let Some(held) = ctx.cache.conversation(conversation)? else {
                    return Ok(refuse(Code::NotFound, "There is no such conversation."));
                };
                if !held.known {
                    return if hidden { drop_unwritten(ctx, conversation) } else { Ok(Ok(Reply::Done)) };
                }
                let hidden_seq = if hidden { held.last_seq } else { 0 };
                self.queue(ctx, Command::Hide(c::Hide { command: id, conversation, hidden_seq }))
            }
            Action::SetNotify { id, conversation, notify } => {
                check!(notify.check());
                let Some(held) = ctx.cache.conversation(conversation)? else {
                    return Ok(refuse(Code::NotFound, "There is no such conversation."));
                };
                if !held.known && ctx.cache.outbox_of(conversation)?.is_empty() {
                    return Ok(Err(unwritten()));
                }
                self.queue(ctx, Command::SetNotify(c::SetNotify { command: id, conversation, notify }))
            }
            Action::Block { id, user, blocked } => {
                self.queue(ctx, Command::Block(c::Block { command: id, user, blocked }))
            }
            Action::SetProfile { id, display_name, share_read } => {
                let display_name = match display_name {
                    Some(name) => Some(check!(text::display_name(&name))),
                    None => None,
                };
                let profile = c::SetProfile { command: id, display_name, share_read };
                self.queue(ctx, Command::SetProfile(profile))
            }
            Action::Retry { id } => self.retry(ctx, id),
            Action::Discard { id } => self.discard(ctx, id),
            group => self.group(ctx, group),
        }
    }

    /// What changes a group.
    fn group(&mut self, ctx: &mut Ctx<'_>, action: Action) -> Acted {
        let command = match action {
            Action::Rename { id, conversation, title } => {
                let title = check!(text::title(&title));
                Command::Rename(c::Rename { command: id, after: None, conversation, title })
            }
            Action::AddMembers { id, conversation, users } => {
                ctx.cache.put_users(&users)?;
                let users = users.into_iter().map(|user| user.id).collect();
                Command::AddMembers(c::AddMembers { command: id, after: None, conversation, users })
            }
            Action::RemoveMember { id, conversation, user } => {
                Command::RemoveMember(c::RemoveMember { command: id, after: None, conversation, user })
            }
            Action::Leave { id, conversation } => {
                Command::Leave(c::Leave { command: id, after: None, conversation })
            }
            Action::SetRole { id, conversation, user, role } => {
                Command::SetRole(c::SetRole { command: id, after: None, conversation, user, role })
            }
            // The others are dealt with by `act` and `store`.
            _ => return Ok(Ok(Reply::Done)),
        };
        if let Some(conversation) = command.conversation() {
            let held = check!(writable(ctx, conversation)?);
            if held.kind != Kind::Group {
                return Ok(refuse(Code::Forbidden, "This is for groups only."));
            }
        }
        self.queue(ctx, command)
    }

    /// Into the outbox. Asking twice with one id does nothing twice.
    fn queue(&mut self, ctx: &mut Ctx<'_>, command: Command) -> Acted {
        if let Some(conversation) = command.conversation() {
            ctx.touch(conversation);
        }
        if matches!(command, Command::Block(_)) {
            ctx.changed(Topic::People);
        }
        let entry = Entry { command, state: EntryState::New, at: ctx.now.wall_ms, resend: false };
        ctx.cache.outbox_push(&entry)?;
        self.outbox.dirty = true;
        ctx.changed(Topic::Session);
        ctx.changed(Topic::Conversations);
        Ok(Ok(Reply::Done))
    }

    fn send(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: MessageId,
        conversation: ConversationId,
        text: String,
        mentions: Vec<UserId>,
        reply_to: Option<MessageId>,
    ) -> Acted {
        if !id.is_v7() {
            return Ok(refuse(Code::Invalid, "A message's id is a UUIDv7."));
        }
        let known = ctx.cache.message(id)?.is_some() || ctx.cache.outbox_get(id.into())?.is_some();
        if known {
            // Asked again, by a tab that did not get its answer.
            return Ok(Ok(Reply::Done));
        }
        check!(text::message(&text));
        let held = check!(writable(ctx, conversation)?);
        let mentions = check!(self.mentions(mentions));
        let direct_with = (held.kind == Kind::Direct).then_some(held.peer).flatten();
        self.queue(
            ctx,
            Command::Send(c::Send {
                command: id.into(),
                after: None,
                conversation,
                direct_with,
                text,
                mentions,
                reply_to,
            }),
        )
    }

    fn mentions(&self, mut mentions: Vec<UserId>) -> std::result::Result<Vec<UserId>, ErrorBody> {
        let mut seen = std::collections::BTreeSet::new();
        mentions.retain(|user| seen.insert(*user));
        if mentions.len() > self.limits.mentions {
            let text = format!("A message mentions at most {} people.", self.limits.mentions);
            return Err(ErrorBody::new(Code::LimitReached, text));
        }
        Ok(mentions)
    }

    fn edit(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: CommandId,
        conversation: ConversationId,
        message: MessageId,
        text: String,
        mentions: Vec<UserId>,
    ) -> Acted {
        check!(text::message(&text));
        let mentions = check!(self.mentions(mentions));
        check!(writable(ctx, conversation)?);
        if let Some(mut entry) = ctx.cache.outbox_get(message.into())?
            && let Command::Send(send) = &mut entry.command
        {
            // Nobody has seen it yet: it is simply written anew, and tried again if it was refused.
            if entry.state != EntryState::Handed {
                send.text = text;
                send.mentions = mentions;
                let refused = matches!(entry.state, EntryState::Failed(_));
                entry.state = EntryState::New;
                ctx.cache.outbox_put(&entry)?;
                if refused {
                    return self.retry(ctx, message.into());
                }
                ctx.touch(conversation);
                self.outbox.dirty = true;
                return Ok(Ok(Reply::Done));
            }
        } else if let Some((_, held)) = ctx.cache.message(message)?
            && held.content.is_none()
        {
            return Ok(refuse(Code::NotFound, "This message was deleted."));
        }
        // Of several edits that still wait, the newest text is all that is left to send.
        for mut entry in ctx.cache.outbox_about(message)? {
            if entry.state == EntryState::New
                && let Command::Edit(edit) = &mut entry.command
                && edit.command != id
            {
                edit.text.clone_from(&text);
                edit.mentions.clone_from(&mentions);
                ctx.cache.outbox_put(&entry)?;
                ctx.touch(conversation);
                return Ok(Ok(Reply::Done));
            }
        }
        self.drop_refused(ctx, message, |command| matches!(command, Command::Edit(_)))?;
        let edit = c::Edit { command: id, after: None, conversation, message, text, mentions };
        self.queue(ctx, Command::Edit(edit))
    }

    fn delete(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: CommandId,
        conversation: ConversationId,
        message: MessageId,
    ) -> Acted {
        if let Some(entry) = ctx.cache.outbox_get(message.into())?
            && entry.state != EntryState::Handed
        {
            return self.discard(ctx, message.into());
        }
        check!(writable(ctx, conversation)?);
        self.drop_refused(ctx, message, |_| true)?;
        self.queue(ctx, Command::Delete(c::Delete { command: id, after: None, conversation, message }))
    }

    fn open_direct(&mut self, ctx: &mut Ctx<'_>, user: &User) -> Acted {
        let me = ctx.cache.account()?.user;
        let id = ConversationId::direct(me, user.id);
        if ctx.cache.user(user.id)?.is_none() {
            ctx.cache.put_users(std::slice::from_ref(user))?;
        }
        if ctx.cache.conversation(id)?.is_none() {
            let mut held = Conversation::local(id, Kind::Direct, String::new(), ctx.now.wall_ms);
            held.peer = Some(user.id);
            held.role = Some(Role::Member);
            held.members = if user.id == me { 1 } else { 2 };
            ctx.cache.put_conversation(&held)?;
            ctx.touch(id);
        }
        Ok(Ok(Reply::Opened(id)))
    }

    fn create_group(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: CommandId,
        conversation: ConversationId,
        title: &str,
        members: &[User],
    ) -> Acted {
        if ctx.cache.conversation(conversation)?.is_some() {
            return Ok(Ok(Reply::Opened(conversation)));
        }
        if !conversation.is_v7() || !id.is_v7() {
            return Ok(refuse(Code::Invalid, "A group's id is a UUIDv7."));
        }
        let title = check!(text::title(title));
        let me = ctx.cache.account()?.user;
        let others = others(members.iter().map(|user| user.id), me);
        if others.len() > self.limits.members_per_command {
            let message = format!("At most {} people at once.", self.limits.members_per_command);
            return Ok(refuse(Code::LimitReached, &message));
        }
        let mut held = Conversation::local(conversation, Kind::Group, title.clone(), ctx.now.wall_ms);
        held.role = Some(Role::Owner);
        held.members = u32::try_from(others.len() + 1).unwrap_or(1);
        ctx.cache.put_conversation(&held)?;
        ctx.cache.put_users(members)?;
        let row = |user: UserId, role: Role| Member { user, role: Some(role), rev: 0 };
        let mut rows = vec![row(me, Role::Owner)];
        rows.extend(others.iter().map(|user| row(*user, Role::Member)));
        ctx.cache.put_members(conversation, &rows)?;
        let group = c::CreateGroup { command: id, conversation, title, members: others };
        let queued = self.queue(ctx, Command::CreateGroup(group))?;
        Ok(queued.map(|_| Reply::Opened(conversation)))
    }
}

/// The conversation, if one is a member of it.
fn writable(ctx: &mut Ctx<'_>, id: ConversationId) -> Result<std::result::Result<Conversation, Problem>> {
    Ok(match ctx.cache.conversation(id)? {
        None => refuse(Code::NotFound, "There is no such conversation."),
        Some(held) if held.role.is_none() => {
            refuse(Code::Forbidden, "You are not a member of this conversation any more.")
        }
        Some(held) => Ok(held),
    })
}

/// A conversation that exists only here is not hidden, it ends.
fn drop_unwritten(ctx: &mut Ctx<'_>, id: ConversationId) -> Acted {
    if !ctx.cache.outbox_of(id)?.is_empty() {
        let message = "Something here waits to be sent. Send or discard it first.";
        return Ok(own("unsent_here", message));
    }
    ctx.cache.forget_conversation(id)?;
    ctx.touch(id);
    Ok(Ok(Reply::Done))
}
