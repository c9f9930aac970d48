//! Those who knock too often. The buckets' arithmetic is tested where it is; here, what is counted and by whom.

use crate::support::{Answer, PASSWORD, TestRelay};
use serde_json::json;

fn refused(answer: &Answer) -> bool {
    if answer.status != 429 {
        return false;
    }
    assert_eq!(answer.code(), "rate_limited");
    assert_eq!(answer.json()["error"]["retry"], "later");
    assert!(answer.json()["error"]["retry_after_ms"].as_u64().unwrap() > 0);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    true
}

#[tokio::test]
async fn guessing_one_password_is_stopped_even_with_the_right_one() {
    let relay = TestRelay::with(|config| config.throttles.login_failures = 3).await;
    relay.register("alice").await;
    relay.register("bob").await;
    for _ in 0..3 {
        assert_eq!(relay.login("alice", "wrong password").await.code(), "bad_credentials");
    }
    assert!(refused(&relay.login("alice", "wrong password").await));
    assert!(refused(&relay.login("ALICE", PASSWORD).await), "spelling does not help");
    assert_eq!(relay.login("bob", PASSWORD).await.status, 200, "others are not concerned");
}

#[tokio::test]
async fn names_that_do_not_exist_are_counted_alike() {
    let relay = TestRelay::with(|config| config.throttles.login_failures = 2).await;
    for _ in 0..2 {
        assert_eq!(relay.login("nobody", "wrong password").await.code(), "bad_credentials");
    }
    assert!(refused(&relay.login("nobody", "wrong password").await));
}

#[tokio::test]
async fn the_right_password_costs_nothing() {
    let relay = TestRelay::with(|config| config.throttles.login_failures = 1).await;
    relay.register("alice").await;
    for _ in 0..4 {
        assert_eq!(relay.login("alice", PASSWORD).await.status, 200);
    }
}

#[tokio::test]
async fn one_address_tries_so_many_names_and_no_more() {
    let relay = TestRelay::with(|config| config.throttles.login_burst = 5).await;
    let mut answers = Vec::new();
    for n in 0..8 {
        answers.push(relay.login(&format!("user{n}"), "wrong password").await);
    }
    // One a second comes back: on a slow machine one or two more may have got through.
    assert!(answers[..5].iter().all(|answer| answer.status == 401));
    assert!(answers[5..].iter().any(refused));
}

#[tokio::test]
async fn one_address_registers_so_many_and_no_more() {
    let relay = TestRelay::with(|config| config.throttles.register_burst = 2).await;
    relay.register("alice").await;
    relay.register("bob").await;
    let body = json!({"username": "carol", "display_name": "Carol", "password": PASSWORD});
    assert!(refused(&relay.post("/api/register", body).await));
}

#[tokio::test]
async fn an_address_is_what_a_trusted_proxy_says_and_nobody_else() {
    let body = |name: &str| json!({"username": name, "display_name": "x", "password": PASSWORD});
    let one = |config: &mut confab_relay::config::Config| config.throttles.register_burst = 1;
    let relay = TestRelay::with(|config| {
        one(config);
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    for (name, address, status) in [
        ("alice", "198.51.100.1", 201),
        ("bob", "198.51.100.2", 201),
        ("carol", "198.51.100.1", 429),
        ("dave", "203.0.113.5, 198.51.100.2", 429),
    ] {
        let answer = relay.post_with("/api/register", body(name), &[("x-forwarded-for", address)]).await;
        assert_eq!(answer.status, status, "{name}");
    }
    let wary = TestRelay::with(one).await;
    for (name, address, status) in [("alice", "198.51.100.1", 201), ("bob", "198.51.100.2", 429)] {
        let answer = wary.post_with("/api/register", body(name), &[("x-forwarded-for", address)]).await;
        assert_eq!(answer.status, status, "{name}");
    }
}
