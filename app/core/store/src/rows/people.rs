//! The account, users, members and marks.

use crate::convert::{Id, int, role_from, role_to, uint};
use crate::error::Result;
use confab_engine::Account;
use confab_protocol::sync::Seen;
use confab_protocol::{DeviceId, Mark, Member, RunId, User, UserId};
use rusqlite::{Connection, OptionalExtension, params};

pub(crate) fn account(db: &Connection, account: i64) -> Result<Account> {
    let mut statement = db.prepare_cached(
        "SELECT user, device, sync_token, share_read, blocked, seen_run, seen_commit FROM accounts
         WHERE account = ?1",
    )?;
    let (mut found, blocked) = statement.query_row([account], |row| {
        Ok((
            Account {
                user: UserId(row.get::<_, Id>(0)?.0),
                device: Some(DeviceId(row.get::<_, Id>(1)?.0)),
                token: row.get(2)?,
                seen: match row.get::<_, Option<Id>>(5)? {
                    Some(run) => Some(Seen { run: RunId(run.0), commit: uint(row.get(6)?) }),
                    None => None,
                },
                share_read: row.get(3)?,
                blocked: Vec::new(),
            },
            row.get::<_, String>(4)?,
        ))
    })?;
    found.blocked = serde_json::from_str(&blocked)?;
    Ok(found)
}

pub(crate) fn put_account(db: &Connection, account: i64, value: &Account) -> Result<()> {
    db.prepare_cached(
        "UPDATE accounts SET device = coalesce(?2, device), sync_token = ?3, share_read = ?4, blocked = ?5
         WHERE account = ?1",
    )?
    .execute(params![
        account,
        value.device.map(|id| Id(id.0)),
        value.token,
        value.share_read,
        serde_json::to_string(&value.blocked)?
    ])?;
    Ok(())
}

pub(crate) fn put_seen(db: &Connection, account: i64, seen: Seen) -> Result<()> {
    db.prepare_cached("UPDATE accounts SET seen_run = ?2, seen_commit = ?3 WHERE account = ?1")?
        .execute(params![account, Id(seen.run.0), int(seen.commit)])?;
    Ok(())
}

pub(crate) fn put_users(db: &Connection, account: i64, users: &[User]) -> Result<()> {
    let mut statement = db.prepare_cached(
        "INSERT INTO users (account, user, username, display_name, deleted) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (account, user) DO UPDATE
         SET username = excluded.username, display_name = excluded.display_name, deleted = excluded.deleted
         WHERE username <> excluded.username OR display_name <> excluded.display_name
            OR deleted <> excluded.deleted",
    )?;
    for user in users {
        statement.execute(params![account, Id(user.id.0), user.username, user.display_name, user.deleted])?;
    }
    Ok(())
}

pub(crate) fn user(db: &Connection, account: i64, id: UserId) -> Result<Option<User>> {
    let mut statement = db.prepare_cached(
        "SELECT username, display_name, deleted FROM users WHERE account = ?1 AND user = ?2",
    )?;
    let found = statement
        .query_row(params![account, Id(id.0)], |row| {
            Ok(User { id, username: row.get(0)?, display_name: row.get(1)?, deleted: row.get(2)? })
        })
        .optional()?;
    Ok(found)
}

pub(crate) fn put_members(db: &Connection, account: i64, conv: i64, members: &[Member]) -> Result<()> {
    let mut statement = db.prepare_cached(
        "INSERT INTO members (account, conv, user, role, rev) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (conv, user) DO UPDATE SET role = excluded.role, rev = excluded.rev
         WHERE excluded.rev > rev",
    )?;
    for member in members {
        statement.execute(params![
            account,
            conv,
            Id(member.user.0),
            role_to(member.role),
            int(member.rev)
        ])?;
    }
    Ok(())
}

pub(crate) fn members(db: &Connection, conv: i64) -> Result<Vec<Member>> {
    let mut statement =
        db.prepare_cached("SELECT user, role, rev FROM members WHERE conv = ?1 ORDER BY user")?;
    let rows = statement.query_map([conv], |row| {
        Ok(Member {
            user: UserId(row.get::<_, Id>(0)?.0),
            role: role_from(row.get(1)?),
            rev: uint(row.get(2)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn put_marks(db: &Connection, account: i64, conv: i64, marks: &[Mark]) -> Result<()> {
    let mut statement = db.prepare_cached(
        "INSERT INTO marks (account, conv, user, delivered, read) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (conv, user) DO UPDATE SET delivered = excluded.delivered, read = excluded.read",
    )?;
    for mark in marks {
        statement.execute(params![account, conv, Id(mark.user.0), int(mark.delivered), int(mark.read)])?;
    }
    Ok(())
}

pub(crate) fn clear_marks(db: &Connection, conv: i64) -> Result<()> {
    db.prepare_cached("DELETE FROM marks WHERE conv = ?1")?.execute([conv])?;
    Ok(())
}

pub(crate) fn marks(db: &Connection, conv: i64) -> Result<Vec<Mark>> {
    let mut statement =
        db.prepare_cached("SELECT user, delivered, read FROM marks WHERE conv = ?1 ORDER BY user")?;
    let rows = statement.query_map([conv], |row| {
        Ok(Mark {
            user: UserId(row.get::<_, Id>(0)?.0),
            delivered: uint(row.get(1)?),
            read: uint(row.get(2)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
