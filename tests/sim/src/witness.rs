//! Sees everything: what people were told, what the relay was asked and answered, and every frame that it sent to
//! anybody. It knows nothing of how the two work, only what they promise.

use confab_engine::{Action, Entry, Problem, Reply};
use confab_protocol::frame::{RelayFrame, Request, parse_relay_frame, parse_request};
use confab_protocol::{Code, Command, CommandId, ConversationId, MessageId, Retry, UserId};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The relay's last word on a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Accepted.
    Accepted,
    /// Refused for good.
    Never,
    /// Put off.
    Later,
}

/// A message that a device's person was told to be safe.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Which device.
    pub device: usize,
    /// Where to.
    pub conversation: ConversationId,
    /// Its first text.
    pub text: String,
    /// Its place among all that this device accepted.
    pub order: u64,
}

/// Where a person stands in a conversation, by the relay's tables.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    /// They are a member.
    pub member: bool,
    /// If not: the last rev that is theirs to know.
    pub left_rev: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Witness {
    /// By id.
    pub sent: BTreeMap<MessageId, Sent>,
    /// By command.
    pub words: BTreeMap<CommandId, Word>,
    /// Commands that were ever refused for good, or tried again by a person.
    pub doubtful: BTreeSet<CommandId>,
    /// Conversations that there are, and who is or was in them.
    pub seats: BTreeMap<ConversationId, BTreeMap<UserId, Seat>>,
    /// What went wrong.
    pub wrong: Vec<String>,
    /// The relay was put back to a backup.
    pub forks: u64,
    /// Conversations that a device's person has left.
    pub left: BTreeSet<(usize, ConversationId)>,
    asked: BTreeMap<(u64, u64), CommandId>,
    touched: BTreeMap<MessageId, bool>,
    waiting: BTreeMap<u64, usize>,
    /// The most requests that one connection had waiting.
    pub most_waiting: usize,
    accepted: u64,
    marks: BTreeMap<(usize, ConversationId), (u64, u64)>,
}

impl Witness {
    /// A promise was broken.
    pub fn complain(&mut self, what: String) {
        if self.wrong.len() < 20 {
            self.wrong.push(what);
        }
    }

    /// A backup was put back. What was answered since it was made need not be true any more.
    pub fn forked(&mut self) {
        self.forks += 1;
        self.marks.clear();
    }

    /// A device shows these marks of its own. They only grow.
    pub fn marks(&mut self, device: usize, id: ConversationId, read: u64, delivered: u64) {
        let before = self.marks.insert((device, id), (read, delivered)).unwrap_or_default();
        if self.forks == 0 && (read < before.0 || delivered < before.1) {
            self.complain(format!(
                "device {device}: the marks in {id} went from {before:?} back to {:?}",
                (read, delivered)
            ));
        }
    }

    /// A person got an answer.
    pub fn told(&mut self, device: usize, action: &Action, result: &Result<Reply, Problem>) {
        if result.is_err() {
            return;
        }
        self.accepted += 1;
        match action {
            Action::Send { id, conversation, text, .. } => {
                let sent =
                    Sent { device, conversation: *conversation, text: text.clone(), order: self.accepted };
                self.sent.entry(*id).or_insert(sent);
            }
            Action::Leave { conversation, .. } => {
                self.left.insert((device, *conversation));
            }
            _ => {}
        }
    }

    /// A person asks for something. It may be done though they never hear of it.
    pub fn wanted(&mut self, device: usize, action: &Action, outbox: &[Entry]) {
        if let Action::Discard { id } = action
            && let Some(Command::CreateGroup(group)) =
                outbox.iter().find(|entry| entry.command.id() == *id).map(|entry| &entry.command)
        {
            // A group that never was goes with everything that was written in it.
            let place = group.conversation;
            let inside =
                self.sent.iter().filter(|(_, sent)| sent.device == device && sent.conversation == place);
            self.touched.extend(inside.map(|(id, _)| (*id, true)).collect::<Vec<_>>());
        }
        let (message, discarded) = match action {
            Action::Edit { message, .. } => (*message, false),
            Action::Delete { message, .. } => (*message, true),
            Action::Retry { id } => (MessageId::from(*id), false),
            Action::Discard { id } => (MessageId::from(*id), true),
            _ => return,
        };
        if let Action::Retry { id } = action {
            self.doubtful.insert(*id);
        }
        let touched = self.touched.entry(message).or_default();
        *touched |= discarded;
    }

    /// Somebody wanted to change a message; `Some(true)` if they wanted it gone.
    pub fn touched(&self, message: MessageId) -> Option<bool> {
        self.touched.get(&message).copied()
    }

    /// A frame reached the relay.
    pub fn asked(&mut self, link: u64, text: &str) {
        match parse_request(text) {
            Ok((Some(id), request)) => {
                let waiting = self.waiting.entry(link).or_default();
                *waiting += 1;
                self.most_waiting = self.most_waiting.max(*waiting);
                if let Request::Command(command) = request {
                    self.asked.insert((link, id), command.id());
                }
            }
            Ok((None, _)) => {}
            Err(bad) => self.complain(format!("the engine sent what is no request: {bad:?} {text}")),
        }
    }

    /// The relay sends a frame to a device of this user.
    pub fn answered(&mut self, link: u64, user: UserId, text: &str) {
        self.must_not_know(user, text);
        let (id, word) = match parse_relay_frame(text) {
            // Another device sent this message again, after a fork, as it was before an edit. That says nothing of
            // what became of the message.
            Ok(RelayFrame::Error { id, error }) if error.code == Code::IdReused && self.forks > 0 => {
                (id, Word::Later)
            }
            Ok(RelayFrame::Ok { id, .. }) => (id, Word::Accepted),
            Ok(RelayFrame::Error { id, error }) => {
                (id, if error.retry == Retry::Never { Word::Never } else { Word::Later })
            }
            Ok(RelayFrame::Push(_)) => return,
            Err(error) => return self.complain(format!("the relay sent what is no frame: {error} {text}")),
        };
        if let Some(waiting) = self.waiting.get_mut(&link) {
            *waiting = waiting.saturating_sub(1);
        }
        let Some(command) = self.asked.remove(&(link, id)) else { return };
        if word == Word::Never {
            self.doubtful.insert(command);
        }
        if word == Word::Later && self.words.contains_key(&command) {
            return;
        }
        let before = self.words.insert(command, word);
        if before == Some(Word::Accepted) && word == Word::Never && self.forks == 0 {
            self.complain(format!("{command} was accepted, then refused: {text}"));
        }
    }

    /// A connection is gone.
    pub fn closed(&mut self, link: u64) {
        self.asked.retain(|(other, _), _| *other != link);
        self.waiting.remove(&link);
    }

    /// Nobody is told of what is none of their business.
    fn must_not_know(&mut self, user: UserId, text: &str) {
        let mut wrong = Vec::new();
        let mut parsed = None;
        for (id, seats) in &self.seats {
            match seats.get(&user) {
                Some(seat) if seat.member => {}
                None => {
                    if text.contains(&id.to_string()) {
                        wrong
                            .push(format!("{user} was told of {id}, where they never were a member: {text}"));
                    }
                }
                Some(seat) => {
                    let id = id.to_string();
                    if !text.contains(&id) {
                        continue;
                    }
                    let value =
                        parsed.get_or_insert_with(|| serde_json::from_str(text).unwrap_or(Value::Null));
                    if let Some(rev) = newest_rev(value, &id).filter(|rev| *rev > seat.left_rev) {
                        wrong.push(format!(
                            "{user} left {id} at rev {} and was told of rev {rev}: {text}",
                            seat.left_rev
                        ));
                    }
                }
            }
        }
        wrong.into_iter().for_each(|line| self.complain(line));
    }
}

/// The newest rev that a frame tells of a conversation, however deep it stands.
fn newest_rev(value: &Value, id: &str) -> Option<u64> {
    match value {
        Value::Object(fields) => {
            let inner = fields.values().filter_map(|value| newest_rev(value, id)).max();
            let own = (fields.get("conversation").and_then(Value::as_str) == Some(id))
                .then(|| {
                    let number = |key| fields.get(key).and_then(Value::as_u64);
                    number("to").max(number("rev"))
                })
                .flatten();
            inner.max(own)
        }
        Value::Array(items) => {
            // "behind" tells pairs of a conversation and its rev.
            let pair = match items.as_slice() {
                [Value::String(place), Value::Number(rev)] if place == id => rev.as_u64(),
                _ => None,
            };
            items.iter().filter_map(|value| newest_rev(value, id)).max().max(pair)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_tap_finds_what_must_not_be_told() {
        let user = UserId(Uuid::from_u128(1));
        let id = ConversationId(Uuid::from_u128(2));
        let mut witness = Witness::default();
        witness.seats.insert(id, BTreeMap::from([(user, Seat { member: false, left_rev: 7 })]));
        let delta =
            |to: u64| format!(r#"{{"push":"delta","body":{{"conversation":"{id}","from":6,"to":{to}}}}}"#);
        witness.answered(1, user, &delta(7));
        assert_eq!(witness.wrong, Vec::<String>::new());
        witness.answered(1, user, &delta(8));
        assert_eq!(witness.wrong.len(), 1);
        witness.answered(1, user, &format!(r#"{{"push":"behind","body":{{"conversations":[["{id}",9]]}}}}"#));
        assert_eq!(witness.wrong.len(), 2);
        witness.answered(1, UserId(Uuid::from_u128(3)), &delta(1));
        assert_eq!(witness.wrong.len(), 3);
    }
}
