//! The schema, one migration a file. `user_version` says how many have been applied.

use crate::store::{Result, StoreError};
use rusqlite::{Connection, TransactionBehavior};

/// All migrations in order. One that has been released is never edited.
const MIGRATIONS: [&str; 3] = [
    include_str!("../../../migrations/0001_accounts.sql"),
    include_str!("../../../migrations/0002_runs.sql"),
    include_str!("../../../migrations/0003_conversations.sql"),
];

/// Applies what is missing, each in a transaction of its own.
pub(super) fn migrate(db: &mut Connection) -> Result<()> {
    let known = MIGRATIONS.len() as i64;
    loop {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version > known {
            return Err(StoreError::TooNew { found: version, known });
        }
        let Some(sql) = usize::try_from(version).ok().and_then(|at| MIGRATIONS.get(at)) else {
            return Ok(());
        };
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", version + 1)?;
        transaction.commit()?;
    }
}
