//! What is taken out of a damaged database before it is set aside: all that no relay can give back.
//!
//! The cache itself is fetched again. The outbox, drafts, the accounts and what the outbox refers to are read as far as
//! SQLite can read them, from either end and row by row, because one damaged page ends a scan, not a table. Counters of
//! sync are not taken: a number that is off by one bit would be believed.

mod scan;

use crate::convert::Id;
use crate::error::Result;
use crate::store::Store;
use crate::summary;
use confab_engine::cache;
use confab_protocol::{Command, UserId};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use scan::{Scan, columns};
use std::collections::{BTreeMap, BTreeSet};

/// The application id of a database that has got all that was rescued for it: "Conr".
const COMPLETE: i64 = 0x436f_6e72;

/// A table of which something is taken.
struct Table {
    name: &'static str,
    /// What tells its rows apart.
    key: &'static [&'static str],
    /// The key is one integer, so that rows can be looked up where a scan ends.
    counted: bool,
    /// Columns that are worth to be taken without the others, of a row of which only the beginning can be read.
    essential: Option<&'static str>,
    /// Columns that start anew, and with what.
    reset: &'static [(&'static str, i64)],
    /// Columns that start without a value.
    cleared: &'static [&'static str],
}

/// Those with the conversations first come first.
const TABLES: &[Table] = &[
    Table {
        name: "accounts",
        key: &["account"],
        counted: true,
        essential: Some("account, relay, user, device, current"),
        reset: &[("seen_commit", 0)],
        // Without a token every head is told again.
        cleared: &["sync_token", "seen_run"],
    },
    Table {
        name: "users",
        key: &["account", "user"],
        counted: false,
        essential: None,
        reset: &[],
        cleared: &[],
    },
    Table {
        name: "conversations",
        key: &["conv"],
        counted: true,
        essential: None,
        reset: &[
            ("rev", 0),
            ("head_rev", 0),
            ("last_seq", 0),
            ("first_seq", 1),
            ("read", 0),
            ("delivered", 0),
            ("unread", 0),
            ("counted_seq", 0),
            ("mention_seq", 0),
            ("hidden_seq", 0),
        ],
        cleared: &["last"],
    },
    Table {
        name: "drafts",
        key: &["account", "conversation"],
        counted: false,
        essential: None,
        reset: &[],
        cleared: &[],
    },
    Table {
        name: "unconfirmed",
        key: &["conv", "seq", "id"],
        counted: false,
        essential: None,
        reset: &[],
        cleared: &[],
    },
    Table {
        name: "pending_marks",
        key: &["account", "conv"],
        counted: false,
        essential: None,
        reset: &[],
        cleared: &[],
    },
    Table {
        name: "outbox",
        key: &["n", "id"],
        counted: true,
        essential: Some("n, account, id, command"),
        reset: &[],
        cleared: &[],
    },
];

/// A row by its columns.
type Row = BTreeMap<String, Value>;

/// What was taken out of a damaged database.
#[derive(Debug, Default)]
pub struct Salvage {
    tables: Vec<(&'static str, Vec<Row>)>,
    /// A part of a table could not be read, so something may be lost.
    pub incomplete: bool,
}

/// What came of a rescue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Accounts that are still signed in.
    pub accounts: usize,
    /// Things that wait to be sent, or were refused.
    pub outbox: usize,
    /// Drafts.
    pub drafts: usize,
    /// A part of the database could not be read, so something may be lost.
    pub incomplete: bool,
}

impl Salvage {
    /// Of a database that cannot even be opened.
    pub fn nothing() -> Self {
        Self { incomplete: true, ..Self::default() }
    }

    /// Reads what can be read. Never fails: what cannot be read is not there.
    pub fn read(damaged: &Connection) -> Self {
        // A damaged schema must not run anything.
        let _ = damaged.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;");
        let mut salvage = Self::default();
        for table in TABLES {
            let (rows, whole) = Scan::new(damaged, table).all();
            salvage.incomplete |= !whole;
            salvage.tables.push((table.name, rows));
        }
        salvage
    }

    /// Whether all that was rescued for this database has got into it. Where a file cannot take another's name, this
    /// tells a rescue that was interrupted.
    ///
    /// # Errors
    /// The database's.
    pub fn is_complete(rescued: &Connection) -> Result<bool> {
        let id: i64 = rescued.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        Ok(id == COMPLETE)
    }

    /// Writes it into a new and empty database.
    ///
    /// # Errors
    /// The new database's.
    pub fn write(self, into: &mut Store) -> Result<Rescued> {
        let mut rescued = Rescued { incomplete: self.incomplete, ..Rescued::default() };
        let tx = into.connection.transaction()?;
        for (table, rows) in self.tables {
            let columns = columns(&tx, table)?;
            let mut taken = 0;
            let mut places = BTreeSet::new();
            let mut end = rows.iter().filter_map(place_of).max().unwrap_or(0);
            for row in rows {
                let mut row: Row = row.into_iter().filter(|(name, _)| columns.contains(name)).collect();
                if table == "outbox" {
                    mend_entry(&mut row);
                }
                if !is_sound(table, &row) {
                    rescued.incomplete = true;
                    continue;
                }
                if table == "outbox" {
                    // Two that damage has put in one place: the second goes to the end.
                    match row.get("n") {
                        Some(Value::Integer(n)) if places.insert(*n) => {}
                        _ => {
                            end += 1;
                            row.insert("n".into(), Value::Integer(end));
                        }
                    }
                }
                let names: Vec<&str> = row.keys().map(String::as_str).collect();
                let places: Vec<String> = (1..=row.len()).map(|n| format!("?{n}")).collect();
                let sql =
                    format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), places.join(", "));
                // A row whose values are of the wrong type, or which is there twice, is damage too.
                match tx.prepare_cached(&sql).and_then(|mut s| s.execute(params_from_iter(row.values()))) {
                    Ok(_) => taken += 1,
                    Err(error) if is_of_the_row(&error) => rescued.incomplete = true,
                    Err(error) => return Err(error.into()),
                }
            }
            match table {
                "accounts" => rescued.accounts = taken,
                "outbox" => rescued.outbox = taken,
                "drafts" => rescued.drafts = taken,
                _ => {}
            }
        }
        fit_together(&tx)?;
        tx.pragma_update(None, "application_id", COMPLETE)?;
        tx.commit()?;
        Ok(rescued)
    }
}

/// What refers to something that was not rescued goes; what the list shows is written.
fn fit_together(tx: &Connection) -> Result<()> {
    // Without its account a row is nobody's, and would be another's if that number were given out again.
    for table in ["users", "conversations", "drafts", "unconfirmed", "pending_marks", "outbox"] {
        tx.execute(&format!("DELETE FROM {table} WHERE account NOT IN (SELECT account FROM accounts)"), [])?;
    }
    for table in ["unconfirmed", "pending_marks"] {
        tx.execute(&format!("DELETE FROM {table} WHERE conv NOT IN (SELECT conv FROM conversations)"), [])?;
    }
    // What the relay has told of is owed from its beginning.
    tx.execute("UPDATE conversations SET head_rev = known, lineage = ''", [])?;
    let mut statement = tx.prepare(
        "SELECT c.account, a.user, c.conv FROM conversations c JOIN accounts a ON a.account = c.account",
    )?;
    let places: Vec<(i64, Id, i64)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (account, user, conv) in places {
        summary::refresh(tx, account, UserId(user.0), conv)?;
    }
    Ok(())
}

/// An outbox row's place, if it is one that an outbox can have come to.
fn place_of(row: &Row) -> Option<i64> {
    match row.get("n") {
        Some(Value::Integer(n)) => Some(*n).filter(|n| *n < i64::MAX / 2),
        _ => None,
    }
}

fn is_of_the_row(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code().is_some_and(|code| {
        matches!(code, rusqlite::ErrorCode::ConstraintViolation | rusqlite::ErrorCode::TypeMismatch)
    })
}

/// Whether a row says what its table's rows say: a command under its own id, ids of sixteen bytes, whole JSON.
fn is_sound(table: &str, row: &Row) -> bool {
    let is_id = |name: &str| matches!(row.get(name), Some(Value::Blob(bytes)) if bytes.len() == 16);
    let json = |name: &str| match row.get(name) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    match table {
        "accounts" => is_id("user") && is_id("device") && matches!(row.get("relay"), Some(Value::Text(_))),
        "users" => is_id("user"),
        "conversations" => is_id("id"),
        "drafts" => {
            is_id("conversation")
                && json("draft").is_some_and(|text| serde_json::from_str::<crate::view::Draft>(text).is_ok())
        }
        "unconfirmed" => {
            json("message").is_some_and(|text| serde_json::from_str::<confab_protocol::Message>(text).is_ok())
        }
        "outbox" => {
            let command = json("command").and_then(|text| serde_json::from_str::<Command>(text).ok());
            let id = row.get("id");
            command.is_some_and(
                |command| matches!(id, Some(Value::Blob(id)) if *id == command.id().0.as_bytes()),
            )
        }
        _ => true,
    }
}

/// An outbox row whose command is whole is whole: everything beside it follows from it, or has a safe value.
fn mend_entry(row: &mut Row) {
    let Some(Value::Text(text)) = row.get("command") else { return };
    let Ok(command) = serde_json::from_str::<Command>(text) else { return };
    let id = |bytes: &[u8]| Value::Blob(bytes.to_vec());
    let op = serde_json::to_value(&command).ok().and_then(|v| v.get("op")?.as_str().map(str::to_owned));
    let lane = cache::lane(&command).map_or(id(&[]), |place| id(place.as_bytes()));
    let conversation = command.conversation().map_or(Value::Null, |place| id(place.as_bytes()));
    let target = cache::target(&command).map_or(Value::Null, |message| id(message.as_bytes()));
    for (name, value) in [
        ("op", Value::Text(op.unwrap_or_default())),
        ("lane", lane),
        ("conversation", conversation),
        ("target", target),
    ] {
        row.insert(name.into(), value);
    }
    // Handed: then it is never rewritten, and the relay knows whether it has it.
    if !matches!(row.get("state"), Some(Value::Integer(0..=2))) {
        row.insert("state".into(), Value::Integer(1));
    }
    if !matches!(row.get("at"), Some(Value::Integer(0..))) {
        row.insert("at".into(), Value::Integer(0));
    }
    if !matches!(row.get("resend"), Some(Value::Integer(0 | 1))) {
        row.insert("resend".into(), Value::Integer(0));
    }
    let told = matches!(row.get("problem"), Some(Value::Text(text)) if serde_json::from_str::<serde_json::Value>(text).is_ok());
    if !told {
        row.insert("problem".into(), Value::Null);
    }
}
