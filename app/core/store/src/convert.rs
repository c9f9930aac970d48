//! Between Rust's types and SQLite's.

use confab_protocol::{Kind, NotifyLevel, Role};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use uuid::Uuid;

/// A number that the relay gave. What does not fit into SQLite's integers is nonsense anyway and becomes the largest.
pub(crate) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The other way.
pub(crate) fn uint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// An id's sixteen bytes.
#[derive(Clone, Copy)]
pub(crate) struct Id(pub Uuid);

impl ToSql for Id {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_bytes())))
    }
}

impl FromSql for Id {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes: [u8; 16] = value.as_blob()?.try_into().map_err(|_| FromSqlError::InvalidType)?;
        Ok(Id(Uuid::from_bytes(bytes)))
    }
}

pub(crate) fn kind_to(kind: Kind) -> i64 {
    match kind {
        Kind::Direct => 0,
        Kind::Group => 1,
    }
}

pub(crate) fn kind_from(value: i64) -> Kind {
    if value == 1 { Kind::Group } else { Kind::Direct }
}

pub(crate) fn level_to(level: NotifyLevel) -> i64 {
    match level {
        NotifyLevel::All => 0,
        NotifyLevel::Mentions => 1,
        NotifyLevel::Nothing => 2,
    }
}

pub(crate) fn level_from(value: i64) -> NotifyLevel {
    match value {
        1 => NotifyLevel::Mentions,
        2 => NotifyLevel::Nothing,
        _ => NotifyLevel::All,
    }
}

/// Ordered as [`Role`] is.
pub(crate) fn role_to(role: Option<Role>) -> Option<i64> {
    role.map(|role| match role {
        Role::Member => 1,
        Role::Admin => 2,
        Role::Owner => 3,
    })
}

pub(crate) fn role_from(value: Option<i64>) -> Option<Role> {
    value.map(|value| match value {
        3 => Role::Owner,
        2 => Role::Admin,
        _ => Role::Member,
    })
}
