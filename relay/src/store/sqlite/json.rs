//! A message as JSON straight from its row, as [`confab_protocol::Message`] is written: a page of a thousand is made
//! without a thing of its own for each message and each of its texts.

use super::Sqlite;
use super::ids::uuid_at;
use super::message::{DELETED, SYSTEM, TEXT, bad};
use crate::store::Result;
use confab_protocol::UserId;
use rusqlite::Row;
use rusqlite::types::ValueRef;
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

/// The sender of the row before, as it is written: most rows have the same one.
#[derive(Default)]
pub(super) struct LastSender {
    key: Option<i64>,
    id: String,
}

impl Sqlite {
    /// Appends the message of a row that begins with the columns that the statements about messages share.
    pub(super) fn write_message(&self, row: &Row<'_>, last: &mut LastSender, out: &mut String) -> Result<()> {
        out.push_str(r#"{"id":""#);
        push_uuid(out, uuid_at(row, 2)?);
        out.push_str(r#"","seq":"#);
        push_number(out, row.get(0)?);
        out.push_str(r#","rev":"#);
        push_number(out, row.get(1)?);
        out.push_str(r#","sender":""#);
        out.push_str(self.sender(row.get(3)?, last)?);
        out.push_str(r#"","at":"#);
        push_number(out, row.get(4)?);
        if let ValueRef::Integer(at) = row.get_ref(5)? {
            out.push_str(r#","edited_at":"#);
            push_number(out, at);
        }
        let kind: i64 = row.get(8)?;
        if let ValueRef::Integer(seq) = row.get_ref(7)?
            && kind != DELETED
        {
            out.push_str(r#","reply_to":{"id":""#);
            push_uuid(out, uuid_at(row, 6)?);
            out.push_str(r#"","seq":"#);
            push_number(out, seq);
            out.push('}');
        }
        match kind {
            TEXT => {
                out.push_str(r#","content":{"type":"text","text":"#);
                push_text(out, row.get_ref(9)?.as_str().map_err(bad)?)?;
                let mentions = self.mentions_of(row)?;
                if !mentions.is_empty() {
                    out.push_str(r#","mentions":"#);
                    push(out, &mentions)?;
                }
                out.push('}');
            }
            // What stands in the row is the event's JSON.
            SYSTEM => {
                let event: &RawValue =
                    serde_json::from_str(row.get_ref(9)?.as_str().map_err(bad)?).map_err(bad)?;
                out.push_str(r#","content":{"type":"system","event":"#);
                out.push_str(event.get());
                out.push('}');
            }
            _ => {}
        }
        let reactions = self.reactions_of(row)?;
        if !reactions.is_empty() {
            out.push_str(r#","reactions":"#);
            push(out, &reactions)?;
        }
        out.push('}');
        Ok(())
    }

    fn sender<'a>(&self, key: i64, last: &'a mut LastSender) -> Result<&'a str> {
        if last.key != Some(key) {
            let UserId(id) = self.user_id(key)?;
            last.id.clear();
            push_uuid(&mut last.id, id);
            last.key = Some(key);
        }
        Ok(&last.id)
    }
}

/// Appends any value.
pub(super) fn push<T: Serialize>(out: &mut String, value: &T) -> Result<()> {
    out.push_str(&serde_json::to_string(value).map_err(bad)?);
    Ok(())
}

pub(super) fn push_number(out: &mut String, number: i64) {
    out.push_str(itoa::Buffer::new().format(number));
}

pub(super) fn push_uuid(out: &mut String, id: Uuid) {
    out.push_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
}

/// Appends a text with its quotes. Nearly all texts stand in JSON as they are, and that is quickly seen.
fn push_text(out: &mut String, text: &str) -> Result<()> {
    if text.as_bytes().chunks(32).any(|chunk| {
        // Without a branch in it, so that the compiler looks at a whole chunk at once.
        chunk.iter().fold(false, |found, byte| found | (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\'))
    }) {
        return push(out, &text);
    }
    out.push('"');
    out.push_str(text);
    out.push('"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stands_there_as_serde_writes_it() {
        let long = "x".repeat(100);
        let quoted_late = format!("{long}\"");
        for text in
            ["", "plain", "a\"b", "a\\b", "\u{0}\u{1f}\u{7f}", "söme 👩‍💻", "line\nline", &long, &quoted_late]
        {
            let mut out = String::new();
            push_text(&mut out, text).unwrap();
            assert_eq!(out, serde_json::to_string(text).unwrap());
        }
    }
}
