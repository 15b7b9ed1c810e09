//! The network between a node and the database goes silent: nothing is refused, nothing arrives.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::{
    cluster::Cluster,
    ledger::{Promise, init, status},
    node::Nodes,
    process::Linchpin,
    proxy::Proxy,
    run::{Dice, note, times, turn},
    wire,
};

/// Longest that a request may take: a few seconds for each of the things that it waits for.
const ANSWER: Duration = Duration::from_secs(20);
/// Longest until it works again.
const HEALED: Duration = Duration::from_secs(10);
/// Threads that a node has at most.
const THREADS: usize = 40;

/// Whoever stands between accepts every byte and passes none on.
#[test]
fn a_network_that_swallows_what_it_accepts_gives_503_in_bounded_time_and_heals_by_itself() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("partition");
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let proxy = Proxy::to(cluster.url());
    let node = nodes.start(0, &proxy.url(cluster.url()));
    for _ in 0..times(1, 3) {
        let promise = promised(&node);
        proxy.falls_silent();
        gives_503_in_bounded_time(&node, &promise, &mut dice);
        proxy.speaks_again();
        heals(&node, &promise);
    }
    is_as_before(&cluster, node);
}

#[test]
fn a_network_that_drops_packets_gives_503_in_bounded_time_and_heals_by_itself() {
    let _turn = turn();
    wire::in_a_network_of_its_own("partition::packets_are_dropped");
}

#[test]
#[ignore = "run by a_network_that_drops_packets_gives_503_in_bounded_time_and_heals_by_itself"]
fn packets_are_dropped() {
    let mut dice = Dice::thrown_for("dropped packets");
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let node = nodes.start(0, cluster.url());
    let wire = wire::Wire::to(cluster.url());
    for _ in 0..times(1, 3) {
        let promise = promised(&node);
        wire.drops_all();
        gives_503_in_bounded_time(&node, &promise, &mut dice);
        wire.carries_all();
        heals(&node, &promise);
    }
    // A network that loses some packets takes time. What takes longer than an answer may is refused, and nothing else.
    wire.drops_some();
    let answers = (0..50).map(|_| init(&mut node.client(), &node.key, None).unwrap());
    let (taken, refused): (Vec<_>, Vec<_>) = answers.partition(|answer| answer.status == 200);
    wire.carries_all();
    for answer in &refused {
        assert!(answer.is_clean_refusal(), "{}", answer.text());
    }
    assert!(taken.len() > refused.len(), "{} refused", refused.len());
    let lossy: Vec<Promise> = taken.iter().map(|a| Promise::of(a, None)).collect();
    for promise in &lossy {
        heals(&node, promise);
    }
    is_as_before(&cluster, node);
}

fn promised(node: &Linchpin) -> Promise {
    Promise::of(&init(&mut node.client(), &node.key, None).unwrap(), None)
}

fn gives_503_in_bounded_time(node: &Linchpin, promise: &Promise, dice: &mut Dice) {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..24 {
            let wait = Duration::from_millis(dice.below(6_000));
            scope.spawn(move || {
                std::thread::sleep(wait);
                let begun = Instant::now();
                let answer = match number % 2 {
                    0 => init(&mut node.client(), &node.key, None).unwrap(),
                    _ => status(&mut node.client(), &node.key, &promise.secret).unwrap(),
                };
                assert!(begun.elapsed() < ANSWER, "{:?}", begun.elapsed());
                assert!(
                    answer.is_clean_refusal(),
                    "{} {}",
                    answer.status,
                    answer.text()
                );
            });
        }
    });
    note(&format!(
        "24 requests were answered within {:?}\n",
        begun.elapsed()
    ));
    assert!(
        threads(node.pid()) < THREADS,
        "{} threads",
        threads(node.pid())
    );
}

fn heals(node: &Linchpin, promise: &Promise) {
    let begun = Instant::now();
    while init(&mut node.client(), &node.key, None).unwrap().status != 200 {
        assert!(begun.elapsed() < HEALED, "not healed");
        std::thread::sleep(Duration::from_millis(100));
    }
    let told = status(&mut node.client(), &node.key, &promise.secret).unwrap();
    assert_eq!(told.status, 200, "{}", told.text());
}

fn is_as_before(cluster: &Cluster, node: Linchpin) {
    // Those that were cut off leave when the database notices, which takes it some seconds.
    let begun = Instant::now();
    while cluster.backends().len() > 9 {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{:?}",
            cluster.backends()
        );
        std::thread::sleep(Duration::from_millis(500));
    }
    cluster.is_consistent();
    node.stop();
}

fn threads(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/task")).unwrap().count()
}
