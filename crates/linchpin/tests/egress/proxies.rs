//! Requests of providers through outbound proxies.

use std::net::IpAddr;

use linchpin::{
    domain::geolocation::Geolocation,
    egress::{Egress, Exit, NoExit, Proxy, Rules, check_proxy_url},
};
use linchpin_provider::{Reach, SendError};

use crate::{
    authority::Authority,
    listener::Listener,
    names::Names,
    network::{client, get, run, within},
    outbound::Outbound,
};

const HOST: &str = "platform.example.com";
const URL: &str = "https://platform.example.com/me";
const PLATFORM: &str = "93.184.216.34";

fn american() -> Outbound {
    Outbound::microsocks("us", "US", "10.7.0.2:1080", "93.184.217.1")
}

fn german() -> Outbound {
    Outbound::tinyproxy("de", "DE", "10.7.0.3:8888", "93.184.218.1")
}

fn egress(authority: &Authority, proxies: impl IntoIterator<Item = Proxy>) -> Egress {
    Egress::new(Rules {
        ca_file: Some(authority.file()),
        proxies: proxies.into_iter().collect(),
        ..Rules::strict()
    })
    .unwrap()
}

/// What leaves from a country.
fn exit(egress: &Egress, country: &str) -> Result<Exit, NoExit> {
    let place = Geolocation::check(Some(country), None, None).unwrap();
    egress.exits().choose(&place, "acme", None, "a seed")
}

async fn get_from(egress: &Egress, country: &str, url: &str) -> Result<u16, SendError> {
    let uri: http::Uri = url.parse().unwrap();
    let host = uri.authority().unwrap().as_str();
    let exit = exit(egress, country).expect("a proxy that works");
    get(&client(egress, host, Some(exit)), url).await
}

#[test]
fn the_platform_sees_the_proxy_of_the_country_and_its_name_is_verified_through_it() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set(HOST, &[PLATFORM]);
        names.set("other.example.com", &[PLATFORM]);
        let certificate = authority.certificate("DNS:platform.example.com");
        let platform = Listener::answering((PLATFORM, 443), Some(certificate));
        let (us, de) = (american(), german());
        run(async {
            let egress = egress(&authority, [us.proxy(), de.proxy()]);
            for (country, proxy) in [("US", &us), ("DE", &de)] {
                for _ in 0..3 {
                    assert_eq!(get_from(&egress, country, URL).await, Ok(200));
                }
                assert_eq!(platform.sources(), [proxy.source], "{country}");
                // One connection was kept, and its requests say nothing of the proxy.
                platform.forget(1);
                let outcome = get_from(&egress, country, "https://other.example.com/").await;
                assert_eq!(outcome, Err(SendError::Unreachable));
                platform.forget(1);
                platform.sources();
            }
            // What is the operator's own is reached directly, and told of the proxy.
            let reach = Reach {
                hosts: vec![HOST.to_owned()],
                direct: vec![HOST.to_owned()],
                ..Reach::default()
            };
            let own = egress.client(&reach, Some(exit(&egress, "US").unwrap()), "conn_1");
            assert_eq!(get(&own, URL).await, Ok(200));
            assert_eq!(
                own.proxy().unwrap().unwrap().reveal(),
                "socks5h://user:hunter2@10.7.0.2:1080"
            );
            // Those without a place leave directly, and do not find the others' connections.
            assert_eq!(get(&client(&egress, HOST, None), URL).await, Ok(200));
            let sources = platform.sources();
            assert!(sources.len() == 1 && ![us.source, de.source].contains(&sources[0]));
        });
        let requests = platform.requests();
        assert_eq!(requests.len(), 8);
        for head in requests {
            assert!(head.starts_with("GET /me HTTP/1.1\r\n"), "{head}");
            assert!(!head.to_lowercase().contains("proxy"), "{head}");
        }
    });
}

#[test]
fn a_kept_connection_through_a_proxy_that_an_app_has_named_is_of_one_connection_and_that_proxy_only()
 {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set(HOST, &[PLATFORM]);
        let certificate = authority.certificate("DNS:platform.example.com");
        let platform = Listener::answering((PLATFORM, 443), Some(certificate));
        let first = Outbound::microsocks("own", "US", "93.184.219.2:1080", "93.184.217.1");
        let second = Outbound::tinyproxy("own", "US", "93.184.219.3:8888", "93.184.217.2");
        run(async {
            let operators = first.proxy();
            let egress = egress(&authority, [operators]);
            let reach = Reach {
                hosts: vec![HOST.to_owned(), format!("{HOST}:80")],
                ..Reach::default()
            };
            let own = |proxy: &Outbound| Exit::through(check_proxy_url(&proxy.url()).unwrap());
            let us = exit(&egress, "US").unwrap();
            for (whose, exit, connections) in [
                ("conn_1", Some(own(&first)), 1),
                ("conn_1", Some(own(&first)), 1),
                ("conn_2", Some(own(&first)), 2),
                ("conn_1", Some(own(&second)), 3),
                // The operator's, of the same URL.
                ("conn_1", Some(us), 4),
                ("conn_1", None, 5),
                ("conn_1", Some(own(&first)), 5),
            ] {
                let client = egress.client(&reach, exit, whose);
                assert_eq!(get(&client, URL).await, Ok(200));
                assert_eq!(platform.connections().len(), connections, "{whose}");
            }
            // Nobody else is told it, and nothing is sent through it in clear.
            let client = egress.client(&reach, Some(own(&first)), "conn_1");
            assert_eq!(client.proxy().err(), Some(SendError::Unreachable));
            let plain = format!("http://{HOST}/");
            assert_eq!(get(&client, &plain).await, Err(SendError::Unreachable));
        });
    });
}

#[test]
fn a_proxy_that_fails_is_left_out_for_another_of_its_country_and_with_none_nothing_leaves() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set(HOST, &[PLATFORM]);
        let certificate = authority.certificate("DNS:platform.example.com");
        let platform = Listener::answering((PLATFORM, 443), Some(certificate));
        let mut socks = american();
        let mut http = Outbound::tinyproxy("us-http", "US", "10.7.0.4:8888", "93.184.217.2");
        run(async {
            for wrong in [
                socks.proxy_with("user:wrong"),
                http.proxy_with("user:wrong"),
            ] {
                let (name, right) = match wrong.name.as_str() {
                    "us" => ("us", &http),
                    _ => ("us-http", &socks),
                };
                let egress = egress(&authority, [wrong, right.proxy()]);
                for seed in 0..20 {
                    let place = Geolocation::check(Some("US"), None, None).unwrap();
                    let exit = egress
                        .exits()
                        .choose(&place, "acme", Some(name), &seed.to_string());
                    let client = client(&egress, HOST, Some(exit.unwrap()));
                    assert_eq!(get(&client, URL).await, Ok(200), "{name}");
                }
                assert_eq!(
                    exit(&egress, "US").unwrap().name(),
                    Some(right.proxy().name.as_str())
                );
                assert_eq!(platform.sources(), [right.source], "{name}");
            }
            let both = [socks.proxy(), http.proxy()];
            let egress = egress(&authority, both);
            let exit_before = exit(&egress, "US").unwrap();
            socks.stop();
            http.stop();
            let client = client(&egress, HOST, Some(exit_before));
            let before = platform.connections().len();
            for _ in 0..2 {
                assert_eq!(get(&client, URL).await, Err(SendError::Unreachable));
            }
            assert_eq!(exit(&egress, "US").err(), Some(NoExit::AllDown));
            assert_eq!(exit(&egress, "DE").err(), Some(NoExit::NoneThere));
            assert_eq!(platform.connections().len(), before);
            // What works again is used again.
            socks = american();
            let probing = tokio::spawn(egress.clone().keep_probing());
            while exit(&egress, "US").is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            assert_eq!(get(&client, URL).await, Ok(200));
            assert_eq!(platform.sources(), [socks.source]);
            probing.abort();
        });
    });
}

#[test]
fn a_target_that_cannot_be_reached_does_not_count_against_the_proxy() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set("refused.example.com", &["93.184.216.35"]);
        let (us, de) = (american(), german());
        run(async {
            let egress = egress(&authority, [us.proxy(), de.proxy()]);
            for host in ["refused.example.com", "unknown.example.com"] {
                for country in ["US", "DE"] {
                    let outcome = get_from(&egress, country, &format!("https://{host}/")).await;
                    assert_eq!(
                        outcome,
                        Err(SendError::Unreachable),
                        "{host} from {country}"
                    );
                    assert!(exit(&egress, country).is_ok(), "{host} from {country}");
                }
            }
        });
    });
}

#[test]
fn a_proxy_is_not_asked_for_what_is_of_no_public_network() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set("localhost", &["127.0.0.1"]);
        let certificate = authority.certificate("DNS:localhost,IP:127.0.0.1");
        let inside = Listener::answering(("::", 443), Some(certificate));
        let plain = Listener::answering(("::", 80), None);
        names.set(HOST, &[PLATFORM]);
        let us = american();
        run(async {
            let egress = egress(&authority, [us.proxy()]);
            for host in [
                "localhost",
                "sub.localhost",
                "127.0.0.1",
                "2130706433",
                "10.7.0.9",
                "169.254.169.254",
                "[::1]",
                "[::ffff:127.0.0.1]",
                "metadata.google.internal",
                "router.local",
                "router",
            ] {
                let outcome = get_from(&egress, "US", &format!("https://{host}/")).await;
                assert_eq!(outcome, Err(SendError::Unreachable), "{host}");
            }
            // Nor does anything leave in clear.
            let outcome = get_from(&egress, "US", &format!("http://{HOST}/")).await;
            assert_eq!(outcome, Err(SendError::Unreachable));
            assert!(inside.connections().is_empty());
            assert!(plain.connections().is_empty());
            // They would have been connected to.
            let reached = format!("https://{PLATFORM}/");
            assert_eq!(
                get_from(&egress, "US", &reached).await,
                Err(SendError::Unreachable)
            );
            assert_eq!(inside.connections(), [PLATFORM.parse::<IpAddr>().unwrap()]);
        });
    });
}
