//! A message's row and back.

use super::ids::uuid_at;
use super::{Sqlite, sql};
use crate::store::chat::ConversationKey;
use crate::store::{Result, StoreError};
use confab_protocol::model::ReplyTo;
use confab_protocol::{Content, Message, MessageId, Reaction, SystemEvent, UserId};
use rusqlite::{OptionalExtension, Row, params};

pub(super) const TEXT: i64 = 0;
pub(super) const SYSTEM: i64 = 1;
pub(super) const DELETED: i64 = 2;

/// Where a message lies in the table. A seq above what 32 bits hold is none: it stands for the end.
pub(super) fn place(conversation: ConversationKey, seq: u64) -> i64 {
    (conversation.0 << 32) | i64::from(u32::try_from(seq).unwrap_or(u32::MAX))
}

/// What a message's content is in the table.
struct Body<'a> {
    kind: i64,
    body: std::borrow::Cow<'a, str>,
    mentions: Option<String>,
}

impl Sqlite {
    /// Reads the columns that the statements about messages share.
    pub(super) fn message_row(&self, row: &Row<'_>) -> Result<Message> {
        let kind: i64 = row.get(8)?;
        let content = match kind {
            TEXT => Some(Content::Text { text: row.get(9)?, mentions: self.mentions_of(row)? }),
            SYSTEM => {
                let event: SystemEvent =
                    serde_json::from_str(row.get_ref(9)?.as_str().map_err(bad)?).map_err(bad)?;
                Some(Content::System { event })
            }
            _ => None,
        };
        let reply_to = match row.get::<_, Option<u64>>(7)? {
            // A tombstone keeps nothing but its place; the columns are not worth a write.
            Some(_) if content.is_none() => None,
            Some(seq) => Some(ReplyTo { id: MessageId(uuid_at(row, 6)?), seq }),
            None => None,
        };
        Ok(Message {
            id: MessageId(uuid_at(row, 2)?),
            seq: row.get(0)?,
            rev: row.get(1)?,
            sender: self.user_id(row.get(3)?)?,
            at: row.get(4)?,
            edited_at: row.get(5)?,
            reply_to,
            content,
            reactions: self.reactions_of(row)?,
        })
    }

    pub(super) fn mentions_of(&self, row: &Row<'_>) -> Result<Vec<UserId>> {
        match row.get_ref(10)?.as_str_or_null().map_err(bad)? {
            None => Ok(Vec::new()),
            Some(json) => self.ids_of(&serde_json::from_str::<Vec<i64>>(json).map_err(bad)?),
        }
    }

    pub(super) fn reactions_of(&self, row: &Row<'_>) -> Result<Vec<Reaction>> {
        let Some(json) = row.get_ref(11)?.as_str_or_null().map_err(bad)? else { return Ok(Vec::new()) };
        let stored: Vec<(String, Vec<i64>)> = serde_json::from_str(json).map_err(bad)?;
        stored.into_iter().map(|(emoji, users)| Ok(Reaction { emoji, users: self.ids_of(&users)? })).collect()
    }

    fn ids_of(&self, keys: &[i64]) -> Result<Vec<UserId>> {
        keys.iter().map(|key| self.user_id(*key)).collect()
    }

    fn keys_of(&self, users: &[UserId]) -> Result<Vec<i64>> {
        users.iter().map(|user| self.known_key(*user)).collect()
    }

    fn body<'a>(&self, content: Option<&'a Content>) -> Result<Body<'a>> {
        Ok(match content {
            None => Body { kind: DELETED, body: "".into(), mentions: None },
            Some(Content::Text { text, mentions }) if mentions.is_empty() => {
                Body { kind: TEXT, body: text.into(), mentions: None }
            }
            Some(Content::Text { text, mentions }) => {
                Body { kind: TEXT, body: text.into(), mentions: Some(json(&self.keys_of(mentions)?)?) }
            }
            Some(Content::System { event }) => {
                Body { kind: SYSTEM, body: json(event)?.into(), mentions: None }
            }
            Some(Content::Unknown) => return Err(StoreError::Failed("a content that nobody knows".into())),
        })
    }

    pub(super) fn find_message(
        &self,
        conversation: ConversationKey,
        id: MessageId,
    ) -> Result<Option<Message>> {
        let mut statement = self.db.prepare_cached(sql::MESSAGE_BY_ID)?;
        let found = statement
            .query_row(params![conversation.0, id.as_bytes()], |row| Ok(self.message_row(row)))
            .optional()?;
        found.transpose()
    }

    pub(super) fn add_message(
        &self,
        conversation: ConversationKey,
        message: &Message,
        fingerprint: Option<[u8; 16]>,
    ) -> Result<()> {
        let Body { kind, body, mentions } = self.body(message.content.as_ref())?;
        self.db.prepare_cached(sql::INSERT_MESSAGE)?.execute(params![
            place(conversation, message.seq),
            message.rev,
            message.id.as_bytes(),
            self.known_key(message.sender)?,
            message.at,
            message.reply_to.as_ref().map(|reply| reply.id.as_bytes()),
            message.reply_to.map(|reply| reply.seq),
            kind,
            body,
            mentions,
            fingerprint,
        ])?;
        Ok(())
    }

    pub(super) fn update_message(&self, conversation: ConversationKey, message: &Message) -> Result<()> {
        let Body { kind, body, mentions } = self.body(message.content.as_ref())?;
        let reactions = if message.reactions.is_empty() {
            None
        } else {
            let stored: Result<Vec<(&str, Vec<i64>)>> =
                message.reactions.iter().map(|r| Ok((r.emoji.as_str(), self.keys_of(&r.users)?))).collect();
            Some(json(&stored?)?)
        };
        self.db.prepare_cached(sql::SAVE_MESSAGE)?.execute(params![
            place(conversation, message.seq),
            message.rev,
            message.edited_at,
            kind,
            body,
            mentions,
            reactions,
        ])?;
        Ok(())
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Failed(error.to_string()))
}

pub(super) fn bad(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("a message's row: {error}"))
}
