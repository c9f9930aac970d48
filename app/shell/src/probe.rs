//! Trying what a person typed as a relay's address, and saying what is wrong with it.

use crate::api::{Probed, own};
use crate::links::relay_address;
use confab_client::native::unreached;
use confab_protocol::SUBPROTOCOL;
use confab_protocol::http::Health;
use confab_store::view::Problem;
use std::time::Duration;
use url::{Host, Url};

/// How long a relay may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Most bytes of an answer that are looked at.
const ANSWER_BYTES: usize = 64 * 1024;

/// Tries an address. Nothing is stored.
///
/// # Errors
/// `bad_address`, `unreachable`, `certificate`, `not_confab`, `relay_too_old` or `too_old`, each with words.
pub async fn probe(typed: &str) -> Result<Probed, Problem> {
    let url = address(typed)?;
    let relay = relay_address(&url).ok_or_else(|| bad_address(typed))?;
    let health = ask(&relay).await?;
    if !health.protocols.iter().any(|protocol| protocol == SUBPROTOCOL) {
        return Err(if health.protocols.is_empty() {
            own(
                "relay_too_old",
                format!("The relay there (version {}) is too old for this app.", health.version),
            )
        } else {
            let theirs = health.protocols.join(", ");
            own(
                "too_old",
                format!("The relay there speaks {theirs}, this app {SUBPROTOCOL}. Update the app."),
            )
        });
    }
    let private = url.scheme() == "https" || is_loopback(&url);
    Ok(Probed { relay, version: health.version, private })
}

/// What was typed as an address: https if nothing else is said, except on this very machine.
fn address(typed: &str) -> Result<Url, Problem> {
    let typed = typed.trim();
    let with_scheme = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let url = Url::parse(&with_scheme).map_err(|_| bad_address(typed))?;
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return Err(bad_address(typed));
    }
    if !typed.contains("://") && is_loopback(&url) {
        return Url::parse(&format!("http://{typed}")).map_err(|_| bad_address(typed));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

async fn ask(relay: &str) -> Result<Health, Problem> {
    let client =
        confab_client::native::http_client(TIMEOUT).map_err(|message| own("internal_client", message))?;
    let answer = client.get(format!("{relay}/api/health")).send().await;
    let mut answer = answer.map_err(|error| failure(relay, &error))?;
    if answer.status().is_redirection() {
        let to =
            answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default().to_owned();
        return Err(own(
            "not_confab",
            format!("{relay} sends one on to {to}. Type that address, if it is the relay's."),
        ));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| failure(relay, &error))? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES {
            return Err(stranger(relay));
        }
    }
    serde_json::from_slice(&body).map_err(|_| stranger(relay))
}

fn stranger(relay: &str) -> Problem {
    own("not_confab", format!("What answers at {relay} is not a Confab relay."))
}

fn bad_address(typed: &str) -> Problem {
    own(
        "bad_address",
        format!(
            "'{typed}' is no address of a relay. It looks like chat.example or https://chat.example:8443."
        ),
    )
}

fn failure(relay: &str, error: &reqwest::Error) -> Problem {
    if error.is_timeout() {
        return own("unreachable", format!("{relay} did not answer in {} seconds.", TIMEOUT.as_secs()));
    }
    let mut problem = unreached(relay, error);
    if problem.code == "offline" {
        // Nobody was online there before.
        "unreachable".clone_into(&mut problem.code);
    }
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_becomes_an_address() {
        for (typed, relay) in [
            ("chat.example", "https://chat.example"),
            ("  Chat.Example/ ", "https://chat.example"),
            ("https://chat.example:8443/login?x=1#y", "https://chat.example:8443"),
            ("http://192.168.1.5:5000", "http://192.168.1.5:5000"),
            ("localhost:5000", "http://localhost:5000"),
            ("127.0.0.1:5000", "http://127.0.0.1:5000"),
            ("https://localhost", "https://localhost"),
            ("[::1]:5000", "http://[::1]:5000"),
        ] {
            assert_eq!(relay_address(&address(typed).unwrap()).as_deref(), Some(relay), "{typed}");
        }
        for typed in ["", "   ", "ftp://chat.example", "https://", "https://me:secret@chat.example", "a b"] {
            assert_eq!(address(typed).unwrap_err().code, "bad_address", "{typed}");
        }
    }
}
