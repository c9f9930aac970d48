//! Whether what a relay says can be true. Most numbers of a conversation only grow here, so one that no relay can have
//! would stay for ever: it is not taken, like a frame that cannot be read.

use confab_protocol::model::{Mark, Member};
use confab_protocol::sync::Push;
use confab_protocol::{Ack, Delta, Head, HeadsPage, HistoryPage, Message, Welcome};

/// The largest number on the wire (docs/protocol.md: what JavaScript can read back).
const MOST: u64 = (1 << 53) - 1;

pub(crate) fn welcome(welcome: &Welcome) -> bool {
    welcome.now <= MOST && welcome.expires_at <= MOST && heads(&welcome.page)
}

pub(crate) fn heads(page: &HeadsPage) -> bool {
    page.heads.iter().all(head)
}

/// Each message is a change, and marks are of messages.
pub(crate) fn head(head: &Head) -> bool {
    let of_messages = [head.read, head.delivered, head.mention_seq, head.hidden_seq];
    head.rev <= MOST
        && head.created_at <= MOST
        && head.seq <= head.rev
        && head.first_seq <= head.seq.saturating_add(1)
        && of_messages.iter().all(|seq| *seq <= head.seq)
        && head.last.as_ref().is_none_or(|last| message(last) && last.seq <= head.seq)
        && head.marks.iter().all(mark)
}

/// Rows lie within what the delta covers.
pub(crate) fn delta(delta: &Delta) -> bool {
    delta.from <= delta.to
        && delta.to <= MOST
        && delta.messages.iter().all(|row| message(row) && row.rev <= delta.to)
        && delta.members.iter().all(|row: &Member| row.rev <= delta.to)
}

pub(crate) fn ack(ack: &Ack) -> bool {
    ack.seq.is_none_or(|seq| seq <= MOST)
        && ack.rev.is_none_or(|rev| rev <= MOST)
        && ack.delta.as_ref().is_none_or(delta)
}

/// A page holds what it says, as it was at its rev.
pub(crate) fn page(page: &HistoryPage) -> bool {
    let within = |row: &Message| row.seq >= page.from_seq && row.seq <= page.to_seq && row.rev <= page.rev;
    page.rev <= MOST
        && page.last_seq <= page.rev
        && page.to_seq <= page.last_seq
        && page.first_seq <= page.last_seq.saturating_add(1)
        && page.messages.iter().all(|row| message(row) && within(row))
}

pub(crate) fn push(push: &Push) -> bool {
    match push {
        Push::Delta(body) => delta(body),
        Push::Head { head: body, .. } => head(body),
        Push::Behind { conversations } => conversations.iter().all(|(_, rev)| *rev <= MOST),
        Push::Marks { marks, .. } => marks.iter().all(mark),
        _ => true,
    }
}

fn message(row: &Message) -> bool {
    row.seq >= 1
        && row.seq <= row.rev
        && row.rev <= MOST
        && row.at <= MOST
        && row.edited_at.is_none_or(|at| at <= MOST)
}

fn mark(mark: &Mark) -> bool {
    mark.read <= MOST && mark.delivered <= MOST
}
