//! What one seed chooses: how many take part, how long it goes, and which faults happen how often.
//!
//! Each seed leaves some faults out altogether: a bug that needs many cuts may hide behind restarts, and the reverse.

use crate::dice::{Dice, Random};

/// "Once in so many"; 0 is never.
pub type Odds = u64;

/// See the module.
#[derive(Clone, Debug)]
pub struct Plan {
    /// People.
    pub people: usize,
    /// Devices of each.
    pub devices: usize,
    /// Virtual time until everything is healed, in milliseconds.
    pub lasts_ms: u64,
    /// The mean pause between two things that one device's person does, in milliseconds.
    pub pause_ms: u64,
    /// Longest way of a frame, in milliseconds.
    pub latency_ms: u64,
    /// Most characters of a text.
    pub text_chars: u64,
    /// The first group starts with this many messages, so that newcomers have holes.
    pub history: u64,

    /// A frame is the last that gets through.
    pub cut: Odds,
    /// A device's input ends with its program killed.
    pub kill_device: Odds,
    /// A device's transaction does not find room.
    pub full_device: Odds,
    /// A batch ends with the relay killed.
    pub kill_relay: Odds,
    /// A batch of the relay does not find room.
    pub full_relay: Odds,
    /// A thing that a person does is to switch the network off for a while.
    pub offline: Odds,
    /// A thing that a person does is to put the app into the background for a while.
    pub background: Odds,
    /// A drain of a connection's queue finds its client reading nothing for a while.
    pub stall: Odds,
    /// A drain of a connection's queue is followed by a while in which the queue holds next to nothing.
    pub narrow: Odds,
    /// A live change comes twice.
    pub double: Odds,
    /// An answer is overtaken by what is sent after it.
    pub reorder: Odds,
    /// A request is refused as one too many.
    pub busy: Odds,
    /// A clock jumps, looked at once a second.
    pub clock: Odds,
    /// A backup of the relay is put back, looked at once a second.
    pub fork: Odds,
    /// A token cannot be had, or the session has ended.
    pub auth: Odds,
    /// Somebody asks for what is none of their business, looked at once a second.
    pub intruder: Odds,
    /// Roles, removals, leaving and coming back.
    pub membership: bool,
}

impl Plan {
    /// What this seed chooses.
    pub fn new(dice: &mut Random) -> Self {
        let mut some = |often: u64, seldom: u64, of: u64| {
            let odds = dice.between(often, seldom);
            if dice.once_in(of) { 0 } else { odds }
        };
        let cut = some(15, 400, 4);
        let kill_device = some(30, 600, 3);
        let full_device = some(60, 900, 2);
        let kill_relay = some(30, 400, 3);
        let full_relay = some(15, 200, 2);
        let offline = some(8, 40, 3);
        let stall = some(20, 200, 2);
        let narrow = some(4, 60, 2);
        let double = some(4, 40, 2);
        let reorder = some(3, 30, 2);
        let busy = some(20, 200, 2);
        let clock = some(10, 60, 2);
        let auth = some(4, 20, 2);
        let intruder = some(5, 30, 2);
        let background = some(8, 60, 3);
        let fork = if dice.once_in(4) { dice.between(10, 60) } else { 0 };
        Self {
            people: dice.between(2, 5) as usize,
            devices: dice.between(1, 2) as usize,
            lasts_ms: dice.between(10, 90) * 1000,
            pause_ms: dice.between(300, 3_000),
            latency_ms: dice.between(2, 400),
            text_chars: if dice.once_in(8) { 12_000 } else { 60 },
            history: if dice.once_in(5) { dice.between(150, 420) } else { dice.between(0, 6) },
            cut,
            kill_device,
            full_device,
            kill_relay,
            full_relay,
            offline,
            background,
            stall,
            narrow,
            double,
            reorder,
            busy,
            clock,
            fork,
            auth,
            intruder,
            membership: !dice.once_in(4),
        }
    }

    /// The same without any fault, for the time after the healing.
    pub fn healed(&self) -> Self {
        Self {
            cut: 0,
            kill_device: 0,
            full_device: 0,
            kill_relay: 0,
            full_relay: 0,
            offline: 0,
            background: 0,
            stall: 0,
            narrow: 0,
            double: 0,
            reorder: 0,
            busy: 0,
            clock: 0,
            fork: 0,
            auth: 0,
            intruder: 0,
            latency_ms: 5,
            ..self.clone()
        }
    }
}
