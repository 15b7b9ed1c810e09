//! Connections that are kept, names that move, and that nothing is sent twice by itself.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use linchpin::egress::Failure;
use linchpin_provider::{Reach, SendError};

use crate::{
    authority::Authority,
    listener::Listener,
    names::Names,
    network::{egress, get, post, run, visit, within},
};

const URL: &str = "https://hooks.example.com/";
const NAME: &str = "hooks.example.com";
const FIRST: &str = "93.184.216.34";
const SECOND: &str = "93.184.216.35";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn ips(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Longer than an address is gone by without another question.
async fn until_it_is_asked_again() {
    tokio::time::sleep(Duration::from_millis(5_200)).await;
}

#[test]
fn a_kept_connection_is_used_again_by_whom_it_was_opened_for_and_by_nobody_else() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set(NAME, &[FIRST]);
        let certificate = authority.certificate("DNS:hooks.example.com");
        let listener = Listener::answering(("::", 443), Some(certificate));
        run(async {
            let egress = egress(Some(&authority.file()));
            let reach = Reach {
                hosts: vec![NAME.to_owned()],
                ..Reach::default()
            };
            for (whose, connections) in [("conn_1", 1), ("conn_1", 1), ("conn_2", 2), ("conn_1", 2)]
            {
                let client = egress.client(&reach, None, whose);
                assert_eq!(get(&client, URL).await, Ok(200));
                assert_eq!(listener.connections().len(), connections, "{whose}");
            }
        });
    });
}

#[test]
fn a_name_that_moves_to_this_machine_is_refused_and_its_kept_connection_not_used() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set_in_turn(NAME, &[&[FIRST], &["127.0.0.1"]]);
        let certificate = authority.certificate("DNS:hooks.example.com");
        let listener = Listener::answering(("::", 443), Some(certificate));
        run(async {
            let egress = egress(Some(&authority.file()));
            for _ in 0..3 {
                assert_eq!(post(&egress, URL).await.unwrap().status, 200);
            }
            // One question, and the connection went to its answer.
            assert_eq!(names.asked(NAME), 1);
            assert_eq!(listener.connections(), ips(&[FIRST]));
            until_it_is_asked_again().await;
            for _ in 0..3 {
                assert_eq!(post(&egress, URL).await.err(), Some(Failure::Unreachable));
                assert_eq!(visit(&egress, URL).await, Err(SendError::Unreachable));
            }
        });
        assert_eq!(names.asked(NAME), 2);
        assert_eq!(listener.connections(), ips(&[FIRST]));
        assert_eq!(listener.requests().len(), 3);
    });
}

#[test]
fn a_name_that_moves_to_another_public_address_is_followed_there() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set_in_turn(NAME, &[&[FIRST], &[SECOND]]);
        let certificate = authority.certificate("DNS:hooks.example.com");
        let listener = Listener::answering(("::", 443), Some(certificate));
        run(async {
            let egress = egress(Some(&authority.file()));
            assert_eq!(post(&egress, URL).await.unwrap().status, 200);
            until_it_is_asked_again().await;
            assert_eq!(post(&egress, URL).await.unwrap().status, 200);
            assert_eq!(listener.connections(), ips(&[FIRST, SECOND]));
            // The first one would be kept for as long as its receiver likes, if nobody looked.
            let ends =
                tokio::task::spawn_blocking(move || listener.ends(2, Duration::from_secs(35)));
            assert_eq!(ends.await.unwrap(), ["closed", "closed"]);
        });
    });
}

#[test]
fn a_request_that_may_have_been_received_is_not_sent_again_by_itself() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set(NAME, &[FIRST, SECOND]);
        let certificate = authority.certificate("DNS:hooks.example.com");
        // On each connection the first request is answered and the second is taken without a word.
        let listener = Listener::with(("::", 443), Some(certificate), |wire, notes| {
            if notes.request(wire).is_some() {
                wire.write_all(OK).unwrap();
            }
            notes.request(wire);
        });
        run(async {
            let egress = egress(Some(&authority.file()));
            for _ in 0..3 {
                assert_eq!(post(&egress, URL).await.unwrap().status, 200);
                assert_eq!(post(&egress, URL).await.err(), Some(Failure::Broken));
            }
        });
        assert_eq!(listener.requests().len(), 6);
        assert_eq!(listener.connections().len(), 3);
    });
}

#[test]
fn a_request_that_is_cut_off_on_a_new_connection_is_not_sent_to_the_next_address() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set(NAME, &[FIRST, SECOND]);
        let certificate = authority.certificate("DNS:hooks.example.com");
        let listener = Listener::with(("::", 443), Some(certificate), |wire, notes| {
            notes.request(wire);
        });
        run(async {
            let egress = egress(Some(&authority.file()));
            assert_eq!(post(&egress, URL).await.err(), Some(Failure::Broken));
        });
        assert_eq!(listener.requests().len(), 1);
        assert_eq!(listener.connections().len(), 1);
    });
}

#[test]
fn where_every_connection_is_closed_after_its_answer_each_request_arrives_once() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set(NAME, &[FIRST]);
        let certificate = authority.certificate("DNS:hooks.example.com");
        let turn = AtomicUsize::new(0);
        let listener = Listener::with(("::", 443), Some(certificate), move |wire, notes| {
            if notes.request(wire).is_some() {
                wire.write_all(OK).unwrap();
            }
            // Sooner or later, as it happens.
            let turn = turn.fetch_add(1, Ordering::SeqCst) as u64;
            std::thread::sleep(Duration::from_millis(turn % 4 * 10));
        });
        run(async {
            let egress = egress(Some(&authority.file()));
            let mut answered = 0;
            for before in 0..40 {
                // On a machine that is busy the end of the last connection takes its time.
                while listener.gone() < before {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
                answered += usize::from(post(&egress, URL).await.is_ok());
            }
            assert_eq!(answered, 40);
        });
        assert_eq!(listener.requests().len(), 40);
    });
}

#[test]
fn a_name_whose_servers_are_silent_is_asked_for_once_and_holds_up_no_other() {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set(NAME, &[FIRST]);
        names.silence("silent.example.com");
        let certificate = authority.certificate("DNS:hooks.example.com");
        let _listener = Listener::answering(("::", 443), Some(certificate));
        run(async {
            let egress = egress(Some(&authority.file()));
            // More than there are threads for questions.
            let waiting: Vec<_> = (0..600)
                .map(|_| {
                    let egress = egress.clone();
                    tokio::spawn(async move { post(&egress, "https://silent.example.com/").await })
                })
                .collect();
            while names.asked("silent.example.com") == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            assert_eq!(post(&egress, URL).await.unwrap().status, 200);
            assert!(waiting.iter().all(|post| !post.is_finished()));
            assert_eq!(names.asked("silent.example.com"), 1);
        });
    });
}
