//! The database: opening it, the accounts in it, transactions and views.

use crate::convert::Id;
use crate::error::Result;
use crate::schema;
use crate::tx::Tx;
use crate::view::Draft;
use crate::views::Views;
use confab_protocol::{ConversationId, DeviceId, User, UserId};
use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;

/// An account's number in this database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey(pub i64);

/// An account of this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountInfo {
    /// Its number here.
    pub key: AccountKey,
    /// The relay's address.
    pub relay: String,
    /// Who.
    pub user: User,
    /// This device, as the relay knows it.
    pub device: DeviceId,
    /// It is the one in use.
    pub current: bool,
}

/// The database of one device.
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
}

impl Store {
    /// Opens a file, making or migrating it as need be.
    ///
    /// # Errors
    /// See [`crate::StoreError`]; `is_damage` says whether to set the file aside ([`Store::open_or_rescue`]).
    pub fn open(path: &Path) -> Result<Self> {
        Self::from_connection(Connection::open(path)?)
    }

    /// Over a connection that was opened elsewhere (in the browser, on the VFS that was registered before).
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn from_connection(connection: Connection) -> Result<Self> {
        schema::prepare(&connection)?;
        Ok(Self { connection })
    }

    /// In memory, gone with the value.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn in_memory() -> Result<Self> {
        Self::from_connection(Connection::open_in_memory()?)
    }

    /// The accounts of this device, the current one first.
    ///
    /// # Errors
    /// The database's.
    pub fn accounts(&self) -> Result<Vec<AccountInfo>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT a.account, a.relay, a.user, a.device, a.current, u.username, u.display_name
             FROM accounts a LEFT JOIN users u ON u.account = a.account AND u.user = a.user
             ORDER BY a.current DESC, a.account",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(AccountInfo {
                key: AccountKey(row.get(0)?),
                relay: row.get(1)?,
                user: User {
                    id: UserId(row.get::<_, Id>(2)?.0),
                    username: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
                    display_name: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
                    deleted: false,
                },
                device: DeviceId(row.get::<_, Id>(3)?.0),
                current: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Someone has signed in: makes the account or finds the one that is held, and makes it the current one.
    ///
    /// # Errors
    /// The database's.
    pub fn sign_in(&mut self, relay: &str, user: &User, device: DeviceId) -> Result<AccountKey> {
        let tx = self.connection.transaction()?;
        tx.execute("UPDATE accounts SET current = 0 WHERE current = 1", [])?;
        tx.execute(
            "INSERT INTO accounts (relay, user, device, current) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT (relay, user) DO UPDATE SET device = excluded.device, current = 1",
            params![relay, Id(user.id.0), Id(device.0)],
        )?;
        let account: i64 = tx.query_row(
            "SELECT account FROM accounts WHERE relay = ?1 AND user = ?2",
            params![relay, Id(user.id.0)],
            |row| row.get(0),
        )?;
        tx.execute(
            "INSERT OR REPLACE INTO users (account, user, username, display_name, deleted)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![account, Id(user.id.0), user.username, user.display_name, user.deleted],
        )?;
        tx.commit()?;
        Ok(AccountKey(account))
    }

    /// Removes an account with everything of it, the outbox too.
    ///
    /// # Errors
    /// The database's.
    pub fn sign_out(&mut self, key: AccountKey) -> Result<()> {
        let tx = self.connection.transaction()?;
        tx.execute(
            "DELETE FROM search_index WHERE rowid IN (SELECT doc FROM messages WHERE account = ?1)",
            [key.0],
        )?;
        for table in [
            "users",
            "conversations",
            "summaries",
            "messages",
            "ranges",
            "members",
            "marks",
            "unconfirmed",
            "outbox",
            "pending_marks",
            "drafts",
            "unindexed",
            "accounts",
        ] {
            tx.execute(&format!("DELETE FROM {table} WHERE account = ?1"), [key.0])?;
        }
        tx.commit()?;
        Ok(())
    }

    /// The account's secret (a refresh token), where the platform has no better place for it.
    ///
    /// # Errors
    /// The database's.
    pub fn secret(&self, key: AccountKey) -> Result<Option<String>> {
        let mut statement =
            self.connection.prepare_cached("SELECT secret FROM accounts WHERE account = ?1")?;
        Ok(statement.query_row([key.0], |row| row.get(0)).optional()?.flatten())
    }

    /// Keeps or forgets it.
    ///
    /// # Errors
    /// The database's.
    pub fn put_secret(&mut self, key: AccountKey, secret: Option<&str>) -> Result<()> {
        self.connection
            .execute("UPDATE accounts SET secret = ?2 WHERE account = ?1", params![key.0, secret])?;
        Ok(())
    }

    /// Begins a transaction for the engine. Dropping it rolls back.
    ///
    /// # Errors
    /// The database's, `storage` too if there is no such account.
    pub fn begin(&mut self, key: AccountKey) -> Result<Tx<'_>> {
        Tx::begin(&self.connection, key.0)
    }

    /// Keeps what stands in a composer; an empty draft is forgotten.
    ///
    /// # Errors
    /// The database's.
    pub fn save_draft(&mut self, key: AccountKey, conversation: ConversationId, draft: &Draft) -> Result<()> {
        if *draft == Draft::default() {
            self.connection.execute(
                "DELETE FROM drafts WHERE account = ?1 AND conversation = ?2",
                params![key.0, Id(conversation.0)],
            )?;
        } else {
            self.connection.execute(
                "INSERT OR REPLACE INTO drafts (account, conversation, draft) VALUES (?1, ?2, ?3)",
                params![key.0, Id(conversation.0), serde_json::to_string(draft)?],
            )?;
        }
        Ok(())
    }

    /// Brings up to `limit` more texts into the search index; `true` if there are more. To be called while there is
    /// nothing else to do, until it says `false`. Searches say how much they could not look at before that.
    ///
    /// # Errors
    /// The database's.
    pub fn index_step(&mut self, limit: usize) -> Result<bool> {
        let tx = self.connection.transaction()?;
        let more = crate::search::index_some(&tx, limit)?;
        tx.commit()?;
        Ok(more)
    }

    /// What screens read.
    pub fn views(&self, key: AccountKey) -> Views<'_> {
        Views::new(&self.connection, key.0)
    }
}
