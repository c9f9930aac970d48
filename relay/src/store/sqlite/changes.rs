//! Pages of changes, written as JSON straight from the rows.
//!
//! Messages that have not changed since they were stored lie in the order of their revs, one after the other; the few
//! that have, and the members, come from indexes by rev. A page merges the three.

use super::heads::lineage_text;
use super::history::Room;
use super::json::{LastSender, push, push_number, push_uuid};
use super::message::place;
use super::{Sqlite, role, sql};
use crate::store::chat::{ConversationKey, ConversationRow};
use crate::store::{Result, StoreError};
use confab_protocol::limits::PAGE_BYTES;
use confab_protocol::sync::ChangesRequest;
use confab_protocol::{Member, UserId};
use rusqlite::{CachedStatement, OptionalExtension, params};
use std::iter::Peekable;

/// Most rows that one page looks at and leaves out. A page that did so says how far it came.
const LEFT_OUT: usize = 20_000;
/// About what a message of usual length takes in a page, in bytes.
const USUAL_BYTES: usize = 320;
/// What a member's row and profile take at most, in bytes.
const MEMBER_BYTES: usize = 320;

/// A changed row, other than a message that still is what it was.
enum Other {
    /// A message, by its seq.
    Message(u64),
    Member(Member),
}

/// The changed rows after a rev, by their revs.
struct Others {
    /// Rows and their revs.
    rows: Peekable<std::vec::IntoIter<(u64, Other)>>,
    /// There may be more after this rev.
    cut_at: Option<u64>,
}

/// Whether a page goes on.
#[derive(PartialEq, Eq)]
enum Step {
    On,
    Full,
}

/// A page that is being written.
struct Page<'a> {
    sqlite: &'a Sqlite,
    out: &'a mut String,
    one: CachedStatement<'a>,
    key: ConversationKey,
    room: Room,
    left_out: usize,
    /// Everything up to this rev is in the page.
    reached: u64,
    last_sender: LastSender,
    is_first: bool,
    members: Vec<Member>,
}

impl Sqlite {
    pub(super) fn write_changes(
        &self,
        conversation: &ConversationRow,
        request: &ChangesRequest,
        limit: usize,
        out: &mut String,
    ) -> Result<()> {
        let since = request.since;
        let rows =
            limit.min(usize::try_from(conversation.rev - since.min(conversation.rev)).unwrap_or(limit));
        out.reserve((rows * USUAL_BYTES).min(PAGE_BYTES + PAGE_BYTES / 16) + 512);
        out.push_str(r#"{"conversation":""#);
        push_uuid(out, conversation.id.0);
        out.push_str(r#"","from":"#);
        push_number(out, since as i64);
        out.push_str(r#","messages":["#);
        let mut page = Page {
            sqlite: self,
            out: &mut *out,
            one: self.db.prepare_cached(sql::MESSAGE_AT)?,
            key: conversation.key,
            room: Room::new(limit),
            left_out: 0,
            reached: since,
            last_sender: LastSender::default(),
            is_first: true,
            members: Vec::new(),
        };
        if since < conversation.rev {
            page.fill(conversation, request, limit)?;
        }
        let (reached, members) = (page.reached, std::mem::take(&mut page.members));
        drop(page);
        out.push(']');
        if !members.is_empty() {
            let named: Vec<UserId> = members.iter().map(|member| member.user).collect();
            out.push_str(r#","members":"#);
            push(out, &members)?;
            out.push_str(r#","users":"#);
            push(out, &self.profiles_of(&named)?)?;
        }
        if conversation.title_rev > since && conversation.title_rev <= reached {
            out.push_str(r#","title":"#);
            push(out, &conversation.title)?;
        }
        out.push_str(r#","to":"#);
        push_number(out, reached as i64);
        if reached < conversation.rev {
            out.push_str(r#","more":true}"#);
        } else {
            out.push_str(r#","lineage":""#);
            out.push_str(&lineage_text(conversation.lineage as i64));
            out.push_str(r#""}"#);
        }
        Ok(())
    }

    /// The seq of the newest message that was stored at `since` or before.
    ///
    /// A message takes one rev at least, so two messages are no further apart than their first revs are: each look
    /// bounds the answer from both sides, and where nothing but messages came, one look is enough.
    fn newest_at(&self, conversation: &ConversationRow, since: u64) -> Result<u64> {
        let mut first_rev = self.db.prepare_cached(sql::FIRST_REV)?;
        let mut low = conversation.seq.saturating_sub(conversation.rev - since);
        let mut high = since.min(conversation.seq).max(low);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let found: Option<u64> =
                first_rev.query_row([place(conversation.key, middle)], |row| row.get(0)).optional()?;
            match found {
                Some(rev) if rev > since => {
                    high = middle - 1;
                    low = low.max(middle.saturating_sub(rev - since)).min(high);
                }
                Some(rev) => {
                    low = middle;
                    high = high.min(middle.saturating_add(since - rev));
                }
                // Purged, so old.
                None => low = middle,
            }
        }
        Ok(low)
    }

    /// Changed messages (of those in `ranges`) and members.
    fn others_since(&self, key: ConversationKey, request: &ChangesRequest, limit: usize) -> Result<Others> {
        let (since, ranges) = (request.since, request.ranges.as_deref());
        // A page takes no more than `limit` of either kind, but where some are left out, more must be looked at.
        let most = if ranges.is_some() { LEFT_OUT } else { limit };
        let mut others: Vec<(u64, Other)> = Vec::new();
        let mut cut_at = None;
        let mut statement = self.db.prepare_cached(sql::CHANGED_SINCE)?;
        let mut rows = statement.query(params![key.0, since, most])?;
        let mut looked_at = 0;
        while let Some(row) = rows.next()? {
            looked_at += 1;
            let (rev, seq): (u64, u64) = (row.get(0)?, row.get(1)?);
            if looked_at == most {
                cut_at = Some(rev);
            }
            if ranges.is_none_or(|ranges| {
                ranges.iter().any(|(from, to)| seq >= *from && to.is_none_or(|to| seq <= to))
            }) {
                others.push((rev, Other::Message(seq)));
            }
        }
        let mut statement = self.db.prepare_cached(sql::MEMBERS_SINCE)?;
        let mut rows = statement.query(params![key.0, since, limit])?;
        let mut members = 0;
        while let Some(row) = rows.next()? {
            members += 1;
            let rev: u64 = row.get(2)?;
            if members == limit {
                cut_at = Some(cut_at.map_or(rev, |at: u64| at.min(rev)));
            }
            let user = self.user_id(row.get(0)?)?;
            others.push((
                rev,
                Other::Member(Member { user, role: row.get::<_, Option<i64>>(1)?.map(role), rev }),
            ));
        }
        others.sort_unstable_by_key(|(rev, _)| *rev);
        Ok(Others { rows: others.into_iter().peekable(), cut_at })
    }
}

impl Page<'_> {
    fn fill(&mut self, conversation: &ConversationRow, request: &ChangesRequest, limit: usize) -> Result<()> {
        let sqlite = self.sqlite;
        let mut others = sqlite.others_since(self.key, request, limit)?;
        let first = sqlite.newest_at(conversation, request.since)? + 1;
        for (from, to) in spans(request.ranges.as_deref(), first, conversation.seq) {
            let mut statement = sqlite.db.prepare_cached(sql::MESSAGES_BETWEEN)?;
            let mut rows = statement.query([place(self.key, from), place(self.key, to)])?;
            while let Some(row) = rows.next()? {
                let (rev, first_rev): (u64, u64) = (row.get(1)?, row.get(12)?);
                if self.others(&mut others, first_rev)? == Step::Full || !self.room.left() {
                    return Ok(());
                }
                if rev == first_rev {
                    self.message(row)?;
                } else {
                    // It comes where it stands by its rev.
                    self.left_out += 1;
                    if self.left_out > LEFT_OUT {
                        return Ok(());
                    }
                }
                self.reached = first_rev;
            }
        }
        if self.others(&mut others, u64::MAX)? == Step::On {
            self.reached = conversation.rev;
        }
        Ok(())
    }

    /// Writes the changed rows before a rev.
    fn others(&mut self, others: &mut Others, before: u64) -> Result<Step> {
        // What comes after the last row that was looked at is not known.
        let known_below = others.cut_at.map_or(before, |at| before.min(at + 1));
        while let Some((rev, other)) = others.rows.next_if(|(rev, _)| *rev < known_below && self.room.left())
        {
            match other {
                Other::Message(seq) => self.message_at(seq)?,
                Other::Member(member) => {
                    self.room.take(MEMBER_BYTES);
                    self.members.push(member);
                }
            }
            self.reached = rev;
        }
        if others.rows.peek().is_some_and(|(rev, _)| *rev < known_below) {
            return Ok(Step::Full);
        }
        match others.cut_at.filter(|at| *at < before) {
            Some(at) => {
                self.reached = at;
                Ok(Step::Full)
            }
            None => Ok(Step::On),
        }
    }

    fn message_at(&mut self, seq: u64) -> Result<()> {
        let at = place(self.key, seq);
        let before = self.out.len();
        self.separate();
        let mut rows = self.one.query([at])?;
        let Some(row) = rows.next()? else {
            return Err(StoreError::Corrupt(format!("an index names the message {seq}, which is not there")));
        };
        self.sqlite.write_message(row, &mut self.last_sender, self.out)?;
        self.room.take(self.out.len() - before);
        Ok(())
    }

    fn message(&mut self, row: &rusqlite::Row<'_>) -> Result<()> {
        let before = self.out.len();
        self.separate();
        self.sqlite.write_message(row, &mut self.last_sender, self.out)?;
        self.room.take(self.out.len() - before);
        Ok(())
    }

    fn separate(&mut self) {
        if !std::mem::replace(&mut self.is_first, false) {
            self.out.push(',');
        }
    }
}

/// The parts of `first..=last` that lie in the ranges, in their order and without an overlap.
fn spans(ranges: Option<&[(u64, Option<u64>)]>, first: u64, last: u64) -> Vec<(u64, u64)> {
    let Some(ranges) = ranges else { return vec![(first, last)] };
    let mut sorted: Vec<(u64, u64)> =
        ranges.iter().map(|(from, to)| (first.max(*from), to.unwrap_or(last).min(last))).collect();
    sorted.sort_unstable();
    let mut next = first;
    let mut spans = Vec::with_capacity(sorted.len());
    for (from, to) in sorted {
        let from = from.max(next);
        if from <= to {
            spans.push((from, to));
            next = to + 1;
        }
    }
    spans
}
