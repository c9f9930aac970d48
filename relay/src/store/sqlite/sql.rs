//! Every statement about conversations. A test asks SQLite for the plan of each: none may scan a table.

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* pub(super) const $name: &str = $sql;)*
        /// All of them, for the test of their plans.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

macro_rules! message_columns {
    () => {
        "place & 4294967295, rev, uid, sender, at, edited_at, reply_to, reply_seq, kind, body, mentions, reactions"
    };
}

macro_rules! conversation_columns {
    () => {
        "c.id, c.uid, c.kind, c.title, c.title_rev, c.created_at, c.rev, c.seq, c.first_seq, c.lineage, c.members, \
         c.commit_no"
    };
}

statements! {
    LAST_COMMIT = "SELECT commit_no FROM counter WHERE id = 1";
    RUN_END = "SELECT coalesce(r.last_commit, (SELECT commit_no FROM counter WHERE id = 1)) FROM runs r \
               WHERE r.run = ?1";
    CALLER = "SELECT u.id, s.id, u.username, u.display_name, u.share_read FROM sessions s JOIN users u ON u.id = s.user \
              WHERE s.uid = ?1 AND u.uid = ?2 AND s.ended_at IS NULL AND u.deleted = 0";
    USER_KEY = "SELECT id FROM users WHERE uid = ?1";
    USER_ID = "SELECT uid FROM users WHERE id = ?1";
    PROFILE = "SELECT uid, username, display_name, deleted, share_read, id FROM users WHERE uid = ?1";
    BLOCKED = "SELECT u.uid FROM blocks b JOIN users u ON u.id = b.blocked WHERE b.blocker = ?1 ORDER BY b.blocked";
    APART = "SELECT u.uid FROM blocks b JOIN users u ON u.id = b.blocked WHERE b.blocker = ?1 UNION ALL \
             SELECT u.uid FROM blocks b INDEXED BY blocks_by_blocked JOIN users u ON u.id = b.blocker \
             WHERE b.blocked = ?1";
    TOUCHED = "SELECT m.conversation FROM members m JOIN conversations c ON c.id = m.conversation \
               WHERE m.user = ?1 AND m.conversation > ?2 \
               AND (m.commit_no > ?3 OR (m.role IS NOT NULL AND c.commit_no > ?3)) ORDER BY m.conversation LIMIT ?4";
    HEAD = "SELECT c.uid, c.kind, c.title, c.created_at, c.rev, c.lineage, c.seq, c.first_seq, c.members, m.role, \
            m.read, m.delivered, m.mention_seq, m.hidden_seq, m.left_rev, m.left_lineage, m.left_seq, m.left_title, \
            m.notify_level, m.muted_until \
            FROM members m JOIN conversations c ON c.id = m.conversation WHERE m.conversation = ?1 AND m.user = ?2";
    PEER = "SELECT user FROM members WHERE conversation = ?1 AND user <> ?2 LIMIT 1";
    MARKS = "SELECT u.uid, m.delivered, \
             CASE WHEN u.share_read AND (SELECT share_read FROM users WHERE id = ?2) THEN m.read ELSE 0 END \
             FROM members m JOIN users u ON u.id = m.user \
             WHERE m.conversation = ?1 AND m.user <> ?2 AND m.role IS NOT NULL";
    UNREAD = "SELECT count(*) FROM (SELECT 1 FROM messages WHERE place > ?1 AND place <= ?2 AND sender <> ?3 \
              AND kind = 0 LIMIT ?4)";
    MESSAGE_AT = concat!("SELECT ", message_columns!(), " FROM messages WHERE place = ?1");
    MESSAGE_BY_ID =
        concat!("SELECT ", message_columns!(), " FROM messages WHERE uid = ?2 AND place >> 32 = ?1");
    MEMBER_OF = concat!("SELECT ", conversation_columns!(), " FROM conversations c JOIN members m \
               ON m.conversation = c.id AND m.user = ?1 WHERE c.uid = ?2 AND m.role IS NOT NULL");
    FIRST_REV = "SELECT first_rev FROM messages WHERE place = ?1";
    MESSAGES_BETWEEN = concat!("SELECT ", message_columns!(), ", first_rev FROM messages \
               WHERE place BETWEEN ?1 AND ?2 ORDER BY place");
    CHANGED_SINCE = "SELECT rev, place & 4294967295 FROM messages INDEXED BY messages_changed \
               WHERE place >> 32 = ?1 AND rev > ?2 AND rev <> first_rev ORDER BY rev LIMIT ?3";
    MEMBERS_SINCE = "SELECT user, role, rev FROM members INDEXED BY members_by_rev WHERE conversation = ?1 AND rev > ?2 \
               ORDER BY rev LIMIT ?3";
    HISTORY_DOWN = concat!("SELECT ", message_columns!(), " FROM messages WHERE place BETWEEN ?1 AND ?2 \
               ORDER BY place DESC LIMIT ?3");
    HISTORY_UP = concat!("SELECT ", message_columns!(), " FROM messages WHERE place BETWEEN ?1 AND ?2 \
               ORDER BY place LIMIT ?3");
    FIND_EXACT = "SELECT uid, username, display_name, deleted, share_read, id FROM users \
               WHERE username = ?1 AND deleted = 0";
    FIND_USERNAME = "SELECT uid, username, display_name, deleted, share_read, id FROM users \
               WHERE username >= ?1 AND username < ?2 AND deleted = 0 ORDER BY username LIMIT ?3";
    FIND_DISPLAY = "SELECT uid, username, display_name, deleted, share_read, id FROM users \
               WHERE folded_name >= ?1 AND folded_name < ?2 AND deleted = 0 ORDER BY folded_name LIMIT ?3";
    FIND_START = "SELECT u.uid, u.username, u.display_name, u.deleted, u.share_read, u.id FROM \
               (SELECT DISTINCT user FROM name_starts WHERE start >= ?1 AND start < ?2 LIMIT ?3) s \
               JOIN users u ON u.id = s.user WHERE u.deleted = 0";
    FIND_PART = "SELECT u.uid, u.username, u.display_name, u.deleted, u.share_read, u.id FROM people p \
               JOIN users u ON u.id = p.rowid WHERE people MATCH ?1 AND u.deleted = 0 LIMIT ?2";
    ACQUAINTED = "SELECT EXISTS (SELECT 1 FROM members a JOIN members b ON b.conversation = a.conversation \
               AND b.user = ?2 WHERE a.user = ?1 AND a.role IS NOT NULL)";
    SHARES_NOW = "SELECT EXISTS (SELECT 1 FROM members a JOIN members b ON b.conversation = a.conversation \
               AND b.user = ?2 WHERE a.user = ?1 AND a.role IS NOT NULL AND b.role IS NOT NULL)";
    LAST_SEEN = "SELECT last_seen FROM users WHERE id = ?1";
    DEVICES = "SELECT uid, name, created_at, last_seen FROM sessions INDEXED BY sessions_by_user \
               WHERE user = ?1 AND ended_at IS NULL ORDER BY created_at DESC LIMIT 100";
    PROFILES_CHANGED = "SELECT u.uid, u.username, u.display_name, u.deleted, u.share_read, u.id FROM users u \
               INDEXED BY users_by_profile_commit WHERE u.profile_commit > ?2 AND (u.id = ?1 OR EXISTS \
               (SELECT 1 FROM members a JOIN members b ON b.conversation = a.conversation AND b.user = u.id \
               WHERE a.user = ?1 AND a.role IS NOT NULL))";

    BEGIN_RUN = "INSERT INTO runs (run, first_commit, started_at, alive_at) \
               SELECT ?1, commit_no + 1, ?2, ?2 FROM counter WHERE id = 1";
    END_RUN = "UPDATE runs SET last_commit = max(first_commit - 1, (SELECT last_commit FROM counter WHERE id = 1), \
               (SELECT coalesce(max(commit_no), 0) FROM conversations)) WHERE id = (SELECT max(id) FROM runs)";
    NOTE_COMMIT = "UPDATE counter SET last_commit = ?1 WHERE id = 1";
    LAST_ALIVE = "SELECT alive_at FROM runs WHERE id = (SELECT max(id) FROM runs)";
    SEEN_USERS = "UPDATE users SET last_seen = max(last_seen, ?1) WHERE id IN (SELECT user FROM present)";
    SEEN_SESSIONS = "UPDATE sessions SET last_seen = max(last_seen, ?1) WHERE id IN (SELECT session FROM present)";
    NOBODY_PRESENT = "DELETE FROM present";
    TAKE_COMMITS = "UPDATE counter SET commit_no = ?1 WHERE id = 1";
    SET_ALIVE = "UPDATE runs SET alive_at = ?1 WHERE id = (SELECT max(id) FROM runs)";
    SET_PRESENT = "INSERT INTO present (session, user) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    SET_ABSENT = "DELETE FROM present WHERE session = ?1";
    SEEN_SESSION = "UPDATE sessions SET last_seen = max(last_seen, ?2) WHERE id = ?1";
    SEEN_USER = "UPDATE users SET last_seen = max(last_seen, ?2) WHERE id = ?1";
    KNOWN_MESSAGE = "SELECT sender, fingerprint, place & 4294967295, first_rev FROM messages WHERE uid = ?1";
    KNOWN_COMMAND = "SELECT user, fingerprint, NULL, rev FROM commands WHERE uid = ?1";
    RECORD_COMMAND = "INSERT INTO commands (uid, user, fingerprint, rev) VALUES (?1, ?2, ?3, ?4)";
    CONVERSATION = concat!("SELECT ", conversation_columns!(), " FROM conversations c WHERE c.uid = ?1");
    MEMBERS = "SELECT m.user, u.uid, m.role, u.share_read FROM members m JOIN users u ON u.id = m.user \
               WHERE m.conversation = ?1";
    INSERT_CONVERSATION = "INSERT INTO conversations (uid, kind, title, title_rev, created_at, rev, seq, first_seq, \
               lineage, members, commit_no) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    SAVE_CONVERSATION = "UPDATE conversations SET title = ?2, title_rev = ?3, rev = ?4, seq = ?5, lineage = ?6, \
               members = ?7, commit_no = ?8 WHERE id = ?1";
    SAVE_MEMBER = "INSERT INTO members (conversation, user, role, rev, commit_no, left_rev, left_seq, left_lineage, \
               left_title) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (conversation, user) DO UPDATE \
               SET role = excluded.role, rev = excluded.rev, commit_no = excluded.commit_no, \
               left_rev = excluded.left_rev, left_seq = excluded.left_seq, left_lineage = excluded.left_lineage, \
               left_title = excluded.left_title";
    INSERT_MESSAGE = "INSERT INTO messages (place, rev, first_rev, uid, sender, at, reply_to, reply_seq, \
               kind, body, mentions, fingerprint) VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    SAVE_MESSAGE = "UPDATE messages SET rev = ?2, edited_at = ?3, kind = ?4, body = ?5, mentions = ?6, reactions = ?7 \
               WHERE place = ?1";
    SET_MENTION = "UPDATE members SET mention_seq = max(mention_seq, ?3) WHERE conversation = ?1 AND user = ?2";
    ADVANCE_MARK = "UPDATE members SET read = max(read, ?3), delivered = max(delivered, ?4), commit_no = ?5 \
               WHERE conversation = ?1 AND user = ?2 AND (read < ?3 OR delivered < ?4) RETURNING delivered, read";
    SET_HIDDEN = "UPDATE members SET hidden_seq = ?3, commit_no = ?4 WHERE conversation = ?1 AND user = ?2";
    SET_NOTIFY = "UPDATE members SET notify_level = ?3, muted_until = ?4, commit_no = ?5 \
               WHERE conversation = ?1 AND user = ?2";
    IS_BLOCKED = "SELECT EXISTS (SELECT 1 FROM blocks WHERE blocker = ?1 AND blocked = ?2)";
    BLOCK = "INSERT INTO blocks (blocker, blocked) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    UNBLOCK = "DELETE FROM blocks WHERE blocker = ?1 AND blocked = ?2";
    SAVE_PROFILE = "UPDATE users SET display_name = ?2, share_read = ?3, profile_commit = ?4 WHERE id = ?1";
    NAMES = "SELECT username, folded_name FROM users WHERE id = ?1";
    SET_FOLDED = "UPDATE users SET folded_name = ?2 WHERE id = ?1";
    ADD_START = "INSERT INTO name_starts (start, user) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    DROP_START = "DELETE FROM name_starts WHERE start = ?1 AND user = ?2";
    ACQUAINTANCES = "SELECT DISTINCT u.uid FROM members a JOIN members b ON b.conversation = a.conversation \
               AND b.role IS NOT NULL JOIN users u ON u.id = b.user WHERE a.user = ?1 AND a.role IS NOT NULL";
    SHARING = "SELECT user, after FROM sharing WHERE user > 0 ORDER BY user LIMIT 1";
    SET_SHARING = "INSERT INTO sharing (user, after) VALUES (?1, ?2) ON CONFLICT (user) DO UPDATE \
               SET after = excluded.after";
    END_SHARING = "DELETE FROM sharing WHERE user = ?1";
}
