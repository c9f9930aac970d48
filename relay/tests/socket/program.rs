//! The program itself as its sockets show it: its log, its demo, a disk that is full.

use crate::process::{PASSWORD, Process, RELAY, count, quiet};
use crate::support::*;
use confab_protocol::frame::Request;
use confab_protocol::sync::HistoryRequest;
use confab_protocol::{Code, HistoryPage, Retry};
use serde_json::{Value, json};
use std::process::Command as Program;
use tempfile::TempDir;

/// Nobody who reads the log learns what is said, nor can pass for somebody.
#[tokio::test]
async fn the_log_holds_no_text_no_password_and_no_token() {
    let folder = TempDir::new().unwrap();
    let mut program = quiet(Program::new(RELAY));
    program.args(["--port", "0", "--host", "127.0.0.1", "--log", "trace", "--data-dir"]).arg(folder.path());
    let relay = Process::of(&mut program);
    let mut secrets = vec![PASSWORD.to_owned()];
    let mut keep = |(status, session): (u16, Value)| {
        assert!(status < 300, "{session}");
        secrets
            .extend(["access_token", "refresh_token"].map(|name| session[name].as_str().unwrap().to_owned()));
        Person::of(session)
    };
    let registered = keep(relay.register("alice").await);
    keep(relay.post("/login", json!({"username": "alice", "password": PASSWORD})).await);
    let refresh = json!({"refresh_token": registered.refresh_token});
    let alice = keep(relay.post("/refresh", refresh.clone()).await);
    keep(relay.post("/refresh", refresh).await);
    let wrong = json!({"username": "alice", "password": "nobody's password"});
    assert_eq!(relay.post("/login", wrong).await.0, 401);

    let mut socket = relay.connect(&alice).await;
    let group = socket.group("a confidential title", &[]).await;
    socket.send_to(group, "a confidential text").await;
    socket.say(r#"{"id": 900, "op": "send", "body": {"text": "a confidential mistake"}}"#).await;
    assert_eq!(code(socket.answer::<Value>(900).await), Code::Invalid);
    socket.say(r#"{"id": 901, "op": "hello", "body": {"access_token": "a forged token"}}"#).await;
    assert!(socket.answer::<Value>(901).await.is_err());
    drop(socket);

    let log = relay.stop_and_tell();
    assert!(log.contains("DEBUG") && log.contains("logged in") && log.contains("/api/refresh"), "{log}");
    secrets.extend(["nobody's password", "a forged token"].map(str::to_owned));
    // The last part of an access token is what makes it good.
    let signatures: Vec<_> = secrets.iter().filter_map(|secret| secret.rsplit_once('.')).collect();
    assert!(!signatures.is_empty());
    secrets.extend(signatures.iter().map(|(_, signature)| (*signature).to_owned()).collect::<Vec<_>>());
    for secret in secrets.iter().map(String::as_str).chain(["confidential"]) {
        assert!(!log.contains(secret), "{secret} in:\n{log}");
    }
}

#[tokio::test]
async fn the_demo_can_be_looked_at() {
    let folder = TempDir::new().unwrap();
    let mut program = quiet(Program::new(RELAY));
    program.args(["--demo", "--port", "0", "--host", "127.0.0.1", "--data-dir"]).arg(folder.path());
    let relay = Process::of(&mut program);
    let (status, session) =
        relay.post("/login", json!({"username": "mira", "password": "confab-demo"})).await;
    assert_eq!(status, 200, "{session}");
    let mira = Person::of(session);
    let mut socket = relay.connect(&mira).await;
    let heads = demo_heads(&relay, &mira).await;
    assert!(heads.len() >= 3, "{heads:?}");
    for (conversation, seq) in heads {
        let page = history(&mut socket, conversation).await;
        assert!(seq > 0 && page.to_seq == seq && !page.messages.is_empty(), "{page:?}");
    }
    assert_eq!(relay.register("visitor").await.0, 201, "and is a relay like any other");
    drop(socket);
    assert_eq!(relay.stop(), Some(0));
    // A second start finds it made.
    let relay = Process::of(&mut program);
    assert_eq!(relay.post("/login", json!({"username": "mira", "password": "confab-demo"})).await.0, 200);
    assert_eq!(relay.login("visitor").await, 200);
}

async fn demo_heads(relay: &Process, person: &Person) -> Vec<(confab_protocol::ConversationId, u64)> {
    let stream = tokio::net::TcpStream::connect(relay.address).await.unwrap();
    let mut socket = Socket::over(stream).await.unwrap();
    let welcome = socket.hello(&person.access_token, None).await.unwrap();
    welcome.page.heads.iter().map(|head| (head.conversation, head.seq)).collect()
}

async fn history(socket: &mut Socket, conversation: confab_protocol::ConversationId) -> HistoryPage {
    let request = HistoryRequest { conversation, before: None, after: None, around: None, limit: None };
    socket.request(&Request::History(request)).await.unwrap()
}

/// Sends until the disk is full: what was acknowledged is there, what was refused is not, also after a kill.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_refuses_sends_and_loses_none_that_it_took() {
    for run in 0..count("CONFAB_DISKS", 5) {
        let folder = TempDir::new().unwrap();
        // Full at another place each time.
        let mut relay = Process::start_with_room(folder.path(), 900 + 7 * (run as u64 % 100));
        let alice = relay.person("alice").await;
        let mut socket = relay.connect(&alice).await;
        let group = socket.group("Team", &[]).await;
        let mut acknowledged = Vec::new();
        let refused = loop {
            let text =
                format!("message {} {}", acknowledged.len(), "x".repeat(acknowledged.len() * 97 % 5_000));
            match socket.command(send(group, &text)).await {
                Ok(_) => acknowledged.push(text),
                Err(error) => break error,
            }
            assert!(acknowledged.len() < 5_000, "the disk never got full");
        };
        assert_eq!((refused.code, refused.retry), (Code::StorageFailed, Retry::Later));
        assert!(!acknowledged.is_empty());
        let page = history(&mut socket, group).await;
        assert_eq!(text(page.messages.last().unwrap()), acknowledged.last().unwrap(), "reading goes on");
        assert_eq!(relay.health().await["status"], "degraded");
        // Refused again, and the socket lives.
        assert_eq!(code(socket.command(send(group, &"y".repeat(9_000))).await), Code::StorageFailed);
        relay.kill();

        let relay = Process::start(folder.path());
        let mut socket = relay.connect(&alice).await;
        let stored = socket.everything(group).await;
        let stored: Vec<_> = stored.iter().skip(1).map(|message| text(message).to_owned()).collect();
        assert_eq!(stored, acknowledged, "run {run}");
        socket.send_to(group, "room again").await;
    }
}
