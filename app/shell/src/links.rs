//! Deep links: `confab://<host[:port]>/…`.
//!
//! `/` is the relay, `/c/<conversation>` a conversation, `/c/<conversation>/m/<seq>` a place in it, `/i/<code>` an invite
//! (kept, not acted on yet). The relay is reached by https; `?plain` says http, as for a relay on this machine.
//! What comes this way was written by anybody: it only ever chooses what is shown.

use confab_protocol::ConversationId;
use url::{Host, Url};
use uuid::Uuid;

/// The scheme.
pub const SCHEME: &str = "confab";
const MOST_BYTES: usize = 2048;

/// A link that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The relay's address.
    pub relay: String,
    /// What of it.
    pub place: Place,
}

/// What a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The relay itself.
    Relay,
    /// A conversation, perhaps at one message.
    Conversation(ConversationId, Option<u64>),
    /// An invite by its code.
    Invite(String),
}

/// Reads a link; `None` for anything that is none of ours.
pub fn parse(text: &str) -> Option<Link> {
    if text.len() > MOST_BYTES {
        return None;
    }
    let url = Url::parse(text).ok().filter(|url| url.scheme() == SCHEME)?;
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let plain = url.query_pairs().any(|(name, _)| name == "plain");
    let host = url.host_str().filter(|host| !host.is_empty())?;
    // Through the rules of http, which a scheme of our own does not get: capitals, IDNA, default ports.
    let scheme = if plain { "http" } else { "https" };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let relay = relay_address(&Url::parse(&format!("{scheme}://{host}{port}")).ok()?)?;
    let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let place = match segments.as_slice() {
        [] => Place::Relay,
        ["c", id] => Place::Conversation(conversation(id)?, None),
        ["c", id, "m", seq] => Place::Conversation(conversation(id)?, Some(seq.parse().ok()?)),
        ["i", code] if code.len() <= 128 => Place::Invite((*code).to_owned()),
        _ => return None,
    };
    Some(Link { relay, place })
}

fn conversation(text: &str) -> Option<ConversationId> {
    Uuid::try_parse(text).ok().map(ConversationId)
}

/// `https://host[:port]` of an address, without anything behind it.
pub(crate) fn relay_address(url: &Url) -> Option<String> {
    let host = match url.host()? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => format!("[{address}]"),
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{host}{port}", url.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0192f0c1-2345-7abc-8def-0123456789ab";

    #[test]
    fn links_lead_to_a_relay_a_conversation_or_a_place_in_it() {
        let id = ConversationId(Uuid::parse_str(ID).unwrap());
        for (text, relay, place) in [
            ("confab://Chat.Example".to_owned(), "https://chat.example", Place::Relay),
            (
                format!("confab://chat.example:8443/c/{ID}"),
                "https://chat.example:8443",
                Place::Conversation(id, None),
            ),
            (
                format!("confab://localhost:5000/c/{ID}/m/17?plain"),
                "http://localhost:5000",
                Place::Conversation(id, Some(17)),
            ),
            ("confab://[::1]:5000/?plain".to_owned(), "http://[::1]:5000", Place::Relay),
            ("confab://chat.example/i/abc".to_owned(), "https://chat.example", Place::Invite("abc".into())),
        ] {
            assert_eq!(parse(&text), Some(Link { relay: relay.into(), place }), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_link() {
        for text in [
            "",
            "confab:",
            "confab://",
            "confab:///c/x",
            "https://chat.example/",
            "confab://chat.example/c/not-an-id",
            &format!("confab://chat.example/c/{ID}/m/-1"),
            &format!("confab://chat.example/c/{ID}/m/99999999999999999999"),
            "confab://chat.example/x",
            "confab://user:secret@chat.example/",
            "--flag",
            &format!("confab://chat.example/i/{}", "x".repeat(4000)),
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
