//! The network: sockets that keep the order of their frames, until they are cut. A cut takes what is on its way, from
//! some frame on, on each side, and each side learns of it in its own time, or never.

use std::collections::{BTreeMap, BTreeSet};

/// One socket between a device's program and the relay.
#[derive(Debug)]
pub struct Link {
    /// Which device.
    pub device: usize,
    /// Which start of its program.
    pub life: u64,
    /// The engine's number for it.
    pub socket: u64,
    /// The client's end is open.
    pub client_open: bool,
    /// The relay's end is open.
    pub relay_open: bool,
    /// Nothing sent from now on arrives.
    pub cut: bool,
    /// What arrives later than this at the relay is lost.
    up_until: u64,
    /// What arrives later than this at the client is lost.
    down_until: u64,
    up_last: u64,
    down_last: u64,
    /// The client reads nothing until then.
    pub stalled_until: u64,
    /// Its queue at the relay holds next to nothing until then; 0 if it is as it should be.
    pub narrow_until: u64,
}

impl Link {
    /// When a frame sent now arrives at the relay; in order.
    pub fn up(&mut self, now: u64, latency: u64) -> u64 {
        self.up_last = self.up_last.max(now + latency);
        self.up_last
    }

    /// When a frame sent now arrives at the client; in order.
    pub fn down(&mut self, now: u64, latency: u64) -> u64 {
        self.down_last = self.down_last.max(now + latency);
        self.down_last
    }

    /// When the latest of the frames that keep their order arrives at the client.
    pub fn last_down(&self) -> u64 {
        self.down_last
    }

    /// Cuts it. What arrives within `up_ms` and `down_ms` is still on this side of the cut.
    pub fn cut(&mut self, now: u64, up_ms: u64, down_ms: u64) {
        if !self.cut {
            self.cut = true;
            self.up_until = now + up_ms;
            self.down_until = now + down_ms;
        }
    }

    /// Whether a frame that would arrive now at the relay does.
    pub fn reaches_relay(&self, now: u64) -> bool {
        self.relay_open && now <= self.up_until
    }

    /// Whether a frame that would arrive now at the client does.
    pub fn reaches_client(&self, now: u64) -> bool {
        self.client_open && now <= self.down_until
    }
}

/// All sockets by number.
#[derive(Debug, Default)]
pub struct Net {
    links: BTreeMap<u64, Link>,
    next: u64,
}

impl Net {
    /// A new socket that is being opened.
    pub fn open(&mut self, device: usize, life: u64, socket: u64) -> u64 {
        self.next += 1;
        self.links.insert(
            self.next,
            Link {
                device,
                life,
                socket,
                client_open: true,
                relay_open: false,
                cut: false,
                up_until: u64::MAX,
                down_until: u64::MAX,
                up_last: 0,
                down_last: 0,
                stalled_until: 0,
                narrow_until: 0,
            },
        );
        self.next
    }

    /// One of them.
    pub fn get(&mut self, link: u64) -> Option<&mut Link> {
        self.links.get_mut(&link)
    }

    /// The open one of a program.
    pub fn of(&self, device: usize, life: u64, socket: u64) -> Option<u64> {
        self.links
            .iter()
            .find(|(_, l)| l.device == device && l.life == life && l.socket == socket && l.client_open)
            .map(|(number, _)| *number)
    }

    /// The numbers of those that `which` picks.
    pub fn which(&self, which: impl Fn(&Link) -> bool) -> Vec<u64> {
        self.links.iter().filter(|(_, link)| which(link)).map(|(number, _)| *number).collect()
    }

    /// The devices that have a socket which works.
    pub fn linked(&self) -> BTreeSet<usize> {
        let works = |link: &&Link| link.client_open && link.relay_open && !link.cut;
        self.links.values().filter(works).map(|link| link.device).collect()
    }

    /// Forgets one if both ends are closed.
    pub fn forget(&mut self, link: u64) {
        if self.links.get(&link).is_some_and(|l| !l.client_open && !l.relay_open) {
            self.links.remove(&link);
        }
    }
}
