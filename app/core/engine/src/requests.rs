//! The requests of the open socket that wait for their answer.

use crate::cache::PendingMark;
use crate::engine::{Ctx, Engine};
use crate::io::{Output, Ticket};
use crate::ranges::RangeSet;
use confab_protocol::frame::Request;
use confab_protocol::{CommandId, ConversationId, HistoryPage};
use std::collections::BTreeMap;

/// What was asked, and what is needed to make sense of the answer.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    Hello,
    Heads,
    Renew,
    Ping,
    /// Changes since one's own rev, of the messages in `region`, to reach what was `owed` then.
    Changes {
        conversation: ConversationId,
        since: u64,
        owed: u64,
        region: RangeSet,
    },
    /// Changes since the rev of a page that was read before one's own rev.
    Check {
        page: Box<HistoryPage>,
        /// Seqs that persons wait for.
        waiting: Vec<Ticket>,
    },
    History {
        conversation: ConversationId,
        newest: bool,
        waiting: Vec<Ticket>,
    },
    Command(CommandId),
    Mark(PendingMark),
    Watch,
    FindUsers(Ticket),
    Devices(Ticket),
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    next: u64,
    waiting: BTreeMap<u64, (Asked, u64)>,
}

impl Requests {
    /// What the answer with this id is to.
    pub fn take(&mut self, id: u64) -> Option<Asked> {
        self.waiting.remove(&id).map(|(asked, _)| asked)
    }

    /// When the oldest one was asked.
    pub fn oldest(&self) -> Option<u64> {
        // Ids grow with time, so the first is the oldest.
        self.waiting.values().next().map(|&(_, at)| at)
    }

    /// Empties it: the socket is gone.
    pub fn drain(&mut self) -> Vec<Asked> {
        std::mem::take(&mut self.waiting).into_values().map(|(asked, _)| asked).collect()
    }
}

impl Engine {
    /// Sends a request whose answer is wanted.
    pub(crate) fn ask(&mut self, ctx: &mut Ctx<'_>, request: &Request, asked: Asked) {
        self.requests.next += 1;
        let id = self.requests.next;
        // The protocol's types do not fail to serialise; if one did, the answer would be missed and the socket renewed.
        if let Ok(text) = request.to_text(Some(id)) {
            ctx.out.push(Output::Send { socket: self.link.socket, text });
        }
        self.requests.waiting.insert(id, (asked, ctx.ms()));
        self.link.last_sent = ctx.ms();
    }

    /// Sends a request that needs no answer.
    pub(crate) fn tell(&mut self, ctx: &mut Ctx<'_>, request: &Request) {
        if let Ok(text) = request.to_text(None) {
            ctx.out.push(Output::Send { socket: self.link.socket, text });
        }
    }
}
