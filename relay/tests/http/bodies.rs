//! Bodies as they should not be.

use crate::support::TestRelay;
use serde_json::json;

#[tokio::test]
async fn only_json_is_taken() {
    let relay = TestRelay::start().await;
    let body = br#"{"username":"alice","display_name":"A","password":"correct horse"}"#.to_vec();
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"]
    {
        let answer = relay.post_raw("/api/register", content_type, body.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (415, "unsupported"), "{content_type}");
    }
    let answer = relay.post_raw("/api/register", "Application/JSON; charset=utf-8", body).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn what_is_no_json_object_is_invalid() {
    let relay = TestRelay::start().await;
    let deep = "[".repeat(8_000);
    let bodies: [&[u8]; 9] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\"x\"",
        b"{\"username\":\"\xff\xfe\"}",
        b"{\"username\":1e999}",
        deep.as_bytes(),
        b"{\"username\":\"a\",\"username\":\"b\"}",
    ];
    for body in bodies {
        let answer = relay.post_raw("/api/login", "application/json", body.to_vec()).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "invalid"),
            "{:?}",
            String::from_utf8_lossy(body)
        );
    }
}

#[tokio::test]
async fn large_bodies_are_refused_with_or_without_a_stated_length() {
    let relay = TestRelay::start().await;
    let large = json!({"username": "alice", "password": "x".repeat(17 * 1024)}).to_string();
    let answer = relay.post_raw("/api/login", "application/json", large.clone().into_bytes()).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "too_large"));
    let chunked = format!(
        "POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    );
    let answer = crate::connections::talk(relay.address, chunked.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("too_large"), "{answer}");
}

#[tokio::test]
async fn unknown_endpoints_and_wrong_methods_answer_in_json() {
    let relay = TestRelay::start().await;
    for path in ["/api/", "/api/nope", "/api/register/x", "/api/%00"] {
        let answer = relay.post(path, json!({})).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
    }
    let answer = relay.get("/api/login", &[]).await;
    assert_eq!((answer.status, answer.code().as_str(), answer.header("allow")), (405, "unsupported", "POST"));
}

#[tokio::test]
async fn health_tells_the_version_and_the_protocols() {
    let relay = TestRelay::start().await;
    let answer = relay.get("/api/health", &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "protocols": ["confab.v1"]})
    );
}
