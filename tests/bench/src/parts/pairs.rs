//! Pairs who write to each other, one message of each pair under way, each acknowledged once it is durable.

use super::Context;
use crate::process::Server;
use crate::reference::{self, Bare, Kind, sqlite};
use crate::relay::{self, Confab, Fixture};
use crate::report::{Row, Target, percentile};
use crate::swarm::Swarm;
use crate::traffic::{self, BODY_BYTES, Load, Next, Outcome, Sender, Words};
use anyhow::{Context as _, Result};
use confab_protocol::ConversationId;
use std::time::Duration;

const PART: &str = "pairs";
const PAIRS: usize = 50;
/// How often one pair and bare commits take turns.
const ROUNDS: usize = 5;

/// What was found.
pub struct Found {
    /// All pairs at once.
    pub all: Measured,
    /// One pair.
    pub one: Measured,
    /// The median of a bare commit of a message's row in between, in µs.
    pub commit_us: f64,
}

/// A run.
pub struct Measured {
    messages: usize,
    cpu: Duration,
    /// The rest.
    pub outcome: Outcome,
}

impl Measured {
    fn add(&mut self, more: Measured) {
        self.messages += more.messages;
        self.cpu += more.cpu;
        self.outcome.add(more.outcome);
    }

    /// Messages a second.
    pub fn per_second(&self) -> f64 {
        self.messages as f64 / self.outcome.elapsed.as_secs_f64()
    }

    /// CPU of a message, in µs.
    pub fn cpu_us(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.messages as f64
    }
}

/// See [`super::Part::Pairs`].
///
/// # Errors
/// Whatever keeps it from being measured.
pub fn run(context: &Context) -> Result<Vec<Row>> {
    let bare = bare(context)?;
    let rooms = rooms();
    let fixture = Fixture::new(context.cores, &context.relay, &context.data, 2 * PAIRS)?;
    let server = fixture.start()?;
    let mut swarm = Swarm::new()?;
    for account in &fixture.accounts {
        let conn = swarm.connect(server.address)?;
        relay::log_in(&mut swarm, std::iter::once((conn, account.clone())))?;
    }
    let conversations = fixture.accounts.chunks(2).map(|pair| {
        let conversation = ConversationId::direct(pair[0].user, pair[1].user);
        (conversation, Some(pair[1].user))
    });
    let mut words = Confab(conversations.collect());
    // The first message makes the conversation and arrives with its head.
    for room in 0..PAIRS {
        let text = "Hello";
        swarm.send(2 * room, &words.send(Sender { conn: 2 * room, room }, 0, text)?)?;
    }
    swarm.expect(PAIRS, |_, frame| frame.starts_with(br#"{"id":0,"ok""#))?;
    swarm.settle(Duration::from_millis(500))?;
    let talk = Talk { context, server: &server, swarm: &mut swarm, words: &mut words, rooms: &rooms };
    let measured = talk.measure()?;
    drop(swarm);
    server.stop()?;

    Ok(report(bare, measured))
}

fn rooms() -> Vec<Vec<usize>> {
    (0..PAIRS).map(|pair| vec![2 * pair, 2 * pair + 1]).collect()
}

/// The durable reference alone: all pairs, then one.
///
/// # Errors
/// Whatever keeps it from being measured.
pub fn bare(context: &Context) -> Result<Found> {
    let folder = tempfile::TempDir::new_in(&context.data)?;
    let rooms = rooms();
    let server = reference::start(Kind::Durable, context.cores, folder.path())?;
    let mut swarm = Swarm::new()?;
    for _ in 0..2 * PAIRS {
        swarm.connect(server.address)?;
    }
    reference::join(&mut swarm, &rooms)?;
    let talk = Talk { context, server: &server, swarm: &mut swarm, words: &mut Bare, rooms: &rooms };
    let bare = talk.measure()?;
    drop(swarm);
    server.stop()?;
    Ok(bare)
}

/// A server and those who talk over it.
struct Talk<'a> {
    context: &'a Context,
    server: &'a Server,
    swarm: &'a mut Swarm,
    words: &'a mut dyn Words,
    rooms: &'a [Vec<usize>],
}

impl Talk<'_> {
    fn measure(mut self) -> Result<Found> {
        let all = self.pairs(PAIRS, self.context.scaled(60_000))?;
        // The disk's mood changes: its commits are measured in between, not before or after.
        let folder = tempfile::TempDir::new_in(&self.context.data)?;
        let db = sqlite::open(&folder.path().join("commits.db"))?;
        let cores = self.context.cores;
        let commit = |count| sqlite::commits_us(cores, &db, BODY_BYTES, count);
        commit(1000)?;
        let (mut one, mut commits): (Option<Measured>, Vec<f64>) = (None, Vec::new());
        for _ in 0..ROUNDS {
            commits.extend(commit(self.context.scaled(3000) / ROUNDS)?);
            let more = self.pairs(1, self.context.scaled(5000) / ROUNDS)?;
            match &mut one {
                Some(one) => one.add(more),
                None => one = Some(more),
            }
        }
        let one = one.context("no rounds")?;
        Ok(Found { all, one, commit_us: percentile(&mut commits, 0.5) })
    }

    fn pairs(&mut self, pairs: usize, messages: usize) -> Result<Measured> {
        let senders: Vec<Sender> = (0..pairs).map(|room| Sender { conn: 2 * room, room }).collect();
        let load =
            |messages| Load { rooms: self.rooms, senders: &senders, next: Next::Acknowledged, messages };
        // The first ones find caches cold.
        traffic::drive(self.swarm, self.words, &load(messages / 20))?;
        let before = self.server.cpu()?;
        let outcome = traffic::drive(self.swarm, self.words, &load(messages))?;
        Ok(Measured { messages, cpu: self.server.cpu()?.saturating_sub(before), outcome })
    }
}

fn report(bare: Found, measured: Found) -> Vec<Row> {
    let Found { all: mut bare_all, one: mut bare_one, commit_us: bare_commit_us } = bare;
    let Found { mut all, mut one, commit_us } = measured;
    let reference = "epoll + SQLite";
    let wrong = all.outcome.wrong + one.outcome.wrong;
    let deliveries = all.outcome.deliveries + one.outcome.deliveries;
    let mut rows = vec![
        Row::new(PART, "durable messages, 50 pairs", all.per_second(), "/s")
            .beside(reference, bare_all.per_second())
            .target(Target::AtLeast(10_000.0)),
        Row::new(PART, "CPU per message, 50 pairs", all.cpu_us(), "µs")
            .beside(reference, bare_all.cpu_us())
            .target(Target::AtMost(70.0)),
    ];
    for (share, label) in [(0.5, "p50"), (0.99, "p99")] {
        rows.push(
            Row::new(PART, format!("acknowledgement {label}, 50 pairs"), all.outcome.ack(share) / 1e3, "ms")
                .beside(reference, bare_all.outcome.ack(share) / 1e3),
        );
    }
    rows.push(
        Row::new(PART, "acknowledgement p50, one pair", one.outcome.ack(0.5), "µs")
            .beside("bare WAL commit", commit_us)
            .target(Target::RatioAtMost(1.5)),
    );
    rows.push(
        Row::new(PART, "acknowledgement p99, one pair", one.outcome.ack(0.99), "µs")
            .beside(reference, bare_one.outcome.ack(0.99)),
    );
    rows.push(
        Row::new(PART, "the reference's own p50, one pair", bare_one.outcome.ack(0.5), "µs")
            .beside("bare WAL commit", bare_commit_us),
    );
    let what = format!("lost, doubled or out of order, of {deliveries}");
    rows.push(Row::new(PART, what, wrong as f64, "").target(Target::AtMost(0.0)));
    rows
}
