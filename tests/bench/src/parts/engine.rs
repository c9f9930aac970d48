//! The client's engine and cache, native: what a start, a window, a search and catching up cost. The measuring itself
//! is the store's own example `measure`; this runs it and holds it to its targets.

use super::Context;
use crate::report::{Row, Target};
use anyhow::{Context as _, Result, ensure};
use std::process::{Command, Stdio};

const PART: &str = "engine";
/// The names that the example gives to what has a target.
const LIST: &str = "open and list";
const APPLY: &str = "apply 10,000 caught-up messages";

/// See [`super::Part::Engine`].
///
/// # Errors
/// The example is not built, fails, or prints something else.
pub fn run(context: &Context) -> Result<Vec<Row>> {
    let mut rows = measure(context, context.scaled(100_000), true)?;
    if !context.quick {
        rows.extend(measure(context, 1_000_000, false)?);
    }
    Ok(rows)
}

/// With a cache of so many messages in 200 conversations.
fn measure(context: &Context, messages: usize, targets: bool) -> Result<Vec<Row>> {
    let folder = tempfile::TempDir::new_in(&context.data)?;
    let mut command = Command::new(&context.engine);
    command.args([messages.to_string(), "200".to_owned()]).env("TMPDIR", folder.path());
    command.stdout(Stdio::piped()).stderr(Stdio::inherit());
    let child = context.cores.on_server_core(|| {
        let name = context.engine.display();
        command.spawn().with_context(|| format!("starting {name}"))
    })?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "the example ended with {}", output.status);
    let times = times(&String::from_utf8_lossy(&output.stdout));
    let thousands = messages / 1000;
    let row = |name: &str, ms: f64, limit: f64| {
        let row = Row::new(PART, format!("{name}, {thousands}k messages"), ms, "ms");
        if targets { row.target(Target::AtMost(limit)) } else { row }
    };
    let worst = |prefix: &str| {
        let of = times.iter().filter(|(name, _)| name.starts_with(prefix));
        of.max_by(|a, b| a.1.total_cmp(&b.1)).with_context(|| format!("no '{prefix}' was measured"))
    };
    let search = worst("search ")?;
    let searches = times.iter().filter(|(name, _)| name.starts_with("search ")).count();
    Ok(vec![
        row(LIST, worst(LIST)?.1, 30.0),
        row("a window of 50", worst("window of 50")?.1, 3.0),
        row(
            &format!("slowest of {searches} searches ({})", search.0.trim_start_matches("search ")),
            search.1,
            20.0,
        ),
        row(APPLY, worst(APPLY)?.1, 400.0),
    ])
}

/// Lines of a name, at least two spaces, a number and `ms`.
fn times(text: &str) -> Vec<(String, f64)> {
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
