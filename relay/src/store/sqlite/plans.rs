//! Every statement has an index: SQLite says itself how it would run each, and none may walk through a whole table.

use super::{SqliteStore, accounts, sql};
use rusqlite::StatementStatus;

/// Tables that hold a handful of rows whatever happens, or are themselves an index.
const SMALL: [&str; 2] = ["counter", "present"];

/// Walks that are bounded by something other than an index. Each needs a reason.
fn is_bounded(name: &str, step: &str) -> bool {
    match name {
        // All rows of a table that holds the connected sessions alone, once at the start of a run.
        "SEEN_USERS" | "SEEN_SESSIONS" | "NOBODY_PRESENT" => step == "SCAN present",
        // Once at the start of a run: an index for it would cost each commit a page.
        "END_RUN" => step == "SCAN conversations",
        // What the inner statement's LIMIT has let through.
        "UNREAD" => step == "SCAN (subquery-1)",
        // As many people as the LIMIT has let through, and so many beginnings of names as these have.
        "FIND_START" => step == "SCAN s",
        // One user's sessions, which are bounded.
        "an account's" => step == "USE TEMP B-TREE FOR ORDER BY",
        // A full-text index is walked by its own means.
        "FIND_PART" => step.starts_with("SCAN p VIRTUAL TABLE INDEX"),
        _ => false,
    }
}

#[test]
fn no_statement_scans_a_table() {
    let store = SqliteStore::in_memory().unwrap();
    let connection = store.connection().unwrap();
    let of_accounts = accounts::STATEMENTS.iter().map(|sql| ("an account's", *sql));
    let mut walked = Vec::new();
    let mut looked_at = 0;
    for (name, sql) in sql::ALL.iter().copied().chain(of_accounts) {
        let mut plan = connection.db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        for at in 1..=plan.parameter_count() {
            plan.raw_bind_parameter(at, rusqlite::types::Null).unwrap();
        }
        let mut rows = plan.raw_query();
        while let Some(row) = rows.next().unwrap() {
            let step: String = row.get(3).unwrap();
            looked_at += 1;
            // A walk along an index in its order that a LIMIT ends is no walk through a table, but one without a
            // condition is suspicious in any case.
            let is_walk = step.starts_with("SCAN") && step != "SCAN CONSTANT ROW";
            let is_sort = step.contains("USE TEMP B-TREE") && !step.contains("DISTINCT");
            let is_small = SMALL.iter().any(|table| step == format!("SCAN {table}"));
            if (is_walk || is_sort) && !is_small && !is_bounded(name, &step) {
                walked.push(format!("{name}: {step}\n    {sql}"));
            }
        }
    }
    assert!(looked_at > 60, "{looked_at}");
    assert!(walked.is_empty(), "{}", walked.join("\n"));
}

/// A statement that is prepared once runs as often as it is needed without being compiled again.
#[test]
fn no_statement_is_compiled_at_each_run() {
    let store = SqliteStore::in_memory().unwrap();
    let connection = store.connection().unwrap();
    let of_accounts = accounts::STATEMENTS.iter().map(|sql| ("an account's", *sql));
    for (name, sql) in
        sql::ALL.iter().copied().chain(of_accounts).filter(|(_, sql)| sql.starts_with("SELECT"))
    {
        let mut statement = connection.db.prepare(sql).unwrap();
        for value in 1..5 {
            for at in 1..=statement.parameter_count() {
                statement.raw_bind_parameter(at, value).unwrap();
            }
            let mut rows = statement.raw_query();
            while rows.next().unwrap().is_some() {}
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{name}: {sql}");
    }
}

#[test]
fn every_prepared_statement_has_room() {
    assert!(sql::ALL.len() + accounts::STATEMENTS.len() + 8 <= super::PREPARED);
}
