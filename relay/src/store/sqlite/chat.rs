//! Conversations in SQLite: the traits of [`crate::store::chat`], over the statements of `sql`.

use super::ids::uuid_at;
use super::{Sqlite, role, role_number, sql};
use crate::store::Result;
use crate::store::chat::{
    Caller, ChatReads, ChatWrites, ConversationKey, ConversationRow, DeviceRow, KnownCommand, Left,
    MemberRow, Seen, SessionKey, UserKey, UserRow,
};
use confab_protocol::sync::{ChangesRequest, HistoryPage, HistoryRequest};
use confab_protocol::{
    CommandId, ConversationId, DeviceId, Head, Kind, Mark, Message, MessageId, Notify, Role, RunId, User,
    UserId,
};
use rusqlite::{OptionalExtension, Row, params};

fn conversation_row(row: &Row<'_>) -> rusqlite::Result<ConversationRow> {
    Ok(ConversationRow {
        key: ConversationKey(row.get(0)?),
        id: ConversationId(uuid_at(row, 1)?),
        kind: if row.get::<_, i64>(2)? == 0 { Kind::Direct } else { Kind::Group },
        title: row.get(3)?,
        title_rev: row.get(4)?,
        created_at: row.get(5)?,
        rev: row.get(6)?,
        seq: row.get(7)?,
        first_seq: row.get(8)?,
        lineage: row.get::<_, i64>(9)? as u64,
        members: row.get(10)?,
        commit: row.get(11)?,
    })
}

impl ChatReads for Sqlite {
    fn run_end(&self, run: RunId) -> Result<Option<u64>> {
        let mut statement = self.db.prepare_cached(sql::RUN_END)?;
        Ok(statement.query_row([run.as_bytes()], |row| row.get(0)).optional()?)
    }

    fn caller(&self, user: UserId, device: DeviceId) -> Result<Option<Caller>> {
        self.caller_of(user, device)
    }

    fn apart(&self, user: UserKey) -> Result<Vec<UserId>> {
        self.ids_in(sql::APART, user)
    }

    fn blocked(&self, user: UserKey) -> Result<Vec<UserId>> {
        self.ids_in(sql::BLOCKED, user)
    }

    fn touched(
        &self,
        user: UserKey,
        since: Option<u64>,
        after: ConversationKey,
        limit: usize,
    ) -> Result<Vec<ConversationKey>> {
        self.touched_since(user, since, after, limit)
    }

    fn head(&self, user: UserKey, conversation: ConversationKey) -> Result<Option<Head>> {
        self.head_of(user, conversation)
    }

    fn profiles_changed(&self, user: UserKey, since: u64) -> Result<Vec<User>> {
        self.changed_profiles(user, since)
    }

    fn profiles(&self, users: &[UserId]) -> Result<Vec<User>> {
        self.profiles_of(users)
    }

    fn member_of(&self, user: UserKey, conversation: ConversationId) -> Result<Option<ConversationRow>> {
        let mut statement = self.db.prepare_cached(sql::MEMBER_OF)?;
        Ok(statement.query_row(params![user.0, conversation.as_bytes()], conversation_row).optional()?)
    }

    fn changes(
        &self,
        conversation: &ConversationRow,
        request: &ChangesRequest,
        limit: usize,
        out: &mut String,
    ) -> Result<()> {
        self.write_changes(conversation, request, limit, out)
    }

    fn history(
        &self,
        conversation: &ConversationRow,
        request: &HistoryRequest,
        limit: usize,
    ) -> Result<HistoryPage> {
        self.history_page(conversation, request, limit)
    }

    fn find_users(&self, query: &str, exact: bool, limit: usize) -> Result<Vec<User>> {
        self.find(query, exact, limit)
    }

    fn acquainted(&self, user: UserKey, users: &[UserId]) -> Result<Vec<User>> {
        self.acquainted_with(user, users)
    }

    fn seen(&self, user: UserKey, users: &[UserId]) -> Result<Vec<Seen>> {
        self.seen_by(user, users)
    }

    fn devices(&self, user: UserKey) -> Result<Vec<DeviceRow>> {
        self.devices_of(user)
    }
}

impl Sqlite {
    fn execute(&self, sql: &str, params: impl rusqlite::Params) -> Result<()> {
        self.db.prepare_cached(sql)?.execute(params)?;
        Ok(())
    }

    fn known(&self, sql: &str, id: CommandId) -> Result<Option<KnownCommand>> {
        let mut statement = self.db.prepare_cached(sql)?;
        let known = statement.query_row([id.as_bytes()], |row| {
            Ok(KnownCommand {
                user: UserKey(row.get(0)?),
                fingerprint: row.get(1)?,
                seq: row.get(2)?,
                rev: row.get(3)?,
            })
        });
        Ok(known.optional()?)
    }
}

impl ChatWrites for Sqlite {
    fn begin_run(&self, run: RunId, now: u64) -> Result<u64> {
        let alive: Option<u64> =
            self.db.prepare_cached(sql::LAST_ALIVE)?.query_row([], |row| row.get(0)).optional()?;
        if let Some(alive) = alive {
            self.execute(sql::SEEN_USERS, [alive])?;
            self.execute(sql::SEEN_SESSIONS, [alive])?;
        }
        self.execute(sql::NOBODY_PRESENT, [])?;
        self.db.prepare_cached(sql::END_RUN)?.execute([])?;
        self.execute(sql::BEGIN_RUN, params![run.as_bytes(), now])?;
        Ok(self.db.prepare_cached(sql::LAST_COMMIT)?.query_row([], |row| row.get(0))?)
    }

    fn take_commits(&self, last: u64) -> Result<()> {
        self.execute(sql::TAKE_COMMITS, [last])
    }

    fn note_commit(&self, commit: u64) -> Result<()> {
        self.execute(sql::NOTE_COMMIT, [commit])
    }

    fn set_alive(&self, now: u64) -> Result<()> {
        self.execute(sql::SET_ALIVE, [now])
    }

    fn set_present(&self, session: SessionKey, user: UserKey) -> Result<()> {
        self.execute(sql::SET_PRESENT, [session.0, user.0])
    }

    fn set_gone(&self, session: SessionKey, user: UserKey, at: u64) -> Result<()> {
        self.execute(sql::SET_ABSENT, [session.0])?;
        self.execute(sql::SEEN_SESSION, params![session.0, at])?;
        self.execute(sql::SEEN_USER, params![user.0, at])
    }

    fn known_command(&self, id: CommandId) -> Result<Option<KnownCommand>> {
        match self.known(sql::KNOWN_MESSAGE, id)? {
            Some(known) => Ok(Some(known)),
            None => self.known(sql::KNOWN_COMMAND, id),
        }
    }

    fn record_command(
        &self,
        id: CommandId,
        user: UserKey,
        fingerprint: [u8; 16],
        rev: Option<u64>,
    ) -> Result<()> {
        self.execute(sql::RECORD_COMMAND, params![id.as_bytes(), user.0, fingerprint, rev])
    }

    fn user(&self, id: UserId) -> Result<Option<UserRow>> {
        self.user_of(id)
    }

    fn conversation(&self, id: ConversationId) -> Result<Option<ConversationRow>> {
        let mut statement = self.db.prepare_cached(sql::CONVERSATION)?;
        Ok(statement.query_row([id.as_bytes()], conversation_row).optional()?)
    }

    fn members(&self, conversation: ConversationKey) -> Result<Vec<MemberRow>> {
        let mut statement = self.db.prepare_cached(sql::MEMBERS)?;
        let rows = statement.query_map([conversation.0], |row| {
            Ok(MemberRow {
                key: UserKey(row.get(0)?),
                user: UserId(uuid_at(row, 1)?),
                role: row.get::<_, Option<i64>>(2)?.map(role),
                share_read: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn insert_conversation(&self, row: &ConversationRow) -> Result<ConversationKey> {
        let mut statement = self.db.prepare_cached(sql::INSERT_CONVERSATION)?;
        let key = statement.insert(params![
            row.id.as_bytes(),
            i64::from(row.kind == Kind::Group),
            row.title,
            row.title_rev,
            row.created_at,
            row.rev,
            row.seq,
            row.first_seq,
            row.lineage as i64,
            row.members,
            row.commit,
        ])?;
        Ok(ConversationKey(key))
    }

    fn save_conversation(&self, row: &ConversationRow) -> Result<()> {
        self.execute(
            sql::SAVE_CONVERSATION,
            params![
                row.key.0,
                row.title,
                row.title_rev,
                row.rev,
                row.seq,
                row.lineage as i64,
                row.members,
                row.commit
            ],
        )
    }

    fn save_member(
        &self,
        conversation: ConversationKey,
        user: UserKey,
        role: Option<Role>,
        rev: u64,
        commit: u64,
        left: &Left,
    ) -> Result<()> {
        self.execute(
            sql::SAVE_MEMBER,
            params![
                conversation.0,
                user.0,
                role.map(role_number),
                rev,
                commit,
                left.rev,
                left.seq,
                left.lineage as i64,
                left.title
            ],
        )
    }

    fn message(&self, conversation: ConversationKey, id: MessageId) -> Result<Option<Message>> {
        self.find_message(conversation, id)
    }

    fn insert_message(
        &self,
        conversation: ConversationKey,
        message: &Message,
        fingerprint: Option<[u8; 16]>,
    ) -> Result<()> {
        self.add_message(conversation, message, fingerprint)
    }

    fn save_message(&self, conversation: ConversationKey, message: &Message) -> Result<()> {
        self.update_message(conversation, message)
    }

    fn set_mention(&self, conversation: ConversationKey, user: UserKey, seq: u64) -> Result<()> {
        self.execute(sql::SET_MENTION, params![conversation.0, user.0, seq])
    }

    fn advance_mark(
        &self,
        conversation: ConversationKey,
        user: UserKey,
        read: u64,
        delivered: u64,
        commit: u64,
    ) -> Result<Option<Mark>> {
        let user_id = self.user_id(user.0)?;
        let mut statement = self.db.prepare_cached(sql::ADVANCE_MARK)?;
        let mark = statement.query_row(params![conversation.0, user.0, read, delivered, commit], |row| {
            Ok(Mark { user: user_id, delivered: row.get(0)?, read: row.get(1)? })
        });
        Ok(mark.optional()?)
    }

    fn set_hidden(&self, conversation: ConversationKey, user: UserKey, seq: u64, commit: u64) -> Result<()> {
        self.execute(sql::SET_HIDDEN, params![conversation.0, user.0, seq, commit])
    }

    fn set_notify(
        &self,
        conversation: ConversationKey,
        user: UserKey,
        notify: Notify,
        commit: u64,
    ) -> Result<()> {
        let level = super::heads::notify_column(notify.level);
        self.execute(sql::SET_NOTIFY, params![conversation.0, user.0, level, notify.muted_until, commit])
    }

    fn is_blocked(&self, blocker: UserKey, blocked: UserKey) -> Result<bool> {
        self.pair(sql::IS_BLOCKED, blocker, blocked)
    }

    fn set_blocked(&self, blocker: UserKey, blocked: UserKey, on: bool) -> Result<()> {
        self.execute(if on { sql::BLOCK } else { sql::UNBLOCK }, [blocker.0, blocked.0])
    }

    fn save_profile(&self, user: UserKey, display_name: &str, share_read: bool, commit: u64) -> Result<()> {
        self.execute(sql::SAVE_PROFILE, params![user.0, display_name, share_read, commit])?;
        self.rename(user.0, display_name)
    }

    fn acquaintances(&self, user: UserKey) -> Result<Vec<UserId>> {
        self.ids_in(sql::ACQUAINTANCES, user)
    }

    fn sharing(&self) -> Result<Option<(UserId, UserKey, ConversationKey)>> {
        let mut statement = self.db.prepare_cached(sql::SHARING)?;
        let found = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((user, after)) = found else { return Ok(None) };
        Ok(Some((self.user_id(user)?, UserKey(user), ConversationKey(after))))
    }

    fn set_sharing(&self, user: UserKey, after: Option<ConversationKey>) -> Result<()> {
        match after {
            Some(after) => self.execute(sql::SET_SHARING, [user.0, after.0]),
            None => self.execute(sql::END_SHARING, [user.0]),
        }
    }
}
