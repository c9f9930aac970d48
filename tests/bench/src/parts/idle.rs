//! Memory of a logged-in connection that is quiet, and the CPU that it took to get there.

use super::Context;
use crate::process::Server;
use crate::reference::{self, Kind};
use crate::relay::{self, Fixture};
use crate::report::{Row, Target};
use crate::swarm::Swarm;
use anyhow::Result;
use std::time::Duration;

const PART: &str = "idle";
/// Connected and logged in together: sockets that have not said `hello` are closed after a moment.
const BATCH: usize = 500;
/// Groups have this many members.
const GROUP: usize = 1000;
/// Everybody is in this many of them.
const GROUPS: usize = 20;
/// Messages in each, all unread.
const MESSAGES: usize = 20;

/// How many connect.
const COUNT: usize = 10_000;

/// What was found.
pub struct Measured {
    /// Memory of a connection, in KiB.
    pub kib: f64,
    /// CPU of a connection, in µs.
    pub connect_us: f64,
    login_us: f64,
}

/// See [`super::Part::Idle`].
///
/// # Errors
/// Whatever keeps it from being measured.
pub fn run(context: &Context) -> Result<Vec<Row>> {
    let count = context.scaled(COUNT);
    let bare = bare(context)?;
    let mut fixture = Fixture::new(context.cores, &context.relay, &context.data, count)?;
    fill_groups(&fixture, count)?;
    // Each time anew, so that nothing is counted that the time before left behind.
    let server = fixture.start()?;
    let mut tokens = Vec::with_capacity(count);
    let first = fill(&server, count, |swarm, conns| {
        let accounts = conns.into_iter().map(|conn| (conn, fixture.accounts[conn].clone()));
        tokens.extend(relay::log_in(swarm, accounts)?);
        Ok(())
    })?;
    server.stop()?;
    for (conn, token) in tokens {
        fixture.accounts[conn].since = Some(token);
    }
    let server = fixture.start()?;
    let again = fill(&server, count, |swarm, conns| {
        let accounts = conns.into_iter().map(|conn| (conn, fixture.accounts[conn].clone()));
        relay::log_in(swarm, accounts).map(drop)
    })?;
    server.stop()?;

    let memory = |what: &str, kib| {
        Row::new(PART, format!("memory per connection, {count} connected, {what}"), kib, "KiB")
            .beside("axum, 2 KiB buffer", bare.kib)
            .target(Target::AtMost(10.0))
    };
    Ok(vec![
        memory("first log-in", first.kib),
        memory("coming back", again.kib),
        Row::new(PART, "CPU of coming back with a sync token", again.login_us, "µs")
            .target(Target::AtMost(150.0)),
        Row::new(PART, format!("CPU of a first log-in, {GROUPS} conversations"), first.login_us, "µs"),
        Row::new(PART, "CPU of a connection before it", first.connect_us, "µs")
            .beside("axum", bare.connect_us),
    ])
}

/// Puts everybody into groups where something was said.
fn fill_groups(fixture: &Fixture, count: usize) -> Result<()> {
    let server = fixture.start()?;
    let mut swarm = Swarm::new()?;
    for group in fixture.accounts.chunks(GROUP.min(count)) {
        let conn = swarm.connect(server.address)?;
        relay::log_in(&mut swarm, std::iter::once((conn, group[0].clone())))?;
        let users: Vec<_> = group[1..].iter().map(|account| account.user).collect();
        for _ in 0..GROUPS {
            let conversation = relay::make_group(&mut swarm, conn, &users)?;
            for _ in 0..MESSAGES {
                relay::say(
                    &mut swarm,
                    conn,
                    conversation,
                    "Something of an ordinary length that was said here.",
                )?;
            }
        }
    }
    drop(swarm);
    server.stop()
}

/// The reference alone.
///
/// # Errors
/// Whatever keeps it from being measured.
pub fn bare(context: &Context) -> Result<Measured> {
    let folder = tempfile::TempDir::new_in(&context.data)?;
    let server = reference::start(Kind::Broadcast, context.cores, folder.path())?;
    let bare = fill(&server, context.scaled(COUNT), |swarm, conns| reference::join(swarm, &[conns]))?;
    server.stop()?;
    Ok(bare)
}

fn fill(
    server: &Server,
    count: usize,
    mut log_in: impl FnMut(&mut Swarm, Vec<usize>) -> Result<()>,
) -> Result<Measured> {
    let mut swarm = Swarm::new()?;
    let before = server.memory_kib()?;
    let (mut connecting, mut logging_in) = (Duration::ZERO, Duration::ZERO);
    while swarm.len() < count {
        let start = server.cpu()?;
        let conns = (0..BATCH.min(count - swarm.len()))
            .map(|_| swarm.connect(server.address))
            .collect::<Result<Vec<_>>>()?;
        let connected = server.cpu()?;
        log_in(&mut swarm, conns)?;
        connecting += connected.saturating_sub(start);
        logging_in += server.cpu()?.saturating_sub(connected);
    }
    swarm.settle(Duration::from_secs(2))?;
    let per = |total: f64| total / count as f64;
    Ok(Measured {
        kib: per(server.memory_kib()?.saturating_sub(before) as f64),
        connect_us: per(connecting.as_secs_f64() * 1e6),
        login_us: per(logging_in.as_secs_f64() * 1e6),
    })
}
