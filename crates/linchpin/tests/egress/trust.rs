//! Whose certificate is good enough.

use std::{
    net::IpAddr,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use linchpin::egress::{Egress, Failure, Rules};
use linchpin_provider::SendError;

use crate::{
    authority::Authority,
    listener::Listener,
    names::Names,
    network::{egress, post, run, visit, within},
};

const PUBLIC: &str = "93.184.216.34";
const NAME: &str = "hooks.example.com";
const GOOD: &str = "DNS:hooks.example.com";

/// A way out to further ports, that trusts this authority as well.
fn trusting(authority: &Authority) -> Egress {
    Egress::new(Rules {
        ports: (8_440..8_450).chain([443]).collect(),
        ca_file: Some(authority.file()),
        ..Rules::strict()
    })
    .unwrap()
}

#[test]
fn a_certificate_must_be_of_an_authority_for_the_name_and_of_today() {
    within(|| {
        let names = Names::serve();
        names.set(NAME, &[PUBLIC]);
        let (authority, another) = (Authority::new(), Authority::new());
        let bad = [
            ("self-signed", authority.self_signed(GOOD)),
            ("of another authority", another.certificate(GOOD)),
            (
                "for another name",
                authority.certificate("DNS:example.com,DNS:*.hooks.example.com"),
            ),
            (
                "for the address",
                authority.certificate(&format!("IP:{PUBLIC}")),
            ),
            ("expired", authority.expired(GOOD)),
        ];
        let bad: Vec<_> = (8_440..)
            .zip(bad)
            .map(|(port, (what, tls))| (what, port, Listener::answering(("::", port), Some(tls))))
            .collect();
        let good = Listener::answering(("::", 443), Some(authority.certificate(GOOD)));
        let plain = Listener::with(("::", 8_449), None, |wire, notes| {
            wire.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .unwrap();
            notes.request(wire);
        });
        run(async {
            let trusting = trusting(&authority);
            for (what, port, listener) in &bad {
                let outcome = post(&trusting, &format!("https://{NAME}:{port}/")).await;
                assert_eq!(outcome.err(), Some(Failure::Tls), "{what}");
                let outcome = visit(&trusting, &format!("https://{NAME}:{port}/")).await;
                assert_eq!(outcome, Err(SendError::Unreachable), "{what}");
                assert_eq!(listener.connections().len(), 2, "{what}");
                assert!(listener.requests().is_empty(), "{what}");
            }
            let url = format!("https://{NAME}/");
            assert_eq!(post(&trusting, &url).await.unwrap().status, 200);
            // Nobody else's authority is trusted without being named.
            assert_eq!(post(&egress(None), &url).await.err(), Some(Failure::Tls));
            assert_eq!(good.requests().len(), 1);
            // Nor is anything said in clear to who does not speak TLS.
            let outcome = post(&trusting, &format!("https://{NAME}:8449/")).await;
            assert_eq!(outcome.err(), Some(Failure::Tls));
            assert!(plain.requests().is_empty());
        });
    });
}

#[test]
fn an_address_needs_a_certificate_for_itself() {
    within(|| {
        let authority = Authority::new();
        let right = authority.certificate(&format!("IP:{PUBLIC}"));
        let wrong = authority.certificate(GOOD);
        let right = Listener::answering(("::", 443), Some(right));
        let wrong = Listener::answering(("::", 8_440), Some(wrong));
        run(async {
            let trusting = trusting(&authority);
            let answered = post(&trusting, &format!("https://{PUBLIC}/")).await;
            assert_eq!(answered.unwrap().status, 200);
            let outcome = post(&trusting, &format!("https://{PUBLIC}:8440/")).await;
            assert_eq!(outcome.err(), Some(Failure::Tls));
        });
        assert_eq!(right.connections(), [PUBLIC.parse::<IpAddr>().unwrap()]);
        assert!(wrong.requests().is_empty());
    });
}

/// A server of OpenSSL, which still speaks what nobody should.
struct Old(Child);

impl Old {
    fn start(version: &str, port: u16, [certificate, key]: [std::path::PathBuf; 2]) -> Self {
        let child = Command::new("openssl")
            .args(["s_server", "-rev", "-quiet", version])
            .args(["-cipher", "DEFAULT@SECLEVEL=0"])
            .arg("-accept")
            .arg(port.to_string())
            .arg("-cert")
            .arg(certificate)
            .arg("-key")
            .arg(key)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        let old = Self(child.unwrap());
        // It must be the version that is refused.
        let talks = || {
            Command::new("openssl")
                .args(["s_client", version, "-cipher", "DEFAULT@SECLEVEL=0"])
                .args(["-connect", &format!("{PUBLIC}:{port}")])
                .stdin(Stdio::null())
                .output()
                .is_ok_and(|done| done.status.success())
        };
        for _ in 0..50 {
            if talks() {
                return old;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("OpenSSL does not speak {version}");
    }
}

impl Drop for Old {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().unwrap();
    }
}

#[test]
fn versions_of_tls_before_1_2_are_refused() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set(NAME, &[PUBLIC]);
        let versions = ["-tls1", "-tls1_1", "-tls1_2", "-tls1_3"];
        for (port, version) in (8_440..).zip(versions) {
            let _old = Old::start(version, port, authority.files(GOOD));
            let outcome = run(async {
                post(&trusting(&authority), &format!("https://{NAME}:{port}/")).await
            });
            match port {
                8_440 | 8_441 => assert_eq!(outcome.err(), Some(Failure::Tls), "{version}"),
                // It is talked to, and answers with what it is told, backwards.
                _ => assert_eq!(outcome.err(), Some(Failure::Broken), "{version}"),
            }
        }
    });
}
