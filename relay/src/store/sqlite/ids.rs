//! Ids of users on the outside, rows of users on the inside: the pairs that this connection has seen.
//!
//! A user's id never changes, so a pair is good for as long as its row is there. The writer's connection forgets all
//! pairs when it undoes something: the row may have been part of it.

use super::{Sqlite, sql};
use crate::store::chat::UserKey;
use crate::store::{Result, StoreError};
use confab_protocol::UserId;
use rusqlite::OptionalExtension;
use std::collections::HashMap;
use uuid::Uuid;

/// Most pairs kept: some 6 MiB.
const KEPT: usize = 100_000;

#[derive(Default)]
pub(super) struct Ids {
    by_key: HashMap<i64, UserId>,
    by_id: HashMap<UserId, i64>,
}

impl Ids {
    pub(super) fn forget(&mut self) {
        self.by_key.clear();
        self.by_id.clear();
    }

    fn keep(&mut self, key: i64, id: UserId) {
        if self.by_key.len() >= KEPT {
            self.forget();
        }
        self.by_key.insert(key, id);
        self.by_id.insert(id, key);
    }
}

impl Sqlite {
    /// The id of a user's row.
    pub(super) fn user_id(&self, key: i64) -> Result<UserId> {
        if let Some(id) = self.ids.borrow().by_key.get(&key) {
            return Ok(*id);
        }
        let mut statement = self.db.prepare_cached(sql::USER_ID)?;
        let id: Option<Uuid> = statement.query_row([key], |row| uuid_at(row, 0)).optional()?;
        let id = UserId(id.ok_or_else(|| StoreError::Corrupt(format!("there is no user {key}")))?);
        self.ids.borrow_mut().keep(key, id);
        Ok(id)
    }

    /// The row of a user, if there is one.
    pub(super) fn user_key(&self, id: UserId) -> Result<Option<UserKey>> {
        if let Some(key) = self.ids.borrow().by_id.get(&id) {
            return Ok(Some(UserKey(*key)));
        }
        let mut statement = self.db.prepare_cached(sql::USER_KEY)?;
        let key: Option<i64> = statement.query_row([id.as_bytes()], |row| row.get(0)).optional()?;
        if let Some(key) = key {
            self.ids.borrow_mut().keep(key, id);
        }
        Ok(key.map(UserKey))
    }

    /// The row of a user who must be there.
    pub(super) fn known_key(&self, id: UserId) -> Result<i64> {
        self.user_key(id)?
            .map(|key| key.0)
            .ok_or_else(|| StoreError::Failed(format!("a row names the user {id}, who does not exist")))
    }
}

/// A sixteen-byte blob as a UUID.
pub(super) fn uuid_at(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    let bytes: [u8; 16] = row.get(column)?;
    Ok(Uuid::from_bytes(bytes))
}
