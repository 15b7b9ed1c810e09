//! Which addresses an outgoing connection may go to.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// Networks of IPv4 that nobody outside has, and those of clouds' own services.
const FORBIDDEN_V4: [(Ipv4Addr, u8); 19] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(192, 175, 48, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The one block of IPv6 that is handed out to the public.
const PUBLIC_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Networks within it that are not the public's.
const FORBIDDEN_V6: [(Ipv6Addr, u8); 5] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Where clouds answer with the credentials of the machine.
const METADATA: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// A network: an address and how many of its leading bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether it holds an address. IPv4 addresses written as IPv6 are IPv4.
    pub fn holds(&self, ip: IpAddr) -> bool {
        match (self.address, ip.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => shares(
                u32::from(network).into(),
                u32::from(ip).into(),
                96 + self.bits,
            ),
            (IpAddr::V6(network), IpAddr::V6(ip)) => shares(network.into(), ip.into(), self.bits),
            _ => false,
        }
    }

    /// Whether it is one address.
    fn is_single(&self) -> bool {
        match self.address {
            IpAddr::V4(_) => self.bits == 32,
            IpAddr::V6(_) => self.bits == 128,
        }
    }
}

/// Whether the first bits of two numbers of 128 bits are the same.
fn shares(a: u128, b: u128, bits: u8) -> bool {
    match bits {
        0 => true,
        bits => (a ^ b).leading_zeros() >= u32::from(bits),
    }
}

impl FromStr for Network {
    type Err = String;

    /// Reads `10.0.0.0/8`, `fd00::/8`, or an address for itself alone.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} is no network; write it as 10.0.0.0/8 or fd00::/8");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().map_err(|_| wrong())?,
            None => most,
        };
        match bits <= most && address == address.to_canonical() {
            true => Ok(Self { address, bits }),
            false => Err(wrong()),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// Whether an address is the public's.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !FORBIDDEN_V4.iter().any(|(network, bits)| {
            shares(u32::from(*network).into(), u32::from(ip).into(), 96 + bits)
        }),
        IpAddr::V6(ip) => {
            let within =
                |(network, bits): &(Ipv6Addr, u8)| shares((*network).into(), ip.into(), *bits);
            within(&PUBLIC_V6) && !FORBIDDEN_V6.iter().any(within)
        }
    }
}

/// How an address stands to the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Anybody's; the rules about ports and https hold.
    Public,
    /// The operator has allowed it.
    Allowed,
    /// Nothing is sent there.
    Forbidden,
}

/// How an address stands where the operator has allowed these networks. IPv4-mapped IPv6 addresses are judged as IPv4;
/// the addresses of clouds' metadata must be allowed one by one.
pub fn standing(ip: IpAddr, allowed: &[Network]) -> Standing {
    let ip = ip.to_canonical();
    let metadata = METADATA.contains(&ip);
    let allows = |network: &&Network| network.holds(ip) && (!metadata || network.is_single());
    if allowed.iter().any(|network| allows(&network)) {
        Standing::Allowed
    } else if is_public(ip) {
        Standing::Public
    } else {
        Standing::Forbidden
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Standing {
        standing(text.parse().unwrap(), &[])
    }

    /// The first and the last address of a network, and those beside it.
    fn edges(network: &str) -> ([IpAddr; 2], [Option<IpAddr>; 2]) {
        let parsed: Network = network.parse().unwrap();
        let make = |number: u128| match parsed.address {
            IpAddr::V4(_) => u32::try_from(number).ok().map(|n| IpAddr::V4(n.into())),
            IpAddr::V6(_) => Some(IpAddr::V6(number.into())),
        };
        let (first, width) = match parsed.address {
            IpAddr::V4(ip) => (u128::from(u32::from(ip)), 32),
            IpAddr::V6(ip) => (ip.into(), 128),
        };
        let size = (width - u32::from(parsed.bits)).min(127);
        let last = first | ((1_u128 << size) - 1);
        let beside = [
            first.checked_sub(1).and_then(make),
            last.checked_add(1).and_then(make),
        ];
        ([make(first).unwrap(), make(last).unwrap()], beside)
    }

    #[test]
    fn every_network_of_the_table_is_forbidden_from_its_first_to_its_last_address() {
        let table = include_str!("../../tests/data/ssrf-addresses.tsv");
        let networks: Vec<&str> = table
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .map(|line| line.split('\t').next().unwrap())
            .collect();
        assert!(networks.len() > 30);
        // `::ffff:0:0/96` is judged by the IPv4 address inside, see below.
        for network in networks
            .iter()
            .filter(|network| **network != "::ffff:0:0/96")
        {
            for inside in edges(network).0 {
                assert_eq!(
                    standing(inside, &[]),
                    Standing::Forbidden,
                    "{inside} of {network}"
                );
            }
        }
    }

    #[test]
    fn what_lies_beside_a_network_is_the_publics_where_no_other_holds_it() {
        let all: Vec<Network> = include_str!("../../tests/data/ssrf-addresses.tsv")
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .map(|line| line.split('\t').next().unwrap())
            .filter(|network| *network != "::ffff:0:0/96")
            .map(|network| network.parse().unwrap())
            .collect();
        let mut public = 0;
        for network in &all {
            for beside in edges(&network.to_string()).1.into_iter().flatten() {
                let held = all.iter().any(|other| other.holds(beside));
                let outside = matches!(beside, IpAddr::V6(ip) if ip.segments()[0] >> 13 != 1);
                let expected = match held || outside {
                    true => Standing::Forbidden,
                    false => Standing::Public,
                };
                assert_eq!(standing(beside, &[]), expected, "{beside}");
                public += usize::from(expected == Standing::Public);
            }
        }
        assert!(public > 20, "{public}");
    }

    #[test]
    fn ipv4_inside_of_ipv6_is_judged_as_ipv4() {
        assert_eq!(of("::ffff:7f00:1"), Standing::Forbidden);
        assert_eq!(of("::ffff:10.0.0.1"), Standing::Forbidden);
        assert_eq!(of("::ffff:93.184.216.34"), Standing::Public);
        assert_eq!(of("64:ff9b::5db8:d822"), Standing::Forbidden);
        assert_eq!(of("2606:2800:220:1::1"), Standing::Public);
    }

    #[test]
    fn an_operator_allows_networks_but_metadata_only_one_by_one() {
        let networks = |texts: &[&str]| -> Vec<Network> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let allowed = networks(&["127.0.0.0/8", "169.254.0.0/16", "fd00::/8", "::1"]);
        assert_eq!(standing(ip("127.9.9.9"), &allowed), Standing::Allowed);
        assert_eq!(
            standing(ip("::ffff:127.0.0.1"), &allowed),
            Standing::Allowed
        );
        assert_eq!(standing(ip("::1"), &allowed), Standing::Allowed);
        assert_eq!(standing(ip("10.0.0.1"), &allowed), Standing::Forbidden);
        assert_eq!(standing(ip("169.254.1.1"), &allowed), Standing::Allowed);
        for metadata in ["169.254.169.254", "169.254.170.2", "fd00:ec2::254"] {
            assert_eq!(
                standing(ip(metadata), &allowed),
                Standing::Forbidden,
                "{metadata}"
            );
        }
        let single = networks(&["169.254.169.254/32"]);
        assert_eq!(standing(ip("169.254.169.254"), &single), Standing::Allowed);
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0/8",
            "::/129",
            "::ffff:10.0.0.0/104",
            "a/8",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
