//! A window of a conversation: messages and holes, then what is pending.

use super::Views;
use super::list::Receipts;
use super::overlay::Overlay;
use crate::convert::int;
use crate::error::Result;
use crate::rows::{conversations, messages, outbox};
use crate::summary::{self, beginning};
use crate::view::{
    MessageRow, MessageState, ReactionRow, Receipt, ReplyRow, What, WindowAt, WindowItem, WindowView,
};
use confab_engine::{Conversation, EntryState, RangeSet};
use confab_protocol::command::Send;
use confab_protocol::model::ReplyTo;
use confab_protocol::{Content, ConversationId, Message, MessageId, UserId};
use rusqlite::params;
use std::collections::HashMap;

/// Most seqs in a window.
const WINDOW_MOST: u64 = 500;
/// Characters of an answered message that are shown.
const REPLY_CHARS: usize = 120;
/// Names that a reaction shows.
const REACTION_NAMES: usize = 12;

/// Everything that the rows of one window share.
struct Frame {
    me: UserId,
    overlay: Overlay,
    receipts: Receipts,
    /// Messages of the window by id, for those that answer them.
    near: HashMap<MessageId, Message>,
}

impl Views<'_> {
    /// A window of at most `limit` seqs; `None` if there is no such conversation.
    ///
    /// # Errors
    /// The database's.
    pub fn window(&self, id: ConversationId, at: WindowAt, limit: u32) -> Result<Option<WindowView>> {
        let Some(conv) = conversations::number(self.db, self.account, id)? else { return Ok(None) };
        let Some(held) = conversations::get(self.db, conv)? else { return Ok(None) };
        let me = self.me_id()?;
        let ranges = conversations::ranges(self.db, conv)?;
        let read = held.read.max(outbox::pending_read(self.db, self.account, conv)?);
        let first_unread = summary::first_unread(self.db, conv, me, &ranges, read)?;
        let limit = u64::from(limit).clamp(1, WINDOW_MOST);
        let (from, to) = span(&held, at, limit, first_unread, read);
        let at_end = to >= held.last_seq;
        let found = self.messages_between(conv, from, to)?;
        let overlay = Overlay::read(self.db, self.account, id)?;
        let frame = Frame {
            me,
            overlay,
            receipts: self.receipts(conv, held.members, me)?,
            near: found.iter().map(|message| (message.id, message.clone())).collect(),
        };
        let mut items = self.items(&frame, &ranges, found, from, to)?;
        if at_end {
            self.pending(&frame, &mut items)?;
        }
        raise_times(&mut items);
        Ok(Some(WindowView {
            conversation: id,
            items,
            from_seq: from,
            to_seq: to,
            at_start: from <= held.first_seq,
            at_end,
            read,
            first_unread,
            last_seq: held.last_seq,
        }))
    }

    fn messages_between(&self, conv: i64, from: u64, to: u64) -> Result<Vec<Message>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {} FROM messages WHERE conv = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq",
            messages::COLUMNS
        ))?;
        let mut rows = statement.query(params![conv, int(from), int(to)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(messages::from_row(row)?);
        }
        Ok(found)
    }

    fn items(
        &self,
        frame: &Frame,
        ranges: &RangeSet,
        found: Vec<Message>,
        from: u64,
        to: u64,
    ) -> Result<Vec<WindowItem>> {
        let mut holes = ranges.holes(from, to).into_iter().peekable();
        let mut items = Vec::with_capacity(found.len() + 4);
        for message in found {
            while let Some((from_seq, to_seq)) = holes.next_if(|(from, _)| *from < message.seq) {
                items.push(WindowItem::Hole { from_seq, to_seq });
            }
            if ranges.contains(message.seq) {
                let row = self.message_row(frame, message)?;
                items.push(WindowItem::Message { message: Box::new(row) });
            }
        }
        items.extend(holes.map(|(from_seq, to_seq)| WindowItem::Hole { from_seq, to_seq }));
        Ok(items)
    }

    fn pending(&self, frame: &Frame, items: &mut Vec<WindowItem>) -> Result<()> {
        for (send, state, at) in &frame.overlay.sends {
            let message = Message {
                id: MessageId::from(send.command),
                seq: 0,
                rev: 0,
                sender: frame.me,
                at: *at,
                edited_at: None,
                reply_to: send.reply_to.map(|id| ReplyTo { id, seq: 0 }),
                content: Some(content_of(send)),
                reactions: Vec::new(),
            };
            let mut row = self.message_row(frame, message)?;
            row.seq = None;
            row.edited = false;
            row.receipt = Receipt { delivered: 0, read: 0, of: 0 };
            row.state = match state {
                EntryState::Failed(problem) => MessageState::Failed { problem: problem.into() },
                EntryState::New | EntryState::Handed => MessageState::Pending,
            };
            // A message that is to be deleted before it was ever sent is not worth a tombstone.
            if row.content.is_some() {
                items.push(WindowItem::Message { message: Box::new(row) });
            }
        }
        Ok(())
    }

    fn message_row(&self, frame: &Frame, mut message: Message) -> Result<MessageRow> {
        let (edited, change) = frame.overlay.apply(&mut message, frame.me);
        let own = message.sender == frame.me;
        let (mentions, event) = match &message.content {
            Some(Content::Text { mentions, .. }) => (mentions.as_slice(), None),
            Some(Content::System { event }) => (&[][..], Some(self.event_row(event, frame.me)?)),
            _ => (&[][..], None),
        };
        let mention_names =
            mentions.iter().map(|user| self.display_name(*user)).collect::<Result<Vec<_>>>()?;
        let reactions = message
            .reactions
            .iter()
            .map(|reaction| {
                let names = reaction.users.iter().take(REACTION_NAMES);
                Ok(ReactionRow {
                    emoji: reaction.emoji.clone(),
                    count: u32::try_from(reaction.users.len()).unwrap_or(u32::MAX),
                    own: reaction.users.contains(&frame.me),
                    names: names.map(|user| self.display_name(*user)).collect::<Result<_>>()?,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(MessageRow {
            id: message.id,
            seq: Some(message.seq),
            sender: message.sender,
            sender_name: self.display_name(message.sender)?,
            own,
            at: message.at,
            edited: edited || message.edited_at.is_some(),
            mentions_me: mentions.contains(&frame.me),
            mention_names,
            event,
            reply: message.reply_to.map(|to| self.reply_row(frame, to)).transpose()?,
            reactions,
            state: MessageState::Sent,
            receipt: if own {
                frame.receipts.of(message.seq)
            } else {
                Receipt { delivered: 0, read: 0, of: 0 }
            },
            content: message.content,
            change,
        })
    }

    fn reply_row(&self, frame: &Frame, to: ReplyTo) -> Result<ReplyRow> {
        let waiting = frame.overlay.sends.iter().find(|(send, ..)| send.command.0 == to.id.0);
        if let Some((send, ..)) = waiting {
            return Ok(ReplyRow {
                id: to.id,
                seq: None,
                sender_name: self.display_name(frame.me)?,
                own: true,
                text: beginning(&send.text, REPLY_CHARS),
                what: What::Text,
            });
        }
        let held = match frame.near.get(&to.id) {
            Some(near) => Some(near.clone()),
            None => messages::by_id(self.db, self.account, to.id)?.map(|(_, message)| message),
        };
        let Some(mut answered) = held else {
            let seq = (to.seq > 0).then_some(to.seq);
            return Ok(ReplyRow {
                id: to.id,
                seq,
                sender_name: String::new(),
                own: false,
                text: String::new(),
                what: What::Unknown,
            });
        };
        frame.overlay.apply(&mut answered, frame.me);
        Ok(ReplyRow {
            id: to.id,
            seq: Some(answered.seq),
            sender_name: self.display_name(answered.sender)?,
            own: answered.sender == frame.me,
            text: match &answered.content {
                Some(Content::Text { text, .. }) => beginning(text, REPLY_CHARS),
                _ => String::new(),
            },
            what: summary::what(answered.content.as_ref()),
        })
    }
}

fn content_of(send: &Send) -> Content {
    Content::Text { text: send.text.clone(), mentions: send.mentions.clone() }
}

/// The seqs that a window covers. If there are none, the second is below the first.
fn span(held: &Conversation, at: WindowAt, limit: u64, first_unread: Option<u64>, read: u64) -> (u64, u64) {
    let (first, last) = (held.first_seq.max(1), held.last_seq);
    let around = |seq: u64, before: u64| {
        let seq = seq.clamp(first, last.max(first));
        let to = seq.saturating_sub(before).max(first).saturating_add(limit - 1).min(last);
        ((to + 1).saturating_sub(limit).max(first), to)
    };
    match at {
        WindowAt::Newest => ((last + 1).saturating_sub(limit).max(first), last),
        WindowAt::Unread => match first_unread {
            Some(seq) => around(seq, limit / 3),
            // The first unread one is not held: the window stands at the hole that it is in.
            None if held.unread > 0 && read < last => around(read + 1, limit / 3),
            None => ((last + 1).saturating_sub(limit).max(first), last),
        },
        WindowAt::Around { seq } => around(seq, limit / 2),
        WindowAt::Range { from_seq, to_seq } => {
            let from = from_seq.max(first);
            let to = to_seq.unwrap_or(last).min(last).min(from.saturating_add(limit - 1));
            (from, to)
        }
    }
}

/// The shown time never decreases.
fn raise_times(items: &mut [WindowItem]) {
    let mut latest = 0;
    for item in items {
        if let WindowItem::Message { message } = item {
            latest = message.at.max(latest);
            message.at = latest;
        }
    }
}
