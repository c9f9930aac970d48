//! SQLite by itself: the cost of a durable commit of one row, and of reading rows into JSON.

use crate::process::Cores;
use crate::report::percentile;
use anyhow::{Result, ensure};
use confab_protocol::{Content, Message};
use rusqlite::{Connection, params};
use serde::Serialize;
use std::path::Path;
use std::time::Instant;
use uuid::Uuid;

/// A message into the references' table.
pub const INSERT: &str = "INSERT INTO messages (id, room, sender, text) VALUES (?1, ?2, ?3, ?4)";

/// A database as durable as the relay's.
///
/// # Errors
/// What SQLite says.
pub fn open(file: &Path) -> Result<Connection> {
    let db = Connection::open(file)?;
    let mode: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    ensure!(mode == "wal", "this file system does not take a WAL");
    db.execute_batch(
        "PRAGMA synchronous = FULL;
         CREATE TABLE IF NOT EXISTS messages (
             seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, room INTEGER NOT NULL, sender INTEGER NOT NULL,
             text BLOB NOT NULL
         ) STRICT;",
    )?;
    Ok(db)
}

/// The times of commits of one row of this many bytes, in µs, on the servers' core. The first thousand commits into a
/// new database make its WAL grow to the size at which it is used over again, and are slower.
///
/// # Errors
/// What SQLite says.
pub fn commits_us(cores: Cores, db: &Connection, bytes: usize, commits: usize) -> Result<Vec<f64>> {
    let text = vec![b'x'; bytes];
    cores.on_server_core(|| {
        let mut times = Vec::with_capacity(commits);
        for _ in 0..commits {
            let before = Instant::now();
            db.prepare_cached(INSERT)?.execute(params![Uuid::now_v7().as_bytes(), 1, 1, text])?;
            times.push(before.elapsed().as_nanos() as f64 / 1e3);
        }
        Ok(times)
    })
}

#[derive(Serialize)]
struct Row<'a> {
    id: Uuid,
    seq: i64,
    rev: i64,
    sender: Uuid,
    at: i64,
    content: Text<'a>,
}

#[derive(Serialize)]
struct Text<'a> {
    r#type: &'static str,
    text: &'a str,
}

/// The median time of reading these messages in the order of their revs and writing them as JSON, in ms, on the
/// servers' core. Only texts count.
///
/// # Errors
/// What SQLite says.
pub fn read_ms(cores: Cores, folder: &Path, messages: &[Message], rounds: usize) -> Result<f64> {
    let mut db = Connection::open(folder.join("read.db"))?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL;
         CREATE TABLE rows (rev INTEGER PRIMARY KEY, seq INTEGER NOT NULL, id BLOB NOT NULL, sender BLOB NOT NULL,
             at INTEGER NOT NULL, text TEXT NOT NULL) STRICT;",
    )?;
    let transaction = db.transaction()?;
    let mut written = 0;
    for message in messages {
        let Some(Content::Text { text, .. }) = &message.content else { continue };
        transaction.execute(
            "INSERT INTO rows VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                i64::try_from(message.rev)?,
                i64::try_from(message.seq)?,
                message.id.as_bytes(),
                message.sender.as_bytes(),
                i64::try_from(message.at)?,
                text
            ],
        )?;
        written += 1;
    }
    transaction.commit()?;
    cores.on_server_core(|| {
        let mut times = Vec::with_capacity(rounds);
        for _ in 0..rounds {
            let before = Instant::now();
            ensure!(read(&db)? == written, "rows are missing");
            times.push(before.elapsed().as_nanos() as f64 / 1e6);
        }
        Ok(percentile(&mut times, 0.5))
    })
}

fn read(db: &Connection) -> Result<usize> {
    let mut statement = db.prepare_cached("SELECT id, seq, rev, sender, at, text FROM rows ORDER BY rev")?;
    let mut rows = statement.query([])?;
    let (mut json, mut count) = (vec![b'['], 0);
    while let Some(row) = rows.next()? {
        let row = Row {
            id: Uuid::from_bytes(row.get(0)?),
            seq: row.get(1)?,
            rev: row.get(2)?,
            sender: Uuid::from_bytes(row.get(3)?),
            at: row.get(4)?,
            content: Text { r#type: "text", text: row.get_ref(5)?.as_str()? },
        };
        serde_json::to_writer(&mut json, &row)?;
        json.push(b',');
        count += 1;
    }
    std::hint::black_box(&json);
    Ok(count)
}
