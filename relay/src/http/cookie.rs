//! The cookie that holds a browser's refresh token (RFC 6265): out of reach of scripts and of other sites.

use axum::http::{HeaderMap, HeaderValue, header};

/// Its name. Not `__Host-`, which browsers refuse on plain http.
const NAME: &str = "confab_refresh";

/// How long a browser keeps it, in seconds: 400 days, the most that browsers allow.
const MAX_AGE_S: u64 = 400 * 24 * 60 * 60;

/// The refresh token in a request's cookies.
pub fn read(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == NAME)
        .map(|(_, value)| value)
}

/// `Set-Cookie` with a token. `https` adds `Secure`, with which a browser on plain http would not keep it.
pub fn set(token: &str, https: bool) -> Option<HeaderValue> {
    value(token, MAX_AGE_S, https)
}

/// `Set-Cookie` that removes it.
pub fn clear(https: bool) -> Option<HeaderValue> {
    value("", 0, https)
}

fn value(token: &str, max_age_s: u64, https: bool) -> Option<HeaderValue> {
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{NAME}={token}; Max-Age={max_age_s}; Path=/api; HttpOnly; SameSite=Strict{secure}");
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "theme=dark; xconfab_refresh=no".parse().unwrap());
        assert_eq!(read(&headers), None);
        headers.append(header::COOKIE, "a=b;confab_refresh=token-1; c=d".parse().unwrap());
        assert_eq!(read(&headers), Some("token-1"));
    }

    #[test]
    fn no_script_and_no_other_site_gets_it() {
        let cookie = set("token-1", true).unwrap();
        let cookie = cookie.to_str().unwrap();
        for part in ["confab_refresh=token-1", "HttpOnly", "SameSite=Strict", "Path=/api", "Secure"] {
            assert!(cookie.split("; ").any(|p| p == part), "{part}");
        }
        assert!(!set("token-1", false).unwrap().to_str().unwrap().contains("Secure"));
        assert!(clear(false).unwrap().to_str().unwrap().contains("Max-Age=0"));
    }
}
