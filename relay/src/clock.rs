//! The relay's clock: milliseconds since 1970. Times decorate; nothing is ordered by them.

use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// Now, in milliseconds since 1970-01-01 UTC; 0 on a machine whose clock stands before that.
pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// Where the messaging core gets the time and new ids from, so that a simulation can give both out of one seed.
pub trait Source: Send + Sync {
    /// Milliseconds since 1970-01-01 UTC.
    fn now_ms(&self) -> u64;
    /// A UUIDv7 (RFC 9562, section 5.7) that nobody has used.
    fn new_id(&self) -> Uuid;
}

/// The machine's own clock and randomness.
pub struct Machine;

impl Source for Machine {
    fn now_ms(&self) -> u64 {
        now_ms()
    }

    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}
