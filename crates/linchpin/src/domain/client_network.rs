//! The network that somebody's address lies in: enough to say where from, too little to say who.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use serde::{Deserialize, Serialize};

/// The /24 network of a public IPv4 address, or the /48 network of a public IPv6 address. The rest of the address is
/// not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientNetwork(IpAddr);

impl ClientNetwork {
    /// The network of an address; `None` for one that is no public one: of this machine, of a private network, or of
    /// a link.
    pub fn of(address: IpAddr) -> Option<Self> {
        match address.to_canonical() {
            IpAddr::V4(v4) => (!is_private_v4(v4)).then(|| {
                let [a, b, c, _] = v4.octets();
                Self(Ipv4Addr::new(a, b, c, 0).into())
            }),
            IpAddr::V6(v6) => (!is_private_v6(v6)).then(|| {
                let [a, b, c, ..] = v6.segments();
                Self(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into())
            }),
        }
    }

    /// Its first address.
    pub fn first(&self) -> IpAddr {
        self.0
    }
}

impl fmt::Display for ClientNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = if self.0.is_ipv4() { 24 } else { 48 };
        write!(f, "{}/{length}", self.0)
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    let shared_by_carriers = a == 100 && (64..128).contains(&b);
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || shared_by_carriers
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: &str) -> Option<String> {
        ClientNetwork::of(address.parse().unwrap()).map(|network| network.to_string())
    }

    #[test]
    fn only_the_network_of_an_address_is_kept() {
        assert_eq!(of("203.0.113.77").as_deref(), Some("203.0.113.0/24"));
        assert_eq!(of("::ffff:203.0.113.77").as_deref(), Some("203.0.113.0/24"));
        assert_eq!(of("2001:db8:7:9::5").as_deref(), Some("2001:db8:7::/48"));
    }

    #[test]
    fn private_addresses_have_no_network_to_tell_of() {
        for private in [
            "127.0.0.1",
            "::1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.0.1",
            "100.64.0.1",
            "fd00::1",
            "fe80::1",
            "0.0.0.0",
        ] {
            assert_eq!(of(private), None, "{private}");
        }
    }
}
