//! Nodes whose clocks are apart go by the database's.

use std::path::Path;

use crate::{
    cluster::Cluster,
    ledger::{Promise, init},
    node::Nodes,
    run::{skip, turn},
};

/// Where Debian puts libfaketime.
const LIBRARIES: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];

#[test]
fn a_node_whose_clock_is_five_minutes_off_gives_sessions_the_same_time() {
    let _turn = turn();
    let Some(library) = LIBRARIES.into_iter().find(|path| Path::new(path).exists()) else {
        return skip(
            "clocks::a_node_whose_clock_is_five_minutes_off",
            "libfaketime is not installed",
        );
    };
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let right = nodes.start(0, cluster.url());
    for offset in ["+5m", "-5m"] {
        let wrong = nodes
            .node(1, cluster.url())
            .with("LD_PRELOAD", library)
            .with("FAKETIME", offset)
            .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .go();
        let expires = |node: &crate::process::Linchpin| {
            let answer = init(&mut node.client(), &node.key, None).unwrap();
            Promise::of(&answer, None).expires_at
        };
        let (before, between, after) = (expires(&right), expires(&wrong), expires(&right));
        // RFC 3339 in UTC is ordered as text.
        assert!(
            before <= between && between <= after,
            "{offset}: {before} {between} {after}"
        );
        wrong.stop();
    }
}
