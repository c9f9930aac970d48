//! Connections as they should not be: slow, cut, too many; and the end of the relay.

use crate::support::TestRelay;
use confab_relay::config::Config;
use confab_relay::run::{RunError, bind, run};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends bytes and reads all that comes until the other side closes or nothing more is due.
pub async fn talk(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    read_answer(&mut stream).await
}

/// One answer with a stated length, or all until the end.
async fn read_answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut buffer = [0u8; 4096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        answer.extend_from_slice(&buffer[..read]);
        if read == 0 || is_whole(&answer) {
            return String::from_utf8_lossy(&answer).into_owned();
        }
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    if head.to_ascii_lowercase().contains("connection: close") {
        return false;
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let relay = TestRelay::with(|config| config.connections.head_timeout_ms = 100).await;
    let mut slow = TcpStream::connect(relay.address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
    let answer = read_answer(&mut slow).await;
    assert!(!answer.contains("200 OK"), "{answer}");
    assert_eq!(relay.get("/api/health", &[]).await.status, 200);
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_cut_off() {
    let relay = TestRelay::with(|config| config.connections.head_timeout_ms = 100).await;
    let mut mute = TcpStream::connect(relay.address).await.unwrap();
    assert!(!read_answer(&mut mute).await.contains("200 OK"));
}

#[tokio::test]
async fn a_huge_head_is_refused() {
    let relay = TestRelay::start().await;
    let head = format!("GET /api/health HTTP/1.1\r\nHost: x\r\nX-Huge: {}\r\n\r\n", "x".repeat(100_000));
    let mut stream = TcpStream::connect(relay.address).await.unwrap();
    let _ = stream.write_all(head.as_bytes()).await;
    assert!(!read_answer(&mut stream).await.contains("200 OK"));
    assert_eq!(relay.get("/api/health", &[]).await.status, 200);
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let relay = TestRelay::start().await;
    for rubbish in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET /\0 HTTP/1.1\r\n\r\n",
    ] {
        let answer = talk(relay.address, rubbish).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    assert_eq!(relay.get("/api/health", &[]).await.status, 200);
}

/// Beyond the bound others wait in the system's queue, and get their turn.
#[tokio::test]
async fn connections_are_bounded() {
    let relay = TestRelay::with(|config| config.connections.max = 2).await;
    let mut first = TcpStream::connect(relay.address).await.unwrap();
    let mut second = TcpStream::connect(relay.address).await.unwrap();
    let request = b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n";
    for stream in [&mut first, &mut second] {
        stream.write_all(request).await.unwrap();
        assert!(read_answer(stream).await.contains("200 OK"));
    }
    let mut third = TcpStream::connect(relay.address).await.unwrap();
    third.write_all(request).await.unwrap();
    let mut early = [0u8; 1];
    assert_eq!(third.try_read(&mut early).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    first.write_all(request).await.unwrap();
    assert!(read_answer(&mut first).await.contains("200 OK"), "those inside go on");
    drop(first);
    assert!(read_answer(&mut third).await.contains("200 OK"));
}

#[tokio::test]
async fn a_second_relay_on_the_same_folder_refuses() {
    let relay = TestRelay::start().await;
    let config = Config::local(relay.folder.path());
    let listener = bind(&config).unwrap();
    let result = run(config, listener, std::future::pending()).await;
    assert!(matches!(result, Err(RunError::Lock(_))), "{result:?}");
    let folder = relay.stop().await;
    let relay = TestRelay::in_folder(folder, |_| {}).await;
    assert_eq!(relay.get("/api/health", &[]).await.status, 200, "the lock goes with the relay");
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_end() {
    let relay = TestRelay::start().await;
    let address = relay.address;
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(read_answer(&mut idle).await.contains("200 OK"));
    relay.stop().await;
    assert_eq!(read_answer(&mut idle).await, "", "closed");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
