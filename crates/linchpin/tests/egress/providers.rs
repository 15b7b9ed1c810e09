//! What a provider's client does beyond what webhooks do: it goes to the provider's own hosts only, and streams.

use std::time::Duration;

use http::Request;
use http_body_util::{BodyExt as _, StreamBody, combinators::UnsyncBoxBody};
use linchpin::egress::{Egress, Rules};
use linchpin_provider::{Client, Reach, SendError, whole};

use crate::{
    authority::Authority,
    listener::Listener,
    names::Names,
    network::{egress, get, run, within},
};

const PUBLIC: &str = "93.184.216.34";

fn reaching(egress: &Egress, hosts: &[&str], networks: &[&str]) -> Client {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let reach = Reach {
        hosts: owned(hosts),
        private_networks: owned(networks),
        direct: Vec::new(),
    };
    egress.client(&reach, None, "conn_1")
}

#[test]
fn a_provider_reaches_the_hosts_that_it_names_and_only_private_networks_without_tls() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        for name in ["a.example.com", "b.example.com"] {
            names.set(name, &[PUBLIC]);
        }
        names.set("inside.example.com", &["10.1.2.3"]);
        let certificate =
            authority.certificate("DNS:a.example.com,DNS:b.example.com,DNS:inside.example.com");
        let tls = Listener::answering(("::", 443), Some(certificate.clone()));
        let other_port = Listener::answering(("::", 8443), Some(certificate));
        let plain = Listener::answering(("::", 80), None);
        run(async {
            let egress = egress(Some(&authority.file()));
            let hosts = ["a.example.com", "b.example.com:8443", "inside.example.com"];
            let client = reaching(&egress, &hosts, &[]);
            for good in [
                "https://A.example.com/",
                "https://a.example.com:443/",
                "https://b.example.com:8443/",
            ] {
                assert_eq!(get(&client, good).await, Ok(200), "{good}");
            }
            let before = (tls.connections().len(), other_port.connections().len());
            for bad in [
                "https://b.example.com/",
                "https://a.example.com:8443/",
                "https://a.example.com.evil.example/",
                "https://a.example.com./",
                "https://user@a.example.com/",
                "http://a.example.com/",
                "https://93.184.216.34/",
                "https://inside.example.com/",
                "http://inside.example.com/",
            ] {
                assert_eq!(
                    get(&client, bad).await,
                    Err(SendError::Unreachable),
                    "{bad}"
                );
            }
            assert_eq!(
                (tls.connections().len(), other_port.connections().len()),
                before
            );
            assert!(plain.connections().is_empty());
            let client = reaching(&egress, &hosts, &["10.1.2.0/24"]);
            assert_eq!(get(&client, "http://inside.example.com/").await, Ok(200));
            assert_eq!(get(&client, "https://inside.example.com/").await, Ok(200));
            assert_eq!(
                get(&client, "http://a.example.com/").await,
                Err(SendError::Unreachable)
            );
            // What one provider may, another may not.
            let client = reaching(&egress, &hosts, &["10.1.3.0/24"]);
            assert_eq!(
                get(&client, "http://inside.example.com/").await,
                Err(SendError::Unreachable)
            );
        });
    });
}

#[test]
fn bodies_stream_both_ways_and_one_that_is_dropped_ends_the_connection() {
    within(|| {
        let platform = Listener::with(("127.0.0.1", 8000), None, |wire, notes| {
            // Chunk by chunk, as it is sent.
            let mut seen = Vec::new();
            while !seen.ends_with(b"0\r\n\r\n") {
                let mut byte = [0];
                if !matches!(wire.read(&mut byte), Ok(1)) {
                    return notes.end("cut off");
                }
                seen.push(byte[0]);
                if seen.ends_with(b"first\r\n") {
                    notes.end("first");
                }
            }
            let piece = vec![b'x'; 65_536];
            wire.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n")
                .unwrap();
            while wire.write_all(&piece).is_ok() {}
            notes.end(String::from_utf8_lossy(&seen).into_owned());
        });
        run(async {
            let egress = Egress::new(Rules::strict()).unwrap();
            let client = reaching(&egress, &["127.0.0.1:8000"], &["127.0.0.0/8"]);
            let (more, pieces) = tokio::sync::mpsc::channel::<&'static [u8]>(1);
            let frames = futures_util::stream::unfold(pieces, |mut pieces| async {
                let piece = pieces.recv().await?;
                Some((
                    Ok(http_body::Frame::data(bytes::Bytes::from_static(piece))),
                    pieces,
                ))
            });
            let request = Request::post("http://127.0.0.1:8000/upload")
                // What a caller says of framing does not count.
                .header("content-length", "3")
                .header("transfer-encoding", "gzip")
                .header("host", "elsewhere.example.com")
                .body(UnsyncBoxBody::new(StreamBody::new(frames)))
                .unwrap();
            let sending = tokio::spawn(async move { client.send(request).await });
            more.send(b"first").await.unwrap();
            let platform = std::sync::Arc::new(platform);
            let ends = |count| {
                let platform = std::sync::Arc::clone(&platform);
                tokio::task::spawn_blocking(move || platform.ends(count, Duration::from_secs(5)))
            };
            assert_eq!(ends(1).await.unwrap(), ["first"]);
            more.send(b"last").await.unwrap();
            drop(more);
            let mut answer = sending.await.unwrap().unwrap();
            let piece = answer.body_mut().frame().await.unwrap().unwrap();
            assert_eq!(piece.into_data().unwrap()[0], b'x');
            drop(answer);
            let seen = ends(2).await.unwrap().remove(1);
            let head = seen.to_lowercase();
            assert!(head.contains("\r\nhost: 127.0.0.1:8000\r\n"), "{head}");
            assert!(
                head.contains("\r\ntransfer-encoding: chunked\r\n"),
                "{head}"
            );
            assert!(
                !head.contains("content-length") && !head.contains("gzip"),
                "{head}"
            );
            assert!(
                head.ends_with("\r\n\r\n5\r\nfirst\r\n4\r\nlast\r\n0\r\n\r\n"),
                "{head}"
            );
        });
    });
}

#[test]
fn a_request_whose_length_is_known_says_so_whatever_its_caller_says() {
    within(|| {
        let platform = Listener::answering(("127.0.0.1", 8000), None);
        run(async {
            let egress = Egress::new(Rules::strict()).unwrap();
            let client = reaching(&egress, &["127.0.0.1:8000"], &["127.0.0.0/8"]);
            for (method, body, told) in [
                ("GET", "", None),
                ("POST", "", Some("0")),
                ("POST", "four", Some("4")),
                ("DELETE", "four", Some("4")),
            ] {
                let request = Request::builder()
                    .method(method)
                    .uri("http://127.0.0.1:8000/")
                    .header("content-length", "30")
                    .body(whole(body));
                let answer = client.send(request.unwrap()).await.unwrap();
                answer.into_body().collect().await.unwrap();
                let head = platform.requests().pop().unwrap();
                let mut lines = head.lines();
                let length = lines.find_map(|line| line.strip_prefix("content-length: "));
                assert_eq!(length, told, "{method} {body}");
            }
        });
        // One connection took all of them: none was longer than it was.
        assert_eq!(platform.connections().len(), 1);
    });
}
