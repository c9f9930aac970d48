//! What lies in the cache, and what arrives: made up, and the same every time.

use crate::Failure;
use confab_engine::{Cache, Conversation, RangeSet};
use confab_protocol::sync::Push;
use confab_protocol::{
    Content, ConversationId, Delta, DeviceId, Kind, Member, Message, MessageId, Role, User, UserId,
};
use confab_store::{AccountKey, Store};
use uuid::Uuid;

/// "xylophone" stands in about one message of 10,000 besides.
const WORDS: [&str; 24] = [
    "the", "meeting", "tomorrow", "server", "coffee", "branch", "review", "please", "thanks", "build",
    "morning", "release", "ticket", "lunch", "design", "question", "maybe", "deploy", "weekend", "problem",
    "Größe", "東京", "check", "again",
];
/// Everybody is in every conversation.
pub const PEOPLE: u64 = 50;
/// When the first message was sent, in ms since 1970.
pub const START: u64 = 1_700_000_000_000;

/// A linear congruential generator (Knuth, MMIX).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// Somebody.
pub fn user(n: u64) -> UserId {
    UserId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(n)))
}

/// A conversation.
pub fn room(n: u64) -> ConversationId {
    ConversationId(Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0000 + u128::from(n)))
}

fn message(dice: &mut Dice, room: u64, seq: u64, at: u64) -> Message {
    let words = 4 + dice.roll(14);
    let text: Vec<&str> = (0..words).map(|_| WORDS[dice.roll(WORDS.len() as u64) as usize]).collect();
    let mut text = text.join(" ");
    if (room * 7_919 + seq).is_multiple_of(9_973) {
        text.push_str(" xylophone");
    }
    Message {
        id: MessageId(Uuid::from_u128(
            (u128::from(at) << 80) | (7 << 76) | (2 << 62) | (u128::from(room) << 32) | u128::from(seq),
        )),
        seq,
        rev: seq,
        sender: user(dice.roll(PEOPLE)),
        at,
        edited_at: None,
        reply_to: None,
        content: Some(Content::Text { text, mentions: vec![] }),
        reactions: vec![],
    }
}

/// Somebody at a relay that nobody can reach.
pub fn sign_in(store: &mut Store) -> Result<AccountKey, Failure> {
    let me = User { id: user(0), username: "person0".into(), display_name: "P".into(), deleted: false };
    Ok(store.sign_in("http://127.0.0.1:9", &me, DeviceId(Uuid::nil()))?)
}

/// Stores so many messages in so many conversations, as the engine does.
pub fn build(store: &mut Store, key: AccountKey, messages: u64, rooms: u64) -> Result<(), Failure> {
    let mut dice = Dice(7);
    let each = messages / rooms;
    let users: Vec<User> = (0..PEOPLE)
        .map(|n| User {
            id: user(n),
            username: format!("person{n}"),
            display_name: format!("Person {n}"),
            deleted: false,
        })
        .collect();
    for n in 0..rooms {
        let mut tx = store.begin(key)?;
        tx.put_users(&users)?;
        let mut held = Conversation::local(room(n), Kind::Group, format!("Room {n}"), START);
        held.role = Some(Role::Member);
        held.known = true;
        held.members = 50;
        held.rev = each;
        held.head_rev = each;
        held.last_seq = each;
        held.read = each.saturating_sub(dice.roll(30));
        held.lineage = "0000000000000000".into();
        tx.put_conversation(&held)?;
        let members: Vec<Member> =
            users.iter().map(|u| Member { user: u.id, role: Some(Role::Member), rev: 1 }).collect();
        tx.put_members(room(n), &members)?;
        let rows: Vec<Message> = (1..=each)
            .map(|seq| {
                let at = START + seq * 600_000 + n * 1_000;
                message(&mut dice, n, seq, at)
            })
            .collect();
        tx.put_messages(room(n), &rows)?;
        tx.put_ranges(room(n), &RangeSet::from_ranges([(1, each)]))?;
        tx.commit()?;
    }
    Ok(())
}

/// The relay's answer to the log-in.
pub fn welcome() -> String {
    format!(
        r#"{{"id":1,"ok":{{"run":"{0}","version":"x","user":{{"id":"{1}","username":"person0","display_name":"P"}},
        "device":"{0}","now":0,"expires_at":600000,"share_read":true,"limits":{{}},
        "page":{{"heads":[],"users":[],"token":"t"}}}}}}"#,
        Uuid::nil(),
        user(0)
    )
}

/// What was missed in the first conversation, of which `held` messages are there: 10,000 messages in 40 frames.
pub fn missed(held: u64) -> Result<Vec<String>, Failure> {
    let mut dice = Dice(99);
    let frame = |page: u64| {
        let from = held + page * 250;
        let messages = (1..=250)
            .map(|i| message(&mut dice, 0, from + i, START + 400_000_000_000 + (from + i) * 2_000))
            .collect();
        let delta = Delta {
            conversation: room(0),
            from,
            to: from + 250,
            lineage: Some("0".into()),
            more: false,
            title: None,
            messages,
            members: vec![],
            users: vec![],
        };
        Ok(serde_json::to_string(&Push::Delta(delta))?)
    };
    (0..40).map(frame).collect()
}
