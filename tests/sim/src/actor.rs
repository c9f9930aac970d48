//! What people do: something random with what their device shows them.

use crate::dice::{Dice, Random};
use crate::model::{Held, Model};
use crate::plan::Plan;
use confab_engine::{Action, EntryState};
use confab_protocol::{
    Command, CommandId, Content, ConversationId, Kind, Message, MessageId, Notify, NotifyLevel, Role, User,
    UserId,
};

const EMOJI: [&str; 5] = ["👍", "🎉", "❤️", "🤔", "👩‍👩‍👧"];

/// Who does something, with what.
pub struct Actor<'a> {
    /// Chance.
    pub dice: &'a mut Random,
    /// What the device holds.
    pub model: &'a Model,
    /// Everybody.
    pub people: &'a [User],
    /// The device's clock.
    pub wall_ms: u64,
    /// The run's plan.
    pub plan: &'a Plan,
    /// A number for texts, so that each is another.
    pub number: u64,
}

impl Actor<'_> {
    /// Something to do, if there is anything for the chosen kind of thing to be done with.
    pub fn act(&mut self) -> Option<Action> {
        let (id, held) = self.somewhere()?;
        match self.dice.up_to(99) {
            0..=34 => self.send(id, held),
            35..=39 => self.open_direct(),
            40..=47 => self.edit(id, held),
            48..=52 => self.delete(id, held),
            53..=63 => self.react(id, held),
            64..=74 => self.mark(id, held),
            75..=84 => self.group(id, held),
            85..=88 => self.refused(),
            89..=91 => self.load(id, held),
            92..=93 => self.watch(id),
            94 => Some(Action::Typing { conversation: id, on: self.dice.once_in(2) }),
            95 => Some(Action::SetNotify { id: self.command(), conversation: id, notify: self.notify() }),
            96 => Some(Action::Hide { id: self.command(), conversation: id, hidden: !self.dice.once_in(3) }),
            97 => self.block(),
            98 => self.profile(),
            _ if self.dice.once_in(2) => Some(Action::Devices),
            _ => Some(Action::FindUsers { query: "a".into() }),
        }
    }

    /// A conversation to do it in; one's own notes if there is none.
    fn somewhere(&mut self) -> Option<(ConversationId, Option<Held>)> {
        let me = self.model.account.user;
        let places: Vec<_> = self.model.conversations.iter().filter(|(_, held)| held.row.is_some()).collect();
        Some(match self.dice.pick(&places) {
            Some((id, held)) => (**id, Some(Held::clone(held))),
            None => (ConversationId::direct(me, me), None),
        })
    }

    fn notify(&mut self) -> Notify {
        let levels = [NotifyLevel::All, NotifyLevel::Mentions, NotifyLevel::Nothing];
        let level = self.dice.pick(&levels).copied().unwrap_or_default();
        Notify { level, muted_until: self.dice.up_to(1) * self.wall_ms }
    }

    fn command(&mut self) -> CommandId {
        CommandId(self.dice.uuid_v7(self.wall_ms))
    }

    fn text(&mut self) -> String {
        let long = self.dice.between(1, self.plan.text_chars) as usize;
        let mut text = format!("#{} ", self.number);
        while text.len() < long {
            text.push_str("ab c");
        }
        text
    }

    fn send(&mut self, conversation: ConversationId, held: Option<Held>) -> Option<Action> {
        let held = held?;
        let messages: Vec<&Message> = held.messages.values().collect();
        let reply_to = if self.dice.once_in(4) { self.dice.pick(&messages).map(|m| m.id) } else { None };
        let mentions =
            if self.dice.once_in(5) { self.person().map(|u| u.id).into_iter().collect() } else { vec![] };
        let id = MessageId(self.dice.uuid_v7(self.wall_ms));
        Some(Action::Send { id, conversation, text: self.text(), mentions, reply_to })
    }

    fn person(&mut self) -> Option<User> {
        self.dice.pick(self.people).cloned()
    }

    fn open_direct(&mut self) -> Option<Action> {
        Some(Action::OpenDirect { user: self.person()? })
    }

    /// A message to change: mostly an own one, held or still in the outbox.
    fn target(&mut self, held: &Held) -> Option<MessageId> {
        let me = self.model.account.user;
        let any = self.dice.once_in(10);
        let mut messages: Vec<MessageId> = held
            .messages
            .values()
            .filter(|m| any || (m.sender == me && matches!(m.content, Some(Content::Text { .. }))))
            .map(|m| m.id)
            .collect();
        messages.extend(self.model.outbox.iter().filter_map(|entry| match &entry.command {
            Command::Send(send) if Some(send.conversation) == held.row.as_ref().map(|row| row.id) => {
                Some(MessageId::from(send.command))
            }
            _ => None,
        }));
        self.dice.pick(&messages).copied()
    }

    fn edit(&mut self, conversation: ConversationId, held: Option<Held>) -> Option<Action> {
        let message = self.target(&held?)?;
        Some(Action::Edit { id: self.command(), conversation, message, text: self.text(), mentions: vec![] })
    }

    fn delete(&mut self, conversation: ConversationId, held: Option<Held>) -> Option<Action> {
        let message = self.target(&held?)?;
        Some(Action::Delete { id: self.command(), conversation, message })
    }

    fn react(&mut self, conversation: ConversationId, held: Option<Held>) -> Option<Action> {
        let held = held?;
        let messages: Vec<MessageId> = held.messages.values().map(|m| m.id).collect();
        let message = *self.dice.pick(&messages)?;
        let emoji = (*self.dice.pick(&EMOJI)?).to_owned();
        Some(Action::React { id: self.command(), conversation, message, emoji, on: !self.dice.once_in(3) })
    }

    fn mark(&mut self, conversation: ConversationId, held: Option<Held>) -> Option<Action> {
        let last = held?.row?.last_seq;
        Some(Action::MarkRead {
            conversation,
            seq: if self.dice.once_in(3) { self.dice.up_to(last) } else { last },
        })
    }

    fn load(&mut self, conversation: ConversationId, held: Option<Held>) -> Option<Action> {
        let held = held?;
        let row = held.row?;
        let (from, to) = held.ranges.holes(row.first_seq, row.last_seq).pop()?;
        Some(Action::Load { conversation, seq: self.dice.between(from, to) })
    }

    fn watch(&mut self, id: ConversationId) -> Option<Action> {
        let users = self.people.iter().map(|user| user.id).filter(|_| self.dice.once_in(2)).collect();
        let conversation = if self.dice.once_in(4) { None } else { Some(id) };
        Some(Action::Watch { conversation, users })
    }

    fn block(&mut self) -> Option<Action> {
        let user = self.person()?.id;
        Some(Action::Block { id: self.command(), user, blocked: self.dice.once_in(3) })
    }

    fn profile(&mut self) -> Option<Action> {
        let display_name = self.dice.once_in(2).then(|| format!("Name {}", self.number));
        let share_read = self.dice.once_in(2).then(|| !self.dice.once_in(3));
        Some(Action::SetProfile { id: self.command(), display_name, share_read })
    }

    fn refused(&mut self) -> Option<Action> {
        let refused: Vec<CommandId> = self
            .model
            .outbox
            .iter()
            .filter(|entry| matches!(entry.state, EntryState::Failed(_)) || self.number.is_multiple_of(7))
            .map(|entry| entry.command.id())
            .collect();
        let id = *self.dice.pick(&refused)?;
        Some(if self.dice.once_in(2) { Action::Retry { id } } else { Action::Discard { id } })
    }

    fn group(&mut self, conversation: ConversationId, held: Option<Held>) -> Option<Action> {
        let held = held.filter(|held| held.row.as_ref().is_some_and(|row| row.kind == Kind::Group));
        let Some(held) = held.filter(|_| !self.dice.once_in(5)) else { return self.create() };
        let id = self.command();
        if !self.plan.membership {
            return Some(Action::Rename { id, conversation, title: format!("Title {}", self.number) });
        }
        let members: Vec<UserId> = held.members.keys().copied().collect();
        Some(match self.dice.up_to(9) {
            0..=1 => Action::Rename { id, conversation, title: format!("Title {}", self.number) },
            2..=4 => Action::AddMembers { id, conversation, users: vec![self.person()?] },
            5..=6 => Action::RemoveMember { id, conversation, user: *self.dice.pick(&members)? },
            7 => Action::Leave { id, conversation },
            _ => {
                let role = *self.dice.pick(&[Role::Member, Role::Admin, Role::Owner])?;
                Action::SetRole { id, conversation, user: *self.dice.pick(&members)?, role }
            }
        })
    }

    fn create(&mut self) -> Option<Action> {
        let me = self.model.account.user;
        let members: Vec<User> = self.people.iter().filter(|u| u.id != me).cloned().collect();
        let members = members.into_iter().filter(|_| !self.dice.once_in(3)).collect();
        Some(Action::CreateGroup {
            id: self.command(),
            conversation: ConversationId(self.dice.uuid_v7(self.wall_ms)),
            title: format!("Group {}", self.number),
            members,
        })
    }
}
