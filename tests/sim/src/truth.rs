//! What is so: the relay's tables, read with plain SQL and past the relay's own code, but for heads.

use confab_protocol::content::SystemEvent;
use confab_protocol::model::ReplyTo;
use confab_protocol::{Content, ConversationId, Head, Member, Message, MessageId, Reaction, Role, UserId};
use confab_relay::store::Reads;
use confab_relay::store::chat::{ConversationKey, UserKey};
use rusqlite::{Connection, Row};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A conversation.
#[derive(Debug)]
pub struct Place {
    /// It.
    pub id: ConversationId,
    /// Its row.
    pub key: i64,
    /// Its title.
    pub title: String,
    /// Its rev.
    pub rev: u64,
    /// Its seq.
    pub seq: u64,
    /// Its lineage, as on the wire.
    pub lineage: String,
    /// How many members it believes to have.
    pub count: u64,
    /// When the title changed.
    pub title_rev: u64,
    /// By seq.
    pub messages: BTreeMap<u64, Message>,
    /// Those who left included.
    pub members: BTreeMap<UserId, Member>,
}

/// Everything.
#[derive(Debug)]
pub struct Truth {
    /// Conversations.
    pub places: BTreeMap<ConversationId, Place>,
    users: BTreeMap<i64, UserId>,
}

/// Reads all of it.
pub fn read(tables: &Connection) -> Truth {
    let users: BTreeMap<i64, UserId> =
        rows(tables, "SELECT id, uid FROM users", |row| Ok((row.get(0)?, UserId(uuid(row, 1)?))))
            .into_iter()
            .collect();
    let mut places = BTreeMap::new();
    let mut by_key = BTreeMap::new();
    let sql = "SELECT id, uid, title, rev, seq, lineage, members, title_rev FROM conversations";
    for place in rows(tables, sql, |row| {
        Ok(Place {
            key: row.get(0)?,
            id: ConversationId(uuid(row, 1)?),
            title: row.get(2)?,
            rev: row.get(3)?,
            seq: row.get(4)?,
            lineage: format!("{:016x}", row.get::<_, i64>(5)? as u64),
            count: row.get(6)?,
            title_rev: row.get(7)?,
            messages: BTreeMap::new(),
            members: BTreeMap::new(),
        })
    }) {
        by_key.insert(place.key, place.id);
        places.insert(place.id, place);
    }
    let sql = "SELECT conversation, user, role, rev FROM members";
    for (key, member) in rows(tables, sql, |row| {
        let role = row.get::<_, Option<i64>>(2)?.map(|role| match role {
            0 => Role::Member,
            1 => Role::Admin,
            _ => Role::Owner,
        });
        let user = users[&row.get::<_, i64>(1)?];
        Ok((row.get::<_, i64>(0)?, Member { user, role, rev: row.get(3)? }))
    }) {
        places.get_mut(&by_key[&key]).map(|place| place.members.insert(member.user, member));
    }
    let sql = "SELECT place >> 32, uid, place & 0xffffffff, rev, sender, at, edited_at, reply_to, reply_seq, kind, body, mentions, \
               reactions FROM messages";
    for (key, message) in rows(tables, sql, |row| Ok((row.get::<_, i64>(0)?, message(row, &users)?))) {
        places.get_mut(&by_key[&key]).map(|place| place.messages.insert(message.seq, message));
    }
    Truth { places, users }
}

fn rows<T>(tables: &Connection, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    let mut statement = tables.prepare(sql).unwrap();
    let rows = statement.query_map([], read).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

fn uuid(row: &Row<'_>, at: usize) -> rusqlite::Result<Uuid> {
    Ok(Uuid::from_bytes(row.get(at)?))
}

fn message(row: &Row<'_>, users: &BTreeMap<i64, UserId>) -> rusqlite::Result<Message> {
    let ids = |json: Option<String>| -> Vec<UserId> {
        let keys: Vec<i64> = json.map_or_else(Vec::new, |json| serde_json::from_str(&json).unwrap());
        keys.into_iter().map(|key| users[&key]).collect()
    };
    let body: String = row.get(10)?;
    let content = match row.get::<_, i64>(9)? {
        0 => Some(Content::Text { text: body, mentions: ids(row.get(11)?) }),
        1 => Some(Content::System { event: serde_json::from_str::<SystemEvent>(&body).unwrap() }),
        _ => None,
    };
    let reactions: Option<String> = row.get(12)?;
    let reactions: Vec<(String, Vec<i64>)> =
        reactions.map_or_else(Vec::new, |json| serde_json::from_str(&json).unwrap());
    // A tombstone's row may keep what it answered; nobody is told.
    let reply_to: Option<[u8; 16]> = if content.is_some() { row.get(7)? } else { None };
    let reply_seq: Option<u64> = row.get(8)?;
    Ok(Message {
        id: MessageId(uuid(row, 1)?),
        seq: row.get(2)?,
        rev: row.get(3)?,
        sender: users[&row.get::<_, i64>(4)?],
        at: row.get(5)?,
        edited_at: row.get(6)?,
        reply_to: reply_to
            .zip(reply_seq)
            .map(|(id, seq)| ReplyTo { id: MessageId(Uuid::from_bytes(id)), seq }),
        content,
        reactions: reactions
            .into_iter()
            .map(|(emoji, keys)| Reaction { emoji, users: keys.into_iter().map(|key| users[&key]).collect() })
            .collect(),
    })
}

/// A conversation as the relay tells this user.
pub fn head(reads: &dyn Reads, truth: &Truth, user: UserId, id: ConversationId) -> Option<Head> {
    let key = truth.users.iter().find(|(_, one)| **one == user).map(|(key, _)| UserKey(*key))?;
    reads.head(key, ConversationKey(truth.places.get(&id)?.key)).unwrap()
}

impl Truth {
    /// A message, wherever it is.
    pub fn message(&self, id: MessageId) -> Option<(ConversationId, &Message)> {
        self.places.values().find_map(|place| {
            let message = place.messages.values().find(|message| message.id == id)?;
            Some((place.id, message))
        })
    }

    /// Counters that do not fit the rows.
    pub fn counters(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (id, place) in &self.places {
            let seqs: Vec<u64> = place.messages.keys().copied().collect();
            if seqs != (1..=place.seq).collect::<Vec<_>>() {
                wrong.push(format!("relay: {id} has the seqs {seqs:?} up to {}", place.seq));
            }
            let mut revs: Vec<u64> = place.messages.values().map(|m| m.rev).collect();
            revs.extend(place.members.values().map(|m| m.rev));
            revs.extend(Some(place.title_rev).filter(|rev| *rev > 0));
            revs.sort_unstable();
            if revs.windows(2).any(|pair| pair[0] == pair[1]) || revs.last() != Some(&place.rev) {
                wrong.push(format!("relay: {id} has the revs {revs:?} up to {}", place.rev));
            }
            let members = place.members.values().filter(|m| m.role.is_some()).count() as u64;
            if members != place.count {
                wrong.push(format!("relay: {id} counts {} members and has {members}", place.count));
            }
            let owners = place.members.values().filter(|m| m.role == Some(Role::Owner)).count();
            if owners > 1 {
                wrong.push(format!("relay: {id} has {owners} owners"));
            }
        }
        wrong
    }
}
