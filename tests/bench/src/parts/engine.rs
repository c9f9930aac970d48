//! The client's engine and cache, native and in a worker of Chromium: what a start, a window, a search and catching up
//! cost. The measuring itself is `tests/measure`; this runs it and holds it to its targets.

use super::Context;
use crate::report::{Row, Target};
use anyhow::{Context as _, Result, ensure};
use std::process::{Command, Stdio};

const PART: &str = "engine";
const IN_BROWSER: &str = "engine in the browser";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/browser/engine.mjs");
const ROOMS: &str = "200";
/// In the browser everything may take so many times as long.
const SLOWER: f64 = 3.0;
/// The names that the measuring gives to what has a target (of several that begin so, the slowest counts), what they
/// are, and the milliseconds it may take.
const TARGETS: [(&str, &str, f64); 4] = [
    ("open and list", "open and list", 30.0),
    ("window of 50", "a window of 50", 3.0),
    ("search ", "slowest of the searches", 20.0),
    ("apply 10,000 caught-up messages", "apply 10,000 caught-up messages", 400.0),
];
/// What a worker does that is just started, by the index of its target.
const FIRST: [(&str, usize); 2] = [("the very first open and list", 0), ("the very first search", 2)];

/// Names and milliseconds.
type Times = Vec<(String, f64)>;

/// See [`super::Part::Engine`].
///
/// # Errors
/// The program is not built, fails, or prints something else.
pub fn run(context: &Context) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (messages, targets) in [(context.scaled(100_000), true), (1_000_000, false)] {
        if context.quick && !targets {
            continue;
        }
        let times = native(context, messages)?;
        for (prefix, what, limit) in TARGETS {
            let (name, ms) = worst(&times, prefix)?;
            let what = format!("{}, {}k messages", described(what, name, prefix), messages / 1000);
            let row = Row::new(PART, what, ms, "ms");
            rows.push(if targets { row.target(Target::AtMost(limit)) } else { row });
        }
    }
    Ok(rows)
}

/// See [`super::Part::EngineBrowser`].
///
/// # Errors
/// As [`run`]; Node or Chromium is missing.
pub fn run_in_browser(context: &Context) -> Result<Vec<Row>> {
    let messages = context.scaled(100_000);
    let native = native(context, messages)?;
    let browser = in_browser(context, messages)?;
    let mut rows = Vec::new();
    for (prefix, what, limit) in TARGETS {
        let (name, ms) = worst(&browser, prefix)?;
        let row = Row::new(IN_BROWSER, described(what, name, prefix), ms, "ms");
        let row = row.beside("native", worst(&native, prefix)?.1);
        rows.push(row.target(Target::Within { value: limit * SLOWER, ratio: SLOWER }));
    }
    for (name, target) in FIRST {
        let row = Row::new(IN_BROWSER, format!("{name} of a worker"), worst(&browser, name)?.1, "ms");
        rows.push(row.target(Target::AtMost(TARGETS[target].2 * SLOWER)));
    }
    rows.push(Row::new(IN_BROWSER, "taking the files before it", worst(&browser, "take the files")?.1, "ms"));
    Ok(rows)
}

fn described(what: &str, name: &str, prefix: &str) -> String {
    match name.strip_prefix(prefix) {
        Some(which) if prefix == "search " => format!("{what} ({which})"),
        _ => what.to_owned(),
    }
}

fn native(context: &Context, messages: usize) -> Result<Times> {
    let folder = tempfile::TempDir::new_in(&context.data)?;
    let mut command = Command::new(&context.engine);
    command.args([&messages.to_string(), ROOMS]).env("TMPDIR", folder.path());
    context.cores.on_server_core(|| lines(command))
}

/// With both cores: a browser is several processes, and compiles beside running.
fn in_browser(context: &Context, messages: usize) -> Result<Times> {
    let folder = tempfile::TempDir::new_in(&context.data)?;
    let mut command = Command::new("node");
    command.args([SCRIPT, &messages.to_string(), ROOMS]).arg(&context.engine_web);
    command.env("TMPDIR", folder.path());
    context.cores.on_both(|| lines(command))
}

fn lines(mut command: Command) -> Result<Times> {
    let name = command.get_program().to_owned();
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("starting {}", name.display()))?;
    ensure!(output.status.success(), "{} ended with {}", name.display(), output.status);
    Ok(times(&String::from_utf8_lossy(&output.stdout)))
}

fn worst<'a>(times: &'a Times, prefix: &str) -> Result<(&'a str, f64)> {
    let of = times.iter().filter(|(name, _)| name.starts_with(prefix));
    let worst = of.max_by(|a, b| a.1.total_cmp(&b.1));
    worst.map(|(name, ms)| (name.as_str(), *ms)).with_context(|| format!("no '{prefix}' was measured"))
}

/// Lines of a name, at least two spaces, a number and `ms`.
fn times(text: &str) -> Times {
    let line = |line: &str| {
        let (name, rest) = line.split_once("  ")?;
        let (number, _) = rest.trim_start().split_once(" ms")?;
        Some((name.trim().to_owned(), number.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_of_times_are_read() {
        let text =
            "100 messages stored in 3 ms\nfile: 2 MiB\n\nsearch \"a b\"          1.50 ms   3 hits, more\n";
        assert_eq!(times(text), [("search \"a b\"".to_owned(), 1.5)]);
    }
}
