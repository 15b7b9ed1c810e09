//! Ranges of addresses, as an operator writes them.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A range of addresses such as `10.0.0.0/8`, `2001:db8::/32` or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressPrefix {
    network: IpAddr,
    length: u8,
}

impl AddressPrefix {
    /// Whether the address lies in the range. An IPv4 address written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let widths_match = address.is_ipv4() == self.network.is_ipv4();
        widths_match && masked(address, self.length) == self.network
    }
}

/// The address with all bits after the first `length` cleared.
pub(super) fn masked(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX
                .checked_shl(32_u32.saturating_sub(length.into()))
                .unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX
                .checked_shl(128_u32.saturating_sub(length.into()))
                .unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
        }
    }
}

/// What was written is not a range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{written:?} is not an address range: write 10.0.0.0/8, 2001:db8::/32 or one address{hint}"
)]
pub struct InvalidPrefix {
    written: String,
    hint: String,
}

impl FromStr for AddressPrefix {
    type Err = InvalidPrefix;

    /// Fails when the address or the length is malformed, and when bits are set after the length:
    /// `10.1.2.3/8` is more likely a slip than a wish.
    fn from_str(written: &str) -> Result<Self, InvalidPrefix> {
        let invalid = |hint: String| InvalidPrefix {
            written: written.to_owned(),
            hint,
        };
        let (address, length) = match written.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (written, None),
        };
        let network: IpAddr = address.parse().map_err(|_| invalid(String::new()))?;
        let widest: u8 = if network.is_ipv4() { 32 } else { 128 };
        let length = match length {
            None => widest,
            Some(length) => length
                .parse()
                .ok()
                .filter(|length| *length <= widest)
                .ok_or_else(|| invalid(format!(" (the length is at most {widest})")))?,
        };
        let network = network.to_canonical();
        let length = if widest == 128 && network.is_ipv4() {
            length.saturating_sub(96)
        } else {
            length
        };
        let clean = masked(network, length);
        if clean == network {
            Ok(Self { network, length })
        } else {
            Err(invalid(format!(" (did you mean {clean}/{length}?)")))
        }
    }
}

impl fmt::Display for AddressPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.length)
    }
}

/// The proxies whose `X-Forwarded-For` is believed. Empty by default: nobody's is.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<AddressPrefix>);

impl TrustedProxies {
    /// Whether the address is one of the proxies.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|prefix| prefix.contains(address))
    }
}

impl FromIterator<AddressPrefix> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = AddressPrefix>>(prefixes: I) -> Self {
        Self(prefixes.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(written: &str) -> AddressPrefix {
        written.parse().expect("a prefix")
    }

    fn ip(written: &str) -> IpAddr {
        written.parse().expect("an address")
    }

    #[test]
    fn a_range_holds_its_first_and_last_address_and_no_neighbour() {
        let range = prefix("10.16.0.0/12");
        assert!(range.contains(ip("10.16.0.0")));
        assert!(range.contains(ip("10.31.255.255")));
        assert!(range.contains(ip("::ffff:10.16.0.1")));
        assert!(!range.contains(ip("10.15.255.255")));
        assert!(!range.contains(ip("10.32.0.0")));
        assert!(prefix("0.0.0.0/0").contains(ip("203.0.113.9")));
        assert!(!prefix("0.0.0.0/0").contains(ip("2001:db8::1")));
        assert!(prefix("2001:db8::/32").contains(ip("2001:db8:ffff::1")));
        assert!(!prefix("2001:db8::/32").contains(ip("2001:db9::")));
        assert!(prefix("::1").contains(ip("::1")));
    }

    #[test]
    fn a_malformed_range_is_refused_with_a_remedy() {
        for written in [
            "",
            "10.0.0.0/33",
            "10.0.0.0/",
            "::/129",
            "ten",
            "10.0.0.0/-1",
            "1.2.3",
        ] {
            assert!(written.parse::<AddressPrefix>().is_err(), "{written}");
        }
        let slip = "10.1.2.3/8"
            .parse::<AddressPrefix>()
            .expect_err("host bits are set");
        assert!(slip.to_string().contains("10.0.0.0/8"), "{slip}");
    }
}
