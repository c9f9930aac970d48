//! What happens by the clock: sweeps over the connections, the heartbeat, presence after someone left a conversation.

use crate::relay::Relay;
use confab_protocol::UserId;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Sweeps between two heartbeats, which say when a relay that died was last there.
const HEARTBEAT_SWEEPS: u64 = 15;

/// Runs as long as the relay does.
pub(crate) async fn run(relay: Weak<Relay>, sweep_ms: u64) {
    let mut ticks = interval(Duration::from_millis(sweep_ms.max(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for tick in 1_u64.. {
        ticks.tick().await;
        let Some(relay) = relay.upgrade() else { return };
        tend(&relay, tick).await;
    }
}

/// One sweep, the `tick`-th.
pub async fn tend(relay: &Arc<Relay>, tick: u64) {
    let now = relay.now();
    relay.hub.sweep(now);
    // An idle relay leaves its disk alone.
    if tick.is_multiple_of(HEARTBEAT_SWEEPS) && relay.hub.connections() > 0 {
        relay.writer.alive(now);
    }
    for user in relay.hub.take_left() {
        look_again(relay, user).await;
    }
}

/// Someone left a conversation: who watches them, or is watched by them, without sharing another one, does so no more.
async fn look_again(relay: &Arc<Relay>, user: UserId) {
    for (connection, users) in relay.hub.watches_of(user) {
        let Some((key, _)) = connection.rows() else { continue };
        let asked = users.clone();
        let Ok(seen) = relay.readers.read(move |reads| reads.seen(key, &asked)).await else { continue };
        for other in users.into_iter().filter(|other| seen.iter().all(|seen| seen.user != *other)) {
            relay.hub.unwatch(&connection, other);
        }
    }
    for connection in relay.hub.watchers_of(user) {
        let Some((key, _)) = connection.rows() else { continue };
        let Ok(seen) = relay.readers.read(move |reads| reads.seen(key, &[user])).await else { continue };
        if seen.is_empty() {
            relay.hub.unwatch(&connection, user);
        }
    }
}
