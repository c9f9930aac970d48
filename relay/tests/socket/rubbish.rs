//! Ten thousand frames and bodies that no client sends: cut, changed, nested, huge, out of order. Each gets its answer or
//! closes the socket with a code, and those who behave notice nothing. A seed makes each run the same.

use crate::support::*;
use confab_protocol::frame::Request;
use confab_protocol::sync::Push;
use confab_protocol::{Code, limits};
use futures::SinkExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::Message as Frame;
use uuid::Uuid;

const FRAMES: usize = 8_000;
const BODIES: usize = 1_500;
/// Connections on which something comes that is no WebSocket frame.
const STREAMS: usize = 500;
const SEED: u64 = 0x5eed_c0de;

/// A small generator (splitmix64), so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound.max(1) as u64) as usize
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| self.roll() as u8).collect()
    }

    /// A value that stands where another was expected.
    fn value(&mut self) -> String {
        let open = 1 + self.below(20_000);
        match self.below(16) {
            0 => "null".into(),
            1 => "true".into(),
            2 => "-1".into(),
            3 => "1e400".into(),
            4 => "18446744073709551616".into(),
            5 => "9007199254740993".into(),
            6 => "1.5".into(),
            7 => "\"\"".into(),
            8 => format!("\"{}\"", "x".repeat(open)),
            9 => "\"\\u0000\\ud800\"".into(),
            10 => "\"\\u202e\\u200b<script>\"".into(),
            11 => "[".repeat(open),
            12 => format!("{}{}", "[".repeat(open), "]".repeat(open)),
            13 => "{\"a\":".repeat(open / 4) + "1" + &"}".repeat(open / 4),
            14 => format!("\"{}\"", Uuid::from_u128(u128::from(self.roll()))),
            _ => format!("[{}]", "0,".repeat(open / 2) + "0"),
        }
    }

    /// A text that is spoiled in some way.
    fn spoil(&mut self, good: &str) -> String {
        match self.below(6) {
            // Cut.
            0 => good.chars().take(self.below(good.chars().count())).collect(),
            // Some characters changed.
            1 => {
                let mut chars: Vec<char> = good.chars().collect();
                for _ in 0..=self.below(4) {
                    let at = self.below(chars.len());
                    chars[at] = *self.one(&['{', '}', '"', ',', ':', '\\', '0', '\0', 'é', '\u{10FFFF}']);
                }
                chars.into_iter().collect()
            }
            // Nothing of it left.
            2 => String::from_utf8_lossy(&self.bytes(300)).into_owned(),
            3 => self.value(),
            // One field's value changed for another.
            _ => {
                let Ok(Value::Object(mut fields)) = serde_json::from_str(good) else { return good.into() };
                let mut place = &mut fields;
                if self.below(4) > 0
                    && let Some(Value::Object(_)) = place.get("body")
                {
                    place = place.get_mut("body").and_then(Value::as_object_mut).unwrap();
                }
                let Some(name) = place.keys().nth(self.below(place.len())).cloned() else {
                    return good.into();
                };
                place.insert(name, json!("MARK"));
                let value = self.value();
                Value::Object(fields).to_string().replacen("\"MARK\"", &value, 1)
            }
        }
    }
}

/// Requests that a client might send, with ids of something, of nothing, and of another.
fn requests(dice: &mut Dice, mine: Uuid, foreign: Uuid, user: Uuid) -> String {
    let conversation = *dice.one(&[mine, foreign, Uuid::nil(), Uuid::from_u128(7), user]);
    let command = Uuid::now_v7();
    let number = *dice.one(&[0, 1, 2, 1 << 31, 1 << 53, u64::MAX]);
    let body = match dice.below(16) {
        0 => ("send", json!({"command": command, "conversation": conversation, "text": "x"})),
        1 => (
            "edit",
            json!({"command": command, "conversation": conversation, "message": command, "text": "y"}),
        ),
        2 => ("delete", json!({"command": command, "conversation": conversation, "message": mine})),
        3 => (
            "react",
            json!({"command": command, "conversation": conversation, "message": mine, "emoji": "👍", "on": true}),
        ),
        4 => (
            "create_group",
            json!({"command": command, "conversation": conversation, "title": "t", "members": [user]}),
        ),
        5 => (
            "changes",
            json!({"conversation": conversation, "since": number, "ranges": [[number, 0], [1, null]]}),
        ),
        6 => ("history", json!({"conversation": conversation, "around": number, "limit": number})),
        7 => ("mark", json!({"conversation": conversation, "read": number, "delivered": number})),
        8 => ("watch", json!({"users": [user, foreign], "conversation": conversation})),
        9 => ("find_users", json!({"query": "a"})),
        10 => ("heads", json!({"next": "AAAA"})),
        11 => ("hello", json!({"access_token": "e30.e30.e30", "since": "AAAA"})),
        12 => ("renew", json!({"access_token": ""})),
        13 => (
            "set_role",
            json!({"command": command, "conversation": conversation, "user": user, "role": "owner"}),
        ),
        14 => ("hide", json!({"command": command, "conversation": conversation, "hidden_seq": number})),
        _ => ("users", json!({"users": [user, foreign]})),
    };
    let id = dice.below(1_000);
    json!({"id": id, "op": body.0, "body": body.1}).to_string()
}

/// What the relay may say to rubbish. Never `internal`, which is a bug, nor `storage_failed`.
fn is_fair(code: Code) -> bool {
    matches!(
        code,
        Code::BadFrame
            | Code::Unsupported
            | Code::Invalid
            | Code::TooLarge
            | Code::LimitReached
            | Code::Unauthenticated
            | Code::Forbidden
            | Code::NotFound
            | Code::IdReused
            | Code::PredecessorMissing
            | Code::RateLimited
    )
}

/// Sends a frame and then asks whether the relay is still there; `false` if that closed the socket.
async fn survives(socket: &mut Socket, frame: Frame, number: usize) -> bool {
    const PING: u64 = limits::IN_FLIGHT as u64 + 1_000_000;
    let shown = format!("{frame:?}").chars().take(300).collect::<String>();
    if socket.socket.feed(frame).await.is_err() {
        return false;
    }
    let ping = Frame::text(Request::Ping.to_text(Some(PING)).unwrap());
    if socket.socket.send(ping).await.is_err() {
        return false;
    }
    loop {
        match socket.next().await {
            Came::Answer(PING, Ok(_)) => return true,
            Came::Answer(_, Err(error)) | Came::Push(Push::Error(error)) => {
                assert!(is_fair(error.code), "{number}: {error:?} to {shown}");
            }
            Came::Answer(..) | Came::Push(_) => {}
            Came::Closed(code) => {
                assert!([4400, 1009].contains(&code), "{number}: closed with {code} after {shown}");
                return false;
            }
        }
    }
}

async fn frames(relay: &TestRelay, dice: &mut Dice, mallory: &Person, mine: Uuid, foreign: Uuid, user: Uuid) {
    let mut socket = relay.connect(mallory).await;
    for number in 0..FRAMES {
        let good = requests(dice, mine, foreign, user);
        let frame = match dice.below(40) {
            0 => Frame::binary(dice.bytes(300)),
            1 => Frame::text("x".repeat(limits::CLIENT_FRAME_BYTES + 1 + dice.below(9_000))),
            2 => Frame::text("[".repeat(100_000)),
            // Well formed, but out of order.
            3..=12 => Frame::text(good),
            _ => Frame::text(dice.spoil(&good)),
        };
        if !survives(&mut socket, frame, number).await {
            socket = relay.connect(mallory).await;
        }
    }
}

/// What follows the upgrade is rubbish: the relay says so and closes, however the bytes are cut.
async fn streams(relay: &TestRelay, dice: &mut Dice, mallory: &Person) {
    for number in 0..STREAMS {
        let mut socket = relay.socket().await;
        if dice.below(2) == 0 {
            socket.hello(&mallory.access_token, None).await.unwrap();
        }
        let stream = socket.stream();
        let mut bytes = dice.bytes(600);
        // At last a frame without a mask, unless one before has promised more than comes.
        bytes.extend_from_slice(&[0x81, 0]);
        for part in bytes.chunks(1 + dice.below(900)) {
            if stream.write_all(part).await.is_err() {
                break;
            }
        }
        let _ = stream.shutdown().await;
        let mut said = Vec::new();
        let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut said)).await;
        assert!(end.is_ok(), "{number}: the relay waits for more");
        let close = said.windows(4).rev().find(|four| four[0] == 0x88);
        let code = close.map(|four| u16::from_be_bytes([four[2], four[3]]));
        assert!(
            code.is_none_or(|code| [1000, 1002, 1007, 1009, 4400, 4401].contains(&code)),
            "{number}: {code:?}"
        );
    }
}

async fn bodies(relay: &TestRelay, dice: &mut Dice) {
    let http = crate::web::client().build().unwrap();
    let (mut refused, mut throttled) = (0, 0);
    for number in 0..BODIES {
        let path = *dice.one(&["register", "login", "refresh", "logout"]);
        let good =
            json!({"username": "mallory", "display_name": "M", "password": "short", "refresh_token": "AAAA"});
        let body = match dice.below(20) {
            0 => dice.bytes(400),
            1 => vec![b'x'; limits::HTTP_BODY_BYTES + 1 + dice.below(50_000)],
            _ => dice.spoil(&good.to_string()).into_bytes(),
        };
        let url = format!("http://{}/api/{path}", relay.address);
        let request = http.post(url).header("content-type", "application/json").body(body.clone());
        let response = match request.send().await {
            Ok(response) => response,
            // The relay answers and closes before it has read all of it, which this client may notice first.
            Err(_) if body.len() > limits::HTTP_BODY_BYTES => continue,
            Err(error) => panic!("{number}: {error}"),
        };
        let status = response.status().as_u16();
        let answer: Value = response.json().await.unwrap();
        let shown = String::from_utf8_lossy(&body).chars().take(200).collect::<String>();
        assert!([400, 401, 409, 413, 429].contains(&status), "{number}: {path} {status} {answer} to {shown}");
        assert!(answer["error"]["code"].is_string() && answer["error"]["retry"].is_string(), "{answer}");
        if status == 429 { throttled += 1 } else { refused += 1 }
    }
    assert!(refused > BODIES / 2, "{refused} were looked at, {throttled} throttled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_pieces_of_rubbish_hurt_nobody() {
    assert_eq!(FRAMES + BODIES + STREAMS, 10_000);
    let (_folder, relay) = relay().await;
    let (alice, bob, mallory) =
        (relay.person("alice").await, relay.person("bob").await, relay.person("mallory").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let ours = a.group("Ours", &[&bob]).await;
    let mine = relay.connect(&mallory).await.group("Mine", &[]).await;
    let talk = tokio::spawn(async move {
        let mut sent: Vec<String> = Vec::new();
        loop {
            let text = sent.len().to_string();
            a.send_to(ours, &text).await;
            sent.push(text.clone());
            let came = b.delta().await.messages.pop().unwrap();
            if came.seq > 1 {
                assert_eq!(crate::support::text(&came), sent[came.seq as usize - 2]);
            }
            if sent.len() == 500 {
                return (a, sent);
            }
        }
    });
    let mut dice = Dice(SEED);
    frames(&relay, &mut dice, &mallory, mine.0, ours.0, alice.user.0).await;
    streams(&relay, &mut dice, &mallory).await;
    bodies(&relay, &mut dice).await;
    let (mut a, sent) = talk.await.unwrap();
    let stored: Vec<String> = a.everything(ours).await.iter().skip(1).map(|m| text(m).to_owned()).collect();
    assert_eq!(stored, sent, "nothing of hers got in, nothing of theirs got lost");
    assert_eq!(
        relay.post("login", json!({"username": "bob", "password": "correct horse battery"})).await["user"]["username"],
        "bob"
    );
    let http = crate::web::client().build().unwrap();
    let health = http.get(format!("http://{}/api/health", relay.address)).send().await.unwrap();
    assert_eq!(health.json::<Value>().await.unwrap()["status"], "ok");
    let _ = TcpStream::connect(relay.address).await.unwrap();
    relay.stop().await;
}
