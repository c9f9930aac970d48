//! Headers that keep a browser from doing more than the page needs.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// For everything: no guessing of types, no addresses told to other sites, no reading from other origins.
const EVERYWHERE: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// For answers of the API: nothing in them is a page, whatever someone makes of them.
const API: [(HeaderName, &str); 2] = [
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Adds the headers of the API.
pub(super) async fn of_api(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    add(response.headers_mut(), &EVERYWHERE);
    add(response.headers_mut(), &API);
    response
}

/// Adds the headers of the client's pages. `policy` is the Content-Security-Policy.
pub(super) fn of_page(headers: &mut HeaderMap, policy: Option<HeaderValue>) {
    add(headers, &EVERYWHERE);
    add(headers, &[(HeaderName::from_static("cross-origin-opener-policy"), "same-origin")]);
    add(
        headers,
        &[(
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        )],
    );
    if let Some(policy) = policy {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The policy for the client: its own scripts, WebAssembly, styles and socket, and nothing from elsewhere. `host` is
/// what the browser asked for; old browsers do not take `'self'` to include the socket of the same host.
pub(super) fn policy(host: Option<&str>, https: bool) -> Option<HeaderValue> {
    let plain = |host: &&str| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".:-[]".contains(&b))
    };
    let socket = match host.filter(plain) {
        Some(host) if https => format!(" wss://{host}"),
        Some(host) => format!(" ws://{host} wss://{host}"),
        None => String::new(),
    };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'{socket}; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).ok()
}

fn add(headers: &mut HeaderMap, pairs: &[(HeaderName, &'static str)]) {
    for (name, value) in pairs {
        headers.insert(name.clone(), HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_cannot_write_the_policy() {
        let text = |host: &str| policy(Some(host), false).unwrap().to_str().unwrap().to_owned();
        assert!(
            text("chat.example:5000")
                .contains("connect-src 'self' ws://chat.example:5000 wss://chat.example:5000;")
        );
        for host in ["x; script-src *", "x 'unsafe-inline'", "x,y", "*"] {
            let text = text(host);
            assert!(text.contains("connect-src 'self';") && !text.contains(host), "{text}");
        }
    }
}
