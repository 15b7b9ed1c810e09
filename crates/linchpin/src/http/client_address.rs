//! Who is calling, as far as limits and logs are concerned.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};

use super::address_prefix::{TrustedProxies, masked};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client: the peer of the socket or, where that is a trusted proxy, the
/// right-most hop of `X-Forwarded-For` that is not one. Found in the request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// What limits by address count: an IPv4 address, or the /64 of an IPv6 address.
    pub fn bucket(self) -> AddressBucket {
        AddressBucket(match self.0.to_canonical() {
            v4 @ IpAddr::V4(_) => v4,
            v6 @ IpAddr::V6(_) => masked(v6, 64),
        })
    }

    /// Whether the client is on this machine: limits by address do not apply to it.
    pub fn is_loopback(self) -> bool {
        self.0.to_canonical().is_loopback()
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One client as limits see it; see [`ClientAddress::bucket`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddressBucket(IpAddr);

/// Finds the client behind the peer of a socket.
pub(super) fn client_of(
    peer: IpAddr,
    headers: &HeaderMap,
    trusted: &TrustedProxies,
) -> ClientAddress {
    let mut nearest = peer.to_canonical();
    let lines = headers.get_all(FORWARDED_FOR).into_iter();
    let hops = lines
        .rev()
        .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    for hop in hops {
        if !trusted.contains(nearest) {
            break;
        }
        // What a trusted proxy did not write as an address ends the chain: nothing further
        // to the left can be believed.
        match hop_address(hop) {
            Some(address) => nearest = address.to_canonical(),
            None => break,
        }
    }
    ClientAddress(nearest)
}

/// Some proxies write the port too: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
fn hop_address(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim();
    hop.parse()
        .or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()))
        .or_else(|_| {
            hop.trim_start_matches('[')
                .trim_end_matches(']')
                .parse::<IpAddr>()
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "2001:db8:1::/48"]
            .iter()
            .map(|prefix| prefix.parse().expect("a prefix"))
            .collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, line.parse().expect("a value"));
        }
        client_of(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn a_forged_header_of_an_untrusted_peer_is_ignored() {
        assert_eq!(client("198.51.100.7", &["203.0.113.1"]), "198.51.100.7");
    }

    #[test]
    fn the_right_most_untrusted_hop_counts() {
        assert_eq!(client("10.0.0.1", &["203.0.113.1"]), "203.0.113.1");
        assert_eq!(
            client("10.0.0.1", &["127.0.0.1, 203.0.113.1, 10.9.9.9"]),
            "203.0.113.1"
        );
        assert_eq!(
            client("10.0.0.1", &["192.0.2.1", "203.0.113.1"]),
            "203.0.113.1"
        );
        assert_eq!(client("10.0.0.1", &["192.0.2.1", "10.2.2.2"]), "192.0.2.1");
        assert_eq!(
            client("::ffff:10.0.0.1", &["203.0.113.1:99"]),
            "203.0.113.1"
        );
        assert_eq!(
            client("2001:db8:1::1", &["[2001:db8:2::5]:99"]),
            "2001:db8:2::5"
        );
    }

    #[test]
    fn a_chain_that_cannot_be_read_ends_at_the_last_hop_that_could() {
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["203.0.113.1, unknown"]), "10.0.0.1");
        assert_eq!(
            client("10.0.0.1", &["203.0.113.1, oops, 10.3.3.3"]),
            "10.3.3.3"
        );
    }

    #[test]
    fn ipv6_clients_are_counted_by_their_64_bit_network() {
        let bucket = |text: &str| ClientAddress(text.parse().expect("an address")).bucket();
        assert_eq!(bucket("2001:db8::1"), bucket("2001:db8::ffff:2"));
        assert_ne!(bucket("2001:db8::1"), bucket("2001:db8:0:1::1"));
        assert_ne!(bucket("192.0.2.1"), bucket("192.0.2.2"));
        assert_eq!(bucket("192.0.2.1"), bucket("::ffff:192.0.2.1"));
    }
}
