//! Trying a relay's address: everything that can be wrong with it is named.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_shell::probe::probe;
use confab_tests::{Person, TestRelay};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A server that answers every request with these bytes.
async fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    format!("http://{address}")
}

async fn code_of(answer: &'static str) -> String {
    probe(&answering(answer).await).await.unwrap_err().code
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_is_found_whatever_stands_behind_its_address() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(folder.path());
    for typed in [
        relay.url(),
        format!("{}/", relay.url()),
        relay.url().replace("http://", ""),
        format!(" {}/login ", relay.url()),
    ] {
        let found = probe(&typed).await.unwrap();
        assert_eq!(found.relay, relay.url());
        assert!(found.private && !found.version.is_empty());
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let problem = probe(&format!("http://{free}")).await.unwrap_err();
    assert_eq!(problem.code, "unreachable");
    assert!(problem.message.contains("refused"), "{problem:?}");
    assert_eq!(probe("http://no-such-host.invalid").await.unwrap_err().code, "unreachable");
    assert_eq!(probe("not an address").await.unwrap_err().code, "bad_address");
}

#[tokio::test]
async fn whoever_is_no_relay_is_told_from_one() {
    assert_eq!(code_of("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<html>Hotel</html>").await, "not_confab");
    assert_eq!(code_of("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n").await, "not_confab");
    assert_eq!(
        code_of("HTTP/1.1 302 Found\r\nlocation: https://login.example/\r\nconnection: close\r\n\r\n").await,
        "not_confab"
    );
    assert_eq!(code_of("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"status\"").await, "unreachable");
    assert_eq!(code_of("SSH-2.0-OpenSSH_9.2\r\n").await, "unreachable");
    assert_eq!(code_of("").await, "unreachable");
}

#[tokio::test]
async fn a_relay_of_another_age_is_told() {
    let old = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"status\":\"ok\",\"version\":\"0.0.1\"}";
    assert_eq!(code_of(old).await, "relay_too_old");
    let new = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"status\":\"ok\",\"version\":\"9.0\",\"protocols\":[\"confab.v9\"]}";
    assert_eq!(code_of(new).await, "too_old");
}

#[tokio::test]
async fn a_wrong_certificate_is_called_one() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key);
    let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    let relay = format!("https://localhost:{port}");
    let problem = probe(&relay).await.unwrap_err();
    assert_eq!(problem.code, "certificate", "{problem:?}");

    // Whoever logs in there all the same is told the same.
    let folder = tempfile::tempdir().unwrap();
    let problem = tokio::task::spawn_blocking(move || {
        Person::open(folder.path(), &relay, "alice").login().unwrap_err()
    });
    let problem = problem.await.unwrap();
    assert_eq!(problem.code, "certificate", "{problem:?}");
    assert!(problem.message.contains("does not trust"), "{problem:?}");
}
