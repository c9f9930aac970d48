//! Sync tokens and page cursors: opaque to clients, and nothing that would be worth forging; a wrong one only makes
//! its bearer fetch the wrong heads.

use crate::store::chat::{ConversationKey, Position};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use confab_protocol::RunId;
use uuid::Uuid;

/// Where a list of heads goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The position at which the first page was read; the last page's token.
    pub at: Position,
    /// Since which commit; `None` for all.
    pub since: Option<u64>,
    /// After which conversation.
    pub after: ConversationKey,
    /// Whether the list is that of a fork.
    pub fork: bool,
}

/// A sync token.
pub fn encode(position: Position) -> String {
    let mut bytes = [0; 24];
    bytes[..16].copy_from_slice(position.run.as_bytes());
    bytes[16..].copy_from_slice(&position.commit.to_be_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a sync token; `None` if it is none of ours.
pub fn decode(token: &str) -> Option<Position> {
    if token.len() > 64 {
        return None;
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    let (run, commit) = bytes.split_first_chunk::<16>()?;
    Some(Position { run: RunId(Uuid::from_bytes(*run)), commit: u64::from_be_bytes(commit.try_into().ok()?) })
}

/// A page cursor.
pub fn encode_cursor(cursor: Cursor) -> String {
    let since = cursor.since.map_or_else(|| "-".into(), |since| since.to_string());
    format!("{}.{}.{}.{}", encode(cursor.at), since, cursor.after.0, u8::from(cursor.fork))
}

/// Reads a page cursor; `None` if it is none of ours.
pub fn decode_cursor(text: &str) -> Option<Cursor> {
    let mut parts = text.split('.');
    let (at, since, after, fork) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some(Cursor {
        at: decode(at)?,
        since: if since == "-" { None } else { Some(since.parse().ok()?) },
        after: ConversationKey(after.parse().ok()?),
        fork: fork == "1",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_cursors_read_back() {
        let at = Position { run: RunId(Uuid::from_u128(7)), commit: u64::MAX };
        assert_eq!(decode(&encode(at)), Some(at));
        for since in [None, Some(0), Some(u64::MAX)] {
            let cursor = Cursor { at, since, after: ConversationKey(i64::MAX), fork: since.is_none() };
            assert_eq!(decode_cursor(&encode_cursor(cursor)), Some(cursor));
        }
    }

    #[test]
    fn nonsense_is_no_token() {
        for bad in ["", "x", "....", "AAAA", &"A".repeat(31), &"A".repeat(33), &"A".repeat(10_000), "é"] {
            assert_eq!(decode(bad), None, "{bad}");
            assert_eq!(decode_cursor(bad), None, "{bad}");
        }
    }
}
