//! The search index: filling it, and finding candidates in it.
//!
//! It holds pairs of neighbouring characters, so it finds parts of words in every script, and single characters. What
//! it finds are candidates, which are verified on the text itself.

use crate::error::Result;
use crate::fold;
use rusqlite::{Connection, OptionalExtension, params};

/// No text of the protocol is longer; a longer one is not indexed.
const INDEXED_BYTES: usize = confab_protocol::limits::TEXT_BYTES;

/// A text is to be indexed.
pub(crate) fn later(db: &Connection, account: i64, conv: i64, doc: i64) -> Result<()> {
    db.prepare_cached("INSERT OR IGNORE INTO unindexed (doc, account, conv) VALUES (?1, ?2, ?3)")?
        .execute(params![doc, account, conv])?;
    Ok(())
}

/// A text is no more.
pub(crate) fn forget(db: &Connection, doc: i64) -> Result<()> {
    let waiting = db.prepare_cached("DELETE FROM unindexed WHERE doc = ?1")?.execute([doc])?;
    if waiting == 0 {
        db.prepare_cached("DELETE FROM search_index WHERE rowid = ?1")?.execute([doc])?;
    }
    Ok(())
}

/// The token that stands for a conversation, so that a search in one need not walk through all.
pub(crate) fn conversation_token(conv: i64) -> String {
    format!("\u{F8FF}{conv}")
}

/// Brings up to `limit` texts into the index, the newest first; `true` if there are more.
pub(crate) fn index_some(db: &Connection, limit: usize) -> Result<bool> {
    let batch: Vec<(i64, i64)> = {
        let mut statement =
            db.prepare_cached("SELECT doc, conv FROM unindexed ORDER BY doc DESC LIMIT ?1")?;
        let rows = statement
            .query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let mut read = db.prepare_cached("SELECT text FROM messages WHERE doc = ?1")?;
    let mut write = db.prepare_cached("INSERT INTO search_index (rowid, grams) VALUES (?1, ?2)")?;
    let mut done = db.prepare_cached("DELETE FROM unindexed WHERE doc = ?1")?;
    let mut tokens = String::new();
    for (doc, conv) in &batch {
        let text: Option<String> = read.query_row([doc], |row| row.get(0)).optional()?.flatten();
        if let Some(text) = text {
            tokens.clear();
            tokens.push_str(&conversation_token(*conv));
            tokens.push(' ');
            let text = if text.len() <= INDEXED_BYTES { text.as_str() } else { "" };
            fold::tokens(&fold::fold(text), &mut tokens);
            write.execute(params![doc, tokens])?;
        }
        done.execute([doc])?;
    }
    Ok(batch.len() == limit && limit > 0)
}

/// The expression that finds candidates for all of these words, in one conversation or in all.
pub(crate) fn expression(words: &[String], conv: Option<i64>) -> String {
    let mut tokens: Vec<String> = words.iter().flat_map(|word| fold::tokens_of_word(word)).collect();
    tokens.extend(conv.map(conversation_token));
    tokens.sort_unstable();
    tokens.dedup();
    // A quoted string takes any character; quotes themselves are ASCII signs and so are mapped away in tokens.
    tokens.iter().map(|token| format!("\"{token}\"")).collect::<Vec<_>>().join(" AND ")
}
