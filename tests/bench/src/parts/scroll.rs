//! A long conversation in the web client: whether the page keeps up while one scrolls, and what it holds.

use super::Context;
use super::browser::script;
use crate::report::{Row, Target};
use anyhow::Result;
use serde::Deserialize;

const PART: &str = "scroll";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/browser/scroll.mjs");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    ways: Vec<Way>,
    heap_before_mb: f64,
    heap_after_mb: f64,
}

/// One way through the conversation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Way {
    name: String,
    passed: u64,
    long_tasks: f64,
    longest_task_ms: f64,
    frame_p95_ms: f64,
    elements: f64,
}

/// See [`super::Part::Scroll`].
///
/// # Errors
/// Node or Chromium is missing; the client does not do what the script expects.
pub fn run(context: &Context) -> Result<Vec<Row>> {
    let messages = context.scaled(100_000);
    let seen: Seen = script(context, SCRIPT, &[messages.to_string()])?;
    let mut rows = Vec::new();
    for way in &seen.ways {
        let name = format!("{} ({} messages)", way.name, way.passed);
        rows.push(
            Row::new(PART, format!("{name}: tasks of more than 50 ms of CPU"), way.long_tasks, "")
                .target(Target::AtMost(0.0)),
        );
        rows.push(Row::new(PART, format!("{name}: the longest"), way.longest_task_ms, "ms"));
        rows.push(Row::new(PART, format!("{name}: time between frames p95"), way.frame_p95_ms, "ms"));
    }
    let elements = seen.ways.iter().map(|way| way.elements).fold(0.0, f64::max);
    rows.push(
        Row::new(PART, format!("most elements in the page, {messages} messages"), elements, "")
            .target(Target::AtMost(6000.0)),
    );
    rows.push(Row::new(PART, "the page's own memory before", seen.heap_before_mb, "MB"));
    rows.push(
        Row::new(PART, "the page's own memory after all of it", seen.heap_after_mb, "MB")
            .target(Target::AtMost(32.0)),
    );
    Ok(rows)
}
