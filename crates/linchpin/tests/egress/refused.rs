//! Where nothing is sent to: not by a name, not by an address, not by a redirect and not by way of a proxy.

use std::net::{IpAddr, Ipv6Addr};

use linchpin::egress::{Egress, Failure};
use linchpin_provider::SendError;

use crate::{
    authority::Authority,
    listener::{Listener, reaches},
    names::Names,
    network::{PROXY, egress, post, run, visit, within},
};

const PUBLIC: &str = "93.184.216.34";
const PUBLIC_V6: &str = "2606:2800:220:1::1";

/// The first and the last address of every network of the table.
fn table() -> Vec<IpAddr> {
    let mut found = Vec::new();
    for line in include_str!("../data/ssrf-addresses.tsv").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (network, _) = line.split_once('\t').unwrap();
        let (address, bits) = network.split_once('/').unwrap();
        let bits: u32 = bits.parse().unwrap();
        match address.parse().unwrap() {
            _ if network == "::ffff:0:0/96" => {}
            IpAddr::V4(first) => {
                let last = u32::from(first) | u32::MAX.checked_shr(bits).unwrap_or(0);
                found.extend([IpAddr::V4(first), IpAddr::V4(last.into())]);
            }
            IpAddr::V6(first) => {
                let last = u128::from(first) | u128::MAX.checked_shr(bits).unwrap_or(0);
                found.extend([IpAddr::V6(first), IpAddr::V6(last.into())]);
            }
        }
    }
    assert!(found.len() > 60);
    found
}

/// An address of IPv4 in the forms that lead to it from IPv6.
fn inside_v6(ip: IpAddr) -> Vec<IpAddr> {
    let IpAddr::V4(ip) = ip else {
        return Vec::new();
    };
    let number = u128::from(u32::from(ip));
    let prefix = |text: &str| u128::from(text.parse::<Ipv6Addr>().unwrap());
    [
        prefix("::ffff:0:0") | number,
        prefix("::") | number,
        prefix("::ffff:0:0:0") | number,
        prefix("64:ff9b::") | number,
        prefix("64:ff9b:1::") | number,
        prefix("2002::") | (number << 80),
        prefix("2001::") | (number ^ u128::from(u32::MAX)),
    ]
    .map(|number| IpAddr::V6(number.into()))
    .to_vec()
}

/// Asks for a name, which must be refused without any connection.
async fn assert_refused(egress: &Egress, listeners: &[&Listener], url: &str, what: &str) {
    let outcome = post(egress, url).await;
    assert_eq!(outcome.err(), Some(Failure::Unreachable), "{what}");
    let outcome = visit(egress, url).await;
    assert_eq!(outcome, Err(SendError::Unreachable), "{what}");
    for listener in listeners {
        assert!(listener.connections().is_empty(), "{what}");
    }
}

#[test]
fn no_address_of_the_table_is_connected_to_in_any_form_though_somebody_listens_there() {
    within(|| {
        let (names, listener) = (Names::serve(), Listener::closing(("::", 443)));
        let metadata = [
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "fd00:ec2::254",
            "fd20:ce::254",
        ];
        let mut all: Vec<IpAddr> = metadata.iter().map(|ip| ip.parse().unwrap()).collect();
        all.extend(table());
        let inside: Vec<IpAddr> = all.iter().copied().flat_map(inside_v6).collect();
        all.extend(inside);
        let reachable = all.iter().filter(|ip| reaches(**ip, 443)).count();
        // Multicast, broadcast and link-local addresses are nobody's here.
        assert!(
            reachable * 10 > all.len() * 9,
            "{reachable} of {}",
            all.len()
        );
        listener.forget(reachable);
        run(async {
            let egress = egress(None);
            for (number, ip) in all.iter().enumerate() {
                let name = format!("n{number}.example.com");
                names.set(&name, &[&ip.to_string()]);
                let url = format!("https://{name}/");
                assert_refused(&egress, &[&listener], &url, &ip.to_string()).await;
                assert!(names.asked(&name) > 0, "{name}");
                let url = match ip {
                    IpAddr::V4(ip) => format!("https://{ip}/"),
                    IpAddr::V6(ip) => format!("https://[{ip}]/"),
                };
                assert!(egress.check_url(&url).is_err(), "{url}");
                assert_eq!(visit(&egress, &url).await, Err(SendError::Unreachable));
                assert!(listener.connections().is_empty(), "{url}");
            }
            // Whoever is public would have been gone to.
            for (name, public) in [("a.example.com", PUBLIC), ("b.example.com", PUBLIC_V6)] {
                names.set(name, &[public]);
                let outcome = post(&egress, &format!("https://{name}/")).await;
                assert_eq!(outcome.err(), Some(Failure::Tls));
                assert_eq!(listener.connections(), [public.parse::<IpAddr>().unwrap()]);
                listener.forget(1);
            }
        });
    });
}

#[test]
fn one_address_that_is_not_allowed_refuses_the_whole_name() {
    within(|| {
        let (names, listener) = (Names::serve(), Listener::closing(("::", 443)));
        let mixed: [&[&str]; 9] = [
            &[PUBLIC, "127.0.0.1"],
            &["127.0.0.1", PUBLIC],
            &[PUBLIC, "10.0.0.1"],
            &[PUBLIC, "93.184.216.35", "93.184.216.36", "169.254.169.254"],
            &[PUBLIC, "::1"],
            &[PUBLIC, "::ffff:127.0.0.1"],
            &[PUBLIC_V6, "127.0.0.1"],
            &[PUBLIC_V6, "64:ff9b::7f00:1"],
            &[PUBLIC, PUBLIC_V6, "fd00::1"],
        ];
        run(async {
            let egress = egress(None);
            for (number, addresses) in mixed.iter().enumerate() {
                let name = format!("n{number}.example.com");
                names.set(&name, addresses);
                let url = format!("https://{name}/");
                let what = addresses.join(", ");
                assert_refused(&egress, &[&listener], &url, &what).await;
            }
        });
    });
}

#[test]
fn this_machine_is_not_reached_however_it_is_written() {
    within(|| {
        let names = Names::serve();
        let listeners = [80, 443].map(|port| Listener::answering(("::", port), None));
        let egress = egress(None);
        for host in [
            "127.1",
            "127.0.1",
            "0x7f000001",
            "0x7f.1",
            "2130706433",
            "0177.0.0.1",
            "017700000001",
            "127.0.0.1.",
            "127%2e0%2e0%2e1",
            "127。0。0。1",
            "①②⑦.0.0.1",
            "0",
            "0.0.0.0",
            "[::]",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::127.0.0.1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::127.0.0.1]",
            "[2002:7f00:1::]",
        ] {
            for url in [format!("https://{host}/"), format!("http://{host}/")] {
                assert!(egress.check_url(&url).is_err(), "{url}");
            }
        }
        names.set("localhost", &["127.0.0.1"]);
        names.set("sub.localhost", &["127.0.0.1"]);
        run(async {
            for host in ["localhost", "LOCALHOST", "localhost.", "sub.localhost"] {
                let url = format!("https://{host}/");
                assert_refused(&egress, &[&listeners[0], &listeners[1]], &url, host).await;
            }
        });
    });
}

#[test]
fn a_redirect_is_an_answer_and_nobody_goes_there() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set("hooks.example.com", &[PUBLIC]);
        let targets = [
            "https://127.0.0.1/",
            "http://127.0.0.1/",
            "http://169.254.169.254/latest/meta-data",
            "https://hooks.example.com/elsewhere",
            "//10.0.0.1/",
        ];
        let certificate = authority.certificate("DNS:hooks.example.com");
        let plain = Listener::answering(("::", 80), None);
        let statuses = [301, 302, 303, 307, 308];
        let turn = std::sync::atomic::AtomicUsize::new(0);
        let listener = Listener::with(("::", 443), Some(certificate), move |wire, notes| {
            while notes.request(wire).is_some() {
                let turn = turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let (status, target) = (statuses[turn], targets[turn]);
                let answer = format!(
                    "HTTP/1.1 {status} X\r\nlocation: {target}\r\nrefresh: 0; url={target}\r\n\
                     alt-svc: h3=\"127.0.0.1:443\"\r\ncontent-length: 0\r\n\r\n"
                );
                wire.write_all(answer.as_bytes()).unwrap();
            }
        });
        run(async {
            let egress = egress(Some(&authority.file()));
            for status in statuses {
                let url = "https://hooks.example.com/";
                let answered = match status % 2 {
                    0 => visit(&egress, url).await.unwrap(),
                    _ => post(&egress, url).await.unwrap().status,
                };
                assert_eq!(answered, status);
            }
        });
        // One for what webhooks send, and one for the provider's connection.
        assert_eq!(
            listener.connections(),
            [PUBLIC.parse::<IpAddr>().unwrap(); 2]
        );
        assert_eq!(listener.requests().len(), statuses.len());
        assert!(plain.connections().is_empty());
    });
}

#[test]
fn proxies_of_the_environment_are_not_used() {
    within(|| {
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
            assert_eq!(std::env::var(name).unwrap(), PROXY);
        }
        let (names, authority) = (Names::serve(), Authority::new());
        names.set("hooks.example.com", &[PUBLIC]);
        names.set("inside.example.com", &["127.0.0.1"]);
        let proxy = Listener::answering(("::", 3128), None);
        let certificate = authority.certificate("DNS:hooks.example.com");
        let listener = Listener::answering(("::", 443), Some(certificate));
        run(async {
            let egress = egress(Some(&authority.file()));
            let answered = post(&egress, "https://hooks.example.com/").await.unwrap();
            assert_eq!(answered.status, 200);
            let answered = visit(&egress, "https://hooks.example.com/").await;
            assert_eq!(answered, Ok(200));
            let refused = post(&egress, "https://inside.example.com/").await;
            assert_eq!(refused.err(), Some(Failure::Unreachable));
        });
        assert_eq!(
            listener.connections(),
            [PUBLIC.parse::<IpAddr>().unwrap(); 2]
        );
        assert!(proxy.connections().is_empty());
    });
}
