//! One room with a thousand members who are all there: what a delivery costs.

use super::Context;
use crate::process::Server;
use crate::reference::{self, Bare, Kind};
use crate::relay::{self, Confab, Fixture};
use crate::report::{Row, Target};
use crate::swarm::Swarm;
use crate::traffic::{self, Load, Next, Outcome, Sender, Words};
use anyhow::Result;

const PART: &str = "fanout";
const MEMBERS: usize = 1000;

/// What was found.
pub struct Measured {
    /// CPU of a delivery, in µs.
    pub cpu_us: f64,
    /// The rest.
    pub outcome: Outcome,
}

/// See [`super::Part::Fanout`].
///
/// # Errors
/// Whatever keeps it from being measured.
pub fn run(context: &Context) -> Result<Vec<Row>> {
    let bare = bare(context)?;
    let rooms = [(0..MEMBERS).collect()];
    let fixture = Fixture::new(context.cores, &context.relay, &context.data, MEMBERS)?;
    let server = fixture.start()?;
    let mut swarm = Swarm::new()?;
    let mut conversation = None;
    for account in &fixture.accounts {
        let conn = swarm.connect(server.address)?;
        relay::log_in(&mut swarm, std::iter::once((conn, account.clone())))?;
        if conn == 0 {
            let users: Vec<_> = fixture.accounts[1..].iter().map(|account| account.user).collect();
            conversation = Some(relay::make_group(&mut swarm, conn, &users)?);
        }
    }
    swarm.settle(std::time::Duration::from_secs(1))?;
    let mut words = Confab(conversation.into_iter().map(|conversation| (conversation, None)).collect());
    let measured = both(context, &server, &mut swarm, &mut words, &rooms)?;
    drop(swarm);
    server.stop()?;
    Ok(rows(bare, measured))
}

/// The reference alone: one at a time, then sixteen.
///
/// # Errors
/// Whatever keeps it from being measured.
pub fn bare(context: &Context) -> Result<[Measured; 2]> {
    let folder = tempfile::TempDir::new_in(&context.data)?;
    let server = reference::start(Kind::Broadcast, context.cores, folder.path())?;
    let mut swarm = Swarm::new()?;
    let room: Vec<usize> = (0..MEMBERS).map(|_| swarm.connect(server.address)).collect::<Result<_>>()?;
    let rooms = [room];
    reference::join(&mut swarm, &rooms)?;
    let bare = both(context, &server, &mut swarm, &mut Bare, &rooms)?;
    drop(swarm);
    server.stop()?;
    Ok(bare)
}

/// One at a time, then sixteen.
fn both(
    context: &Context,
    server: &Server,
    swarm: &mut Swarm,
    words: &mut dyn Words,
    rooms: &[Vec<usize>],
) -> Result<[Measured; 2]> {
    let mut measure = |in_flight: usize, messages: usize| -> Result<Measured> {
        let senders: Vec<Sender> = (0..in_flight).map(|conn| Sender { conn, room: 0 }).collect();
        let load = |messages| Load { rooms, senders: &senders, next: Next::Delivered, messages };
        // The first ones find caches cold and buffers small.
        traffic::drive(swarm, words, &load(in_flight * 4))?;
        let before = server.cpu()?;
        let outcome = traffic::drive(swarm, words, &load(messages))?;
        let cpu = server.cpu()?.saturating_sub(before);
        Ok(Measured { cpu_us: cpu.as_secs_f64() * 1e6 / outcome.deliveries.max(1) as f64, outcome })
    };
    Ok([measure(1, context.scaled(500))?, measure(16, context.scaled(4000))?])
}

fn rows(bare: [Measured; 2], measured: [Measured; 2]) -> Vec<Row> {
    let names = ["one at a time", "16 in flight"];
    let targets = [12.0, 2.0];
    let mut rows = Vec::new();
    let (mut wrong, mut deliveries) = (0, 0);
    for (((mut bare, mut measured), name), target) in bare.into_iter().zip(measured).zip(names).zip(targets) {
        rows.push(
            Row::new(PART, format!("CPU per delivery to 1,000, {name}"), measured.cpu_us, "µs")
                .beside("axum", bare.cpu_us)
                .target(Target::AtMost(target)),
        );
        for (share, label) in [(0.5, "p50"), (0.99, "p99")] {
            let (value, reference) = (measured.outcome.receipt(share), bare.outcome.receipt(share));
            let what = format!("send to receive {label}, {name}");
            rows.push(Row::new(PART, what, value / 1e3, "ms").beside("axum", reference / 1e3));
        }
        wrong += measured.outcome.wrong;
        deliveries += measured.outcome.deliveries;
    }
    let what = format!("lost, doubled or out of order, of {deliveries}");
    rows.push(Row::new(PART, what, wrong as f64, "").target(Target::AtMost(0.0)));
    rows
}
