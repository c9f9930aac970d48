//! Heads, and the conversations that were touched since a commit.

use super::ids::uuid_at;
use super::message::place;
use super::{Sqlite, role, sql};
use crate::store::Result;
use crate::store::chat::{ConversationKey, UserKey};
use confab_protocol::limits;
use confab_protocol::{ConversationId, Head, Kind, Mark, Notify, NotifyLevel, UserId};
use rusqlite::{OptionalExtension, params};

/// A lineage as it stands in the wire.
pub(super) fn lineage_text(lineage: i64) -> String {
    crate::sync::lineage::text(lineage as u64)
}

fn notify_level(stored: i64) -> NotifyLevel {
    match stored {
        1 => NotifyLevel::Mentions,
        2 => NotifyLevel::Nothing,
        _ => NotifyLevel::All,
    }
}

/// A level as it is stored.
pub(super) fn notify_column(level: NotifyLevel) -> i64 {
    match level {
        NotifyLevel::All => 0,
        NotifyLevel::Mentions => 1,
        NotifyLevel::Nothing => 2,
    }
}

impl Sqlite {
    pub(super) fn touched_since(
        &self,
        user: UserKey,
        since: Option<u64>,
        after: ConversationKey,
        limit: usize,
    ) -> Result<Vec<ConversationKey>> {
        // A commit number is above 0, so -1 stands for "since ever".
        let since = since.map_or(-1, |commit| i64::try_from(commit).unwrap_or(i64::MAX));
        let mut statement = self.db.prepare_cached(sql::TOUCHED)?;
        let rows = statement.query_map(params![user.0, after.0, since, limit], |row| row.get(0))?;
        rows.map(|key| Ok(ConversationKey(key?))).collect()
    }

    pub(super) fn head_of(&self, user: UserKey, conversation: ConversationKey) -> Result<Option<Head>> {
        let mut statement = self.db.prepare_cached(sql::HEAD)?;
        let head = statement
            .query_row(params![conversation.0, user.0], |row| {
                let is_member = row.get::<_, Option<i64>>(9)?.is_some();
                let mut head = Head {
                    conversation: ConversationId(uuid_at(row, 0)?),
                    kind: if row.get::<_, i64>(1)? == 0 { Kind::Direct } else { Kind::Group },
                    title: row.get(2)?,
                    created_at: row.get(3)?,
                    rev: row.get(4)?,
                    lineage: lineage_text(row.get(5)?),
                    seq: row.get(6)?,
                    first_seq: row.get(7)?,
                    members: row.get(8)?,
                    role: row.get::<_, Option<i64>>(9)?.map(role),
                    peer: None,
                    read: row.get(10)?,
                    delivered: row.get(11)?,
                    unread: 0,
                    mention_seq: row.get(12)?,
                    hidden_seq: row.get(13)?,
                    notify: Notify { level: notify_level(row.get(18)?), muted_until: row.get(19)? },
                    last: None,
                    marks: Vec::new(),
                };
                if !is_member {
                    head.rev = row.get(14)?;
                    head.lineage = lineage_text(row.get(15)?);
                    head.seq = row.get(16)?;
                    head.title = row.get(17)?;
                    head.members = 0;
                }
                Ok(head)
            })
            .optional()?;
        let Some(mut head) = head else { return Ok(None) };
        if head.kind == Kind::Direct {
            head.peer = self.peer(user, conversation)?;
        }
        if head.role.is_some() {
            self.fill(&mut head, user, conversation)?;
        }
        Ok(Some(head))
    }

    /// The other one, or the user themselves where there is no other.
    fn peer(&self, user: UserKey, conversation: ConversationKey) -> Result<Option<UserId>> {
        let mut statement = self.db.prepare_cached(sql::PEER)?;
        let other: Option<i64> =
            statement.query_row(params![conversation.0, user.0], |row| row.get(0)).optional()?;
        self.user_id(other.unwrap_or(user.0)).map(Some)
    }

    /// What only a member is told.
    fn fill(&self, head: &mut Head, user: UserKey, conversation: ConversationKey) -> Result<()> {
        head.last = self
            .db
            .prepare_cached(sql::MESSAGE_AT)?
            .query_row([place(conversation, head.seq)], |row| Ok(self.message_row(row)))
            .optional()?
            .transpose()?;
        if head.read < head.seq {
            head.unread = self.db.prepare_cached(sql::UNREAD)?.query_row(
                params![
                    place(conversation, head.read),
                    place(conversation, head.seq),
                    user.0,
                    limits::UNREAD
                ],
                |row| row.get(0),
            )?;
        }
        if head.members as usize <= limits::RECEIPT_MEMBERS {
            let mut statement = self.db.prepare_cached(sql::MARKS)?;
            let marks = statement.query_map(params![conversation.0, user.0], |row| {
                Ok(Mark { user: UserId(uuid_at(row, 0)?), delivered: row.get(1)?, read: row.get(2)? })
            })?;
            head.marks = marks.collect::<rusqlite::Result<_>>()?;
        }
        Ok(())
    }
}
