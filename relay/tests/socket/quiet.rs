//! What happens on sockets where nobody says anything.

use crate::support::*;
use confab_protocol::sync::Push;
use confab_relay::config::Config;
use confab_relay::hub::Timing;
use futures::StreamExt;
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::protocol::Message as Frame;

/// A relay with less patience.
async fn impatient(timing: Timing) -> (tempfile::TempDir, TestRelay) {
    let folder = tempfile::TempDir::new().unwrap();
    let mut config = Config::local(folder.path());
    config.connections.timing = timing;
    let relay = TestRelay::with(config).await;
    (folder, relay)
}

/// One peer answers pings and stays; the other's system takes all bytes, but nobody is there any more.
#[tokio::test]
async fn a_peer_that_answers_no_ping_is_closed_and_one_that_does_is_not() {
    let timing = Timing { sweep_ms: 50, ping_ms: 150, idle_ms: 2_000, ..Timing::default() };
    let (_folder, relay) = impatient(timing).await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut living, welcome) = relay.resume(&alice, None).await;
    assert_eq!(welcome.limits.idle_timeout_ms, 2_000, "the client is told");
    let mut dead = relay.connect(&bob).await;
    let living = tokio::spawn(async move {
        // More than the time after which it would have been closed.
        for _ in 0..20 {
            let frame = tokio::time::timeout(PATIENCE, living.socket.next()).await.unwrap().unwrap().unwrap();
            assert!(matches!(frame, Frame::Ping(_)), "{frame:?}");
        }
        living.settle().await;
    });
    let mut bytes = Vec::new();
    let until_the_end = dead.stream().read_to_end(&mut bytes);
    tokio::time::timeout(PATIENCE, until_the_end).await.expect("never closed").unwrap();
    let (pings, close) = bytes.split_at(bytes.iter().position(|byte| *byte == 0x88).expect("no close frame"));
    assert!(!pings.is_empty() && pings.chunks(2).all(|ping| ping == [0x89, 0]), "{pings:?}");
    assert_eq!(close[2..4], 1013_u16.to_be_bytes());
    living.await.unwrap();
}

/// The token that comes when it has become quiet covers all that came before, and nothing that comes after.
#[tokio::test]
async fn a_quiet_socket_gets_a_token_that_covers_what_it_was_told() {
    let (_folder, relay) = impatient(Timing { sweep_ms: 50, token_quiet_ms: 200, ..Timing::default() }).await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let token = |push: &Push| match push {
        Push::Token { token } => Some(token.clone()),
        _ => None,
    };
    let group = a.group("Team", &[&bob]).await;
    b.delta().await;
    let first = b.push(token).await;
    assert_eq!(relay.resume(&bob, Some(first.clone())).await.1.page.heads, [], "nothing is new since");
    let other = a.group("Other", &[&bob]).await;
    a.send_to(other, "hello").await;
    let page = relay.resume(&bob, Some(first)).await.1.page;
    assert_eq!(page.heads.iter().map(|head| head.conversation).collect::<Vec<_>>(), [other], "not {group}");
    let second = b.push(token).await;
    assert_eq!(relay.resume(&bob, Some(second)).await.1.page.heads, []);
}
