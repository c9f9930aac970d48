//! People: profiles, who knows whom, finding, presence, devices.

use super::ids::uuid_at;
use super::names::{START_CHARS, fold};
use super::{Sqlite, sql};
use crate::store::Result;
use crate::store::chat::{Caller, DeviceRow, Seen, SessionKey, UserKey, UserRow};
use confab_protocol::{DeviceId, User, UserId};
use rusqlite::{OptionalExtension, Row, ToSql, params};

/// The largest character, which ends a range of texts with a common beginning.
const LAST: char = '\u{10FFFF}';

/// Reads the columns `uid, username, display_name, deleted, share_read, id`.
fn user_row(row: &Row<'_>) -> rusqlite::Result<UserRow> {
    let deleted: bool = row.get(3)?;
    let username = if deleted { String::new() } else { row.get(1)? };
    Ok(UserRow {
        user: User { id: UserId(uuid_at(row, 0)?), username, display_name: row.get(2)?, deleted },
        share_read: row.get(4)?,
        key: UserKey(row.get(5)?),
    })
}

impl Sqlite {
    pub(super) fn user_of(&self, id: UserId) -> Result<Option<UserRow>> {
        Ok(self.db.prepare_cached(sql::PROFILE)?.query_row([id.as_bytes()], user_row).optional()?)
    }

    pub(super) fn profiles_of(&self, users: &[UserId]) -> Result<Vec<User>> {
        let mut found = Vec::with_capacity(users.len());
        for id in users {
            found.extend(self.user_of(*id)?.map(|row| row.user));
        }
        Ok(found)
    }

    pub(super) fn caller_of(&self, user: UserId, device: DeviceId) -> Result<Option<Caller>> {
        let mut statement = self.db.prepare_cached(sql::CALLER)?;
        let caller = statement.query_row(params![device.as_bytes(), user.as_bytes()], |row| {
            Ok(Caller {
                key: UserKey(row.get(0)?),
                session: SessionKey(row.get(1)?),
                user: User { id: user, username: row.get(2)?, display_name: row.get(3)?, deleted: false },
                share_read: row.get(4)?,
            })
        });
        Ok(caller.optional()?)
    }

    pub(super) fn ids_in(&self, sql: &str, user: UserKey) -> Result<Vec<UserId>> {
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([user.0], |row| uuid_at(row, 0))?;
        rows.map(|id| Ok(UserId(id?))).collect()
    }

    pub(super) fn changed_profiles(&self, user: UserKey, since: u64) -> Result<Vec<User>> {
        let mut statement = self.db.prepare_cached(sql::PROFILES_CHANGED)?;
        let rows = statement.query_map(params![user.0, since], user_row)?;
        rows.map(|row| Ok(row?.user)).collect()
    }

    pub(super) fn find(&self, query: &str, exact: bool, limit: usize) -> Result<Vec<User>> {
        if exact {
            let username = query.trim().to_lowercase();
            let found =
                self.db.prepare_cached(sql::FIND_EXACT)?.query_row([username], user_row).optional()?;
            return Ok(found.map(|row| row.user).into_iter().collect());
        }
        let query = fold(query);
        if query.is_empty() {
            return Ok(Vec::new());
        }
        let mut users: Vec<User> = Vec::new();
        let mut add = |sql: &str, params: &[&dyn ToSql]| -> Result<()> {
            let mut statement = self.db.prepare_cached(sql)?;
            let mut rows = statement.query(params)?;
            while users.len() < limit
                && let Some(row) = rows.next()?
            {
                let user = user_row(row)?.user;
                if !users.iter().any(|other| other.id == user.id) {
                    users.push(user);
                }
            }
            Ok(())
        };
        let end = format!("{query}{LAST}");
        add(sql::FIND_USERNAME, &[&query, &end, &limit])?;
        add(sql::FIND_DISPLAY, &[&query, &end, &limit])?;
        if query.chars().count() <= START_CHARS {
            add(sql::FIND_START, &[&query, &end, &limit])?;
        } else {
            let phrase = format!("\"{}\"", query.replace('"', "\"\""));
            add(sql::FIND_PART, &[&phrase, &limit])?;
        }
        Ok(users)
    }

    /// Whether the statement, given the two users, says yes.
    pub(super) fn pair(&self, sql: &str, one: UserKey, other: UserKey) -> Result<bool> {
        Ok(self.db.prepare_cached(sql)?.query_row(params![one.0, other.0], |row| row.get(0))?)
    }

    pub(super) fn acquainted_with(&self, user: UserKey, users: &[UserId]) -> Result<Vec<User>> {
        let mut found = Vec::new();
        for id in users {
            let Some(row) = self.user_of(*id)? else { continue };
            if row.key == user || self.pair(sql::ACQUAINTED, user, row.key)? {
                found.push(row.user);
            }
        }
        Ok(found)
    }

    pub(super) fn seen_by(&self, user: UserKey, users: &[UserId]) -> Result<Vec<Seen>> {
        let mut found = Vec::new();
        for id in users {
            let Some(key) = self.user_key(*id)? else { continue };
            let apart = self.pair(sql::IS_BLOCKED, user, key)? || self.pair(sql::IS_BLOCKED, key, user)?;
            if !apart && self.pair(sql::SHARES_NOW, user, key)? {
                let mut statement = self.db.prepare_cached(sql::LAST_SEEN)?;
                let last_seen = statement.query_row([key.0], |row| row.get(0))?;
                found.push(Seen { user: *id, last_seen });
            }
        }
        Ok(found)
    }

    pub(super) fn devices_of(&self, user: UserKey) -> Result<Vec<DeviceRow>> {
        let mut statement = self.db.prepare_cached(sql::DEVICES)?;
        let rows = statement.query_map([user.0], |row| {
            Ok(DeviceRow {
                id: DeviceId(uuid_at(row, 0)?),
                name: row.get(1)?,
                created_at: row.get(2)?,
                last_seen: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
