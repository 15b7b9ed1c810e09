//! The network between a node and the database goes silent: nothing is refused, nothing arrives.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::{
    cluster::Cluster,
    ledger::{init, status},
    node::Nodes,
    proxy::Proxy,
    run::{Dice, note, turn},
};

/// Longest that a request may take: a few seconds for each of the things that it waits for.
const ANSWER: Duration = Duration::from_secs(20);
/// Longest until it works again.
const HEALED: Duration = Duration::from_secs(10);

#[test]
fn a_silent_network_gives_503_in_bounded_time_and_heals_by_itself() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("partition");
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let proxy = Proxy::to(cluster.url());
    let node = nodes.start(0, &proxy.url(cluster.url()));
    let promise = init(&mut node.client(), &node.key, None).unwrap();
    let promise = crate::ledger::Promise::of(&promise, None);
    for _ in 0..2 {
        proxy.falls_silent();
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for number in 0..24 {
                let (node, promise) = (&node, &promise);
                let wait = Duration::from_millis(dice.below(6_000));
                scope.spawn(move || {
                    std::thread::sleep(wait);
                    let begun = Instant::now();
                    let answer = match number % 2 {
                        0 => init(&mut node.client(), &node.key, None).unwrap(),
                        _ => status(&mut node.client(), &node.key, &promise.secret).unwrap(),
                    };
                    assert!(begun.elapsed() < ANSWER, "{:?}", begun.elapsed());
                    assert_eq!(answer.status, 503, "{}", answer.text());
                    assert!(answer.header("retry-after").is_some());
                });
            }
        });
        note(&format!(
            "24 requests were answered within {:?}\n",
            begun.elapsed()
        ));
        assert!(threads(node.pid()) < 40, "{} threads", threads(node.pid()));
        proxy.speaks_again();
        let healed = Instant::now();
        while init(&mut node.client(), &node.key, None).unwrap().status != 200 {
            assert!(healed.elapsed() < HEALED, "not healed");
            std::thread::sleep(Duration::from_millis(100));
        }
        note(&format!("healed after {:?}\n", healed.elapsed()));
    }
    let told = status(&mut node.client(), &node.key, &promise.secret).unwrap();
    assert_eq!(told.status, 200);
    assert!(cluster.backends().len() <= 16, "{:?}", cluster.backends());
    cluster.is_consistent();
    node.stop();
}

fn threads(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/task")).unwrap().count()
}
