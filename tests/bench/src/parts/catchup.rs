//! Someone was away while ten thousand messages were written, and fetches them all.

use super::Context;
use crate::process::Server;
use crate::reference::sqlite;
use crate::relay::{self, Account, Confab, Fixture};
use crate::report::{Row, Target, percentile};
use crate::swarm::Swarm;
use crate::traffic::{self, Load, Next, Sender};
use anyhow::{Context as _, Result, ensure};
use confab_protocol::frame::{RelayFrame, Request, parse_relay_frame, read};
use confab_protocol::sync::ChangesRequest;
use confab_protocol::{ConversationId, Delta, Message};
use std::time::{Duration, Instant};

const PART: &str = "catchup";
/// Messages that are written at once while filling.
const WRITING: usize = 128;
/// Connections that catch up to see what they keep.
const DEVICES: usize = 200;

/// See [`super::Part::Catchup`].
///
/// # Errors
/// Whatever keeps it from being measured.
pub fn run(context: &Context) -> Result<Vec<Row>> {
    let missed = context.scaled(10_000);
    let fixture = Fixture::new(context.cores, &context.relay, &context.data, 2)?;
    let server = fixture.start()?;
    let mut swarm = Swarm::new()?;
    let writer = swarm.connect(server.address)?;
    relay::log_in(&mut swarm, std::iter::once((writer, fixture.accounts[0].clone())))?;
    let conversation = relay::make_group(&mut swarm, writer, &[fixture.accounts[1].user])?;
    let load = Load {
        rooms: &[vec![writer]],
        senders: &[Sender { conn: writer, room: 0 }; WRITING],
        next: Next::Acknowledged,
        messages: missed,
    };
    traffic::drive(&mut swarm, &mut Confab(vec![(conversation, None)]), &load)?;

    let away = swarm.connect(server.address)?;
    relay::log_in(&mut swarm, std::iter::once((away, fixture.accounts[1].clone())))?;
    swarm.settle(Duration::from_millis(500))?;
    let pages = pull(&mut swarm, away, conversation)?;
    let (count, bytes) = (pages.len(), pages.iter().map(String::len).sum::<usize>());
    let messages = messages(&pages)?;
    // The group's making and the adding stand in the history as well.
    ensure!(messages.len() == missed + 2, "{} of {} messages came", messages.len(), missed + 2);
    let (mut times, before) = (Vec::new(), server.cpu()?);
    let rounds = if context.quick { 5 } else { 20 };
    for _ in 0..rounds {
        let start = Instant::now();
        pull(&mut swarm, away, conversation)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let cpu_ms = server.cpu()?.saturating_sub(before).as_secs_f64() * 1e3 / f64::from(rounds);
    let kept = kept_kib(&server, &mut swarm, &fixture.accounts[1], conversation)?;
    drop(swarm);
    server.stop()?;

    let folder = tempfile::TempDir::new_in(&context.data)?;
    let bare = sqlite::read_ms(context.cores, folder.path(), &messages, 20)?;
    let what = format!("{missed} missed messages ({count} pages, {} KiB)", bytes / 1024);
    Ok(vec![
        Row::new(PART, what, percentile(&mut times, 0.5), "ms")
            .beside("SQLite read + JSON", bare)
            .target(Target::RatioAtMost(3.0)),
        Row::new(PART, "the relay's CPU for them", cpu_ms, "ms").beside("SQLite read + JSON", bare),
        Row::new(PART, "memory per connection that has caught up", kept, "KiB").target(Target::AtMost(10.0)),
    ])
}

/// Asks for changes since rev 0 until there are no more.
fn pull(swarm: &mut Swarm, conn: usize, conversation: ConversationId) -> Result<Vec<String>> {
    let (mut pages, mut since) = (Vec::new(), 0);
    loop {
        let request = ChangesRequest { conversation, since, ranges: None, limit: None };
        let page = relay::ask(swarm, conn, pages.len() as u64 + 1, &Request::Changes(request))?;
        // Reading the page as a client would is not the relay's time.
        let tail = page.get(page.len().saturating_sub(120)..).context("an odd page")?;
        let more = tail.contains(r#""more":true"#);
        let to = tail.rsplit_once(r#""to":"#).context("a page without `to`")?.1;
        since = traffic::digits(to.as_bytes());
        pages.push(page);
        if !more {
            return Ok(pages);
        }
    }
}

/// What a connection takes once it has pulled all and is quiet again: a large page must not leave its buffer behind.
fn kept_kib(
    server: &Server,
    swarm: &mut Swarm,
    account: &Account,
    conversation: ConversationId,
) -> Result<f64> {
    let before = server.memory_kib()?;
    for _ in 0..DEVICES {
        let conn = swarm.connect(server.address)?;
        relay::log_in(swarm, std::iter::once((conn, account.clone())))?;
        pull(swarm, conn, conversation)?;
    }
    swarm.settle(Duration::from_secs(2))?;
    Ok(server.memory_kib()?.saturating_sub(before) as f64 / DEVICES as f64)
}

fn messages(pages: &[String]) -> Result<Vec<Message>> {
    let mut messages = Vec::new();
    for page in pages {
        let RelayFrame::Ok { body, .. } = parse_relay_frame(page)? else { continue };
        messages.extend(read::<Delta>(body)?.messages);
    }
    Ok(messages)
}
