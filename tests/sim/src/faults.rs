//! How often each kind of fault happened, so that a run that promises faults can be held to it.

use std::fmt;

macro_rules! faults {
    ($($name:ident: $what:literal,)*) => {
        /// What goes wrong in a run, and what shows that it did.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fault {
            $(#[doc = $what] $name,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &[Fault] = &[$(Fault::$name),*];

            fn what(self) -> &'static str {
                match self {
                    $(Fault::$name => $what,)*
                }
            }
        }
    };
}

faults! {
    Cut: "sockets cut",
    Offline: "spells without a network",
    Background: "spells of an app in the background",
    LostRequest: "frames of clients lost with a socket",
    LostAnswer: "answers lost with a socket",
    LostPush: "pushes lost with a socket",
    Delayed: "frames slower than half of the longest way",
    Behind: "live changes dropped by a full queue, and said to be missing",
    Doubled: "live changes that came twice",
    Reordered: "answers overtaken by what was sent after them",
    Repeated: "commands that were sent again and known",
    KilledDevice: "programs of clients killed",
    FullDevice: "transactions of clients without room",
    KilledRelay: "kills of the relay around a batch",
    FullRelay: "batches of the relay without room",
    Unsynced: "batches of the relay whose syncing failed",
    Stalled: "spells in which a client read nothing",
    Busy: "requests refused as one too many",
    ClockBack: "clocks that jumped back",
    ClockForth: "clocks that jumped forth",
    Restored: "backups of the relay put back",
    NoToken: "access tokens that could not be had",
    Intruder: "requests for what is none of one's business",
}

/// A count of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults([u64; Fault::ALL.len()]);

impl Faults {
    /// One more.
    pub fn count(&mut self, fault: Fault) {
        self.0[fault as usize] += 1;
    }

    /// How many.
    pub fn of(&self, fault: Fault) -> u64 {
        self.0[fault as usize]
    }

    /// Those of another run too.
    pub fn add(&mut self, other: &Faults) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, more)| *mine += more);
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Fault::ALL.iter().try_for_each(|fault| writeln!(f, "{:>9} {}", self.of(*fault), fault.what()))
    }
}
