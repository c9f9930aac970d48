//! The size of what one downloads.

use super::Context;
use crate::report::{Row, Target};
use anyhow::Result;

/// See [`super::Part::Size`].
///
/// # Errors
/// The program is not there.
pub fn run(context: &Context) -> Result<Vec<Row>> {
    let megabytes = std::fs::metadata(&context.relay)?.len() as f64 / 1e6;
    let what = "the relay's program, the web client inside";
    Ok(vec![Row::new("size", what, megabytes, "MB").target(Target::AtMost(25.0))])
}
