//! A small source of random bits. It is seeded from outside, so that one seed replays a run.

use uuid::Uuid;

/// SplitMix64 (Steele, Lea and Flood, 2014). Good enough for jitter and ids; not for secrets.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A source with this seed. Two devices must not share one: take it from the system's randomness.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `max` inclusive. The bias of the remainder does not matter for pauses.
    pub fn up_to(&mut self, max: u64) -> u64 {
        match max.checked_add(1) {
            Some(n) => self.bits() % n,
            None => self.bits(),
        }
    }

    /// A UUIDv7 (RFC 9562, section 5.7) of this moment.
    pub fn uuid_v7(&mut self, wall_ms: u64) -> Uuid {
        let mut bytes = [0u8; 10];
        bytes[..8].copy_from_slice(&self.bits().to_be_bytes());
        bytes[8..].copy_from_slice(&self.bits().to_be_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(wall_ms, &bytes).into_uuid()
    }
}
