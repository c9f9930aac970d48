//! Starting with a million stored messages, and what the relay takes when nobody is there.

use super::Context;
use crate::relay::{self, Confab, Fixture};
use crate::report::{Row, Target, percentile};
use crate::swarm::Swarm;
use crate::traffic::{Sender, Words as _};
use anyhow::Result;
use rusqlite::{Connection, params};
use std::time::Duration;
use uuid::Uuid;

const PART: &str = "start";
const CONVERSATIONS: usize = 100;

/// See [`super::Part::Start`].
///
/// # Errors
/// Whatever keeps it from being measured.
pub fn run(context: &Context) -> Result<Vec<Row>> {
    let stored = context.scaled(1_000_000);
    let fixture = Fixture::new(context.cores, &context.relay, &context.data, CONVERSATIONS)?;
    make_conversations(&fixture)?;
    fill(&mut fixture.database()?, stored)?;
    let mut times = Vec::new();
    for _ in 0..7 {
        let server = fixture.start()?;
        times.push(server.started_in.as_secs_f64() * 1e3);
        server.stop()?;
    }
    let server = fixture.start()?;
    std::thread::sleep(Duration::from_secs(3));
    let idle = server.memory_kib()? as f64 / 1024.0;
    server.stop()?;
    Ok(vec![
        Row::new(
            PART,
            format!("from start to first answer, {stored} messages stored"),
            percentile(&mut times, 0.5),
            "ms",
        )
        .target(Target::AtMost(300.0)),
        Row::new(PART, "memory of the relay when nobody is there", idle, "MiB").target(Target::AtMost(25.0)),
    ])
}

/// Everybody writes to themselves once.
fn make_conversations(fixture: &Fixture) -> Result<()> {
    let server = fixture.start()?;
    let mut swarm = Swarm::new()?;
    for account in &fixture.accounts {
        let conn = swarm.connect(server.address)?;
        relay::log_in(&mut swarm, std::iter::once((conn, account.clone())))?;
        let conversation = confab_protocol::ConversationId::direct(account.user, account.user);
        let frame =
            Confab(vec![(conversation, Some(account.user))]).send(Sender { conn, room: 0 }, 1, "Hello")?;
        swarm.send(conn, &frame)?;
        swarm.expect(1, |_, frame| frame.starts_with(br#"{"id":1,"ok""#))?;
    }
    drop(swarm);
    server.stop()
}

/// Continues each conversation by rows like its last one, up to so many in all.
fn fill(db: &mut Connection, stored: usize) -> Result<()> {
    let transaction = db.transaction()?;
    let conversations: Vec<i64> = transaction
        .prepare("SELECT id FROM conversations ORDER BY id")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let each = i64::try_from(stored / conversations.len().max(1))?;
    for conversation in &conversations {
        let (seq, rev): (i64, i64) = transaction.query_row(
            "SELECT seq, rev FROM conversations WHERE id = ?1",
            [conversation],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let mut insert = transaction.prepare_cached(
            "INSERT INTO messages (place, rev, first_rev, uid, sender, at, kind, body, fingerprint)
             SELECT place + ?3, ?4 + ?3, ?4 + ?3, ?5, sender, at, kind,
                 'Message ' || ?3 || ' of a long conversation, about as long as people write.', ?5
             FROM messages WHERE place = (?1 << 32) + ?2",
        )?;
        for number in 1..each {
            let uid = Uuid::now_v7();
            insert.execute(params![conversation, seq, number, rev, uid.as_bytes()])?;
        }
        transaction.execute(
            "UPDATE conversations SET seq = seq + ?2, rev = rev + ?2 WHERE id = ?1",
            params![conversation, each - 1],
        )?;
    }
    transaction.commit()?;
    // As after a relay that ended in good order.
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}
