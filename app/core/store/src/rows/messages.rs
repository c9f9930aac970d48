//! Messages as they are stored.

use crate::convert::{Id, int, uint};
use crate::error::{Result, StoreError};
use confab_protocol::model::ReplyTo;
use confab_protocol::{Content, Message, MessageId, SystemEvent, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// The sorts of messages, as the column `what` holds them.
pub(crate) const TEXT: i64 = 0;
pub(crate) const SYSTEM: i64 = 1;
pub(crate) const DELETED: i64 = 2;
pub(crate) const UNKNOWN: i64 = 3;

/// Columns for [`from_row`], in its order.
pub(crate) const COLUMNS: &str =
    "seq, id, rev, sender, at, edited_at, reply_id, reply_seq, what, text, extra, reactions";

/// Reads a message from a row of [`COLUMNS`] that begin at column 0.
pub(crate) fn from_row(row: &Row<'_>) -> Result<Message> {
    let reply: Option<Id> = row.get(6)?;
    let extra: Option<String> = row.get(10)?;
    let reactions: Option<String> = row.get(11)?;
    let content = match row.get::<_, i64>(8)? {
        TEXT => Some(Content::Text {
            text: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
            mentions: extra.map(|json| serde_json::from_str(&json)).transpose()?.unwrap_or_default(),
        }),
        SYSTEM => Some(Content::System {
            event: extra.map(|json| serde_json::from_str(&json)).transpose()?.unwrap_or(SystemEvent::Unknown),
        }),
        DELETED => None,
        _ => Some(Content::Unknown),
    };
    Ok(Message {
        seq: uint(row.get(0)?),
        id: MessageId(row.get::<_, Id>(1)?.0),
        rev: uint(row.get(2)?),
        sender: UserId(row.get::<_, Id>(3)?.0),
        at: uint(row.get(4)?),
        edited_at: row.get::<_, Option<i64>>(5)?.map(uint),
        reply_to: match reply {
            Some(id) => Some(ReplyTo {
                id: MessageId(id.0),
                seq: uint(row.get::<_, Option<i64>>(7)?.unwrap_or_default()),
            }),
            None => None,
        },
        content,
        reactions: reactions.map(|json| serde_json::from_str(&json)).transpose()?.unwrap_or_default(),
    })
}

/// A message by its id, with its conversation's number.
pub(crate) fn by_id(db: &Connection, account: i64, id: MessageId) -> Result<Option<(i64, Message)>> {
    let mut statement =
        db.prepare_cached(&format!("SELECT {COLUMNS}, conv FROM messages WHERE account = ?1 AND id = ?2"))?;
    let mut rows = statement.query(params![account, Id(id.0)])?;
    match rows.next()? {
        Some(row) => Ok(Some((row.get(12)?, from_row(row)?))),
        None => Ok(None),
    }
}

/// The first doc number of a message: see the table.
fn first_doc(message: &Message) -> i64 {
    let seconds = (message.at / 1000).min(1 << 50);
    int((seconds << 10) | (message.seq & 1023))
}

/// Puts one message, unless the same or a newer state of it is held.
pub(crate) fn put(db: &Connection, account: i64, conv: i64, message: &Message) -> Result<()> {
    let held: Option<(i64, i64, Id)> = db
        .prepare_cached("SELECT doc, rev, id FROM messages WHERE conv = ?1 AND seq = ?2")?
        .query_row(params![conv, int(message.seq)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match held {
        Some((_, rev, id)) if uint(rev) >= message.rev && id.0 == message.id.0 => Ok(()),
        Some((doc, _, _)) => update(db, account, conv, doc, message),
        None => insert(db, account, conv, message),
    }
}

/// The columns that a message's state decides.
struct State {
    what: i64,
    extra: Option<String>,
    reactions: Option<String>,
}

impl State {
    fn of(message: &Message) -> Result<Self> {
        let (what, extra) = match &message.content {
            Some(Content::Text { mentions, .. }) if mentions.is_empty() => (TEXT, None),
            Some(Content::Text { mentions, .. }) => (TEXT, Some(serde_json::to_string(mentions)?)),
            Some(Content::System { event }) => (SYSTEM, Some(serde_json::to_string(event)?)),
            Some(Content::Unknown) => (UNKNOWN, None),
            None => (DELETED, None),
        };
        let reactions = match message.reactions.as_slice() {
            [] => None,
            reactions => Some(serde_json::to_string(reactions)?),
        };
        Ok(Self { what, extra, reactions })
    }
}

fn text_of(message: &Message) -> Option<&str> {
    match &message.content {
        Some(Content::Text { text, .. }) => Some(text),
        _ => None,
    }
}

fn insert(db: &Connection, account: i64, conv: i64, message: &Message) -> Result<()> {
    let state = State::of(message)?;
    let mut statement = db.prepare_cached(
        "INSERT INTO messages (doc, account, conv, seq, id, rev, sender, at, edited_at, reply_id, reply_seq, what,
             text, extra, reactions)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT DO NOTHING",
    )?;
    let mut doc = first_doc(message);
    loop {
        let made = statement.execute(params![
            doc,
            account,
            conv,
            int(message.seq),
            Id(message.id.0),
            int(message.rev),
            Id(message.sender.0),
            int(message.at),
            message.edited_at.map(int),
            message.reply_to.map(|to| Id(to.id.0)),
            message.reply_to.map(|to| int(to.seq)),
            state.what,
            text_of(message),
            state.extra,
            state.reactions,
        ])?;
        if made == 1 {
            break;
        }
        let taken: bool = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM messages WHERE doc = ?1)")?
            .query_row([doc], |row| row.get(0))?;
        if !taken {
            // The id stands elsewhere, which no honest relay says. The first one stays.
            return Ok(());
        }
        // Another message of the same second and the same seq modulo 1024: stand a second later.
        doc = doc
            .checked_add(1024)
            .ok_or_else(|| StoreError::Unreadable("there is no number left for a message".into()))?;
    }
    if state.what == TEXT {
        crate::search::later(db, account, conv, doc)?;
    }
    Ok(())
}

fn update(db: &Connection, account: i64, conv: i64, doc: i64, message: &Message) -> Result<()> {
    let state = State::of(message)?;
    let old: Option<String> =
        db.prepare_cached("SELECT text FROM messages WHERE doc = ?1")?.query_row([doc], |row| row.get(0))?;
    db.prepare_cached(
        "UPDATE OR IGNORE messages SET id = ?2, rev = ?3, sender = ?4, at = ?5, edited_at = ?6, reply_id = ?7,
             reply_seq = ?8, what = ?9, text = ?10, extra = ?11, reactions = ?12 WHERE doc = ?1",
    )?
    .execute(params![
        doc,
        Id(message.id.0),
        int(message.rev),
        Id(message.sender.0),
        int(message.at),
        message.edited_at.map(int),
        message.reply_to.map(|to| Id(to.id.0)),
        message.reply_to.map(|to| int(to.seq)),
        state.what,
        text_of(message),
        state.extra,
        state.reactions,
    ])?;
    if old.as_deref() != text_of(message) {
        if old.is_some() {
            crate::search::forget(db, doc)?;
        }
        if state.what == TEXT {
            crate::search::later(db, account, conv, doc)?;
        }
    }
    Ok(())
}

/// Forgets all messages of a conversation.
pub(crate) fn clear(db: &Connection, conv: i64) -> Result<()> {
    drop_below(db, conv, u64::MAX)
}

/// Forgets the messages below a seq.
pub(crate) fn drop_below(db: &Connection, conv: i64, first_seq: u64) -> Result<()> {
    for table in ["search_index WHERE rowid", "unindexed WHERE doc"] {
        db.prepare_cached(&format!(
            "DELETE FROM {table} IN (SELECT doc FROM messages WHERE conv = ?1 AND seq < ?2)"
        ))?
        .execute(params![conv, int(first_seq)])?;
    }
    db.prepare_cached("DELETE FROM messages WHERE conv = ?1 AND seq < ?2")?
        .execute(params![conv, int(first_seq)])?;
    Ok(())
}

/// A fork: forgets the conversation's history and keeps one's own texts apart.
pub(crate) fn set_aside(db: &Connection, account: i64, conv: i64, me: UserId) -> Result<()> {
    {
        let mut statement = db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM messages WHERE conv = ?1 AND sender = ?2 AND what = {TEXT} ORDER BY seq"
        ))?;
        let mut keep = db.prepare_cached(
            "INSERT OR REPLACE INTO unconfirmed (account, conv, seq, id, message) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        let mut rows = statement.query(params![conv, Id(me.0)])?;
        while let Some(row) = rows.next()? {
            let message = from_row(row)?;
            keep.execute(params![
                account,
                conv,
                int(message.seq),
                Id(message.id.0),
                serde_json::to_string(&message)?
            ])?;
        }
    }
    clear(db, conv)?;
    for table in ["ranges", "members", "marks"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE conv = ?1"))?.execute([conv])?;
    }
    db.prepare_cached("DELETE FROM pending_marks WHERE account = ?1 AND conv = ?2")?
        .execute(params![account, conv])?;
    Ok(())
}

/// Takes the unconfirmed messages of a stretch.
pub(crate) fn take_unconfirmed(db: &Connection, conv: i64, from: u64, to: u64) -> Result<Vec<Message>> {
    let found: Vec<String> = {
        let mut statement = db.prepare_cached(
            "SELECT message FROM unconfirmed WHERE conv = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq",
        )?;
        let rows = statement.query_map(params![conv, int(from), int(to)], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    if found.is_empty() {
        return Ok(Vec::new());
    }
    db.prepare_cached("DELETE FROM unconfirmed WHERE conv = ?1 AND seq BETWEEN ?2 AND ?3")?
        .execute(params![conv, int(from), int(to)])?;
    found.iter().map(|json| Ok(serde_json::from_str(json)?)).collect()
}

/// Whether any message waits to be confirmed.
pub(crate) fn any_unconfirmed(db: &Connection, account: i64) -> Result<bool> {
    let mut statement = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM unconfirmed WHERE account = ?1)")?;
    Ok(statement.query_row([account], |row| row.get(0))?)
}

/// The relay has it.
pub(crate) fn confirm(db: &Connection, account: i64, id: MessageId) -> Result<()> {
    db.prepare_cached("DELETE FROM unconfirmed WHERE account = ?1 AND id = ?2")?
        .execute(params![account, Id(id.0)])?;
    Ok(())
}
