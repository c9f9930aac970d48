//! What a browser brings along: cookies, origins, and pages of other sites.

use crate::support::{PASSWORD, TestRelay};
use serde_json::json;

async fn register_in_browser(relay: &TestRelay) -> String {
    let body = json!({"username": "alice", "display_name": "Alice", "password": PASSWORD, "cookie": true});
    let answer = relay.post("/api/register", body).await;
    assert_eq!(answer.status, 201);
    assert!(answer.json().get("refresh_token").is_none(), "scripts must not see it");
    answer.cookie()
}

#[tokio::test]
async fn a_browser_refreshes_and_logs_out_by_its_cookie() {
    let relay = TestRelay::start().await;
    let first = register_in_browser(&relay).await;
    let host = format!("http://{}", relay.address);
    let refreshed = relay
        .post_bare("/api/refresh", &[("cookie", &format!("confab_refresh={first}")), ("origin", &host)])
        .await;
    assert_eq!(refreshed.status, 200);
    assert!(refreshed.json().get("refresh_token").is_none());
    let cookie = refreshed.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/api"] {
        assert!(cookie.split("; ").any(|p| p == part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain http");
    let second = format!("confab_refresh={}", refreshed.cookie());
    let out = relay.post_bare("/api/logout", &[("cookie", &second), ("origin", &host)]).await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").starts_with("confab_refresh=; Max-Age=0"));
    let after = relay.post_bare("/api/refresh", &[("cookie", &second)]).await;
    assert_eq!(after.code(), "session_ended");
    assert!(after.header("set-cookie").contains("Max-Age=0"), "a dead cookie is taken away");
}

#[tokio::test]
async fn pages_of_other_sites_cannot_ride_on_the_cookie() {
    let relay = TestRelay::start().await;
    let cookie = format!("confab_refresh={}", register_in_browser(&relay).await);
    let port = relay.address.port();
    let hosts = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        format!("http://localhost:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        format!("http://127.0.0.1:{port}.evil.example"),
    ];
    for origin in &hosts {
        for path in ["/api/refresh", "/api/logout"] {
            let answer = relay.post_bare(path, &[("cookie", &cookie), ("origin", origin)]).await;
            assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"), "{path} {origin}");
            assert!(answer.header("set-cookie").is_empty());
        }
        let login = json!({"username": "alice", "password": PASSWORD, "cookie": true});
        let answer = relay.post_with("/api/login", login, &[("origin", origin)]).await;
        assert_eq!(answer.status, 403, "logging a visitor in as someone else is an attack too");
    }
    assert_eq!(
        relay.post_bare("/api/refresh", &[("cookie", &cookie)]).await.status,
        200,
        "nothing was used up"
    );
}

#[tokio::test]
async fn origins_that_the_operator_names_may() {
    let relay = TestRelay::with(|config| config.allowed_origins = vec!["https://chat.example".into()]).await;
    let cookie = format!("confab_refresh={}", register_in_browser(&relay).await);
    let headers = [("cookie", cookie.as_str()), ("origin", "https://chat.example")];
    assert_eq!(relay.post_bare("/api/refresh", &headers).await.status, 200);
}

/// Without these answers a browser lets no other site read anything.
#[tokio::test]
async fn no_other_site_is_invited() {
    let relay = TestRelay::start().await;
    let answer = relay.get("/api/health", &[("origin", "https://evil.example")]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("access-control-allow-origin").is_empty());
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn behind_a_trusted_https_proxy_the_cookie_is_secure() {
    let body = json!({"username": "alice", "display_name": "Alice", "password": PASSWORD, "cookie": true});
    let forwarded = [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "chat.example"),
        ("origin", "https://chat.example"),
    ];
    let trusting =
        TestRelay::with(|config| config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()]).await;
    let answer = trusting.post_with("/api/register", body.clone(), &forwarded).await;
    assert_eq!(answer.status, 201);
    assert!(answer.header("set-cookie").ends_with("; Secure"), "{}", answer.header("set-cookie"));
    let wary = TestRelay::start().await;
    assert_eq!(
        wary.post_with("/api/register", body.clone(), &forwarded).await.status,
        403,
        "no proxy, no such host"
    );
    let answer = wary.post_with("/api/register", body, &forwarded[..1]).await;
    assert!(!answer.header("set-cookie").contains("Secure"));
}
