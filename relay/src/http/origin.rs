//! Whose pages may ask: the relay's own, and those that the operator names (RFC 6454).
//!
//! A browser says in `Origin` whose page sends a request. Programs that are no browsers send none, and have no cookies
//! of a person's that a foreign page could ride on.

use super::client::Client;
use axum::http::{HeaderMap, header};

/// Whether a request may come from where it says it does.
pub fn is_allowed(headers: &HeaderMap, client: &Client, allowed: &[String]) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else {
        return true;
    };
    let Ok(origin) = origin.to_str() else { return false };
    let origin = origin.trim().to_ascii_lowercase();
    if origins.next().is_some() {
        return false;
    }
    allowed.contains(&origin) || is_own(&origin, client.host(headers).as_deref())
}

/// Same host and port. The scheme is not compared: a proxy that is not trusted to tell it may end the https.
fn is_own(origin: &str, host: Option<&str>) -> bool {
    let Some(host) = host.filter(|host| !host.is_empty()) else { return false };
    let (origin_host, port) = if let Some(rest) = origin.strip_prefix("https://") {
        (rest, ":443")
    } else if let Some(rest) = origin.strip_prefix("http://") {
        (rest, ":80")
    } else {
        return false;
    };
    origin_host == host || host.strip_suffix(port) == Some(origin_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(origins: &[&str], host: &str) -> bool {
        let mut headers = HeaderMap::new();
        for origin in origins {
            headers.append(header::ORIGIN, origin.parse().unwrap());
        }
        headers.insert(header::HOST, host.parse().unwrap());
        let client = Client { address: [192, 0, 2, 1].into(), https: false, by_trusted_proxy: false };
        is_allowed(&headers, &client, &["https://other.example".into()])
    }

    #[test]
    fn own_pages_programs_and_named_origins_may() {
        assert!(allowed(&[], "chat.example"));
        assert!(allowed(&["https://chat.example"], "chat.example"));
        assert!(allowed(&["https://chat.example"], "chat.example:443"));
        assert!(allowed(&["http://localhost:5000"], "localhost:5000"));
        assert!(allowed(&["HTTPS://Chat.Example"], "CHAT.example"));
        assert!(allowed(&["https://other.example"], "chat.example"));
    }

    #[test]
    fn others_may_not() {
        for origin in [
            "https://evil.example",
            "null",
            "",
            "http://localhost:3000",
            "https://chat.example.evil.example",
            "https://evil-chat.example",
            "https://chat.example:8443",
            "file://",
            "chrome-extension://chat.example",
            "https://chat.example/path",
        ] {
            assert!(!allowed(&[origin], "chat.example"), "{origin}");
        }
        assert!(!allowed(&["https://chat.example", "https://evil.example"], "chat.example"), "two origins");
        assert!(!allowed(&["https://"], ""));
    }
}
