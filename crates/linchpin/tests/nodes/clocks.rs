//! Nodes whose clocks are apart go by the database's.

use std::path::Path;

use crate::{
    cluster::Cluster,
    ledger::{Promise, init, status_on},
    node::Nodes,
    process::{Linchpin, Start},
    run::{skip, turn},
};

/// Where Debian puts libfaketime.
const LIBRARIES: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];

/// To how many milliseconds a node knows the database's clock, with much to spare; what it is off by here is minutes.
const KNOWN_TO: i64 = 1_000;

/// Debian's libfaketime, or a skipped test.
fn library(test: &str) -> Option<&'static str> {
    let library = LIBRARIES.into_iter().find(|path| Path::new(path).exists());
    if library.is_none() {
        skip(test, "libfaketime is not installed");
    }
    library
}

fn off_by(start: Start, library: &str, offset: &str) -> Start {
    start
        .with("LD_PRELOAD", library)
        .with("FAKETIME", offset)
        .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
}

#[test]
fn a_node_whose_clock_is_five_minutes_off_gives_sessions_the_same_time() {
    let _turn = turn();
    let Some(library) = library("a node whose clock is five minutes off") else {
        return;
    };
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let right = nodes.start(0, cluster.url());
    for offset in ["+5m", "-5m"] {
        let wrong = off_by(nodes.node(1, cluster.url()), library, offset).go();
        let expires = |node: &Linchpin| {
            let answer = init(&mut node.client(), &node.key, None).unwrap();
            let at: jiff::Timestamp = Promise::of(&answer, None).expires_at.parse().unwrap();
            at.as_millisecond()
        };
        let (before, between, after) = (expires(&right), expires(&wrong), expires(&right));
        // A clock is known to half of the time that its answer took.
        assert!(
            (before - KNOWN_TO..=after + KNOWN_TO).contains(&between),
            "{offset}: {before} {between} {after}"
        );
        wrong.stop();
    }
}

#[test]
fn a_node_whose_clock_is_more_than_ten_minutes_off_is_not_ready_and_goes_by_the_right_time() {
    let _turn = turn();
    let Some(library) = library("a node whose clock is more than ten minutes off") else {
        return;
    };
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let right = nodes.start(0, cluster.url());
    for (offset, status) in [("+9m", 200), ("-11m", 503), ("+11m", 503), ("+1h", 503)] {
        let start = nodes.node(1, cluster.url()).with_private_listener();
        let wrong = off_by(start, library, offset).go();
        let ready = wrong.private_client().get("/readyz", &[]).unwrap();
        assert_eq!(ready.status, status, "{offset}: {}", ready.text());
        if status == 503 {
            assert!(ready.text().contains("ten minutes"), "{}", ready.text());
        }
        // Nothing ends or begins by its clock, whatever a balancer does.
        let answer = init(&mut wrong.client(), &wrong.key, None).unwrap();
        let promise = Promise::of(&answer, None);
        assert_eq!(
            status_on(&right, &promise.secret),
            "initialized",
            "{offset}"
        );
        assert_eq!(
            status_on(&wrong, &promise.secret),
            "initialized",
            "{offset}"
        );
        wrong.stop();
    }
}
