//! The web client's files. The table itself is tested where it is; here, what a browser gets.

use crate::connections::talk;
use crate::support::TestRelay;

#[tokio::test]
async fn pages_come_with_a_strict_policy() {
    let relay = TestRelay::start().await;
    let page = relay.get("/", &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(page.header("cache-control"), "no-cache");
    let policy = page.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.split("; ").any(|p| p == part), "{part} in {policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("https:"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
}

#[tokio::test]
async fn every_screen_begins_with_the_same_page() {
    let relay = TestRelay::start().await;
    let index = relay.get("/", &[]).await.text;
    for screen in ["/login", "/c/01890a5d-ac96-774b-bcce-b302099a8057", "/settings/devices"] {
        assert_eq!(relay.get(screen, &[]).await.text, index, "{screen}");
    }
    assert_eq!(relay.get("/assets/no-such-file.js", &[]).await.status, 404);
}

/// Sent by hand, since a client library would tidy the paths up.
#[tokio::test]
async fn no_path_leads_to_a_file_of_the_machine() {
    let relay = TestRelay::start().await;
    std::fs::write(relay.folder.path().join("canary.txt"), "canary").unwrap();
    let paths = [
        "/../canary.txt",
        "/../../../../../../etc/passwd",
        "/..%2f..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../canary.txt",
        "/..\\..\\canary.txt",
        "/canary.txt",
        "/canary.txt%00.html",
        "/index.html%00",
        "/.env",
        "//etc/passwd.",
        "/%c0%ae%c0%ae/canary.txt",
    ];
    for path in paths {
        let answer = talk(
            relay.address,
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
        assert!(
            answer.starts_with("HTTP/1.1 404 ") || answer.starts_with("HTTP/1.1 400 "),
            "{path}: {answer}"
        );
        assert!(!answer.contains("canary\n") && !answer.contains("root:"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn files_are_only_read() {
    let relay = TestRelay::start().await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONFAB"] {
        let answer = talk(
            relay.address,
            format!("{method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 405 "), "{method}: {answer}");
    }
    let head = talk(relay.address, b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"), "{head}");
}
