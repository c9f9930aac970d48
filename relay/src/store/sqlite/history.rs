//! Pages of history.

use super::heads::lineage_text;
use super::message::place;
use super::{Sqlite, sql};
use crate::store::Result;
use crate::store::chat::{ConversationKey, ConversationRow};
use confab_protocol::limits::PAGE_BYTES;
use confab_protocol::sync::{HistoryPage, HistoryRequest};
use confab_protocol::text::json_bytes;
use confab_protocol::{Content, Message, UserId};
use rusqlite::params;
use std::collections::BTreeSet;

/// About how many bytes a message takes in a frame.
fn weight(message: &Message) -> usize {
    let content = match &message.content {
        Some(Content::Text { text, mentions }) => json_bytes(text) + mentions.len() * 40,
        Some(Content::System { event: confab_protocol::SystemEvent::Added { users } }) => users.len() * 40,
        Some(_) => 200,
        None => 0,
    };
    let reactions: usize = message.reactions.iter().map(|r| 40 + r.emoji.len() + r.users.len() * 40).sum();
    220 + content + reactions
}

/// The bounds of a page, being used up.
pub(super) struct Room {
    rows: usize,
    bytes: usize,
}

impl Room {
    pub fn new(rows: usize) -> Self {
        Self { rows, bytes: PAGE_BYTES }
    }

    /// Whether another row begins: the one that passes the bound in bytes is the last.
    pub fn left(&self) -> bool {
        self.rows > 0 && self.bytes > 0
    }

    pub fn take(&mut self, bytes: usize) {
        self.rows -= 1;
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

impl Sqlite {
    pub(super) fn history_page(
        &self,
        conversation: &ConversationRow,
        request: &HistoryRequest,
        limit: usize,
    ) -> Result<HistoryPage> {
        let key = conversation.key;
        let mut room = Room::new(limit);
        let end = conversation.seq + 1;
        let (messages, edge) = match (request.before, request.after, request.around) {
            (_, Some(after), _) => (self.upwards(key, after, &mut room)?, after.min(conversation.seq) + 1),
            (_, _, Some(around)) => self.both_ways(key, around, limit, end)?,
            (before, _, _) => {
                let before = before.unwrap_or(end).clamp(1, end);
                (self.downwards(key, before, &mut room)?, before)
            }
        };
        let from_seq = messages.first().map_or(edge, |message| message.seq);
        let to_seq = messages.last().map_or(edge.saturating_sub(1), |message| message.seq);
        let senders: Vec<UserId> =
            messages.iter().map(|message| message.sender).collect::<BTreeSet<_>>().into_iter().collect();
        Ok(HistoryPage {
            conversation: conversation.id,
            rev: conversation.rev,
            lineage: lineage_text(conversation.lineage as i64),
            from_seq,
            to_seq,
            first_seq: conversation.first_seq,
            last_seq: conversation.seq,
            messages,
            users: self.profiles_of(&senders)?,
        })
    }

    /// Half of the page on either side of `around`, itself included.
    fn both_ways(
        &self,
        key: ConversationKey,
        around: u64,
        limit: usize,
        end: u64,
    ) -> Result<(Vec<Message>, u64)> {
        let around = around.clamp(1, end);
        let half = PAGE_BYTES / 2;
        let mut messages =
            self.downwards(key, around + 1, &mut Room { rows: limit.div_ceil(2), bytes: half })?;
        messages.extend(self.upwards(key, around, &mut Room { rows: limit / 2, bytes: half })?);
        Ok((messages, around))
    }

    fn downwards(&self, key: ConversationKey, before: u64, room: &mut Room) -> Result<Vec<Message>> {
        let (first, last) = (place(key, 0), place(key, before.saturating_sub(1)));
        let mut messages = self.page(sql::HISTORY_DOWN, first, last, room)?;
        messages.reverse();
        Ok(messages)
    }

    fn upwards(&self, key: ConversationKey, after: u64, room: &mut Room) -> Result<Vec<Message>> {
        let (first, last) = (place(key, after.saturating_add(1)), place(key, u64::MAX));
        self.page(sql::HISTORY_UP, first, last, room)
    }

    fn page(&self, sql: &str, first: i64, last: i64, room: &mut Room) -> Result<Vec<Message>> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query(params![first, last, room.rows])?;
        let mut messages = Vec::new();
        while room.left() {
            let Some(row) = rows.next()? else { break };
            let message = self.message_row(row)?;
            room.take(weight(&message));
            messages.push(message);
        }
        Ok(messages)
    }
}
