//! One run: the queue of what happens next, and what happens.

use crate::device::Device;
use crate::dice::{Dice, Random};
use crate::faults::{Fault, Faults};
use crate::net::Net;
use crate::plan::Plan;
use crate::relay::RelayNode;
use crate::store::LocalStore;
use crate::trace::Trace;
use crate::witness::Witness;
use confab_protocol::{DeviceId, RunId, User, UserId};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;
use uuid::Uuid;

/// The true clock's zero, in milliseconds since 1970.
pub const EPOCH_MS: u64 = 1_800_000_000_000;

/// Something that happens at its time.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A person does something with a device.
    Act(usize),
    /// A device asked to be woken, in this life.
    Wake(usize, u64, u64),
    /// A socket is open on both ends.
    Opened(u64),
    /// A frame arrives at the relay.
    ToRelay(u64, String),
    /// A frame arrives at a client.
    ToClient(u64, String),
    /// The same out of its turn. Of an answer: when the frames arrive that were sent before it.
    Late(u64, String, Option<u64>),
    /// A client's answer to a ping arrives.
    Pong(u64),
    /// A device looks at what came.
    Read(usize, u64),
    /// A client learns that its socket is closed.
    ClientClosed(u64, Option<u16>),
    /// The relay learns that a socket is closed.
    RelayClosed(u64),
    /// The relay writes what is queued.
    Drain,
    /// The writer runs a batch.
    Batch,
    /// The relay looks after its connections, in this run.
    Tend(u64),
    /// A device's wish for a token comes true, or not.
    Token(usize, u64),
    /// A device's program starts.
    StartDevice(usize),
    /// The relay starts.
    StartRelay,
    /// A device has a network again.
    Online(usize),
    /// A device's app is in the foreground again.
    Resume(usize),
    /// Somebody looks whether a disaster is due.
    Second,
}

/// See the module.
pub struct World {
    /// The true time since the beginning, in milliseconds.
    pub now: u64,
    /// What this seed chose.
    pub plan: Plan,
    /// Chance.
    pub dice: Random,
    /// What happened.
    pub trace: Trace,
    /// What was done to it.
    pub faults: Faults,
    /// What was promised.
    pub witness: Witness,
    /// Everybody.
    pub people: Vec<User>,
    /// Their devices; the last of each person is fresh and starts only at the end.
    pub devices: Vec<Device>,
    /// The relay.
    pub relay: RelayNode,
    /// How far its clock is off.
    pub relay_clock_off: i64,
    pub(crate) net: Net,
    pub(crate) batch_at: Option<u64>,
    pub(crate) drain_at: Option<u64>,
    pub(crate) runs: u64,
    pub(crate) acting: bool,
    pub(crate) texts: u64,
    queue: BinaryHeap<Reverse<(u64, u64, Event)>>,
    next: u64,
}

const NAMES: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];

impl World {
    /// A world of this seed in an empty folder.
    pub fn new(seed: u64, folder: &Path) -> Self {
        let mut dice = Random::new(seed ^ 0x5eed_c0ff_ee00_0000);
        let plan = Plan::new(&mut dice);
        let people: Vec<User> = NAMES[..plan.people]
            .iter()
            .map(|name| User {
                id: UserId(dice.uuid_v7(EPOCH_MS)),
                username: (*name).to_owned(),
                display_name: (*name).to_owned(),
                deleted: false,
            })
            .collect();
        let mut devices = Vec::new();
        let mut sessions = Vec::new();
        for (who, user) in people.iter().enumerate() {
            for number in 0..=plan.devices {
                let fresh = number == plan.devices;
                let name = if fresh {
                    format!("{}/fresh", user.username)
                } else {
                    format!("{}/{number}", user.username)
                };
                let session = DeviceId(dice.uuid_v7(EPOCH_MS));
                sessions.push((who, session));
                let file = folder.join(format!("{}.db", name.replace('/', "-")));
                devices.push(Device::new(name, user.id, session, LocalStore::new(&file, user, session)));
            }
        }
        let relay = RelayNode::new(folder, &mut dice, EPOCH_MS, &people, &sessions);
        Self {
            now: 0,
            plan,
            dice,
            trace: Trace::default(),
            faults: Faults::default(),
            witness: Witness::default(),
            people,
            devices,
            relay,
            relay_clock_off: 0,
            net: Net::default(),
            batch_at: None,
            drain_at: None,
            runs: 0,
            acting: true,
            texts: 0,
            queue: BinaryHeap::new(),
            next: 0,
        }
    }

    /// Whether a device is one that starts only at the end.
    pub fn is_fresh(&self, device: usize) -> bool {
        device % (self.plan.devices + 1) == self.plan.devices
    }

    /// Plans something.
    pub(crate) fn at(&mut self, time: u64, event: Event) {
        self.next += 1;
        self.queue.push(Reverse((time.max(self.now), self.next, event)));
    }

    /// Plans something within so many milliseconds.
    pub(crate) fn within(&mut self, low: u64, high: u64, event: Event) {
        let time = self.now + self.dice.between(low, high);
        self.at(time, event);
    }

    /// Some time that a frame takes.
    pub(crate) fn latency(&mut self) -> u64 {
        // Mostly quick, seldom slow.
        let longest = self.plan.latency_ms;
        let most = if self.dice.once_in(5) { longest } else { longest / 5 };
        let latency = 1 + self.dice.up_to(most);
        if 2 * latency > longest {
            self.faults.count(Fault::Delayed);
        }
        latency
    }

    /// The relay's clock.
    pub(crate) fn relay_now(&self) -> u64 {
        (EPOCH_MS + self.now).saturating_add_signed(self.relay_clock_off)
    }

    /// Starts everything but the fresh devices.
    pub fn begin(&mut self) {
        self.at(0, Event::StartRelay);
        self.at(1000, Event::Second);
        for device in 0..self.devices.len() {
            if !self.is_fresh(device) {
                self.within(0, 2_000, Event::StartDevice(device));
                self.within(500, 3_000, Event::Act(device));
            }
        }
    }

    /// Lets happen what happens until `until`.
    pub fn run(&mut self, until: u64) {
        while let Some(Reverse((time, _, _))) = self.queue.peek() {
            if *time > until || !self.witness.wrong.is_empty() {
                break;
            }
            let Some(Reverse((time, _, event))) = self.queue.pop() else { break };
            self.now = time;
            self.happen(event);
        }
        self.now = self.now.max(until);
    }

    /// A frame or an answer is on its way.
    pub(crate) fn in_flight(&self) -> bool {
        self.queue.iter().any(|Reverse((_, _, event))| {
            matches!(
                event,
                Event::ToRelay(..)
                    | Event::ToClient(..)
                    | Event::Late(..)
                    | Event::Read(..)
                    | Event::Batch
                    | Event::Token(..)
                    | Event::Opened(_)
                    | Event::StartDevice(_)
                    | Event::StartRelay
            )
        })
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Act(device) => self.act(device),
            Event::Wake(device, life, at) => self.wake(device, life, at),
            Event::Opened(link) => self.opened(link),
            Event::ToRelay(link, text) => self.to_relay(link, &text),
            Event::ToClient(link, text) => self.to_client(link, text),
            Event::Late(link, text, before) => self.late(link, text, before),
            Event::Pong(link) => self.pong(link),
            Event::Read(device, life) => self.read(device, life),
            Event::ClientClosed(link, code) => self.client_closed(link, code),
            Event::RelayClosed(link) => self.relay_closed(link),
            Event::Drain => self.drain(),
            Event::Batch => self.batch(),
            Event::Tend(run) => self.tend(run),
            Event::Token(device, life) => self.token(device, life),
            Event::StartDevice(device) => self.start_device(device),
            Event::StartRelay => self.start_relay(),
            Event::Online(device) => self.online(device),
            Event::Resume(device) => self.resume(device),
            Event::Second => self.second(),
        }
    }

    /// A new run's id.
    pub(crate) fn run_id(&mut self) -> RunId {
        RunId(Uuid::from_u64_pair(self.dice.bits(), self.dice.bits()))
    }
}
