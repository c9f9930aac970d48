//! Registering and logging in.

use crate::support::{PASSWORD, TestRelay};
use confab_relay::config::Registration;
use serde_json::json;

#[tokio::test]
async fn registering_logs_in_at_once() {
    let relay = TestRelay::start().await;
    let answer = relay
        .post(
            "/api/register",
            json!({"username": " Alice.B ", "display_name": "Alice  \u{202e}B", "password": PASSWORD, "device_name": "laptop"}),
        )
        .await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json()["user"]["username"], "alice.b");
    assert_eq!(answer.json()["user"]["display_name"], "Alice B");
    assert_eq!(answer.json()["expires_in"], 600);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("set-cookie").is_empty());
    assert_eq!(relay.refresh(&answer.field("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn logging_in_opens_another_session_of_the_same_user() {
    let relay = TestRelay::start().await;
    let registered = relay.register("alice").await;
    let answer = relay.login("ALICE", PASSWORD).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["user"], registered.json()["user"]);
    assert_ne!(answer.field("device"), registered.field("device"));
}

#[tokio::test]
async fn an_account_outlives_the_relay() {
    let relay = TestRelay::start().await;
    let before = relay.register("alice").await;
    let relay = TestRelay::in_folder(relay.stop().await, |_| {}).await;
    assert_eq!(relay.login("alice", PASSWORD).await.json()["user"], before.json()["user"]);
    assert_eq!(relay.refresh(&before.field("refresh_token")).await.status, 200);
}

/// Whoever asks learns the same from a wrong password and from a user that does not exist.
#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_answer_alike() {
    let relay = TestRelay::start().await;
    relay.register("alice").await;
    let wrong = relay.login("alice", "wrong password").await;
    for nobody in ["bob", "a", "../alice", "alice\0", "älice", &"x".repeat(5000)] {
        let unknown = relay.login(nobody, "wrong password").await;
        assert_eq!((unknown.status, &unknown.text), (wrong.status, &wrong.text), "{nobody}");
        let names = |answer: &crate::support::Answer| {
            let mut names: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(names(&unknown), names(&wrong));
    }
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "bad_credentials"));
}

#[tokio::test]
async fn a_name_is_given_once_however_many_ask_at_once() {
    let relay = TestRelay::start().await;
    let body = |name: &str| json!({"username": name, "display_name": name, "password": PASSWORD});
    let answers = futures::future::join_all(
        (0..8).map(|n| relay.post("/api/register", body(if n % 2 == 0 { "alice" } else { "Alice" }))),
    )
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!((refused.status, refused.code().as_str()), (409, "username_taken"));
    }
}

#[tokio::test]
async fn what_breaks_a_rule_is_invalid_and_makes_no_account() {
    let relay = TestRelay::start().await;
    let good = json!({"username": "alice", "display_name": "Alice", "password": PASSWORD});
    let bad = [
        ("username", json!("al")),
        ("username", json!("al ice")),
        ("username", json!("alice\u{0}")),
        ("username", json!("../etc/passwd")),
        ("username", json!("x".repeat(33))),
        ("username", json!(7)),
        ("username", json!(null)),
        ("display_name", json!("\u{200b}\u{202e}")),
        ("display_name", json!("x".repeat(65))),
        ("password", json!("short")),
        ("password", json!("x".repeat(257))),
        ("password", json!(["x"])),
        ("device_name", json!("x".repeat(65))),
        ("cookie", json!("yes")),
    ];
    for (field, value) in bad {
        let mut body = good.clone();
        body[field] = value;
        let answer = relay.post("/api/register", body.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid"), "{body}");
    }
    assert_eq!(relay.post("/api/register", good).await.status, 201);
}

/// A refusal never repeats what was sent, least of all a password of the wrong type.
#[tokio::test]
async fn a_refusal_repeats_no_secret() {
    let relay = TestRelay::start().await;
    let answer =
        relay.post("/api/login", json!({"username": "alice", "password": {"hunter2": "hunter2"}})).await;
    assert_eq!(answer.status, 400);
    assert!(!answer.text.contains("hunter2"), "{}", answer.text);
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let relay = TestRelay::start().await;
    let body =
        json!({"username": "alice", "display_name": "A", "password": PASSWORD, "role": "admin", "id": 1});
    assert_eq!(relay.post("/api/register", body).await.status, 201);
}

#[tokio::test]
async fn a_closed_relay_takes_no_one_new_and_keeps_whom_it_has() {
    let relay = TestRelay::start().await;
    relay.register("alice").await;
    let relay =
        TestRelay::in_folder(relay.stop().await, |config| config.registration = Registration::Closed).await;
    let body = json!({"username": "bob", "display_name": "Bob", "password": PASSWORD});
    let answer = relay.post("/api/register", body).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"));
    assert_eq!(relay.login("alice", PASSWORD).await.status, 200);
}
