//! The outbox's rows, and the marks that wait.

use crate::convert::{Id, int, uint};
use crate::error::Result;
use confab_engine::{Entry, EntryState, PendingMark, Problem, cache};
use confab_protocol::{CommandId, ConversationId, MessageId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

const NEW: i64 = 0;
const HANDED: i64 = 1;
/// Refused. Lanes leave these out.
pub(crate) const FAILED: i64 = 2;

/// A problem as it is stored.
#[derive(Serialize, Deserialize)]
struct StoredProblem {
    code: String,
    message: String,
}

const COLUMNS: &str = "command, state, problem, at, resend";

fn from_row(row: &Row<'_>) -> Result<Entry> {
    let command: String = row.get(0)?;
    let problem: Option<String> = row.get(2)?;
    let state = match row.get::<_, i64>(1)? {
        NEW => EntryState::New,
        HANDED => EntryState::Handed,
        _ => {
            let stored = problem.map(|json| serde_json::from_str::<StoredProblem>(&json)).transpose()?;
            let (code, message) = stored.map(|p| (p.code, p.message)).unwrap_or_default();
            EntryState::Failed(Problem { code, message, retry_after_ms: None })
        }
    };
    Ok(Entry { command: serde_json::from_str(&command)?, state, at: uint(row.get(3)?), resend: row.get(4)? })
}

fn many(db: &Connection, rest: &str, parameters: impl rusqlite::Params) -> Result<Vec<Entry>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox WHERE {rest}"))?;
    let mut rows = statement.query(parameters)?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(from_row(row)?);
    }
    Ok(entries)
}

fn state_of(state: &EntryState) -> Result<(i64, Option<String>)> {
    Ok(match state {
        EntryState::New => (NEW, None),
        EntryState::Handed => (HANDED, None),
        EntryState::Failed(problem) => {
            let stored = StoredProblem { code: problem.code.clone(), message: problem.message.clone() };
            (FAILED, Some(serde_json::to_string(&stored)?))
        }
    })
}

fn lane_bytes(lane: Option<&ConversationId>) -> &[u8] {
    lane.map_or(&[], |id| id.as_bytes().as_slice())
}

/// Appends an entry, unless its id is there.
pub(crate) fn push(db: &Connection, account: i64, entry: &Entry) -> Result<()> {
    let (state, problem) = state_of(&entry.state)?;
    let command = serde_json::to_value(&entry.command)?;
    let op = command.get("op").and_then(serde_json::Value::as_str).unwrap_or_default();
    let lane = cache::lane(&entry.command);
    db.prepare_cached(
        "INSERT INTO outbox (account, id, lane, conversation, target, op, command, state, problem, at, resend)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (account, id) DO NOTHING",
    )?
    .execute(params![
        account,
        Id(entry.command.id().0),
        lane_bytes(lane.as_ref()),
        entry.command.conversation().map(|id| Id(id.0)),
        cache::target(&entry.command).map(|id| Id(id.0)),
        op,
        serde_json::to_string(&entry.command)?,
        state,
        problem,
        int(entry.at),
        entry.resend,
    ])?;
    Ok(())
}

pub(crate) fn get(db: &Connection, account: i64, id: CommandId) -> Result<Option<Entry>> {
    Ok(many(db, "account = ?1 AND id = ?2", params![account, Id(id.0)])?.pop())
}

pub(crate) fn put(db: &Connection, account: i64, entry: &Entry) -> Result<()> {
    let (state, problem) = state_of(&entry.state)?;
    db.prepare_cached(
        "UPDATE outbox SET command = ?3, state = ?4, problem = ?5, resend = ?6 WHERE account = ?1 AND id = ?2",
    )?
    .execute(params![
        account,
        Id(entry.command.id().0),
        serde_json::to_string(&entry.command)?,
        state,
        problem,
        entry.resend
    ])?;
    Ok(())
}

pub(crate) fn to_end(db: &Connection, account: i64, id: CommandId) -> Result<()> {
    db.prepare_cached(
        "UPDATE outbox SET n = (SELECT max(n) + 1 FROM outbox) WHERE account = ?1 AND id = ?2",
    )?
    .execute(params![account, Id(id.0)])?;
    Ok(())
}

/// Removes an entry; its conversation comes back, if there was one.
pub(crate) fn remove(db: &Connection, account: i64, id: CommandId) -> Result<Option<Option<ConversationId>>> {
    let mut statement =
        db.prepare_cached("DELETE FROM outbox WHERE account = ?1 AND id = ?2 RETURNING conversation")?;
    let removed = statement
        .query_row(params![account, Id(id.0)], |row| {
            Ok(row.get::<_, Option<Id>>(0)?.map(|id| ConversationId(id.0)))
        })
        .optional()?;
    Ok(removed)
}

pub(crate) fn lanes(db: &Connection, account: i64) -> Result<Vec<Option<ConversationId>>> {
    let mut statement =
        db.prepare_cached("SELECT DISTINCT lane FROM outbox WHERE account = ?1 AND state < 2")?;
    let rows = statement.query_map([account], |row| {
        let lane = row.get_ref(0)?.as_blob()?;
        Ok(uuid::Uuid::from_slice(lane).ok().map(ConversationId))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn lane(
    db: &Connection,
    account: i64,
    lane: Option<ConversationId>,
    limit: usize,
) -> Result<Vec<Entry>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    many(
        db,
        "account = ?1 AND lane = ?2 AND state < 2 ORDER BY n LIMIT ?3",
        params![account, lane_bytes(lane.as_ref()), limit],
    )
}

pub(crate) fn about(db: &Connection, account: i64, message: MessageId) -> Result<Vec<Entry>> {
    many(db, "account = ?1 AND target = ?2 ORDER BY n", params![account, Id(message.0)])
}

pub(crate) fn of(db: &Connection, account: i64, conversation: ConversationId) -> Result<Vec<Entry>> {
    many(db, "account = ?1 AND conversation = ?2 ORDER BY n", params![account, Id(conversation.0)])
}

/// Entries about the caller, which belong to no conversation.
pub(crate) fn own(db: &Connection, account: i64) -> Result<Vec<Entry>> {
    many(db, "account = ?1 AND conversation IS NULL ORDER BY n", [account])
}

/// How many wait and how many were refused.
pub(crate) fn counts(db: &Connection, account: i64) -> Result<(u32, u32)> {
    let mut statement = db.prepare_cached(
        "SELECT (SELECT count(*) FROM outbox WHERE account = ?1 AND state IN (0, 1)),
                (SELECT count(*) FROM outbox WHERE account = ?1 AND state = 2)",
    )?;
    Ok(statement.query_row([account], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

pub(crate) fn push_mark(db: &Connection, account: i64, conv: i64, read: u64, delivered: u64) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO pending_marks (account, conv, read, delivered) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (account, conv) DO UPDATE
         SET read = max(read, excluded.read), delivered = max(delivered, excluded.delivered)",
    )?
    .execute(params![account, conv, int(read), int(delivered)])?;
    Ok(())
}

pub(crate) fn pending_marks(db: &Connection, account: i64, limit: usize) -> Result<Vec<PendingMark>> {
    let mut statement = db.prepare_cached(
        "SELECT c.id, p.read, p.delivered FROM pending_marks p JOIN conversations c ON c.conv = p.conv
         WHERE p.account = ?1 AND c.role IS NOT NULL LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![account, limit], |row| {
        Ok(PendingMark {
            conversation: ConversationId(row.get::<_, Id>(0)?.0),
            read: uint(row.get(1)?),
            delivered: uint(row.get(2)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How far a conversation's read mark is to be moved.
pub(crate) fn pending_read(db: &Connection, account: i64, conv: i64) -> Result<u64> {
    let mut statement =
        db.prepare_cached("SELECT read FROM pending_marks WHERE account = ?1 AND conv = ?2")?;
    let read: Option<i64> = statement.query_row(params![account, conv], |row| row.get(0)).optional()?;
    Ok(read.map_or(0, uint))
}

pub(crate) fn marks_sent(db: &Connection, account: i64, conv: i64, read: u64, delivered: u64) -> Result<()> {
    db.prepare_cached(
        "DELETE FROM pending_marks WHERE account = ?1 AND conv = ?2 AND read <= ?3 AND delivered <= ?4",
    )?
    .execute(params![account, conv, int(read), int(delivered)])?;
    Ok(())
}
