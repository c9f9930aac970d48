//! What time does to connections: pings, dead peers, expired tokens, goodbyes, newer sync tokens.

use super::connection::{Close, Connection};
use super::queue::Class;
use super::{Hub, encode};
use crate::sync::token;
use confab_protocol::error::close;
use confab_protocol::limits::IDLE_TIMEOUT_MS;
use confab_protocol::sync::Push;
use confab_protocol::{Presence, UserId};
use std::sync::atomic::Ordering::Relaxed;

/// How long things last, in milliseconds. Tests have less patience than people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How often the connections are looked at.
    pub sweep_ms: u64,
    /// A client from which nothing came for this long is pinged.
    pub ping_ms: u64,
    /// A client from which nothing came for this long, or that takes nothing, is closed.
    pub idle_ms: u64,
    /// Someone is told to be away this long after their last device went: a reload is no goodbye.
    pub offline_grace_ms: u64,
    /// A connection that has been quiet for this long after changes gets a newer sync token.
    pub token_quiet_ms: u64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            sweep_ms: 2_000,
            ping_ms: 25_000,
            idle_ms: IDLE_TIMEOUT_MS,
            offline_grace_ms: 5_000,
            token_quiet_ms: 15_000,
        }
    }
}

/// What a sweep found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Users who are away now, and since when.
    pub away: Vec<(UserId, u64)>,
}

impl Hub {
    /// Looks at every connection. To be called every few seconds; `now` in milliseconds.
    pub fn sweep(&self, now: u64) -> Swept {
        let timing = self.timing;
        let mut state = self.state.lock();
        let token = state.published.map(|position| encode(&Push::Token { token: token::encode(position) }));
        for connection in state.people.values().flat_map(|person| &person.connections) {
            connection.not_ahead_of(now);
            visit(connection, now, timing);
            let changed_at = connection.changed_at.load(Relaxed);
            if let Some(token) = &token
                && changed_at != 0
                && now.saturating_sub(changed_at) >= timing.token_quiet_ms
                && connection.rows().is_some()
                && !connection.is_behind()
            {
                connection.changed_at.store(0, Relaxed);
                connection.push(token.clone(), Class::Light);
            }
        }
        let mut swept = Swept::default();
        state.people.retain(|user, person| match person.gone_at.map(|at| at.min(now)) {
            Some(at)
                if person.connections.is_empty() && now.saturating_sub(at) >= timing.offline_grace_ms =>
            {
                if person.told_online {
                    swept.away.push((*user, at));
                }
                false
            }
            gone_at => {
                person.gone_at = gone_at;
                true
            }
        });
        for (user, at) in &swept.away {
            state.tell_presence(Presence { user: *user, online: false, last_seen: Some(*at) });
        }
        swept
    }
}

impl Connection {
    /// The clock was set back: spans are counted from now on, or dead peers would stay until it has caught up.
    fn not_ahead_of(&self, now: u64) {
        for since in [&self.heard_at, &self.writing_since, &self.changed_at] {
            since.fetch_min(now, Relaxed);
        }
    }
}

fn visit(connection: &Connection, now: u64, timing: Timing) {
    let silent = now.saturating_sub(connection.heard_at.load(Relaxed));
    let writing_since = connection.writing_since.load(Relaxed);
    if connection.expires_at.load(Relaxed) <= now {
        connection.close(Close { code: close::UNAUTHENTICATED, reason: "the access token has expired" });
    } else if silent >= timing.idle_ms
        || (writing_since != 0 && now.saturating_sub(writing_since) >= timing.idle_ms)
    {
        connection
            .close(Close { code: super::connection::TRY_AGAIN_LATER, reason: "nothing came for too long" });
    } else if silent >= timing.ping_ms {
        connection.push_ping();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use confab_protocol::DeviceId;
    use std::sync::Arc;
    use uuid::Uuid;

    #[test]
    fn a_dead_peer_is_found_though_the_clock_was_set_back() {
        const NOW: u64 = 1_790_000_000_000;
        const YEAR: u64 = 365 * 86_400_000;
        let hub = Hub::default();
        let (user, device) = (UserId(Uuid::from_u128(1)), DeviceId(Uuid::from_u128(2)));
        let connection = Arc::new(Connection::new(hub.next_id(), user, device, u64::MAX, NOW));
        assert!(hub.connect(&connection));
        hub.arrived(user);
        hub.sweep(NOW - YEAR);
        assert_eq!(connection.closed(), None);
        hub.sweep(NOW - YEAR + IDLE_TIMEOUT_MS);
        assert!(connection.closed().is_some());
        // So is a goodbye.
        hub.disconnect(&connection, NOW);
        hub.sweep(NOW - YEAR);
        let swept = hub.sweep(NOW - YEAR + Timing::default().offline_grace_ms);
        assert_eq!(swept.away, vec![(user, NOW - YEAR)]);
    }
}
