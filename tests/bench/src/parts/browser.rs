//! The web client in Chromium: what its first load transfers, and whether its second one waits for the network.

use super::Context;
use crate::relay::Fixture;
use crate::report::{Row, Target, percentile};
use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::process::{Command, Stdio};

const PART: &str = "browser";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/browser/measure.mjs");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    first_load_bytes: f64,
    second: Vec<Load>,
}

/// From the start of the navigation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Load {
    painted_ms: f64,
    socket_ms: f64,
}

/// Runs a script of node's against a relay of its own, with the relay's port as the first argument, and reads what it
/// prints.
///
/// # Errors
/// Node is missing, the script failed or printed something else.
pub fn script<T: DeserializeOwned>(context: &Context, script: &str, arguments: &[String]) -> Result<T> {
    let fixture = Fixture::new(context.cores, &context.relay, &context.data, 0)?;
    let server = fixture.start()?;
    let mut command = Command::new("node");
    command.arg(script).arg(server.address.port().to_string()).args(arguments).stderr(Stdio::inherit());
    let output = command.output().context("starting node")?;
    ensure!(output.status.success(), "the script ended with {}", output.status);
    server.stop()?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("reading '{}'", String::from_utf8_lossy(&output.stdout)))
}

/// See [`super::Part::Browser`].
///
/// # Errors
/// Node or Chromium is missing; the client does not do what the script expects.
pub fn run(context: &Context) -> Result<Vec<Row>> {
    let seen: Seen = script(context, SCRIPT, &[])?;
    let median =
        |value: fn(&Load) -> f64| percentile(&mut seen.second.iter().map(value).collect::<Vec<_>>(), 0.5);
    // In the worst of the loads.
    let ahead = seen.second.iter().map(|load| load.socket_ms - load.painted_ms).fold(f64::INFINITY, f64::min);
    Ok(vec![
        Row::new(PART, "everything the first load transfers", seen.first_load_bytes / 1e6, "MB")
            .target(Target::AtMost(1.2)),
        Row::new(PART, "second load: list painted", median(|load| load.painted_ms), "ms"),
        Row::new(PART, "second load: socket open", median(|load| load.socket_ms), "ms"),
        Row::new(PART, "second load: list painted before the socket by", ahead, "ms")
            .target(Target::AtLeast(0.0)),
    ])
}
