//! The references alone: what this machine can do at best.

use super::{Context, fanout, idle, pairs};
use crate::report::Row;
use anyhow::Result;

const PART: &str = "bare";

/// See [`super::Part::Bare`].
///
/// # Errors
/// Whatever keeps them from being measured.
pub fn run(context: &Context) -> Result<Vec<Row>> {
    let idle = idle::bare(context)?;
    let [mut single, mut burst] = fanout::bare(context)?;
    let pairs::Found { mut all, mut one, commit_us } = pairs::bare(context)?;
    let wrong = single.outcome.wrong + burst.outcome.wrong + all.outcome.wrong + one.outcome.wrong;
    let row = |what: &str, value, unit| Row::new(PART, what, value, unit);
    Ok(vec![
        row("axum: memory per connection", idle.kib, "KiB"),
        row("axum: CPU of a connection", idle.connect_us, "µs"),
        row("axum: CPU per delivery to 1,000, one at a time", single.cpu_us, "µs"),
        row("axum: send to receive p50, one at a time", single.outcome.receipt(0.5) / 1e3, "ms"),
        row("axum: CPU per delivery to 1,000, 16 in flight", burst.cpu_us, "µs"),
        row("axum: send to receive p50, 16 in flight", burst.outcome.receipt(0.5) / 1e3, "ms"),
        row("epoll + SQLite: durable messages, 50 pairs", all.per_second(), "/s"),
        row("epoll + SQLite: CPU per message, 50 pairs", all.cpu_us(), "µs"),
        row("epoll + SQLite: acknowledgement p50, 50 pairs", all.outcome.ack(0.5) / 1e3, "ms"),
        row("epoll + SQLite: acknowledgement p50, one pair", one.outcome.ack(0.5), "µs"),
        row("SQLite: commit of one row", commit_us, "µs"),
        row("lost or doubled", wrong as f64, ""),
    ])
}
