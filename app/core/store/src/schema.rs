//! The migrations, one a file, and the settings of every connection.

use crate::error::{Result, StoreError};
use rusqlite::Connection;

/// All migrations, in order. `PRAGMA user_version` counts those that were made.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001_cache.sql")];

/// The first SQLite without the bug that damages databases in WAL mode.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Makes a connection ready: settings, then whatever migrations are missing.
pub(crate) fn prepare(connection: &Connection) -> Result<()> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(StoreError::OldSqlite(rusqlite::version().to_owned()));
    }
    connection.set_prepared_statement_cache_capacity(128);
    // A plan that looks at bound values is thrown away with them: some statements were prepared anew at every use.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // In the browser one worker owns the file, the journal is truncated, and WAL is not supported.
    #[cfg(target_family = "wasm")]
    connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE;")?;
    #[cfg(not(target_family = "wasm"))]
    {
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.execute_batch("PRAGMA journal_mode = WAL;")?;
    }
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; PRAGMA trusted_schema = OFF;",
    )?;
    migrate(connection, MIGRATIONS)
}

fn migrate(connection: &Connection, migrations: &[&str]) -> Result<()> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (made, migration) in migrations.iter().enumerate().skip(usize::try_from(found).unwrap_or(0)) {
        // Each in a transaction of its own: a killed app goes on where it stopped.
        let result = connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {migration}; PRAGMA user_version = {}; COMMIT;",
            made + 1
        ));
        if let Err(error) = result {
            let _ = connection.execute_batch("ROLLBACK");
            return Err(error.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_made_once_each_and_a_failed_one_leaves_nothing() {
        let connection = Connection::open_in_memory().unwrap();
        let first = "CREATE TABLE a (x INTEGER) STRICT";
        migrate(&connection, &[first]).unwrap();
        assert!(migrate(&connection, &[first, "CREATE TABLE b (x INTEGER) STRICT; nonsense"]).is_err());
        migrate(&connection, &[first, "CREATE TABLE b (x INTEGER) STRICT"]).unwrap();
        migrate(&connection, &[first, "CREATE TABLE b (x INTEGER) STRICT"]).unwrap();
        let version: i64 = connection.query_row("PRAGMA user_version", [], |r| r.get(0)).unwrap();
        assert_eq!(version, 2);
    }

    #[test]
    fn a_newer_database_is_refused_and_left_alone() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("PRAGMA user_version = 99").unwrap();
        assert!(matches!(prepare(&connection), Err(StoreError::Newer { found: 99, known: 1 })));
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_master", [], |r| r.get(0)).unwrap();
        assert_eq!(tables, 0);
    }

    #[test]
    fn every_table_is_strict_and_names_its_account() {
        let connection = Connection::open_in_memory().unwrap();
        prepare(&connection).unwrap();
        let mut statement = connection
            .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_index%'")
            .unwrap();
        let tables: Vec<(String, String)> =
            statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().map(|r| r.unwrap()).collect();
        assert!(tables.len() > 10);
        for (name, sql) in tables {
            assert!(sql.contains("STRICT"), "{name}");
            assert!(sql.contains("account "), "{name}");
        }
    }
}
