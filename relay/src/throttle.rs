//! Token buckets against those who knock too often: per address, per account, in bounded memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// Most keys that one throttle remembers. Beyond, strangers share one bucket until the known ones have filled up.
const MAX_KEYS: usize = 50_000;

/// A bucket of `burst` tokens for each key, one of which comes back every `period_ms`.
///
/// It keeps one number a key (GCRA): the time at which its bucket will be full again.
#[derive(Debug)]
pub struct Throttle<K> {
    burst: u32,
    period_ms: u64,
    state: Mutex<State<K>>,
}

#[derive(Debug)]
struct State<K> {
    full_at: HashMap<K, u64>,
    /// The bucket of all keys for which there is no room.
    rest_full_at: u64,
    /// When the map was last searched for full buckets while it was full of keys.
    swept_at: u64,
}

impl<K: Hash + Eq> Throttle<K> {
    /// A `burst` of 0 means no limit.
    pub fn new(burst: u32, period_ms: u64) -> Self {
        Self {
            burst,
            period_ms,
            state: Mutex::new(State { full_at: HashMap::new(), rest_full_at: 0, swept_at: 0 }),
        }
    }

    /// Takes a token. `now` in milliseconds.
    ///
    /// # Errors
    /// How long to wait for the next token, in milliseconds.
    pub fn take(&self, key: K, now: u64) -> Result<(), u64> {
        if self.burst == 0 {
            return Ok(());
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        if state.full_at.len() >= MAX_KEYS
            && !state.full_at.contains_key(&key)
            && state.swept_at + 1_000 <= now
        {
            state.swept_at = now;
            state.full_at.retain(|_, full_at| *full_at > now);
        }
        let room = state.full_at.len() < MAX_KEYS;
        let old = match state.full_at.get_mut(&key) {
            Some(full_at) => full_at,
            None if room => state.full_at.entry(key).or_insert(0),
            None => &mut state.rest_full_at,
        };
        let next = (*old).max(now) + self.period_ms;
        let capacity = u64::from(self.burst) * self.period_ms;
        match (next - now).checked_sub(capacity) {
            None | Some(0) => {
                *old = next;
                Ok(())
            }
            Some(wait) => Err(wait),
        }
    }

    /// Gives a token back: what it was taken for turned out to be harmless.
    pub fn give_back(&self, key: &K) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(full_at) = state.full_at.get_mut(key) {
            *full_at = full_at.saturating_sub(self.period_ms);
        }
    }
}

/// What counts as one address: all of an IPv4 address; the first 64 bits of an IPv6 one, which is what one customer
/// usually has.
pub fn address_key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & 0xffff_ffff_ffff_ffff_0000_0000_0000_0000))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_a_period() {
        let throttle = Throttle::new(3, 1_000);
        for _ in 0..3 {
            assert_eq!(throttle.take("alice", 10_000), Ok(()));
        }
        assert_eq!(throttle.take("alice", 10_000), Err(1_000));
        assert_eq!(throttle.take("alice", 10_400), Err(600));
        assert_eq!(throttle.take("bob", 10_400), Ok(()), "another key is another bucket");
        assert_eq!(throttle.take("alice", 11_000), Ok(()));
        assert_eq!(throttle.take("alice", 11_000), Err(1_000));
    }

    #[test]
    fn refusals_do_not_prolong_the_wait() {
        let throttle = Throttle::new(1, 1_000);
        assert_eq!(throttle.take("alice", 0), Ok(()));
        for _ in 0..100 {
            assert!(throttle.take("alice", 500).is_err());
        }
        assert_eq!(throttle.take("alice", 1_000), Ok(()));
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let throttle = Throttle::new(1, 1_000);
        for _ in 0..10 {
            assert_eq!(throttle.take("alice", 0), Ok(()));
            throttle.give_back(&"alice");
        }
    }

    #[test]
    fn no_burst_is_no_limit() {
        let throttle = Throttle::new(0, 1_000);
        assert!((0..1_000).all(|_| throttle.take("alice", 0).is_ok()));
    }

    /// Strangers beyond the bound share a bucket, those known stay bound, and memory does not grow.
    #[test]
    fn memory_is_bounded_and_a_flood_frees_nobody() {
        let throttle = Throttle::new(2, 1_000);
        assert!(throttle.take(0, 0).is_ok() && throttle.take(0, 0).is_ok());
        for key in 1..MAX_KEYS {
            assert!(throttle.take(key, 0).is_ok());
        }
        assert!(throttle.take(MAX_KEYS, 0).is_ok() && throttle.take(MAX_KEYS + 1, 0).is_ok());
        assert!(throttle.take(MAX_KEYS + 2, 0).is_err(), "the shared bucket is empty");
        assert!(throttle.take(0, 0).is_err(), "the flood did not push out a known key");
        assert_eq!(throttle.state.lock().unwrap().full_at.len(), MAX_KEYS);
        assert!(throttle.take(MAX_KEYS + 2, 5_000).is_ok());
        assert_eq!(throttle.state.lock().unwrap().full_at.len(), 1, "full buckets are forgotten");
    }

    #[test]
    fn addresses_are_grouped_as_they_are_given_out() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2:3::4"), key("2001:db8:1:2::9"));
        assert_ne!(key("2001:db8:1:2::"), key("2001:db8:1:3::"));
        assert_eq!(key("::ffff:192.0.2.7"), key("192.0.2.7"));
        assert_ne!(key("192.0.2.7"), key("192.0.2.8"));
    }
}
