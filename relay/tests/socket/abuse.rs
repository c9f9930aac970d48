//! Abuse: what comes over a socket is not to be trusted.

use crate::support::*;
use confab_protocol::command::{React, Rename, Send, SetProfile};
use confab_protocol::frame::{Devices, Request};
use confab_protocol::limits;
use confab_protocol::sync::{FindUsers, HistoryRequest, Push, Renew, Renewed, UsersFound};
use confab_protocol::{Code, Command, CommandId, ConversationId};
use confab_relay::auth::token::AccessTokens;
use futures::SinkExt;
use serde_json::Value;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, protocol::Message as Frame};
use uuid::Uuid;

fn error(push: &Push) -> Option<Code> {
    match push {
        Push::Error(error) => Some(error.code),
        _ => None,
    }
}

#[tokio::test]
async fn an_oversized_frame_closes_with_its_code() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    a.say("x".repeat(limits::CLIENT_FRAME_BYTES + 1)).await;
    assert_eq!(a.closed().await, 1009);
    // Before hello as well.
    let mut socket = relay.socket().await;
    socket.say("x".repeat(limits::CLIENT_FRAME_BYTES + 1)).await;
    assert_eq!(socket.closed().await, 1009);
}

#[tokio::test]
async fn the_largest_text_fits_however_it_is_escaped() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    let text = "\u{1}".repeat(limits::TEXT_BYTES - 1) + "x";
    let ack = a.send_to(group, &text).await;
    assert_eq!(crate::support::text(&ack.delta.unwrap().messages[0]), text);
    assert_eq!(code(a.command(send(group, &(text + "x"))).await), Code::TooLarge);
}

#[tokio::test]
async fn malformed_frames_are_answered_and_close_the_socket_when_they_repeat() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    for bad in ["", "nonsense", "[]", "null", "{}", "{\"op\":1}", "\u{0}"] {
        a.say(bad).await;
        assert_eq!(a.push(error).await, Code::BadFrame, "{bad:?}");
    }
    a.say("{\"id\":901}").await;
    assert_eq!(code(a.answer::<Value>(901).await), Code::BadFrame, "under its id");
    a.settle().await;
    a.socket.send(Frame::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(a.push(error).await, Code::BadFrame, "a binary frame");
    a.say("the tenth").await;
    assert_eq!(a.closed().await, 4400);
}

#[tokio::test]
async fn deep_nesting_is_refused_and_hurts_nobody() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let deep = "[".repeat(100_000);
    for frame in [deep.clone(), format!(r#"{{"id":900,"op":"typing","body":{deep}}}"#)] {
        a.say(frame).await;
        assert_eq!(a.push(error).await, Code::BadFrame);
    }
    let closed = format!("{}{}", "[".repeat(60_000), "]".repeat(60_000));
    a.say(format!(r#"{{"id":901,"op":"typing","body":{closed}}}"#)).await;
    assert_eq!(code(a.answer::<Value>(901).await), Code::Invalid);
    a.say(format!(r#"{{"id":902,"op":"ping","ignored":{closed}}}"#)).await;
    a.answer::<Value>(902).await.unwrap();
    a.settle().await;
}

#[tokio::test]
async fn unknown_requests_are_refused_and_unknown_fields_ignored() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    for _ in 0..20 {
        a.say(r#"{"id":901,"op":"fly","body":{"to":"the moon"}}"#).await;
        assert_eq!(code(a.answer::<Value>(901).await), Code::Unsupported);
    }
    a.say(r#"{"id":902,"op":"ping","body":{"future":true},"more":[1]}"#).await;
    a.answer::<Value>(902).await.unwrap();
    a.say(r#"{"id":903,"op":"send","body":{"text":3}}"#).await;
    assert_eq!(code(a.answer::<Value>(903).await), Code::Invalid);
    let hello = format!(r#"{{"id":904,"op":"hello","body":{{"access_token":"{}"}}}}"#, alice.access_token);
    a.say(hello).await;
    assert_eq!(code(a.answer::<Value>(904).await), Code::Invalid, "a second hello");
}

#[tokio::test]
async fn numbers_at_their_extremes() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    let numbers = ["18446744073709551615", "9223372036854775808", "-1", "0", "1e400", "1.5", "\"1\"", "null"];
    for (at, number) in numbers.iter().enumerate() {
        for (op, body) in [
            ("changes", format!(r#"{{"conversation":"{group}","since":{number}}}"#)),
            ("changes", format!(r#"{{"conversation":"{group}","since":0,"limit":{number}}}"#)),
            ("changes", format!(r#"{{"conversation":"{group}","since":0,"ranges":[[{number},{number}]]}}"#)),
            ("history", format!(r#"{{"conversation":"{group}","before":{number}}}"#)),
            ("history", format!(r#"{{"conversation":"{group}","after":{number}}}"#)),
            ("history", format!(r#"{{"conversation":"{group}","around":{number},"limit":{number}}}"#)),
            ("mark", format!(r#"{{"conversation":"{group}","read":{number},"delivered":{number}}}"#)),
            (
                "hide",
                format!(r#"{{"command":"{}","conversation":"{group}","hidden_seq":{number}}}"#, new_id()),
            ),
        ] {
            let id = 1_000 + at as u64;
            a.say(format!(r#"{{"id":{id},"op":"{op}","body":{body}}}"#)).await;
            if let Err(error) = a.answer::<Value>(id).await {
                assert_eq!(error.code, Code::Invalid, "{op} {body}: {error:?}");
            }
        }
    }
    let request =
        HistoryRequest { conversation: group, before: None, after: None, around: None, limit: None };
    a.request::<Value>(&Request::History(request)).await.unwrap();
}

#[tokio::test]
async fn texts_that_hide_break_or_are_empty() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    for text in ["", " \n\t", "\u{200B}\u{2060}", "a\0b"] {
        assert_eq!(code(a.command(send(group, text)).await), Code::Invalid, "{text:?}");
    }
    let kept = "<script>alert(1)</script> \u{202E}gnp.exe Z\u{301}\u{302}\u{303}\u{304}";
    let sent = a.send_to(group, kept).await;
    assert_eq!(crate::support::text(&sent.delta.as_ref().unwrap().messages[0]), kept, "text is text");
    for emoji in ["", "ok", "<b>", "👍 👍", &"👍".repeat(30)] {
        let (command, message) = (new_id(), sent.command.into());
        let react =
            React { command, after: None, conversation: group, message, emoji: emoji.into(), on: true };
        assert_eq!(code(a.command(Command::React(react)).await), Code::Invalid, "{emoji:?}");
    }
}

/// Whatever text people give: markup is text, what hides or turns the direction around is taken out of names, and no name
/// grows over its line or its length.
#[tokio::test]
async fn names_and_titles_that_pretend_to_be_something_else() {
    let (_folder, relay) = relay().await;
    let odd = "<img src=x>\u{202E}evil\u{2066}\u{200B} & co";
    let plain = "<img src=x>evil & co";
    let body = serde_json::json!({"username": "mallory", "display_name": odd, "password": "correct horse battery",
        "device_name": odd});
    let session = relay.post("register", body).await;
    assert_eq!(session["user"]["display_name"], plain);
    let mut a = relay.connect(&Person::of(session)).await;
    let devices = a.request::<Devices>(&Request::Devices).await.unwrap().devices;
    assert_eq!(devices[0].name, plain);
    let group = a.group(odd, &[]).await;
    assert_eq!(a.head().await.title, plain);
    let rename = |title: &str| {
        Command::Rename(Rename { command: new_id(), after: None, conversation: group, title: title.into() })
    };
    let profile = |name: &str| {
        let display_name = Some(name.into());
        Command::SetProfile(SetProfile { command: new_id(), display_name, share_read: None })
    };
    let zalgo = format!("a\0Z{}", "\u{0301}".repeat(100));
    let tamed = "aZ\u{301}\u{301}\u{301}";
    let renamed = a.command(rename(&zalgo)).await.unwrap().delta.unwrap();
    assert_eq!(renamed.title.as_deref(), Some(tamed));
    a.command(profile(&zalgo)).await.unwrap();
    let found = a.request::<UsersFound>(&Request::FindUsers(FindUsers { query: "mallory".into() })).await;
    assert_eq!(found.unwrap().users[0].display_name, tamed);
    for bad in ["", " \u{200B}", "\0", &"x".repeat(limits::TITLE_CHARS + 1)] {
        assert_eq!(code(a.command(rename(bad)).await), Code::Invalid, "{bad:?}");
        assert_eq!(code(a.command(profile(bad)).await), Code::Invalid, "{bad:?}");
    }
}

/// A frame that says who sent it, when and where it stands is believed in nothing of that.
#[tokio::test]
async fn nobody_speaks_for_another() {
    let (_folder, relay) = relay().await;
    let (alice, mallory) = (relay.person("alice").await, relay.person("mallory").await);
    let (mut a, mut m) = (relay.connect(&alice).await, relay.connect(&mallory).await);
    let group = a.group("Team", &[&mallory]).await;
    let truth = a.send_to(group, "mine").await;
    let body = serde_json::json!({"command": new_id(), "conversation": group, "text": "hers", "sender": alice.user,
        "user": alice.user, "seq": 1, "rev": 1, "at": 1, "device": alice.device});
    m.say(serde_json::json!({"id": 901, "op": "send", "body": body, "user": alice.user}).to_string()).await;
    m.answer::<Value>(901).await.unwrap();
    let forged = a.everything(group).await.pop().unwrap();
    assert_eq!((forged.sender, crate::support::text(&forged)), (mallory.user, "hers"));
    assert!(forged.at > 1 && Some(forged.seq) == truth.seq.map(|seq| seq + 1));
}

#[tokio::test]
async fn ids_of_the_wrong_kind_are_refused() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    for id in [Uuid::nil(), Uuid::max(), Uuid::new_v4()] {
        let forged = Send { command: CommandId(id), ..message(group, "hi") };
        assert_eq!(code(a.command(Command::Send(forged)).await), Code::Invalid, "{id}");
    }
    // The id of a system message, which the relay made.
    let made = a.everything(group).await[0].id;
    let forged = Send { command: made.into(), ..message(group, "hi") };
    assert_eq!(code(a.command(Command::Send(forged)).await), Code::IdReused);
    // A message of one conversation named in another.
    let other = a.group("Other", &[]).await;
    let sent = a.send_to(group, "here").await;
    let (command, message) = (new_id(), sent.command.into());
    let elsewhere =
        React { command, after: None, conversation: other, message, emoji: "👍".into(), on: true };
    assert_eq!(code(a.command(Command::React(elsewhere)).await), Code::NotFound);
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

#[tokio::test]
async fn hello_takes_good_tokens_only() {
    let folder = tempfile::TempDir::new().unwrap();
    let secret = "a secret for tests, long enough";
    let mut config = confab_relay::config::Config::local(folder.path());
    config.jwt_secret = Some(secret.into());
    let relay = TestRelay::with(config).await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (ours, theirs) =
        (AccessTokens::new(secret.as_bytes()), AccessTokens::new(b"another secret, not ours"));
    let bad = [
        (String::new(), Code::Unauthenticated),
        ("x".repeat(5_000), Code::Unauthenticated),
        (theirs.issue(alice.user, alice.device, now()).unwrap(), Code::Unauthenticated),
        (ours.issue(alice.user, alice.device, now() - 11 * 60 * 1000).unwrap(), Code::Unauthenticated),
        // Signed by us, but alice's user with bob's device.
        (ours.issue(alice.user, bob.device, now()).unwrap(), Code::SessionEnded),
    ];
    for (token, expected) in bad {
        let mut socket = relay.socket().await;
        assert_eq!(code(socket.hello(&token, None).await), expected, "{token}");
        assert_eq!(socket.closed().await, 4401);
    }
    let mut a = relay.connect(&alice).await;
    let renew = |token: String| Request::Renew(Renew { access_token: token });
    let token = ours.issue(bob.user, bob.device, now()).unwrap();
    assert_eq!(code(a.request::<Renewed>(&renew(token)).await), Code::Unauthenticated, "another's");
    let token = ours.issue(alice.user, alice.device, now()).unwrap();
    a.request::<Renewed>(&renew(token)).await.unwrap();
}

#[tokio::test]
async fn an_expired_token_closes_the_socket() {
    let folder = tempfile::TempDir::new().unwrap();
    let secret = "a secret for tests, long enough";
    let mut config = confab_relay::config::Config::local(folder.path());
    config.jwt_secret = Some(secret.into());
    let relay = TestRelay::with(config).await;
    let alice = relay.person("alice").await;
    let tokens = AccessTokens::new(secret.as_bytes());
    // Good for two seconds more.
    let token = tokens.issue(alice.user, alice.device, now() - 10 * 60 * 1000 + 2_000).unwrap();
    let mut socket = relay.socket().await;
    socket.hello(&token, None).await.unwrap();
    assert_eq!(socket.closed().await, 4401);
}

#[tokio::test]
async fn logging_out_closes_the_devices_sockets_and_no_others() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let phone = relay.device("alice").await;
    let (mut a, mut p) = (relay.connect(&alice).await, relay.connect(&phone).await);
    relay.post("logout", serde_json::json!({"refresh_token": phone.refresh_token})).await;
    assert_eq!(p.closed().await, 4401);
    a.settle().await;
    let mut socket = relay.socket().await;
    assert_eq!(code(socket.hello(&phone.access_token, None).await), Code::SessionEnded);
}

#[tokio::test]
async fn nothing_is_done_before_hello() {
    let (_folder, relay) = relay().await;
    let mut socket = relay.socket().await;
    let conversation = ConversationId(Uuid::now_v7());
    assert_eq!(code(socket.command(send(conversation, "hi")).await), Code::Unauthenticated);
    assert_eq!(code(socket.changes(conversation, 0).await), Code::Unauthenticated);
    assert_eq!(socket.closed().await, 4408, "no hello in time");
}

#[tokio::test]
async fn sockets_without_hello_are_few_per_address() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut config = confab_relay::config::Config::local(folder.path());
    config.connections.max_greeting_per_address = 3;
    let relay = TestRelay::with(config).await;
    let alice = relay.person("alice").await;
    let mut greeted = relay.connect(&alice).await;
    let mut waiting = vec![relay.socket().await, relay.socket().await, relay.socket().await];
    assert_eq!(refused(&relay, |_| {}).await, 429);
    let mut one = waiting.pop().unwrap();
    one.hello(&alice.access_token, None).await.unwrap();
    relay.socket().await.hello(&alice.access_token, None).await.unwrap();
    greeted.settle().await;
}

/// The status with which an upgrade is refused.
async fn refused(
    relay: &TestRelay,
    change: impl FnOnce(&mut tokio_tungstenite::tungstenite::http::HeaderMap),
) -> u16 {
    let mut request = format!("ws://{}/ws", relay.address).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "confab.v1".parse().unwrap());
    change(request.headers_mut());
    match tokio_tungstenite::connect_async(request).await {
        Err(Error::Http(response)) => response.status().as_u16(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn pages_of_other_sites_and_other_protocols_are_refused() {
    let (_folder, relay) = relay().await;
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        let status = refused(&relay, |headers| drop(headers.insert("origin", origin.parse().unwrap()))).await;
        assert_eq!(status, 403, "{origin}");
    }
    let status = refused(&relay, |headers| drop(headers.remove("sec-websocket-protocol"))).await;
    assert_eq!(status, 400);
    let status = refused(&relay, |headers| {
        drop(headers.insert("sec-websocket-protocol", "confab.v9".parse().unwrap()))
    })
    .await;
    assert_eq!(status, 400);
    let mut request = format!("ws://{}/ws", relay.address).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "confab.v0, confab.v1".parse().unwrap());
    request.headers_mut().insert("origin", format!("http://{}", relay.address).parse().unwrap());
    let (_, response) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "confab.v1");
}

/// More requests than may be in flight: the ones over the bound are refused at once, the others are answered.
#[tokio::test]
async fn a_flood_of_requests_is_bounded() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    let mut accepted = 0;
    let mut ids = std::collections::HashSet::new();
    for n in 0..2_000 {
        let request = Request::Command(send(group, &n.to_string()));
        let id = a.ask(&request).await;
        ids.insert(id);
    }
    while !ids.is_empty() {
        match a.next().await {
            Came::Answer(id, result) => {
                assert!(ids.remove(&id));
                match result {
                    Ok(_) => accepted += 1,
                    Err(error) => assert_eq!(error.code, Code::RateLimited),
                }
            }
            Came::Push(_) => {}
            Came::Closed(code) => panic!("closed with {code}"),
        }
    }
    assert_eq!(a.everything(group).await.len(), 1 + accepted);
    a.send_to(group, "and it goes on").await;
}
