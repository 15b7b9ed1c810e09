//! Receivers that never come to an end.

use std::{
    io::Write as _,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use linchpin::egress::{Answered, Failure, Limits};

use crate::{
    authority::Authority,
    listener::{Listener, Notes, Wire},
    names::Names,
    network::{LIMITS, egress, post_within, run, within},
};

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n";
/// Much more than a machine keeps of a connection that nobody reads.
const MUCH: usize = 64 << 20;
/// Short enough to wait for.
const SHORT: Limits = Limits {
    connect: Duration::from_secs(1),
    total: Duration::from_secs(3),
    answer: LIMITS.answer,
};

/// What comes of a receiver who does so, how long it took, and how its connection ended.
fn from(
    limits: Limits,
    script: impl Fn(&mut dyn Wire, &Notes) + Send + Sync + 'static,
) -> (Result<Answered, Failure>, Duration, String) {
    let (names, authority) = (Names::serve(), Authority::new());
    names.set("hooks.example.com", &["93.184.216.34"]);
    let certificate = authority.certificate("DNS:hooks.example.com");
    let listener = Listener::with(("::", 443), Some(certificate), script);
    run(async {
        let egress = egress(Some(&authority.file()));
        let begun = Instant::now();
        let outcome = post_within(&egress, "https://hooks.example.com/", limits).await;
        let took = begun.elapsed();
        let end = tokio::task::spawn_blocking(move || listener.ends(1, Duration::from_secs(5)));
        (outcome, took, end.await.unwrap().remove(0))
    })
}

/// Writes pieces until the other side is gone; how much it was.
fn endlessly(wire: &mut dyn Wire, piece: &[u8], pause: Duration) -> usize {
    let mut written = 0;
    while written < MUCH && wire.write_all(piece).and_then(|()| wire.flush()).is_ok() {
        written += piece.len();
        thread::sleep(pause);
    }
    written
}

fn assert_timeout(result: (Result<Answered, Failure>, Duration, String), after: Duration) {
    let (outcome, took, end) = result;
    assert_eq!(outcome.err(), Some(Failure::Timeout));
    assert!(
        took >= after && took < after + Duration::from_secs(1),
        "{took:?}"
    );
    assert_eq!(end, "dropped");
}

#[test]
fn the_limit_of_ten_seconds_holds_for_a_body_of_one_byte_a_second_and_the_connection_is_dropped() {
    within(|| {
        let result = from(LIMITS, |wire, notes| {
            notes.request(wire);
            wire.write_all(HEAD).unwrap();
            wire.write_all(b"content-length: 1000\r\n\r\n").unwrap();
            endlessly(wire, b"x", Duration::from_secs(1));
            notes.end("dropped");
        });
        assert_timeout(result, LIMITS.total);
    });
}

#[test]
fn it_holds_for_a_head_of_one_byte_a_second() {
    within(|| {
        let result = from(SHORT, |wire, notes| {
            notes.request(wire);
            wire.write_all(HEAD).unwrap();
            endlessly(wire, b"a", Duration::from_secs(1));
            notes.end("dropped");
        });
        assert_timeout(result, SHORT.total);
    });
}

#[test]
fn it_holds_for_who_says_nothing_at_all() {
    within(|| {
        let result = from(SHORT, |wire, notes| {
            notes.request(wire);
            assert!(!matches!(wire.read(&mut [0]), Ok(1)));
            notes.end("dropped");
        });
        assert_timeout(result, SHORT.total);
    });
}

#[test]
fn it_holds_for_who_only_announces_an_answer() {
    within(|| {
        let result = from(SHORT, |wire, notes| {
            notes.request(wire);
            endlessly(wire, b"HTTP/1.1 103 Wait\r\n\r\n", Duration::from_millis(1));
            notes.end("dropped");
        });
        assert_timeout(result, SHORT.total);
    });
}

#[test]
fn connecting_has_a_limit_of_its_own_that_holds_for_tls() {
    within(|| {
        let names = Names::serve();
        names.set("hooks.example.com", &["93.184.216.34"]);
        let listener = Listener::with(("::", 443), None, |wire, notes| {
            while matches!(wire.read(&mut [0; 1024]), Ok(1..)) {}
            notes.end("dropped");
        });
        let begun = Instant::now();
        run(async {
            let outcome = post_within(&egress(None), "https://hooks.example.com/", SHORT).await;
            assert_eq!(outcome.err(), Some(Failure::Timeout));
            let took = begun.elapsed();
            assert!(took >= SHORT.connect && took < SHORT.total, "{took:?}");
            let end = tokio::task::spawn_blocking(move || listener.ends(1, SHORT.total));
            assert_eq!(end.await.unwrap(), ["dropped"]);
        });
    });
}

#[test]
fn of_an_endless_body_20_kilobytes_are_read_and_the_connection_is_dropped() {
    within(|| {
        let (outcome, took, end) = from(LIMITS, |wire, notes| {
            notes.request(wire);
            wire.write_all(HEAD).unwrap();
            wire.write_all(b"content-length: 10000000000\r\n\r\n")
                .unwrap();
            let written = endlessly(wire, &[b'x'; 1024], Duration::ZERO);
            notes.end(written.to_string());
        });
        let answered = outcome.unwrap();
        assert_eq!((answered.status, answered.body.len()), (200, 20_480));
        assert!(took < Duration::from_secs(5), "{took:?}");
        // What is beyond lay in the buffers of the two sockets.
        assert!(end.parse::<usize>().unwrap() < MUCH / 2, "{end}");
    });
}

/// A head that goes on with this.
fn endless_head(line: &'static [u8]) {
    let (outcome, took, end) = from(LIMITS, move |wire, notes| {
        notes.request(wire);
        wire.write_all(HEAD).unwrap();
        let written = endlessly(wire, line, Duration::ZERO);
        notes.end(written.to_string());
    });
    assert_eq!(outcome.err(), Some(Failure::Broken));
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(end.parse::<usize>().unwrap() < MUCH / 2, "{end}");
}

#[test]
fn endless_headers_are_no_answer_and_the_connection_is_dropped() {
    within(|| endless_head(b"a: b\r\n"));
}

#[test]
fn an_endless_header_is_no_answer_and_the_connection_is_dropped() {
    within(|| endless_head(&[b'x'; 1024]));
}

#[test]
fn what_is_compressed_stays_so() {
    within(|| {
        let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
        bomb.write_all(&vec![0; 16 << 20]).unwrap();
        let bomb: Arc<[u8]> = bomb.finish().unwrap().into();
        assert!(bomb.len() < 20_480, "{}", bomb.len());
        let sent = Arc::clone(&bomb);
        let (outcome, ..) = from(LIMITS, move |wire, notes| {
            let head = notes.request(wire).unwrap();
            assert!(!head.to_lowercase().contains("accept-encoding"), "{head}");
            let length = sent.len();
            wire.write_all(HEAD).unwrap();
            let head = format!("content-encoding: gzip\r\ncontent-length: {length}\r\n\r\n");
            wire.write_all(head.as_bytes()).unwrap();
            wire.write_all(&sent).unwrap();
            notes.end("sent");
        });
        assert_eq!(outcome.unwrap().body[..], bomb[..]);
    });
}

#[test]
fn what_is_no_http_is_no_answer() {
    within(|| {
        let (outcome, ..) = from(LIMITS, |wire, notes| {
            notes.request(wire);
            wire.write_all(b"220 mail.example.com ESMTP\r\n").unwrap();
            notes.end("said");
        });
        assert_eq!(outcome.err(), Some(Failure::Broken));
    });
}
