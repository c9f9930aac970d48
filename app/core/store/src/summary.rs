//! A conversation's line in the list, written anew in the transaction that changes something it shows.

use crate::convert::{Id, int, uint};
use crate::error::Result;
use crate::rows::messages::{self, SYSTEM, TEXT, UNKNOWN};
use crate::rows::{conversations, outbox};
use crate::view::{MessageState, What};
use confab_engine::{Conversation, EntryState, RangeSet};
use confab_protocol::limits::UNREAD;
use confab_protocol::{Command, Content, Message, SystemEvent, UserId};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

/// Characters of the newest message that the list keeps.
const SNIPPET_CHARS: usize = 160;

/// The newest message, without names: those are looked up when the list is read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Last {
    pub sender: UserId,
    pub at: u64,
    pub text: String,
    pub what: What,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<SystemEvent>,
    pub state: MessageState,
    /// 0 while it is pending.
    pub seq: u64,
}

/// The beginning of a text: at most so many characters, runs of white space as one space or one line break. Line breaks
/// stay because a screen needs them to see which of the signs are Markdown's.
pub(crate) fn beginning(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut space = None;
    let mut count = 0;
    for c in text.chars() {
        if c.is_whitespace() {
            if !out.is_empty() && space != Some('\n') {
                space = Some(if c == '\n' { '\n' } else { ' ' });
            }
            continue;
        }
        if count >= most {
            out.push('…');
            break;
        }
        if let Some(space) = space.take() {
            out.push(space);
            count += 1;
        }
        out.push(c);
        count += 1;
    }
    out
}

/// What sort of message a content makes.
pub(crate) fn what(content: Option<&Content>) -> What {
    match content {
        Some(Content::Text { .. }) => What::Text,
        Some(Content::System { .. }) => What::System,
        Some(Content::Unknown) => What::Unknown,
        None => What::Deleted,
    }
}

impl Last {
    fn of(message: &Message) -> Self {
        let (text, event) = match &message.content {
            Some(Content::Text { text, .. }) => (beginning(text, SNIPPET_CHARS), None),
            Some(Content::System { event }) => (String::new(), Some(event.clone())),
            _ => (String::new(), None),
        };
        Self {
            sender: message.sender,
            at: message.at,
            text,
            what: what(message.content.as_ref()),
            event,
            state: MessageState::Sent,
            seq: message.seq,
        }
    }
}

/// What the outbox adds to a conversation.
struct Waiting {
    last: Option<Last>,
    pending: u32,
    failed: u32,
}

fn waiting(db: &Connection, account: i64, me: UserId, held: &Conversation) -> Result<Waiting> {
    let mut waiting = Waiting { last: None, pending: 0, failed: 0 };
    for entry in outbox::of(db, account, held.id)? {
        let failed = matches!(entry.state, EntryState::Failed(_));
        waiting.failed += u32::from(failed);
        if let Command::Send(send) = &entry.command {
            waiting.pending += u32::from(!failed);
            waiting.last = Some(Last {
                sender: me,
                at: entry.at,
                text: beginning(&send.text, SNIPPET_CHARS),
                what: What::Text,
                event: None,
                state: match entry.state {
                    EntryState::Failed(problem) => MessageState::Failed { problem: problem.into() },
                    EntryState::New | EntryState::Handed => MessageState::Pending,
                },
                seq: 0,
            });
        }
    }
    Ok(waiting)
}

/// Others' unread messages, and whether there are more of them than the number says.
fn unread(
    db: &Connection,
    conv: i64,
    me: UserId,
    held: &Conversation,
    ranges: &RangeSet,
    read: u64,
) -> Result<(u32, bool)> {
    if held.role.is_none() || held.last_seq <= read {
        return Ok((0, false));
    }
    let mut statement = db.prepare_cached(&format!(
        "SELECT count(*) FROM (SELECT 1 FROM messages WHERE conv = ?1 AND seq > ?2 AND sender <> ?3
             AND what IN ({TEXT}, {UNKNOWN}) LIMIT ?4)"
    ))?;
    let here: u32 = statement.query_row(params![conv, int(read), Id(me.0), UNREAD + 1], |row| row.get(0))?;
    if ranges.covers(read + 1, held.last_seq) || here > UNREAD {
        return Ok((here.min(UNREAD), here > UNREAD));
    }
    // Not all of them are held: the relay's count stands, as far as what has been read since leaves room for it.
    let room = u32::try_from(held.last_seq - read).unwrap_or(u32::MAX);
    let told = held.unread.min(room).max(here);
    Ok((told.min(UNREAD), told >= UNREAD))
}

fn newest(db: &Connection, conv: i64, held: &Conversation) -> Result<Option<Last>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {} FROM messages WHERE conv = ?1 ORDER BY seq DESC LIMIT 1",
        messages::COLUMNS
    ))?;
    let mut rows = statement.query([conv])?;
    let here = rows.next()?.map(messages::from_row).transpose()?;
    Ok(match (&held.last, &here) {
        (Some(told), Some(here)) if here.seq >= told.seq => Some(Last::of(here)),
        (Some(told), _) => Some(Last::of(told)),
        (None, Some(here)) => Some(Last::of(here)),
        (None, None) => None,
    })
}

/// Writes a conversation's line anew.
pub(crate) fn refresh(db: &Connection, account: i64, me: UserId, conv: i64) -> Result<()> {
    let Some(held) = conversations::get(db, conv)? else { return Ok(()) };
    let ranges = conversations::ranges(db, conv)?;
    let read = held.read.max(outbox::pending_read(db, account, conv)?);
    let (count, more) = unread(db, conv, me, &held, &ranges, read)?;
    let acknowledged = newest(db, conv, &held)?;
    let waiting = waiting(db, account, me, &held)?;
    let since = acknowledged.as_ref().map_or(held.created_at, |last| last.at);
    let mut last = waiting.last.or(acknowledged);
    if let Some(last) = &mut last {
        // The shown time never decreases.
        last.at = last.at.max(if last.seq == 0 { since } else { 0 });
    }
    let sort_at = last.as_ref().map_or(held.created_at, |last| last.at);
    let span = (held.last_seq + 1).saturating_sub(held.first_seq);
    let missing = span.saturating_sub(ranges.count());
    db.prepare_cached(
        "INSERT INTO summaries (conv, account, last, unread, unread_more, mention, sort_at, pending, failed, missing)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (conv) DO UPDATE SET last = excluded.last, unread = excluded.unread,
             unread_more = excluded.unread_more, mention = excluded.mention, sort_at = excluded.sort_at,
             pending = excluded.pending, failed = excluded.failed, missing = excluded.missing",
    )?
    .execute(params![
        conv,
        account,
        last.as_ref().map(serde_json::to_string).transpose()?,
        count,
        more,
        held.role.is_some() && held.mention_seq > read,
        int(sort_at),
        waiting.pending,
        waiting.failed,
        int(missing),
    ])?;
    Ok(())
}

/// The seq of the first unread message of others, if it is held and everything before it is known.
pub(crate) fn first_unread(
    db: &Connection,
    conv: i64,
    me: UserId,
    ranges: &RangeSet,
    read: u64,
) -> Result<Option<u64>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT seq FROM messages WHERE conv = ?1 AND seq > ?2 AND sender <> ?3
             AND what NOT IN ({SYSTEM}, {}) ORDER BY seq LIMIT 1",
        messages::DELETED
    ))?;
    let first: Option<i64> =
        statement.query_row(params![conv, int(read), Id(me.0)], |row| row.get(0)).optional()?;
    Ok(first.map(uint).filter(|first| ranges.covers(read + 1, *first)))
}

#[cfg(test)]
mod tests {
    use super::beginning;

    #[test]
    fn a_beginning_keeps_its_lines_and_no_more_white_space_than_needed() {
        assert_eq!(beginning("  a \t b \n\n  > c\u{a0}d  ", 100), "a b\n> c d");
        assert_eq!(beginning("abc def", 4), "abc d…");
        assert_eq!(beginning("   ", 4), "");
    }
}
