//! The schema, one migration a file. `user_version` says how many have been applied.

use super::names;
use crate::store::{Result, StoreError};
use rusqlite::{Connection, TransactionBehavior};

/// One step of the schema.
#[derive(Clone, Copy)]
struct Migration {
    sql: &'static str,
    /// What SQL cannot do, after it, in the same transaction.
    then: fn(&Connection) -> Result<()>,
}

impl Migration {
    const fn new(sql: &'static str) -> Self {
        Self { sql, then: |_| Ok(()) }
    }
}

/// All migrations in order. One that has been released is never edited.
const MIGRATIONS: [Migration; 5] = [
    Migration::new(include_str!("../../../migrations/0001_accounts.sql")),
    Migration::new(include_str!("../../../migrations/0002_runs.sql")),
    Migration::new(include_str!("../../../migrations/0003_conversations.sql")),
    Migration { sql: include_str!("../../../migrations/0004_names.sql"), then: names::fold_all },
    Migration::new(include_str!("../../../migrations/0005_sharing.sql")),
];

/// Refuses a database of a newer relay. Reads only: to be asked before anything is set or written.
pub(super) fn refuse_newer(db: &Connection) -> Result<()> {
    known(version(db)?, &MIGRATIONS).map(drop)
}

/// Applies what is missing, each in a transaction of its own.
pub(super) fn migrate(db: &mut Connection) -> Result<()> {
    apply(db, &MIGRATIONS)
}

fn apply(db: &mut Connection, migrations: &[Migration]) -> Result<()> {
    loop {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = version(&transaction)?;
        let Some(migration) = migrations.get(known(version, migrations)?) else {
            return Ok(());
        };
        // If it fails, the transaction is rolled back with what it did, and the version stays.
        transaction.execute_batch(migration.sql)?;
        (migration.then)(&transaction)?;
        transaction.pragma_update(None, "user_version", version + 1)?;
        transaction.commit()?;
    }
}

fn version(db: &Connection) -> Result<i64> {
    Ok(db.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// How many have been applied, if all of them are known here.
fn known(version: i64, migrations: &[Migration]) -> Result<usize> {
    match usize::try_from(version) {
        Ok(applied) if applied <= migrations.len() => Ok(applied),
        Ok(_) => Err(StoreError::TooNew { found: version, known: migrations.len() as i64 }),
        Err(_) => Err(StoreError::Corrupt(format!("it says that it is of version {version}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::chat::ChatReads as _;
    use crate::store::sqlite::SqliteStore;
    use std::fs;

    const INSERT_USER: &str = "INSERT INTO users (uid, username, display_name, password, created_at)
        VALUES (x'00', 'alice', 'Alice', '$argon2id$', 1)";

    fn count(db: &Connection, sql: &str) -> i64 {
        db.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_failing_migration_leaves_the_version_before_it_with_all_that_it_holds() {
        const FIRST: &str = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7);";
        let failing =
            [FIRST, "CREATE TABLE b (x INTEGER) STRICT; DELETE FROM a; INSERT INTO nowhere VALUES (1);"]
                .map(Migration::new);
        let mended =
            [FIRST, "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO b SELECT x FROM a;"].map(Migration::new);
        let mut db = Connection::open_in_memory().unwrap();
        for _ in 0..2 {
            assert!(matches!(apply(&mut db, &failing), Err(StoreError::Failed(_))));
            assert_eq!(version(&db).unwrap(), 1);
            assert_eq!(count(&db, "SELECT x FROM a"), 7);
            assert_eq!(count(&db, "SELECT count(*) FROM sqlite_schema"), 1, "nothing of it is left");
        }
        for _ in 0..2 {
            apply(&mut db, &mended).unwrap();
            assert_eq!((version(&db).unwrap(), count(&db, "SELECT x FROM b")), (2, 7));
        }
    }

    #[test]
    fn a_database_of_an_older_relay_is_brought_up_with_what_it_holds() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("confab.db");
        let mut old = Connection::open(&path).unwrap();
        apply(&mut old, &MIGRATIONS[..1]).unwrap();
        old.execute_batch(INSERT_USER).unwrap();
        drop(old);
        drop(SqliteStore::open(&path).unwrap());
        let db = Connection::open(&path).unwrap();
        assert_eq!(version(&db).unwrap(), MIGRATIONS.len() as i64);
        assert_eq!(count(&db, "SELECT count(*) FROM users WHERE username = 'alice'"), 1);
    }

    #[test]
    fn people_of_an_older_relay_are_found_by_their_folded_names() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("confab.db");
        let mut old = Connection::open(&path).unwrap();
        apply(&mut old, &MIGRATIONS[..3]).unwrap();
        for (id, username, display_name) in [(1_u8, "yan", "ЯНА Åström"), (2, "taro", "山田太郎")] {
            old.execute(
                "INSERT INTO users (uid, username, display_name, password, created_at) VALUES (?1, ?2, ?3, '', 1)",
                rusqlite::params![[id; 16], username, display_name],
            )
            .unwrap();
        }
        drop(old);
        let store = SqliteStore::open(&path).unwrap();
        let reads = store.connection().unwrap();
        for (query, expected) in [
            ("ян", "yan"),
            ("яна a", "yan"),
            ("as", "yan"),
            ("STROM", "yan"),
            ("太郎", "taro"),
            ("田太郎", "taro"),
        ] {
            let found = reads.find_users(query, false, 10).unwrap();
            assert_eq!(
                found.iter().map(|user| user.username.as_str()).collect::<Vec<_>>(),
                [expected],
                "{query}"
            );
        }
    }

    #[test]
    fn a_database_of_a_newer_relay_is_refused_and_not_a_byte_of_it_changed() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("confab.db");
        // It may have left WAL; setting that back would be a change.
        for journal in ["WAL", "DELETE"] {
            let newer = Connection::open(&path).unwrap();
            newer.pragma_update(None, "journal_mode", journal).unwrap();
            newer.pragma_update(None, "user_version", 99).unwrap();
            drop(newer);
            let before = fs::read(&path).unwrap();
            let Err(error) = SqliteStore::open(&path) else { panic!("it was opened") };
            assert!(matches!(error, StoreError::TooNew { found: 99, known: 5 }));
            assert!(error.to_string().contains("install the newer relay"), "{error}");
            assert!(before == fs::read(&path).unwrap(), "{journal}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }
}
