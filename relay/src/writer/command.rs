//! A command: known? -> after its predecessor? -> decide -> store -> tell.

use super::apply::{Applied, Context, apply};
use super::batch::{Core, Told};
use super::facts::{self, Caller};
use crate::hub::FrameText;
use crate::hub::connection::Connection;
use crate::hub::event::{Event, Receivers};
use crate::rules::{self, Change, Seat};
use crate::store::chat::{ConversationKey, ConversationRow, KnownCommand, UserKey};
use crate::store::{Result as StoreResult, StoreError};
use confab_protocol::command::{CreateGroup, Send};
use confab_protocol::frame::{self, EncodedDelta};
use confab_protocol::sync::Push;
use confab_protocol::{Ack, Code, Command, CommandId, ConversationId, ErrorBody, Kind, Role, UserId};
use std::collections::HashMap;
use std::sync::Arc;

/// Where a command came from.
pub(super) struct Origin<'a> {
    pub from: &'a Arc<Connection>,
    pub id: Option<u64>,
    pub caller: Caller,
    pub command: CommandId,
    pub fingerprint: [u8; 16],
}

/// A decision about a conversation, and what is needed to carry it out.
pub(super) struct Decided {
    pub change: Change,
    /// Rows of users who have no seat yet.
    pub newcomers: HashMap<UserId, Seat<UserKey>>,
    /// The conversation is new.
    pub is_new: bool,
}

pub(super) type Decision = Result<Decided, ErrorBody>;

impl From<Change> for Decided {
    fn from(change: Change) -> Self {
        Self { change, newcomers: HashMap::new(), is_new: false }
    }
}

impl Core {
    /// Does what a command says, or refuses it without a trace.
    pub(super) fn command(
        &mut self,
        from: &Arc<Connection>,
        id: Option<u64>,
        command: &Command,
    ) -> StoreResult<()> {
        let (Some((key, _)), Some(fingerprint)) = (from.rows(), command.fingerprint()) else {
            self.refuse(from, id, &ErrorBody::new(Code::Unauthenticated, "Say hello first."));
            return Ok(());
        };
        let caller = Caller { user: from.user, key };
        let origin = Origin { from, id, caller, command: command.id(), fingerprint };
        if let Some(known) = self.writes.known_command(command.id())? {
            self.replay(&origin, &known);
            return Ok(());
        }
        if let Some(error) = self.out_of_turn(command, key)? {
            self.refuse(from, id, &error);
            return Ok(());
        }
        match command.conversation() {
            Some(conversation) if !matches!(command, Command::Hide(_) | Command::SetNotify(_)) => {
                match self.decide(caller, command, conversation)? {
                    Ok(decided) => self.carry_out(&origin, command, conversation, decided),
                    Err(error) => {
                        self.refuse(from, id, &error);
                        Ok(())
                    }
                }
            }
            _ => self.personal(&origin, command),
        }
    }

    /// Sent again: its first result, whatever has changed since.
    fn replay(&mut self, origin: &Origin<'_>, known: &KnownCommand) {
        if known.user != origin.caller.key || known.fingerprint != Some(origin.fingerprint) {
            let error =
                ErrorBody::new(Code::IdReused, "This command's id was already used for something else.");
            self.refuse(origin.from, origin.id, &error);
            return;
        }
        let ack =
            Ack { command: origin.command, seq: known.seq, rev: known.rev, replayed: true, delta: None };
        self.acknowledge(origin, &ack);
    }

    fn out_of_turn(&self, command: &Command, caller: UserKey) -> StoreResult<Option<ErrorBody>> {
        if !command.id().is_v7() {
            return Ok(Some(ErrorBody::new(Code::Invalid, "'command' is not a UUIDv7.")));
        }
        let Some(after) = command.after() else { return Ok(None) };
        let known = self.writes.known_command(after)?;
        if known.is_some_and(|known| known.user == caller) {
            return Ok(None);
        }
        Ok(Some(ErrorBody::new(
            Code::PredecessorMissing,
            "The command that this one follows has not arrived. Send that one first.",
        )))
    }

    fn decide(&mut self, caller: Caller, command: &Command, id: ConversationId) -> StoreResult<Decision> {
        match command {
            Command::CreateGroup(create) => return self.decide_create(caller, create),
            Command::Send(send) if send.direct_with.is_some() => {
                if let Some(decision) = self.decide_first(caller, send)? {
                    return Ok(decision);
                }
            }
            _ => {}
        }
        let now = self.now;
        let Some(conversation) = self.conversations.get(&*self.writes, id)? else {
            return Ok(Err(rules::no_conversation()));
        };
        let writes = &*self.writes;
        let user = caller.user;
        if let Err(error) = conversation.place().role_of(user) {
            return Ok(Err(error));
        }
        let ruling = match command {
            Command::Send(send) => {
                let blocks = facts::blocks(writes, conversation, user)?;
                let reply = facts::message(writes, conversation, send.reply_to)?;
                rules::messages::send(&conversation.place(), user, send, reply.as_ref(), blocks)
            }
            Command::Edit(edit) => {
                let blocks = facts::blocks(writes, conversation, user)?;
                let message = facts::message(writes, conversation, Some(edit.message))?;
                rules::messages::edit(&conversation.place(), user, edit, message.as_ref(), blocks, now)
            }
            Command::Delete(delete) => {
                let message = facts::message(writes, conversation, Some(delete.message))?;
                rules::messages::delete(&conversation.place(), user, delete, message.as_ref())
            }
            Command::React(react) => {
                let blocks = facts::blocks(writes, conversation, user)?;
                let message = facts::message(writes, conversation, Some(react.message))?;
                rules::reactions::react(&conversation.place(), user, react, message.as_ref(), blocks)
            }
            Command::Rename(rename) => rules::groups::rename(&conversation.place(), user, rename),
            Command::RemoveMember(remove) => rules::groups::remove(&conversation.place(), user, remove),
            Command::Leave(leave) => rules::groups::leave(&conversation.place(), user, leave),
            Command::SetRole(set) => rules::groups::set_role(&conversation.place(), user, set),
            Command::AddMembers(add) => {
                let wanted = match rules::groups::wanted(&conversation.place(), user, add) {
                    Ok(wanted) => wanted,
                    Err(error) => return Ok(Err(error)),
                };
                let (candidates, newcomers) = self.candidates(caller, &wanted)?;
                return Ok(rules::groups::add(&candidates).map(|change| Decided {
                    change,
                    newcomers,
                    is_new: false,
                }));
            }
            Command::CreateGroup(_)
            | Command::Hide(_)
            | Command::SetNotify(_)
            | Command::Block(_)
            | Command::SetProfile(_) => {
                Err(ErrorBody::new(Code::Internal, "The relay mistook this command for another."))
            }
        };
        Ok(ruling.map(Decided::from))
    }

    fn decide_create(&mut self, caller: Caller, create: &CreateGroup) -> StoreResult<Decision> {
        let wanted = match rules::groups::wanted_at_first(caller.user, create) {
            Ok(wanted) => wanted,
            Err(error) => return Ok(Err(error)),
        };
        if self.exists(create.conversation)? {
            return Ok(Err(ErrorBody::new(
                Code::IdReused,
                "This conversation's id was already used for something else.",
            )));
        }
        let (candidates, mut newcomers) = self.candidates(caller, &wanted)?;
        let change = match rules::groups::create(caller.user, create, &candidates) {
            Ok(change) => change,
            Err(error) => return Ok(Err(error)),
        };
        newcomers.extend(self.candidates(caller, &[caller.user])?.1);
        Ok(Ok(Decided { change, newcomers, is_new: true }))
    }

    /// A send that may be the first of a direct conversation; `None` if the conversation is there already.
    fn decide_first(&mut self, caller: Caller, send: &Send) -> StoreResult<Option<Decision>> {
        let Some(other) = send.direct_with else { return Ok(None) };
        if let Err(error) = rules::messages::is_direct(send, caller.user, other) {
            return Ok(Some(Err(error)));
        }
        if self.exists(send.conversation)? {
            return Ok(None);
        }
        let mut both = vec![caller.user];
        if other != caller.user {
            both.push(other);
        }
        let (candidates, newcomers) = self.candidates(caller, &both)?;
        if candidates.iter().any(|candidate| !candidate.exists) {
            return Ok(Some(Err(ErrorBody::new(Code::NotFound, "There is no such person on this relay."))));
        }
        // The rules see the conversation as it will be.
        let (mut seats, mut blocks) = (newcomers.clone(), rules::messages::Blocks::default());
        for (user, seat) in &mut seats {
            seat.role = Some(Role::Member);
            if *user != caller.user {
                blocks.by_caller = self.writes.is_blocked(caller.key, seat.key)?;
                blocks.by_peer = self.writes.is_blocked(seat.key, caller.key)?;
            }
        }
        let place = rules::Place { kind: Kind::Direct, title: "", members: both.len(), seats: &seats };
        let ruling = rules::messages::send(&place, caller.user, send, None, blocks);
        Ok(Some(ruling.map(|mut change| {
            change.roles = both.iter().map(|user| (*user, Some(Role::Member))).collect();
            Decided { change, newcomers, is_new: true }
        })))
    }

    /// Stores the change and tells everyone whom it concerns.
    fn carry_out(
        &mut self,
        origin: &Origin<'_>,
        command: &Command,
        id: ConversationId,
        decided: Decided,
    ) -> StoreResult<()> {
        let commit = self.commit();
        if decided.is_new {
            self.make(id, commit)?;
        }
        let is_send = matches!(command, Command::Send(_));
        let context = Context {
            writes: &*self.writes,
            run: self.run,
            source: &*self.source,
            commit,
            now: self.now,
            caller: origin.caller.user,
            newcomers: &decided.newcomers,
            sent: is_send.then(|| (origin.command.into(), origin.fingerprint)),
        };
        let is_empty = decided.change.is_empty();
        let Some(conversation) = self.conversations.get(&*self.writes, id)? else {
            return Err(StoreError::Failed("a conversation vanished while it was changed".into()));
        };
        let applied = apply(&context, conversation, decided.change)?;
        let key = conversation.key();
        let receivers = Arc::clone(&conversation.receivers);
        let rows: Vec<(UserId, UserKey)> = applied
            .joined
            .iter()
            .filter_map(|user| Some((*user, conversation.seats.get(user)?.key)))
            .collect();
        if !is_send {
            let rev = Some(applied.delta.to);
            self.writes.record_command(origin.command, origin.caller.key, origin.fingerprint, rev)?;
        }
        self.changed = true;
        if !is_empty {
            self.conversations.touch(id);
        }
        let told = Outcome { key, receivers, rows, is_empty, leaves: matches!(command, Command::Leave(_)) };
        self.tell(origin, told, applied)
    }

    /// A new conversation, empty so far.
    fn make(&mut self, id: ConversationId, commit: u64) -> StoreResult<()> {
        let kind = if id.is_v7() { Kind::Group } else { Kind::Direct };
        let mut row = ConversationRow {
            key: ConversationKey(0),
            id,
            kind,
            title: String::new(),
            title_rev: 0,
            created_at: self.now,
            rev: 0,
            seq: 0,
            first_seq: 1,
            lineage: 0,
            members: 0,
            commit,
        };
        row.key = self.writes.insert_conversation(&row)?;
        self.conversations.put(row, HashMap::new());
        Ok(())
    }

    /// Heads to those who are new, the delta to the members, the removal to those who went, and the acknowledgement.
    fn tell(&mut self, origin: &Origin<'_>, outcome: Outcome, applied: Applied) -> StoreResult<()> {
        let Applied { seq, delta, left, .. } = applied;
        let (conversation, rev) = (delta.conversation, delta.to);
        for (user, key) in outcome.rows {
            self.told.push(Told::Head { user, key, conversation: outcome.key, except: None });
        }
        let encoded = EncodedDelta::new(&delta).map_err(|error| StoreError::Failed(error.to_string()))?;
        let except = origin.id.map(|_| origin.from.id);
        if !outcome.is_empty {
            let receivers = Receivers::Many(outcome.receivers);
            let text = encoded.push(self.commit()).into();
            self.told.push(Told::Event(Event::Delta { conversation, rev, receivers, except, text }));
        }
        for user in left {
            let text = crate::hub::encode_at(self.commit(), &Push::Removed { conversation });
            let except = if outcome.leaves { except } else { None };
            self.told.push(Told::Event(Event::Must { receivers: Receivers::One(user), except, text }));
            self.told.push(Told::Event(Event::Left { user, conversation }));
        }
        let ack = Ack { command: origin.command, seq, rev: Some(rev), replayed: false, delta: None };
        match origin.id {
            Some(id) if !outcome.leaves => {
                let full: FrameText = encoded
                    .ack(id, &ack, self.commit())
                    .map_err(|error| StoreError::Failed(error.to_string()))?
                    .into();
                let to = Arc::clone(origin.from);
                self.told.push(Told::Event(Event::Ack {
                    to,
                    full,
                    id,
                    command: ack.command,
                    seq,
                    conversation,
                    rev,
                }));
            }
            _ => self.acknowledge(origin, &ack),
        }
        Ok(())
    }

    /// An acknowledgement that holds no delta. It is stamped as a delta is, so that what it told is not taken for
    /// undone by none; where this batch stores nothing (a command sent again), there is no commit to name.
    pub(super) fn acknowledge(&mut self, origin: &Origin<'_>, ack: &Ack) {
        let stamp = |text: String| if self.changed { frame::stamped(self.commit(), &text) } else { text };
        let text = origin.id.map(|id| stamp(frame::answer(id, ack).unwrap_or_default()).into());
        self.told.push(Told::Event(Event::Answer { to: Arc::clone(origin.from), text }));
    }
}

/// What is to be told about, besides the delta.
struct Outcome {
    key: ConversationKey,
    receivers: Arc<[UserId]>,
    /// Those who are new.
    rows: Vec<(UserId, UserKey)>,
    is_empty: bool,
    leaves: bool,
}
