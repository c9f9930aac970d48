//! Frames: how requests, answers and pushes stand in a WebSocket text message (RFC 6455), one JSON object each.
//!
//! ```json
//! {"id": 7, "op": "send", "body": {…}}       a request
//! {"id": 7, "ok": {…}}                        its answer
//! {"id": 7, "error": {"code": …, …}}          or its refusal
//! {"push": "delta", "body": {…}}              something unasked
//! ```
//!
//! Whatever tells of what the relay has stored also states `"commit": N`, see [`Stamped`].

mod relay;
mod request;

pub use relay::{
    EncodedDelta, RelayFrame, Stamped, answer, encoded_answer, parse_relay_frame, parse_stamped, read,
    refusal, stamped,
};
pub use request::{LARGEST_ID, Request, Unreadable, parse_request};

use crate::model::Device;
use serde::{Deserialize, Serialize};

/// The answer to `devices`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    /// Them, the newest first.
    pub devices: Vec<Device>,
}

/// An empty object: the answer to what has nothing to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}
