//! Conversations and the ranges of them that are held.

use crate::convert::{Id, int, kind_from, kind_to, level_from, level_to, role_from, role_to, uint};
use crate::error::Result;
use confab_engine::{Conversation, RangeSet};
use confab_protocol::{ConversationId, Notify, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// This device's short name of a conversation.
pub(crate) fn number(db: &Connection, account: i64, id: ConversationId) -> Result<Option<i64>> {
    let mut statement = db.prepare_cached("SELECT conv FROM conversations WHERE account = ?1 AND id = ?2")?;
    Ok(statement.query_row(params![account, Id(id.0)], |row| row.get(0)).optional()?)
}

const COLUMNS: &str = "id, kind, title, created_at, peer, role, members, known, rev, lineage, head_rev, last_seq, \
     first_seq, read, delivered, unread, counted_seq, mention_seq, hidden_seq, notify, muted_until, last";

fn from_row(row: &Row<'_>) -> rusqlite::Result<(Conversation, Option<String>)> {
    let held = Conversation {
        id: ConversationId(row.get::<_, Id>(0)?.0),
        kind: kind_from(row.get(1)?),
        title: row.get(2)?,
        created_at: uint(row.get(3)?),
        peer: row.get::<_, Option<Id>>(4)?.map(|id| UserId(id.0)),
        role: role_from(row.get(5)?),
        members: row.get(6)?,
        known: row.get(7)?,
        rev: uint(row.get(8)?),
        lineage: row.get(9)?,
        head_rev: uint(row.get(10)?),
        last_seq: uint(row.get(11)?),
        first_seq: uint(row.get(12)?),
        read: uint(row.get(13)?),
        delivered: uint(row.get(14)?),
        unread: row.get(15)?,
        counted_seq: uint(row.get(16)?),
        mention_seq: uint(row.get(17)?),
        hidden_seq: uint(row.get(18)?),
        notify: Notify { level: level_from(row.get(19)?), muted_until: uint(row.get(20)?) },
        last: None,
    };
    Ok((held, row.get(21)?))
}

fn with_last((mut held, last): (Conversation, Option<String>)) -> Result<Conversation> {
    held.last = last.map(|json| serde_json::from_str(&json)).transpose()?;
    Ok(held)
}

/// A conversation by its number.
pub(crate) fn get(db: &Connection, conv: i64) -> Result<Option<Conversation>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM conversations WHERE conv = ?1"))?;
    statement.query_row([conv], from_row).optional()?.map(with_last).transpose()
}

/// Writes one; the number of a new one comes back.
pub(crate) fn put(db: &Connection, account: i64, conv: Option<i64>, held: &Conversation) -> Result<i64> {
    let last = held.last.as_ref().map(serde_json::to_string).transpose()?;
    let sql = match conv {
        Some(_) => {
            "UPDATE conversations SET kind = ?3, title = ?4, created_at = ?5, peer = ?6, role = ?7, members = ?8,
                known = ?9, rev = ?10, lineage = ?11, head_rev = ?12, last_seq = ?13, first_seq = ?14, read = ?15,
                delivered = ?16, unread = ?17, counted_seq = ?18, mention_seq = ?19, hidden_seq = ?20, notify = ?21,
                muted_until = ?22, last = ?23
             WHERE account = ?1 AND id = ?2"
        }
        None => {
            "INSERT INTO conversations (account, id, kind, title, created_at, peer, role, members, known, rev,
                lineage, head_rev, last_seq, first_seq, read, delivered, unread, counted_seq, mention_seq,
                hidden_seq, notify, muted_until, last)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                ?22, ?23)"
        }
    };
    db.prepare_cached(sql)?.execute(params![
        account,
        Id(held.id.0),
        kind_to(held.kind),
        held.title,
        int(held.created_at),
        held.peer.map(|user| Id(user.0)),
        role_to(held.role),
        held.members,
        held.known,
        int(held.rev),
        held.lineage,
        int(held.head_rev),
        int(held.last_seq),
        int(held.first_seq),
        int(held.read),
        int(held.delivered),
        held.unread,
        int(held.counted_seq),
        int(held.mention_seq),
        int(held.hidden_seq),
        level_to(held.notify.level),
        int(held.notify.muted_until),
        last,
    ])?;
    Ok(conv.unwrap_or_else(|| db.last_insert_rowid()))
}

/// Forgets one and everything in it, its draft too.
pub(crate) fn forget(db: &Connection, account: i64, conv: i64, id: ConversationId) -> Result<()> {
    crate::rows::messages::clear(db, conv)?;
    for table in ["summaries", "ranges", "members", "marks", "unconfirmed", "conversations"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE conv = ?1"))?.execute([conv])?;
    }
    db.prepare_cached("DELETE FROM pending_marks WHERE account = ?1 AND conv = ?2")?
        .execute(params![account, conv])?;
    db.prepare_cached("DELETE FROM drafts WHERE account = ?1 AND conversation = ?2")?
        .execute(params![account, Id(id.0)])?;
    Ok(())
}

fn ids(db: &Connection, sql: &str, parameters: impl rusqlite::Params) -> Result<Vec<ConversationId>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(parameters, |row| Ok(ConversationId(row.get::<_, Id>(0)?.0)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// All of an account.
pub(crate) fn all(db: &Connection, account: i64) -> Result<Vec<ConversationId>> {
    ids(db, "SELECT id FROM conversations WHERE account = ?1", [account])
}

/// Those that owe a pull, newest activity first.
pub(crate) fn debts(db: &Connection, account: i64, limit: usize) -> Result<Vec<ConversationId>> {
    ids(
        db,
        "SELECT c.id FROM conversations c LEFT JOIN summaries s ON s.conv = c.conv
         WHERE c.account = ?1 AND c.head_rev > c.rev AND c.role IS NOT NULL
         ORDER BY s.sort_at DESC LIMIT ?2",
        params![account, i64::try_from(limit).unwrap_or(i64::MAX)],
    )
}

/// Those with a hole that owe nothing else, newest activity first.
pub(crate) fn with_holes(db: &Connection, account: i64, limit: usize) -> Result<Vec<ConversationId>> {
    ids(
        db,
        "SELECT c.id FROM summaries s JOIN conversations c ON c.conv = s.conv
         WHERE s.account = ?1 AND s.missing > 0 AND c.head_rev <= c.rev AND c.role IS NOT NULL
         ORDER BY s.sort_at DESC LIMIT ?2",
        params![account, i64::try_from(limit).unwrap_or(i64::MAX)],
    )
}

/// What is held of a conversation.
pub(crate) fn ranges(db: &Connection, conv: i64) -> Result<RangeSet> {
    let mut statement =
        db.prepare_cached("SELECT from_seq, to_seq FROM ranges WHERE conv = ?1 ORDER BY from_seq")?;
    let rows = statement.query_map([conv], |row| Ok((uint(row.get(0)?), uint(row.get(1)?))))?;
    Ok(RangeSet::from_ranges(rows.collect::<rusqlite::Result<Vec<_>>>()?))
}

/// Writes what differs.
pub(crate) fn put_ranges(db: &Connection, account: i64, conv: i64, ranges: &RangeSet) -> Result<()> {
    let old: Vec<_> = self::ranges(db, conv)?.iter().collect();
    let new: Vec<_> = ranges.iter().collect();
    for (from, _) in &old {
        if !new.iter().any(|(f, _)| f == from) {
            db.prepare_cached("DELETE FROM ranges WHERE conv = ?1 AND from_seq = ?2")?
                .execute(params![conv, int(*from)])?;
        }
    }
    for range in &new {
        if !old.contains(range) {
            db.prepare_cached(
                "INSERT INTO ranges (account, conv, from_seq, to_seq) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (conv, from_seq) DO UPDATE SET to_seq = excluded.to_seq",
            )?
            .execute(params![account, conv, int(range.0), int(range.1)])?;
        }
    }
    Ok(())
}
