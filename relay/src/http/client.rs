//! Who is at the other end: the address, and whether the page came by https, through trusted proxies if there are any.

use axum::http::{HeaderMap, header};
use ipnet::IpNet;
use std::net::IpAddr;

/// The other end of a request, as an extension of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its address, IPv4 in IPv4's form.
    pub address: IpAddr,
    /// Whether it speaks https, to us or to a trusted proxy.
    pub https: bool,
    /// Whether the forwarding headers of this request are to be believed.
    pub by_trusted_proxy: bool,
}

impl Client {
    /// From the peer of the connection and, only if that is a trusted proxy, from what it says of its own peer.
    pub fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
        let mut address = peer.to_canonical();
        if !is_trusted(address) {
            return Self { address, https: false, by_trusted_proxy: false };
        }
        // Each proxy adds its peer on the right; what stands left of the first stranger was made up by that one.
        let hops = headers.get_all("x-forwarded-for").iter().rev();
        for hop in hops.flat_map(|value| value.to_str().unwrap_or("?").rsplit(',')) {
            let Some(hop) = parse_hop(hop.trim()) else { break };
            address = hop;
            if !is_trusted(hop) {
                break;
            }
        }
        let https =
            last(headers, "x-forwarded-proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
        Self { address, https, by_trusted_proxy: true }
    }

    /// The host and port that the client asked for, lower case.
    pub fn host(&self, headers: &HeaderMap) -> Option<String> {
        let forwarded = if self.by_trusted_proxy { last(headers, "x-forwarded-host") } else { None };
        let host = forwarded.or_else(|| headers.get(header::HOST)?.to_str().ok())?;
        Some(host.trim().to_ascii_lowercase())
    }
}

fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get_all(name).iter().next_back()?.to_str().ok()?.rsplit(',').next().map(str::trim)
}

/// `192.0.2.1`, `192.0.2.1:99`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:99`.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().ok().or_else(|| {
        let without_port = text.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip());
        without_port.or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
    })?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    fn client(peer: &str, pairs: &[(&'static str, &str)]) -> Client {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        Client::of(peer.parse().unwrap(), &headers(pairs), &trusted)
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        let forged =
            client("203.0.113.9", &[("x-forwarded-for", "10.1.1.1"), ("x-forwarded-proto", "https")]);
        assert_eq!(
            forged,
            Client { address: "203.0.113.9".parse().unwrap(), https: false, by_trusted_proxy: false }
        );
    }

    #[test]
    fn behind_a_proxy_only_what_the_proxies_added_counts() {
        let address = |value: &str| client("10.0.0.2", &[("x-forwarded-for", value)]).address.to_string();
        assert_eq!(address("198.51.100.7"), "198.51.100.7");
        assert_eq!(address("1.2.3.4, 198.51.100.7"), "198.51.100.7", "1.2.3.4 is made up");
        assert_eq!(address("1.2.3.4, 198.51.100.7, 10.0.0.3"), "198.51.100.7", "two proxies");
        assert_eq!(address("198.51.100.7:4711"), "198.51.100.7");
        assert_eq!(address("[2001:db8::1]:4711"), "2001:db8::1");
        assert_eq!(address("[2001:db8::1]"), "2001:db8::1");
        assert_eq!(address("1.2.3.4, unknown"), "10.0.0.2", "what cannot be read ends the search");
        assert_eq!(address(""), "10.0.0.2");
    }

    #[test]
    fn several_header_lines_are_one_list() {
        let two = client("10.0.0.2", &[("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "198.51.100.7")]);
        assert_eq!(two.address.to_string(), "198.51.100.7");
    }

    #[test]
    fn ipv4_in_ipv6_clothes_is_ipv4() {
        assert_eq!(
            client("::ffff:10.0.0.2", &[("x-forwarded-for", "::ffff:192.0.2.1")]).address.to_string(),
            "192.0.2.1"
        );
    }

    #[test]
    fn host_and_proto_come_from_the_nearest_proxy() {
        let pairs = [
            ("x-forwarded-proto", "http, https"),
            ("x-forwarded-host", "Chat.Example"),
            ("host", "127.0.0.1:5000"),
        ];
        let trusted = client("10.0.0.2", &pairs);
        assert!(trusted.https);
        assert_eq!(trusted.host(&headers(&pairs)).unwrap(), "chat.example");
        let stranger = client("203.0.113.9", &pairs);
        assert_eq!(stranger.host(&headers(&pairs)).unwrap(), "127.0.0.1:5000");
    }
}
