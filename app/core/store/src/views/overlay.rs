//! What the outbox lays over a conversation's messages while a view is read.

use crate::error::Result;
use crate::rows;
use crate::view::{PendingChange, PendingMember};
use confab_engine::{Entry, EntryState};
use confab_protocol::command::Send;
use confab_protocol::{Command, Content, ConversationId, Message, MessageId, Reaction, Role, UserId};
use rusqlite::Connection;
use std::collections::HashMap;

/// The outbox of one conversation.
pub(super) struct Overlay {
    /// Messages that wait or were refused, in local order.
    pub sends: Vec<(Send, EntryState, u64)>,
    changes: HashMap<MessageId, Vec<Entry>>,
}

impl Overlay {
    pub fn read(db: &Connection, account: i64, conversation: ConversationId) -> Result<Self> {
        let mut overlay = Self { sends: Vec::new(), changes: HashMap::new() };
        for entry in rows::outbox::of(db, account, conversation)? {
            if let Command::Send(send) = entry.command {
                overlay.sends.push((send, entry.state, entry.at));
            } else if let Some(message) = confab_engine::cache::target(&entry.command) {
                overlay.changes.entry(message).or_default().push(entry);
            }
        }
        Ok(overlay)
    }

    /// Lays own changes over a message. What comes back is the one to show: a refused one before one that waits.
    pub fn apply(&self, message: &mut Message, me: UserId) -> (bool, Option<PendingChange>) {
        let mut edited = false;
        let mut shown: Option<PendingChange> = None;
        for entry in self.changes.get(&message.id).into_iter().flatten() {
            let refused = match &entry.state {
                EntryState::Failed(problem) => Some(problem),
                _ => None,
            };
            let op = match &entry.command {
                Command::Edit(edit) => {
                    if refused.is_none() && message.content.is_some() {
                        message.content =
                            Some(Content::Text { text: edit.text.clone(), mentions: edit.mentions.clone() });
                        edited = true;
                    }
                    "edit"
                }
                Command::Delete(_) => {
                    if refused.is_none() {
                        message.content = None;
                        message.reactions.clear();
                    }
                    "delete"
                }
                Command::React(react) => {
                    if refused.is_none() && message.content.is_some() {
                        lay_reaction(&mut message.reactions, &react.emoji, me, react.on);
                    }
                    "react"
                }
                _ => continue,
            };
            let worth_more = shown.as_ref().is_none_or(|shown| shown.problem.is_none());
            if worth_more {
                shown = Some(PendingChange {
                    command: entry.command.id(),
                    op: op.to_owned(),
                    problem: refused.map(Into::into),
                });
            }
        }
        (edited, shown)
    }
}

/// A member as a screen shows them.
pub(super) type Seat = (UserId, Role, Option<PendingMember>);

/// Lays what waits over the members: who is to come stands there already, who is to go still does.
pub(super) fn members(held: Vec<(UserId, Role)>, entries: &[Entry], me: UserId) -> Vec<Seat> {
    let mut seats: Vec<Seat> = held.into_iter().map(|(user, role)| (user, role, None)).collect();
    let change = |seats: &mut Vec<Seat>, user: UserId, role: Option<Role>, pending: PendingMember| {
        if let Some(seat) = seats.iter_mut().find(|seat| seat.0 == user) {
            seat.1 = role.unwrap_or(seat.1);
            // Who is not in yet stays one who is to come.
            if seat.2 != Some(PendingMember::Adding) || pending == PendingMember::Removing {
                seat.2 = Some(pending);
            }
        }
    };
    for entry in entries.iter().filter(|entry| !matches!(entry.state, EntryState::Failed(_))) {
        match &entry.command {
            Command::AddMembers(add) => {
                for user in &add.users {
                    let come = (*user, Role::Member, Some(PendingMember::Adding));
                    match seats.iter_mut().find(|seat| seat.0 == *user) {
                        Some(seat) if seat.2 == Some(PendingMember::Removing) => *seat = come,
                        Some(_) => {}
                        None => seats.push(come),
                    }
                }
            }
            Command::RemoveMember(remove) => change(&mut seats, remove.user, None, PendingMember::Removing),
            Command::Leave(_) => change(&mut seats, me, None, PendingMember::Removing),
            Command::SetRole(set) => {
                if set.role == Role::Owner {
                    // Handing over makes an admin of oneself.
                    change(&mut seats, me, Some(Role::Admin), PendingMember::Role);
                }
                change(&mut seats, set.user, Some(set.role), PendingMember::Role);
            }
            _ => {}
        }
    }
    seats
}

/// Puts one's own reaction among the others or takes it back.
fn lay_reaction(reactions: &mut Vec<Reaction>, emoji: &str, me: UserId, on: bool) {
    match reactions.iter_mut().find(|reaction| reaction.emoji == emoji) {
        Some(reaction) => {
            reaction.users.retain(|user| *user != me);
            if on {
                reaction.users.push(me);
            }
        }
        None if on => reactions.push(Reaction { emoji: emoji.to_owned(), users: vec![me] }),
        None => {}
    }
    reactions.retain(|reaction| !reaction.users.is_empty());
}

#[cfg(test)]
mod tests {
    use super::*;
    use confab_engine::Problem;
    use confab_protocol::command::{AddMembers, Leave, RemoveMember, SetRole};
    use confab_protocol::{Code, CommandId, ErrorBody};
    use uuid::Uuid;

    const ME: u128 = 1;

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    /// What is shown of the owner 1, the admin 2 and the member 3 with these commands over them.
    fn seats(commands: Vec<Command>) -> Vec<(u128, Role, Option<PendingMember>)> {
        let entries: Vec<Entry> = commands
            .into_iter()
            .map(|command| Entry { command, state: EntryState::New, at: 0, resend: false })
            .collect();
        laid(&entries)
    }

    fn laid(entries: &[Entry]) -> Vec<(u128, Role, Option<PendingMember>)> {
        let held = vec![(user(ME), Role::Owner), (user(2), Role::Admin), (user(3), Role::Member)];
        members(held, entries, user(ME))
            .into_iter()
            .map(|(user, role, pending)| (user.0.as_u128(), role, pending))
            .collect()
    }

    const COMMAND: CommandId = CommandId(Uuid::from_u128(90));
    const GROUP: ConversationId = ConversationId(Uuid::from_u128(91));

    fn add(users: &[u128]) -> Command {
        let users = users.iter().map(|n| user(*n)).collect();
        Command::AddMembers(AddMembers { command: COMMAND, after: None, conversation: GROUP, users })
    }

    fn remove(n: u128) -> Command {
        Command::RemoveMember(RemoveMember {
            command: COMMAND,
            after: None,
            conversation: GROUP,
            user: user(n),
        })
    }

    fn role(n: u128, role: Role) -> Command {
        Command::SetRole(SetRole { command: COMMAND, after: None, conversation: GROUP, user: user(n), role })
    }

    #[test]
    fn who_is_added_stands_there_once_and_who_was_there_before_is_as_they_were() {
        let shown = seats(vec![add(&[3, 4]), add(&[4])]);
        assert_eq!(shown[2..], [(3, Role::Member, None), (4, Role::Member, Some(PendingMember::Adding))]);
    }

    #[test]
    fn who_is_to_come_stays_so_with_a_role_and_goes_with_a_removal() {
        let shown = seats(vec![add(&[4]), role(4, Role::Admin)]);
        assert_eq!(shown[3], (4, Role::Admin, Some(PendingMember::Adding)));
        let shown = seats(vec![add(&[4]), remove(4)]);
        assert_eq!(shown[3], (4, Role::Member, Some(PendingMember::Removing)));
    }

    #[test]
    fn who_is_removed_and_added_again_is_to_come() {
        let shown = seats(vec![remove(2), add(&[2])]);
        assert_eq!(shown[1], (2, Role::Member, Some(PendingMember::Adding)));
    }

    #[test]
    fn handing_over_changes_two_and_leaving_oneself() {
        let leave = Command::Leave(Leave { command: COMMAND, after: None, conversation: GROUP });
        let shown = seats(vec![role(2, Role::Owner), leave]);
        assert_eq!(
            shown,
            [
                (ME, Role::Admin, Some(PendingMember::Removing)),
                (2, Role::Owner, Some(PendingMember::Role)),
                (3, Role::Member, None),
            ]
        );
    }

    #[test]
    fn what_was_refused_is_laid_over_nobody() {
        let problem = Problem::from(ErrorBody::new(Code::Forbidden, "no"));
        let refused = Entry { command: remove(3), state: EntryState::Failed(problem), at: 0, resend: false };
        assert_eq!(laid(&[refused])[2], (3, Role::Member, None));
    }
}
