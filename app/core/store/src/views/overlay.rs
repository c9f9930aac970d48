//! What the outbox lays over a conversation's messages while a view is read.

use crate::error::Result;
use crate::rows;
use crate::view::PendingChange;
use confab_engine::{Entry, EntryState};
use confab_protocol::command::Send;
use confab_protocol::{Command, Content, ConversationId, Message, MessageId, Reaction, UserId};
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
