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
    // At once: one a second comes back, and a slow machine takes a second for a password.
    let names: Vec<String> = (0..12).map(|n| format!("user{n}")).collect();
    let answers =
        futures::future::join_all(names.iter().map(|name| relay.login(name, "wrong password"))).await;
    let tried = answers.iter().filter(|answer| answer.status == 401).count();
    assert!((5..12).contains(&tried), "{tried} were tried");
    assert_eq!(answers.iter().filter(|answer| refused(answer)).count(), 12 - tried);
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

/// Two thousand guesses from one address, as many from everywhere at one account, as many at different names: so many
/// are looked at as the throttles allow, and whoever is not concerned logs in meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_by_the_thousand_gets_nowhere() {
    const GUESSES: usize = 2_000;
    let relay = TestRelay::with(|config| config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    for name in ["alice", "bob", "carol"] {
        relay.register(name).await;
    }
    let begun = std::time::Instant::now();
    let guess = async |username: String, from: String| {
        let body = json!({"username": username, "password": "wrong password"});
        let answer = relay.post_with("/api/login", body, &[("x-forwarded-for", &from)]).await;
        if refused(&answer) { 0 } else { usize::from(answer.code() == "bad_credentials") }
    };
    let all = async |who: &dyn Fn(usize) -> (String, String)| {
        use futures::StreamExt;
        let guesses = (0..GUESSES).map(|n| {
            let (username, from) = who(n);
            guess(username, from)
        });
        futures::stream::iter(guesses).buffer_unordered(16).fold(0, async |sum, one| sum + one).await
    };
    // The defaults: 10 failures an account and address, 100 an account; one comes back in 20 s and in 2 s.
    let here = all(&|_| ("alice".into(), "198.51.100.1".into())).await;
    let came_back = |period_ms: u128| (begun.elapsed().as_millis() / period_ms) as usize + 1;
    assert!((10..=10 + came_back(20_000)).contains(&here), "{here}");
    let body = json!({"username": "carol", "password": PASSWORD});
    let carol = relay.post_with("/api/login", body, &[("x-forwarded-for", "203.0.113.9")]).await;
    assert_eq!(carol.status, 200, "others are not concerned");
    let everywhere = all(&|n| ("bob".into(), format!("10.{}.{}.7", n / 200, n % 200))).await;
    assert!((100..=100 + came_back(2_000)).contains(&everywhere), "{everywhere}");
    // 100 log-ins an address; one comes back in a second.
    let names = all(&|n| (format!("person{n}"), "198.51.100.2".into())).await;
    assert!((100..=100 + came_back(1_000)).contains(&names), "{names}");
    let body = json!({"username": "carol", "password": PASSWORD});
    let carol = relay.post_with("/api/login", body, &[("x-forwarded-for", "203.0.113.10")]).await;
    assert_eq!(carol.status, 200);
}
