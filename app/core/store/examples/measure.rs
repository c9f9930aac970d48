//! Times of a large cache: `cargo run --release -p confab-store --example measure [messages] [conversations]`.
//!
//! With `--build FILE` it only makes such a cache there, for another program to be measured with.
//!
//! Builds a cache on disk the way the engine does, then prints what a start, the list, a window, searches and catching
//! up cost, each as the median of several rounds.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use confab_engine::{Cache, Config, Conversation, Engine, Input, Now, Output, RangeSet};
use confab_protocol::sync::Push;
use confab_protocol::{
    Content, ConversationId, Delta, DeviceId, Kind, Member, Message, MessageId, Role, User, UserId,
};
use confab_store::view::WindowAt;
use confab_store::{AccountKey, Store};
use std::path::Path;
use std::time::Instant;
use uuid::Uuid;

const WORDS: [&str; 24] = [
    "the", "meeting", "tomorrow", "server", "coffee", "branch", "review", "please", "thanks", "build",
    "morning", "release", "ticket", "lunch", "design", "question", "maybe", "deploy", "weekend", "problem",
    "Größe", "東京", "check", "again",
];
const PEOPLE: u64 = 50;
const START: u64 = 1_700_000_000_000;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn user(n: u64) -> UserId {
    UserId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(n)))
}

fn room(n: u64) -> ConversationId {
    ConversationId(Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0000 + u128::from(n)))
}

fn message(dice: &mut Dice, room: u64, seq: u64, at: u64) -> Message {
    let words = 4 + dice.roll(14);
    let text: Vec<&str> =
        (0..words).map(|_| WORDS[usize::try_from(dice.roll(WORDS.len() as u64)).unwrap()]).collect();
    let mut text = text.join(" ");
    if seq.is_multiple_of(997) {
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

fn build(store: &mut Store, key: AccountKey, messages: u64, rooms: u64) {
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
        let mut tx = store.begin(key).unwrap();
        tx.put_users(&users).unwrap();
        let mut held = Conversation::local(room(n), Kind::Group, format!("Room {n}"), START);
        held.role = Some(Role::Member);
        held.known = true;
        held.members = 50;
        held.rev = each;
        held.head_rev = each;
        held.last_seq = each;
        held.read = each.saturating_sub(dice.roll(30));
        held.lineage = "0000000000000000".into();
        tx.put_conversation(&held).unwrap();
        let members: Vec<Member> =
            users.iter().map(|u| Member { user: u.id, role: Some(Role::Member), rev: 1 }).collect();
        tx.put_members(room(n), &members).unwrap();
        let rows: Vec<Message> = (1..=each)
            .map(|seq| {
                let at = START + seq * 600_000 + n * 1_000;
                message(&mut dice, n, seq, at)
            })
            .collect();
        tx.put_messages(room(n), &rows).unwrap();
        tx.put_ranges(room(n), &RangeSet::from_ranges([(1, each)])).unwrap();
        tx.commit().unwrap();
    }
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

fn timed(name: &str, rounds: usize, mut work: impl FnMut() -> String) {
    let mut note = String::new();
    let times = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            note = work();
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    println!("{name:<46} {:>9.2} ms   {note}", median(times));
}

fn catch_up(store: &mut Store, key: AccountKey, held: u64) {
    let mut engine = Engine::new(Config { client: "measure".into(), seed: 1 });
    let mut out: Vec<Output> = Vec::new();
    let mut feed = |store: &mut Store, input: Input<'_>| {
        let mut tx = store.begin(key).unwrap();
        engine.handle(Now { mono_ms: 1, wall_ms: START }, input, &mut tx, &mut out).unwrap();
        tx.commit().unwrap();
    };
    feed(store, Input::Start);
    feed(store, Input::Token { access_token: "x".into(), expires_in_ms: 600_000 });
    feed(store, Input::Opened { socket: 1 });
    let welcome = format!(
        r#"{{"id":1,"ok":{{"run":"{0}","version":"x","user":{{"id":"{1}","username":"person0","display_name":"P"}},
        "device":"{0}","now":0,"expires_at":600000,"share_read":true,"limits":{{}},
        "page":{{"heads":[],"users":[],"token":"t"}}}}}}"#,
        Uuid::nil(),
        user(0)
    );
    feed(store, Input::Frame { socket: 1, text: &welcome });
    let mut dice = Dice(99);
    let frames: Vec<String> = (0..40)
        .map(|page| {
            let from = held + page * 250;
            let messages = (1..=250)
                .map(|i| message(&mut dice, 0, from + i, START + 400_000_000_000 + (from + i) * 2_000));
            let delta = Delta {
                conversation: room(0),
                from,
                to: from + 250,
                lineage: Some("0".into()),
                more: false,
                title: None,
                messages: messages.collect(),
                members: vec![],
                users: vec![],
            };
            serde_json::to_string(&Push::Delta(delta)).unwrap()
        })
        .collect();
    let start = Instant::now();
    for text in &frames {
        feed(store, Input::Frame { socket: 1, text });
    }
    let applied = start.elapsed().as_secs_f64() * 1000.0;
    println!(
        "{:<46} {applied:>9.2} ms   40 frames and commits, parsing included",
        "apply 10,000 caught-up messages"
    );
    let start = Instant::now();
    let mut steps = 0;
    while store.index_step(256).unwrap() {
        steps += 1;
    }
    let indexed = start.elapsed().as_secs_f64() * 1000.0;
    println!("{:<46} {indexed:>9.2} ms   {steps} steps in the background", "index what was left of them");
}

fn main() {
    if let Some(file) = std::env::args().skip_while(|argument| argument != "--build").nth(1) {
        let mut store = Store::open(Path::new(&file)).unwrap();
        build_indexed(&mut store, 100_000, 200);
        return;
    }
    let mut arguments = std::env::args().skip(1).filter_map(|a| a.parse::<u64>().ok());
    let (messages, rooms) = (arguments.next().unwrap_or(100_000), arguments.next().unwrap_or(200));
    let folder = std::env::temp_dir().join(format!("confab-measure-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("cache.db");
    measure(&path, messages, rooms);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Somebody at a relay that nobody can reach.
fn sign_in(store: &mut Store) -> AccountKey {
    let me = User { id: user(0), username: "person0".into(), display_name: "P".into(), deleted: false };
    store.sign_in("http://127.0.0.1:9", &me, DeviceId(Uuid::nil())).unwrap()
}

fn build_indexed(store: &mut Store, messages: u64, rooms: u64) {
    let key = sign_in(store);
    build(store, key, messages, rooms);
    while store.index_step(512).unwrap() {}
}

fn measure(path: &Path, messages: u64, rooms: u64) {
    let mut store = Store::open(path).unwrap();
    let key = sign_in(&mut store);
    let start = Instant::now();
    build(&mut store, key, messages, rooms);
    println!(
        "{messages} messages in {rooms} conversations: stored in {:.0} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    let start = Instant::now();
    while store.index_step(512).unwrap() {}
    println!("indexed in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    drop(store);
    let size = std::fs::metadata(path).unwrap().len();
    println!("file: {:.1} MiB\n", size as f64 / 1_048_576.0);
    timed("open and list", 9, || {
        let store = Store::open(path).unwrap();
        format!("{} rows", store.views(key).conversations(false, 0).unwrap().rows.len())
    });
    let mut store = Store::open(path).unwrap();
    let middle = messages / rooms / 2;
    for (name, at) in [("newest", WindowAt::Newest), ("middle", WindowAt::Around { seq: middle })] {
        timed(&format!("window of 50, {name}"), 21, || {
            let view = store.views(key).window(room(3), at, 50).unwrap().unwrap();
            format!("{} items", view.items.len())
        });
    }
    for query in
        ["xylophone", "meeting server coffee", "gros", "京", "e", "東京", "offee bran", "zzqx", "ee er"]
    {
        timed(&format!("search {query:?}"), 9, || {
            let view = store.views(key).search(query, None, None, 50).unwrap();
            format!("{} hits{}", view.hits.len(), if view.next.is_some() { ", more" } else { "" })
        });
    }
    timed("search \"review\" in one conversation", 9, || {
        format!("{} hits", store.views(key).search("review", Some(room(5)), None, 50).unwrap().hits.len())
    });
    catch_up(&mut store, key, messages / rooms);
}
