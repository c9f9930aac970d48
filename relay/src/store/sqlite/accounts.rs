//! Accounts and sessions in SQLite.

use super::Sqlite;
use super::names::fold;
use crate::auth::refresh::{Nonce, Rotation};
use crate::store::accounts::{Account, AccountReads, AccountWrites, Keep, LiveSession, NewSession, NewUser};
use crate::store::{Result, StoreError};
use confab_protocol::{DeviceId, User, UserId};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

const ACCOUNT: &str =
    "SELECT uid, username, display_name, password FROM users WHERE username = ?1 AND deleted = 0";
const LIVE_SESSION: &str = "SELECT u.uid, u.username, u.display_name, s.generation, s.nonce, s.previous_nonce, \
    s.last_seen FROM sessions s JOIN users u ON u.id = s.user WHERE s.uid = ?1 AND s.ended_at IS NULL AND u.deleted = 0";
const HAS_USERS: &str = "SELECT EXISTS (SELECT 1 FROM users WHERE id > 0)";
const ADD_USER: &str = "INSERT INTO users (uid, username, display_name, folded_name, password, created_at, last_seen) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) ON CONFLICT (username) DO NOTHING";
const SET_PASSWORD: &str = "UPDATE users SET password = ?3 WHERE uid = ?1 AND password = ?2";
const ADD_SESSION: &str = "INSERT INTO sessions (uid, user, name, generation, nonce, previous_nonce, created_at, \
    last_seen) SELECT ?1, id, ?3, ?4, ?5, ?6, ?7, ?7 FROM users WHERE uid = ?2";
const SET_ROTATION: &str = "UPDATE sessions SET generation = ?2, nonce = ?3, previous_nonce = ?4, last_seen = \
    max(last_seen, ?5) WHERE uid = ?1";
const END_SESSION: &str = "UPDATE sessions SET ended_at = ?3 WHERE uid = ?2 AND ended_at IS NULL \
    AND user = (SELECT id FROM users WHERE uid = ?1)";
const SURPLUS_SESSIONS: &str = "SELECT uid FROM sessions WHERE user = (SELECT id FROM users WHERE uid = ?1) \
    AND ended_at IS NULL ORDER BY last_seen DESC, id DESC LIMIT -1 OFFSET ?2";
const IDLE_SESSIONS: &str = "SELECT uid FROM sessions WHERE user = (SELECT id FROM users WHERE uid = ?1) \
    AND ended_at IS NULL AND last_seen < ?2";
const FORGET_SESSIONS: &str = "DELETE FROM sessions WHERE user = (SELECT id FROM users WHERE uid = ?1) \
    AND ended_at < ?2";

/// Every statement of this file, for the test of the query plans.
#[cfg(test)]
pub(super) const STATEMENTS: [&str; 11] = [
    ACCOUNT,
    SET_PASSWORD,
    LIVE_SESSION,
    HAS_USERS,
    ADD_USER,
    ADD_SESSION,
    SET_ROTATION,
    END_SESSION,
    SURPLUS_SESSIONS,
    IDLE_SESSIONS,
    FORGET_SESSIONS,
];

impl AccountReads for Sqlite {
    fn account(&self, username: &str) -> Result<Option<Account>> {
        let mut statement = self.db.prepare_cached(ACCOUNT)?;
        let account = statement
            .query_row([username], |row| Ok(Account { user: user(row)?, password: row.get(3)? }))
            .optional()?;
        Ok(account)
    }

    fn live_session(&self, device: DeviceId) -> Result<Option<LiveSession>> {
        let mut statement = self.db.prepare_cached(LIVE_SESSION)?;
        let session = statement
            .query_row([device.as_bytes()], |row| {
                let rotation = Rotation {
                    generation: row.get(3)?,
                    nonce: row.get::<_, Nonce>(4)?,
                    previous_nonce: row.get::<_, Option<Nonce>>(5)?,
                };
                Ok(LiveSession { user: user(row)?, rotation, last_seen: row.get(6)? })
            })
            .optional()?;
        Ok(session)
    }

    fn has_users(&self) -> Result<bool> {
        Ok(self.db.prepare_cached(HAS_USERS)?.query_row([], |row| row.get(0))?)
    }
}

impl AccountWrites for Sqlite {
    fn add_user(&self, user: &NewUser) -> Result<bool> {
        let folded = fold(&user.display_name);
        let added = self.db.prepare_cached(ADD_USER)?.execute(params![
            user.id.as_bytes(),
            user.username,
            user.display_name,
            folded,
            user.password,
            user.created_at
        ])?;
        if added == 1 {
            self.add_name(self.known_key(user.id)?, &user.username, &folded)?;
        }
        Ok(added == 1)
    }

    fn set_password(&self, user: UserId, old: &str, new: &str) -> Result<bool> {
        let set = self.db.prepare_cached(SET_PASSWORD)?.execute(params![user.as_bytes(), old, new])?;
        Ok(set == 1)
    }

    fn add_session(&self, session: &NewSession) -> Result<()> {
        let rotation = &session.rotation;
        let added = self.db.prepare_cached(ADD_SESSION)?.execute(params![
            session.device.as_bytes(),
            session.user.as_bytes(),
            session.name,
            rotation.generation,
            rotation.nonce,
            rotation.previous_nonce,
            session.created_at
        ])?;
        if added == 1 { Ok(()) } else { Err(StoreError::Failed("a session was added for nobody".into())) }
    }

    fn set_rotation(&self, device: DeviceId, rotation: &Rotation, now: u64) -> Result<()> {
        self.db.prepare_cached(SET_ROTATION)?.execute(params![
            device.as_bytes(),
            rotation.generation,
            rotation.nonce,
            rotation.previous_nonce,
            now
        ])?;
        Ok(())
    }

    fn end_session(&self, user: UserId, device: DeviceId, now: u64) -> Result<bool> {
        let ended =
            self.db.prepare_cached(END_SESSION)?.execute(params![user.as_bytes(), device.as_bytes(), now])?;
        Ok(ended == 1)
    }

    fn trim_sessions(&self, user: UserId, keep: Keep, now: u64) -> Result<Vec<DeviceId>> {
        self.db.prepare_cached(FORGET_SESSIONS)?.execute(params![user.as_bytes(), keep.ended_since])?;
        let mut ended = Vec::new();
        for (sql, bound) in [(IDLE_SESSIONS, keep.seen_since), (SURPLUS_SESSIONS, keep.most as u64)] {
            let surplus = self
                .db
                .prepare_cached(sql)?
                .query_map(params![user.as_bytes(), bound], |row| Ok(DeviceId(uuid(row, 0)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            for device in surplus {
                self.end_session(user, device, now)?;
                ended.push(device);
            }
        }
        Ok(ended)
    }
}

fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    Ok(Uuid::from_bytes(row.get(column)?))
}

/// A user from the first three columns.
fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User { id: UserId(uuid(row, 0)?), username: row.get(1)?, display_name: row.get(2)?, deleted: false })
}
