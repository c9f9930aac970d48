//! Reading one table of a damaged database: from either end, and row by row in between.

use super::{Row, Table};
use rusqlite::Connection;
use rusqlite::types::{Value, ValueRef};
use std::collections::BTreeMap;

/// Rows of a table are looked up one by one in at most this many places.
const LOOKED_UP: i64 = 50_000;

/// A value; the bytes of a text that is none.
fn value_of(row: &rusqlite::Row<'_>, at: usize) -> Value {
    match row.get_ref(at) {
        Ok(ValueRef::Text(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Blob(bytes.to_owned()),
        },
        Ok(other) => Value::try_from(other).unwrap_or(Value::Null),
        Err(_) => Value::Null,
    }
}

/// The names of a table's columns, as far as they can be read.
pub(super) fn columns(db: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = db.prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))?;
    let mut rows = statement.query([])?;
    let mut names = Vec::new();
    while let Some(row) = rows.next()? {
        names.extend(row.get::<_, String>(0).ok());
    }
    Ok(names)
}

/// One table being read.
pub(super) struct Scan<'a> {
    db: &'a Connection,
    table: &'a Table,
    /// Its columns, by names that can be read: one whose name is damaged is passed over.
    columns: String,
}

impl<'a> Scan<'a> {
    pub fn new(db: &'a Connection, table: &'a Table) -> Self {
        let sound = |name: &String| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let names: Vec<String> =
            columns(db, table.name).unwrap_or_default().into_iter().filter(sound).collect();
        Self { db, table, columns: names.join(", ") }
    }

    /// Its rows in the order of their keys, and whether all of them were read.
    pub fn all(&self) -> (Vec<Row>, bool) {
        let mut found: BTreeMap<Vec<Key>, Row> = BTreeMap::new();
        let forward = self.read(&self.columns, "", "ASC", &mut found);
        if !forward {
            self.read(&self.columns, "", "DESC", &mut found);
            if self.table.counted {
                self.look_up(&mut found);
            }
        }
        let rows = found.into_values().map(|row| self.begin_anew(row)).collect();
        (rows, forward)
    }

    fn sql(&self, columns: &str, condition: &str, order: &str) -> String {
        let by: Vec<String> = self.table.key.iter().map(|name| format!("{name} {order}")).collect();
        // Not by an index, which may be damaged though the table is whole.
        let plain = if self.table.counted { "NOT INDEXED" } else { "" };
        format!("SELECT {columns} FROM {} {plain} {condition} ORDER BY {}", self.table.name, by.join(", "))
    }

    /// Reads until something cannot be read; `true` if that did not happen.
    fn read(&self, columns: &str, condition: &str, order: &str, found: &mut BTreeMap<Vec<Key>, Row>) -> bool {
        let Ok(mut statement) = self.db.prepare(&self.sql(columns, condition, order)) else { return false };
        // Not the statement's own names: those are read from the damaged schema.
        let names: Vec<&str> = columns.split(", ").collect();
        let Ok(mut rows) = statement.query([]) else { return false };
        loop {
            match rows.next() {
                Ok(Some(row)) => {
                    let values: Row = names
                        .iter()
                        .enumerate()
                        .map(|(at, name)| ((*name).to_owned(), value_of(row, at)))
                        .collect();
                    // What was read whole is not replaced by its beginning.
                    found.entry(self.key_of(&values)).or_insert(values);
                }
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    /// Between what the two scans reached, each number may still be found by itself.
    fn look_up(&self, found: &mut BTreeMap<Vec<Key>, Row>) {
        let name = self.table.key[0];
        let last: i64 = self
            .db
            .query_row("SELECT seq FROM sqlite_sequence WHERE name = ?1", [self.table.name], |row| row.get(0))
            .unwrap_or(0);
        let highest = found.keys().next_back().map_or(0, |key| key[0].number());
        let last = last.max(highest);
        for number in last.saturating_sub(LOOKED_UP).max(0)..=last {
            let condition = format!("WHERE {name} = {number}");
            // Also one that a scan has seen: damage may have given two rows one number.
            let whole = self.read(&self.columns, &condition, "ASC", found);
            if let Some(columns) = self.table.essential.filter(|_| !whole) {
                self.read(columns, &condition, "ASC", found);
            }
        }
    }

    fn key_of(&self, row: &Row) -> Vec<Key> {
        self.table.key.iter().map(|name| row.get(*name).map_or(Key::Nothing, Key::of)).collect()
    }

    fn begin_anew(&self, mut row: Row) -> Row {
        for (name, value) in self.table.reset {
            row.insert((*name).to_owned(), Value::Integer(*value));
        }
        for name in self.table.cleared {
            row.insert((*name).to_owned(), Value::Null);
        }
        row
    }
}

/// A value by which rows are told apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Nothing,
    Number(i64),
    Bytes(Vec<u8>),
}

impl Key {
    fn of(value: &Value) -> Self {
        match value {
            Value::Integer(number) => Key::Number(*number),
            Value::Blob(bytes) => Key::Bytes(bytes.clone()),
            Value::Text(text) => Key::Bytes(text.clone().into_bytes()),
            Value::Real(_) | Value::Null => Key::Nothing,
        }
    }

    fn number(&self) -> i64 {
        match self {
            Key::Number(number) => *number,
            _ => 0,
        }
    }
}
