//! A conversation as the model relay holds it, and what it answers about it.

use confab_protocol::limits;
use confab_protocol::model::ReplyTo;
use confab_protocol::{
    Content, ConversationId, Delta, Head, HistoryPage, Kind, Mark, Member, Message, MessageId, Notify,
    SystemEvent, User, UserId,
};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Clone, Debug)]
pub struct Room {
    pub kind: Kind,
    pub title: String,
    pub title_rev: u64,
    pub created_at: u64,
    pub members: BTreeMap<UserId, Member>,
    pub messages: Vec<Message>,
    pub first_seq: u64,
    pub rev: u64,
    pub lineages: Vec<String>,
    pub marks: BTreeMap<UserId, (u64, u64)>,
    pub hidden: BTreeMap<UserId, u64>,
    pub notify: BTreeMap<UserId, Notify>,
    /// The commit that touched it last, for each user.
    pub touched: BTreeMap<UserId, u64>,
}

impl Room {
    pub fn bump(&mut self, salt: u64) -> u64 {
        self.rev += 1;
        let before = self.lineages.last().map_or("", String::as_str);
        let digest = before.bytes().fold(salt ^ self.rev, |h, b| h.rotate_left(7) ^ u64::from(b) ^ 0x9E37);
        self.lineages.push(format!("{digest:016x}"));
        self.rev
    }

    pub fn lineage(&self) -> String {
        self.lineages.last().cloned().unwrap_or_default()
    }

    pub fn last_seq(&self) -> u64 {
        self.messages.last().map_or(0, |m| m.seq)
    }

    pub fn active(&self, user: UserId) -> bool {
        self.members.get(&user).is_some_and(|m| m.role.is_some())
    }
}

pub fn new_room(kind: Kind, title: &str, created_at: u64) -> Room {
    Room {
        kind,
        title: title.into(),
        title_rev: 0,
        created_at,
        members: BTreeMap::new(),
        messages: vec![],
        first_seq: 1,
        rev: 0,
        lineages: vec![],
        marks: BTreeMap::new(),
        hidden: BTreeMap::new(),
        notify: BTreeMap::new(),
        touched: BTreeMap::new(),
    }
}

pub fn append(
    room: &mut Room,
    salt: u64,
    id: MessageId,
    sender: UserId,
    at: u64,
    content: Content,
    reply_to: Option<ReplyTo>,
) -> u64 {
    let rev = room.bump(salt ^ (id.0.as_u128() as u64));
    let seq = room.last_seq().max(room.first_seq - 1) + 1;
    room.messages.push(Message {
        id,
        seq,
        rev,
        sender,
        at,
        edited_at: None,
        reply_to,
        content: Some(content),
        reactions: vec![],
    });
    seq
}

pub fn system(room: &mut Room, salt: u64, user: UserId, now: u64, event: SystemEvent) {
    let id = MessageId(Uuid::from_u128(
        u128::from(room.rev) << 64 | u128::from(salt) << 32 | room.created_at as u128 & 0xFFFF_FFFF,
    ));
    append(room, salt, id, user, now, Content::System { event }, None);
}

pub fn head(id: ConversationId, room: &Room, user: UserId) -> Head {
    let (delivered, read) = room.marks.get(&user).copied().unwrap_or_default();
    let active = room.active(user);
    let unread = room
        .messages
        .iter()
        .filter(|m| m.seq > read && m.sender != user && matches!(m.content, Some(Content::Text { .. })))
        .take(limits::UNREAD as usize)
        .count() as u32;
    Head {
        conversation: id,
        kind: room.kind,
        title: room.title.clone(),
        created_at: room.created_at,
        rev: if active { room.rev } else { 0 },
        lineage: room.lineage(),
        seq: room.last_seq(),
        first_seq: room.first_seq,
        members: room.members.values().filter(|m| m.role.is_some()).count() as u32,
        role: room.members.get(&user).and_then(|m| m.role),
        peer: match room.kind {
            Kind::Direct => room.members.keys().find(|m| **m != user).copied(),
            Kind::Group => None,
        },
        read,
        delivered,
        unread,
        mention_seq: 0,
        notify: room.notify.get(&user).copied().unwrap_or_default(),
        hidden_seq: room.hidden.get(&user).copied().unwrap_or(0),
        last: room.messages.last().cloned(),
        marks: room
            .marks
            .iter()
            .filter(|(u, _)| **u != user)
            .map(|(user, (delivered, read))| Mark { user: *user, delivered: *delivered, read: *read })
            .collect(),
    }
}

pub fn changes(
    room: &Room,
    request: &confab_protocol::sync::ChangesRequest,
    page_rows: usize,
    users: &BTreeMap<UserId, User>,
) -> Delta {
    let since = request.since;
    let wanted = |seq: u64| {
        request
            .ranges
            .as_ref()
            .is_none_or(|ranges| ranges.iter().any(|(a, b)| *a <= seq && b.is_none_or(|b| seq <= b)))
    };
    let mut revs: Vec<u64> = room
        .messages
        .iter()
        .filter(|m| m.rev > since && wanted(m.seq))
        .map(|m| m.rev)
        .chain(room.members.values().filter(|m| m.rev > since).map(|m| m.rev))
        .collect();
    revs.sort_unstable();
    let more = revs.len() > page_rows;
    let to = if more { revs[page_rows - 1] } else { room.rev };
    let mut messages: Vec<Message> =
        room.messages.iter().filter(|m| m.rev > since && m.rev <= to && wanted(m.seq)).cloned().collect();
    messages.sort_by_key(|m| m.rev);
    let members: Vec<Member> =
        room.members.values().filter(|m| m.rev > since && m.rev <= to).cloned().collect();
    Delta {
        conversation: request.conversation,
        from: since,
        to,
        lineage: (!more).then(|| room.lineage()),
        more,
        title: (room.title_rev > since && room.title_rev <= to).then(|| room.title.clone()),
        users: members.iter().map(|m| users[&m.user].clone()).collect(),
        messages,
        members,
    }
}

pub fn history(
    room: &Room,
    request: &confab_protocol::sync::HistoryRequest,
    users: &BTreeMap<UserId, User>,
) -> HistoryPage {
    let limit = request.limit.unwrap_or(50).clamp(1, limits::PAGE_ROWS) as u64;
    let (first, last) = (room.first_seq, room.last_seq());
    let (from, to) = match (request.before, request.after, request.around) {
        (Some(before), _, _) => {
            let to = before.saturating_sub(1).min(last);
            ((to + 1).saturating_sub(limit).max(first), to)
        }
        (_, Some(after), _) => ((after + 1).max(first), (after + limit).min(last)),
        (_, _, Some(around)) => {
            let from = around.saturating_sub(limit / 2).max(first);
            (from, (from + limit - 1).min(last))
        }
        _ => ((last + 1).saturating_sub(limit).max(first), last),
    };
    let messages: Vec<Message> =
        room.messages.iter().filter(|m| m.seq >= from && m.seq <= to).cloned().collect();
    HistoryPage {
        conversation: request.conversation,
        rev: room.rev,
        lineage: room.lineage(),
        from_seq: from,
        to_seq: to,
        first_seq: first,
        last_seq: last,
        users: messages.iter().map(|m| users[&m.sender].clone()).collect(),
        messages,
    }
}
