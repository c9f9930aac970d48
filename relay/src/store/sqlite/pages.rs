//! Pages of changes and of history.

use super::heads::lineage_text;
use super::{Sqlite, role, sql};
use crate::store::Result;
use crate::store::chat::{ConversationKey, ConversationRow};
use confab_protocol::limits::PAGE_BYTES;
use confab_protocol::sync::{Delta, HistoryPage, HistoryRequest};
use confab_protocol::text::json_bytes;
use confab_protocol::{Content, Member, Message, UserId};
use rusqlite::params;
use std::collections::BTreeSet;

/// Most rows that one page looks at where only some of them are asked for. A page that looked at as many says how far
/// it came.
const LOOKED_AT: usize = 20_000;

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
struct Room {
    rows: usize,
    bytes: usize,
}

impl Room {
    fn new(rows: usize) -> Self {
        Self { rows, bytes: PAGE_BYTES }
    }

    /// Whether another row begins: the one that passes the bound in bytes is the last.
    fn left(&self) -> bool {
        self.rows > 0 && self.bytes > 0
    }

    fn take(&mut self, bytes: usize) {
        self.rows -= 1;
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

/// Messages of one page of changes.
struct Found {
    messages: Vec<Message>,
    /// All messages up to this rev have been looked at; `None` if all were.
    stopped_at: Option<u64>,
}

impl Sqlite {
    pub(super) fn changes_since(
        &self,
        conversation: &ConversationRow,
        since: u64,
        ranges: Option<&[(u64, Option<u64>)]>,
        limit: usize,
    ) -> Result<Delta> {
        let mut delta = Delta {
            conversation: conversation.id,
            from: since,
            to: conversation.rev,
            lineage: None,
            more: false,
            title: None,
            messages: Vec::new(),
            members: Vec::new(),
            users: Vec::new(),
        };
        if since < conversation.rev {
            let members = self.members_since(conversation.key, since, limit)?;
            let found = match ranges {
                None => self.messages_since(conversation.key, since, limit)?,
                Some(ranges) => self.messages_within(conversation.key, since, ranges, limit)?,
            };
            self.merge(&mut delta, members, found, limit)?;
            if conversation.title_rev > since && conversation.title_rev <= delta.to {
                delta.title = Some(conversation.title.clone());
            }
        }
        if !delta.more {
            delta.lineage = Some(lineage_text(conversation.lineage as i64));
        }
        Ok(delta)
    }

    /// Takes members and messages in the order of their revs until the page is full.
    fn merge(&self, delta: &mut Delta, members: Vec<Member>, found: Found, limit: usize) -> Result<()> {
        let mut room = Room::new(limit);
        // Whichever list was cut short says how far the page can reach.
        let last_member = members.last().filter(|_| members.len() == limit).map(|member| member.rev);
        let bound = found.stopped_at.into_iter().chain(last_member).min().unwrap_or(delta.to).min(delta.to);
        let mut members = members.into_iter().filter(|member| member.rev <= bound).peekable();
        let mut messages = found.messages.into_iter().filter(|message| message.rev <= bound).peekable();
        let mut reached = delta.from;
        loop {
            let member_next = match (members.peek(), messages.peek()) {
                (Some(member), Some(message)) => member.rev < message.rev,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => {
                    reached = bound;
                    break;
                }
            };
            if !room.left() {
                break;
            }
            if member_next {
                if let Some(member) = members.next() {
                    room.take(320);
                    reached = member.rev;
                    delta.members.push(member);
                }
            } else if let Some(message) = messages.next() {
                room.take(weight(&message));
                reached = message.rev;
                delta.messages.push(message);
            }
        }
        delta.more = reached < delta.to;
        delta.to = reached;
        let named: Vec<UserId> = delta.members.iter().map(|member| member.user).collect();
        delta.users = self.profiles_of(&named)?;
        Ok(())
    }

    fn members_since(&self, conversation: ConversationKey, since: u64, limit: usize) -> Result<Vec<Member>> {
        let mut statement = self.db.prepare_cached(sql::MEMBERS_SINCE)?;
        let mut rows = statement.query(params![conversation.0, since, limit])?;
        let mut members = Vec::new();
        while let Some(row) = rows.next()? {
            members.push(Member {
                user: self.user_id(row.get(0)?)?,
                role: row.get::<_, Option<i64>>(1)?.map(role),
                rev: row.get(2)?,
            });
        }
        Ok(members)
    }

    fn messages_since(&self, conversation: ConversationKey, since: u64, limit: usize) -> Result<Found> {
        let mut statement = self.db.prepare_cached(sql::MESSAGES_SINCE)?;
        let mut rows = statement.query(params![conversation.0, since, limit])?;
        let mut messages = Vec::new();
        let mut room = Room::new(limit);
        while room.left() {
            let Some(row) = rows.next()? else { return Ok(Found { messages, stopped_at: None }) };
            let message = self.message_row(row)?;
            room.take(weight(&message));
            messages.push(message);
        }
        let stopped_at = messages.last().map(|message| message.rev);
        Ok(Found { messages, stopped_at })
    }

    fn messages_within(
        &self,
        conversation: ConversationKey,
        since: u64,
        ranges: &[(u64, Option<u64>)],
        limit: usize,
    ) -> Result<Found> {
        let mut places = self.db.prepare_cached(sql::PLACES_SINCE)?;
        let mut one = self.db.prepare_cached(sql::MESSAGE_AT)?;
        let mut rows = places.query(params![conversation.0, since, LOOKED_AT])?;
        let mut messages = Vec::new();
        let mut room = Room::new(limit);
        let mut looked_at = 0;
        let mut reached = since;
        while room.left() {
            let Some(row) = rows.next()? else {
                let stopped_at = (looked_at == LOOKED_AT).then_some(reached);
                return Ok(Found { messages, stopped_at });
            };
            looked_at += 1;
            reached = row.get(0)?;
            let seq: u64 = row.get(1)?;
            if !ranges.iter().any(|(from, to)| seq >= *from && to.is_none_or(|to| seq <= to)) {
                continue;
            }
            let message = one.query_row(params![conversation.0, seq], |row| Ok(self.message_row(row)))??;
            room.take(weight(&message));
            messages.push(message);
        }
        Ok(Found { messages, stopped_at: Some(reached) })
    }

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
        let mut messages = self.page(sql::HISTORY_DOWN, key, before, room)?;
        messages.reverse();
        Ok(messages)
    }

    fn upwards(&self, key: ConversationKey, after: u64, room: &mut Room) -> Result<Vec<Message>> {
        self.page(sql::HISTORY_UP, key, after, room)
    }

    fn page(&self, sql: &str, key: ConversationKey, seq: u64, room: &mut Room) -> Result<Vec<Message>> {
        let mut statement = self.db.prepare_cached(sql)?;
        // SQLite's integers are signed; no seq is that large.
        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![key.0, seq, room.rows])?;
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
