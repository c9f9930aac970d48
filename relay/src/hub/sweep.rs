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

/// A client from which nothing came for this long is pinged, in milliseconds.
pub const PING_MS: u64 = 25_000;
/// Someone is told to be away this long after their last device went, in milliseconds: a reload is no goodbye.
pub const OFFLINE_GRACE_MS: u64 = 5_000;
/// A connection that has been quiet for this long after changes gets a newer sync token, in milliseconds.
pub const TOKEN_QUIET_MS: u64 = 15_000;

/// What a sweep found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Users who are away now, and since when.
    pub away: Vec<(UserId, u64)>,
}

impl Hub {
    /// Looks at every connection. To be called every few seconds; `now` in milliseconds.
    pub fn sweep(&self, now: u64) -> Swept {
        let mut state = self.state.lock();
        let token = state.published.map(|position| encode(&Push::Token { token: token::encode(position) }));
        for connection in state.people.values().flat_map(|person| &person.connections) {
            visit(connection, now);
            let changed_at = connection.changed_at.load(Relaxed);
            if let Some(token) = &token
                && changed_at != 0
                && now.saturating_sub(changed_at) >= TOKEN_QUIET_MS
                && connection.rows().is_some()
                && !connection.is_behind()
            {
                connection.changed_at.store(0, Relaxed);
                connection.push(token.clone(), Class::Light);
            }
        }
        let mut swept = Swept::default();
        state.people.retain(|user, person| match person.gone_at {
            Some(at) if person.connections.is_empty() && now.saturating_sub(at) >= OFFLINE_GRACE_MS => {
                if person.told_online {
                    swept.away.push((*user, at));
                }
                false
            }
            _ => true,
        });
        for (user, at) in &swept.away {
            state.tell_presence(Presence { user: *user, online: false, last_seen: Some(*at) });
        }
        swept
    }
}

fn visit(connection: &Connection, now: u64) {
    let silent = now.saturating_sub(connection.heard_at.load(Relaxed));
    let writing_since = connection.writing_since.load(Relaxed);
    if connection.expires_at.load(Relaxed) <= now {
        connection.close(Close { code: close::UNAUTHENTICATED, reason: "the access token has expired" });
    } else if silent >= IDLE_TIMEOUT_MS
        || (writing_since != 0 && now.saturating_sub(writing_since) >= IDLE_TIMEOUT_MS)
    {
        connection
            .close(Close { code: super::connection::TRY_AGAIN_LATER, reason: "nothing came for too long" });
    } else if silent >= PING_MS {
        connection.push_ping();
    }
}
