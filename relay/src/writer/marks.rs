//! Marks: gathered for a moment, merged by maximum, then stored and told together.

use super::batch::{Core, Told, refusal};
use crate::hub::FrameText;
use crate::hub::connection::Connection;
use crate::hub::event::{Event, Receivers};
use crate::rules;
use crate::store::Result as StoreResult;
use crate::store::chat::UserKey;
use confab_protocol::sync::{MarkRequest, Push};
use confab_protocol::{ConversationId, ErrorBody, Mark, UserId, frame, limits};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long marks are gathered, in milliseconds.
const GATHER_MS: u64 = 80;
/// Most marks that are gathered; one more and they are stored at once.
const GATHERED: usize = 4096;

/// One person's marks in one conversation, as asked.
struct Asked {
    key: UserKey,
    read: u64,
    delivered: u64,
    /// Who waits for an answer.
    waiting: Vec<(Arc<Connection>, Option<u64>)>,
}

impl Asked {
    /// The connection that asked all of it and so need not be told; `None` if several of the person's devices did.
    fn only_asker(&self) -> Option<u64> {
        let (first, _) = self.waiting.first()?;
        self.waiting.iter().all(|(connection, _)| connection.id == first.id).then_some(first.id)
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Marks {
    asked: BTreeMap<(ConversationId, UserId), Asked>,
    /// When they are to be stored.
    due_at: Option<u64>,
    /// Taken for the batch that runs; answered when it is durable or has failed.
    stored: Vec<Asked>,
}

impl Marks {
    /// How long until the gathered marks are to be stored; `None` if there are none.
    pub fn due_in_ms(&self, now: u64) -> Option<u64> {
        self.due_at.map(|due| due.saturating_sub(now).min(GATHER_MS))
    }

    /// A batch begins: what the one before stored has been answered.
    pub fn begin(&mut self) {
        self.stored.clear();
    }

    /// Stores with the next batch what has been gathered.
    pub fn hurry(&mut self) {
        self.due_at = self.due_at.map(|_| 0);
    }

    /// Answers those whose marks could not be stored.
    pub fn refuse(&mut self, error: &ErrorBody) {
        for (connection, id) in self.stored.drain(..).flat_map(|asked| asked.waiting) {
            connection.push_answer(refusal(id, error));
        }
    }
}

/// A mark that has moved.
struct Moved {
    mark: Mark,
    share_read: bool,
    read_moved: bool,
    key: UserKey,
    except: Option<u64>,
}

impl Core {
    /// Gathers a mark.
    pub(super) fn mark(&mut self, from: &Arc<Connection>, id: Option<u64>, request: &MarkRequest) {
        let Some((key, _)) = from.rows() else { return };
        let asked = self.marks.asked.entry((request.conversation, from.user)).or_insert_with(|| Asked {
            key,
            read: 0,
            delivered: 0,
            waiting: Vec::new(),
        });
        asked.read = asked.read.max(request.read.unwrap_or(0));
        // What has been read has been received.
        asked.delivered = asked.delivered.max(request.delivered.unwrap_or(0)).max(asked.read);
        asked.waiting.push((Arc::clone(from), id));
        self.marks.due_at.get_or_insert(self.now + GATHER_MS);
    }

    /// Stores the gathered marks if it is time.
    pub(super) fn store_marks(&mut self) -> StoreResult<()> {
        // One that is further away than any can be was set before the clock was set back.
        let is_due = self.marks.due_at.is_some_and(|due| due <= self.now || due > self.now + GATHER_MS);
        if !is_due && self.marks.asked.len() < GATHERED {
            return Ok(());
        }
        self.marks.due_at = None;
        let mut moved: Vec<(ConversationId, Moved)> = Vec::new();
        for ((conversation, user), asked) in std::mem::take(&mut self.marks.asked) {
            let result = self.store_mark(conversation, user, &asked)?;
            for (connection, id) in &asked.waiting {
                match &result {
                    Err(error) => self.refuse(connection, *id, error),
                    Ok(_) => {
                        let text =
                            id.map(|id| frame::answer(id, &frame::Nothing {}).unwrap_or_default().into());
                        self.told.push(Told::Event(Event::Answer { to: Arc::clone(connection), text }));
                    }
                }
            }
            self.marks.stored.push(asked);
            if let Ok(Some(mark)) = result {
                moved.push((conversation, mark));
            }
        }
        for group in moved.chunk_by(|a, b| a.0 == b.0) {
            self.tell_marks(group)?;
        }
        Ok(())
    }

    fn store_mark(
        &mut self,
        id: ConversationId,
        user: UserId,
        asked: &Asked,
    ) -> StoreResult<Result<Option<Moved>, ErrorBody>> {
        let commit = self.commit();
        let Some(conversation) = self.conversations.get(&*self.writes, id)? else {
            return Ok(Err(rules::no_conversation()));
        };
        if let Err(error) = conversation.place().role_of(user) {
            return Ok(Err(error));
        }
        let seq = conversation.row.seq;
        let share_read = conversation.seats.get(&user).is_some_and(|seat| seat.share_read);
        let (read, delivered) = (asked.read.min(seq), asked.delivered.min(seq));
        let advanced = self.writes.advance_mark(conversation.key(), asked.key, read, delivered, commit)?;
        self.changed |= advanced.is_some();
        if advanced.is_some() && conversation.receivers.len() <= limits::RECEIPT_MEMBERS {
            // The others see this mark in their heads: one who is away learns of it at the next welcome.
            conversation.row.commit = commit;
            self.conversations.touch(id);
        }
        Ok(Ok(advanced.map(|mark| Moved {
            mark,
            share_read,
            // The mark stands where it was asked to, so it was this that moved it, or it stood there before.
            read_moved: read > 0 && mark.read == read,
            key: asked.key,
            except: asked.only_asker(),
        })))
    }

    /// Tells the other members, where marks are shared, and the persons' own other devices in any case.
    fn tell_marks(&mut self, moved: &[(ConversationId, Moved)]) -> StoreResult<()> {
        let Some((id, first)) = moved.first() else { return Ok(()) };
        let commit = self.commit();
        let Some(conversation) = self.conversations.get(&*self.writes, *id)? else { return Ok(()) };
        let key = conversation.key();
        if conversation.receivers.len() <= limits::RECEIPT_MEMBERS {
            let alone = (moved.len() == 1).then_some(first.mark.user);
            let seats = &conversation.seats;
            let (told, untold): (Vec<UserId>, Vec<UserId>) = conversation
                .receivers
                .iter()
                .filter(|user| Some(**user) != alone)
                .partition(|user| seats.get(*user).is_some_and(|seat| seat.share_read));
            for (users, tell_read) in [(told, true), (untold, false)] {
                let marks: Vec<Mark> = moved
                    .iter()
                    .map(|(_, m)| Mark {
                        read: if tell_read && m.share_read { m.mark.read } else { 0 },
                        ..m.mark
                    })
                    .collect();
                if !users.is_empty() {
                    let text = push(commit, *id, marks);
                    let receivers = Receivers::Many(users.into());
                    self.told.push(Told::Event(Event::Light { receivers, except: None, text }));
                }
            }
        }
        for (_, moved) in moved {
            let (user, except) = (moved.mark.user, moved.except);
            if moved.read_moved {
                self.told.push(Told::Head { user, key: moved.key, conversation: key, except });
            } else {
                let text = push(commit, *id, vec![moved.mark]);
                self.told.push(Told::Event(Event::Must { receivers: Receivers::One(user), except, text }));
            }
        }
        Ok(())
    }
}

pub(super) fn push(commit: u64, conversation: ConversationId, marks: Vec<Mark>) -> FrameText {
    crate::hub::encode_at(commit, &Push::Marks { conversation, marks })
}
