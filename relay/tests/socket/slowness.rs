//! Slow readers, dying sockets and a relay that stops.

use crate::process::count;
use crate::support::*;
use confab_protocol::frame::Request;
use confab_protocol::sync::Push;
use confab_protocol::{Code, ErrorBody};
use confab_relay::hub::queue::SOFT_BYTES;
use std::time::Duration;
use tokio::net::TcpSocket;

/// One member stops reading while another writes megabytes: nobody waits for the slow one, and when it reads again
/// it is told how far behind it is and gets everything by asking.
#[tokio::test]
async fn a_slow_reader_is_told_that_it_is_behind_and_slows_nobody() {
    const MESSAGES: u64 = 1_500;
    let (_folder, relay) = relay().await;
    let (alice, bob, carol) =
        (relay.person("alice").await, relay.person("bob").await, relay.person("carol").await);
    let (mut a, mut slow, mut c) =
        (relay.connect(&alice).await, relay.connect(&bob).await, relay.connect(&carol).await);
    let group = a.group("Team", &[&bob, &carol]).await;
    let long = "x".repeat(15_000);
    let quick = tokio::spawn(async move {
        let mut last = 0;
        while last < MESSAGES + 1 {
            last = c.delta().await.messages[0].seq;
        }
    });
    for _ in 0..MESSAGES {
        a.send_to(group, &long).await;
    }
    quick.await.unwrap();
    let behind = slow
        .push(|push| match push {
            Push::Behind { conversations } => Some(conversations.clone()),
            _ => None,
        })
        .await;
    let bytes: usize = slow
        .pushes
        .iter()
        .map(|push| match push {
            Push::Delta(delta) => delta.messages.iter().map(|m| text_len(m)).sum(),
            _ => 0,
        })
        .sum();
    assert!(
        bytes < 16 * 1024 * 1024,
        "{bytes} bytes were kept for it, beyond what the system's buffers hold"
    );
    assert_eq!(behind.len(), 1);
    assert_eq!(behind[0].0, group);
    let mut held = 0;
    for push in &slow.pushes {
        if let Push::Delta(delta) = push {
            held = held.max(delta.to);
        }
    }
    let mut rev = held;
    let mut seqs = Vec::new();
    loop {
        let delta = slow.changes(group, rev).await.unwrap();
        seqs.extend(delta.messages.iter().map(|m| m.seq));
        rev = delta.to;
        if !delta.more {
            break;
        }
    }
    assert_eq!(seqs.last(), Some(&(MESSAGES + 1)));
    assert!(seqs.windows(2).all(|pair| pair[0] + 1 == pair[1]));
    assert!(rev >= behind[0].1);
}

fn text_len(message: &confab_protocol::Message) -> usize {
    match &message.content {
        Some(confab_protocol::Content::Text { text, .. }) => text.len(),
        _ => 0,
    }
}

/// Sockets that vanish without a goodbye do not disturb the others, nor those who come again.
#[tokio::test]
async fn sockets_may_vanish_at_any_moment() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[&bob]).await;
    for n in 0..30 {
        let mut b = relay.connect(&bob).await;
        b.ask(&Request::Command(send(group, &n.to_string()))).await;
        // Half of them before the answer can have come.
        if n % 2 == 0 {
            b.settle_any().await;
        }
        drop(b);
        a.send_to(group, "still here").await;
    }
    let seqs: Vec<u64> = a.everything(group).await.iter().map(|m| m.seq).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_stopping_relay_says_when_to_come_back_and_loses_nothing_acknowledged() {
    let (folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let mut a = relay.connect(&alice).await;
    let mut b = relay.connect(&bob).await;
    let group = a.group("Team", &[&bob]).await;
    let writing = tokio::spawn(async move {
        let mut acknowledged = Vec::new();
        let mut came_back = None;
        for n in 0_u64.. {
            let request = Request::Command(send(group, &n.to_string()));
            let id = a.ask_if_open(&request).await;
            let Some(id) = id else { return (acknowledged, came_back, 0) };
            loop {
                match a.next().await {
                    Came::Answer(came, Ok(_)) if came == id => {
                        acknowledged.push(n.to_string());
                        break;
                    }
                    Came::Answer(_, Ok(_)) => {}
                    Came::Answer(_, Err(ErrorBody { code, .. })) => assert_eq!(code, Code::Unavailable),
                    Came::Push(Push::GoingAway { retry_after_ms }) => came_back = Some(retry_after_ms),
                    Came::Push(_) => {}
                    Came::Closed(code) => return (acknowledged, came_back, code),
                }
            }
        }
        unreachable!()
    });
    // Under traffic.
    while b.delta().await.messages[0].seq < 20 {}
    relay.stop().await;
    let (acknowledged, came_back, code) =
        tokio::time::timeout(Duration::from_secs(20), writing).await.unwrap().unwrap();
    assert!(acknowledged.len() >= 19);
    assert!(code == 1012 || code == 0, "{code}");
    assert!(came_back.is_some_and(|ms| (1..=20_000).contains(&ms)), "{came_back:?}");

    let relay = TestRelay::start(folder.path()).await;
    let mut a = relay.connect(&alice).await;
    let stored: Vec<String> = a.everything(group).await.iter().skip(1).map(|m| text(m).to_owned()).collect();
    assert_eq!(stored[..acknowledged.len()], acknowledged[..]);
}

/// Twenty stop reading while two go on: these get everything in order, those cost the relay no more than their bounds,
/// and when they read again they are told where to go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_who_stop_reading_slow_nobody_and_fill_nothing() {
    const MESSAGES: u64 = 500;
    let readers = count("CONFAB_SLOW", 20);
    let (_folder, relay) = relay().await;
    let (alice, bob, carol) =
        (relay.person("alice").await, relay.person("bob").await, relay.person("carol").await);
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[&bob, &carol]).await;
    let mut quick = relay.connect(&carol).await;
    let mut slow = Vec::new();
    let mut begun = (0, 0);
    for _ in 0..readers {
        // The system must not take much for them, or the relay would have nothing to keep.
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut socket = Socket::over(socket.connect(relay.address).await.unwrap()).await.unwrap();
        let head = socket.hello(&bob.access_token, None).await.unwrap().page.heads.remove(0);
        begun = (head.rev, head.seq);
        slow.push(socket);
    }
    let reading = tokio::spawn(async move {
        for seq in begun.1 + 1..=begun.1 + MESSAGES {
            let delta = quick.delta().await;
            assert_eq!(delta.messages[0].seq, seq);
        }
    });
    let long = "x".repeat(15_000);
    for _ in 0..MESSAGES {
        a.send_to(group, &long).await;
    }
    reading.await.unwrap();
    for mut socket in slow {
        let behind = socket
            .push(|push| match push {
                Push::Behind { conversations } => Some(conversations.clone()),
                _ => None,
            })
            .await;
        let deltas = socket.pushes.iter().filter_map(|push| match push {
            Push::Delta(delta) => Some(delta),
            _ => None,
        });
        // What the system's buffers on both sides took (4 MiB at most on Linux), and the queue.
        let (mut bytes, (mut rev, mut seq)) = (0, begun);
        for delta in deltas {
            assert_eq!((delta.from, delta.messages[0].seq), (rev, seq + 1), "in order");
            (rev, seq) = (delta.to, seq + 1);
            bytes += delta.messages.iter().map(text_len).sum::<usize>();
        }
        assert!(bytes < 4 * 1024 * 1024 + SOFT_BYTES + 64 * 1024, "{bytes} bytes were kept");
        loop {
            let delta = socket.changes(group, rev).await.unwrap();
            for message in &delta.messages {
                seq += 1;
                assert_eq!(message.seq, seq, "nothing is missing");
            }
            rev = delta.to;
            if !delta.more {
                break;
            }
        }
        assert_eq!((seq, behind[0].0), (begun.1 + MESSAGES, group));
        assert!(rev >= behind[0].1);
    }
}
