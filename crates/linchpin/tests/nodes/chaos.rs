//! Everything that can be killed is killed, in random order, under load.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::{
    cluster::Cluster,
    ledger::{AfterEnd, Ledger, Load, init},
    node::Nodes,
    process::Linchpin,
    proxy::Proxy,
    run::{Dice, note, times, turn},
};

/// Longest until a node answers 200 again.
const RECOVERY: Duration = Duration::from_secs(10);
/// Connections of one node: writers, readers, the one that listens, and one that the upkeep has for a moment.
const CONNECTIONS: usize = 3 + 4 + 1 + 1;

/// What happens in one round.
#[derive(Clone, Copy)]
enum Fault {
    NodeKilled,
    BackendKilled,
    DatabaseCrashed,
    ConnectionsTerminated,
    CommitsCut,
}

const FAULTS: [Fault; 5] = [
    Fault::NodeKilled,
    Fault::BackendKilled,
    Fault::DatabaseCrashed,
    Fault::ConnectionsTerminated,
    Fault::CommitsCut,
];

#[test]
fn whatever_dies_nothing_acknowledged_is_missing_or_doubled() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("chaos");
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let proxy = Proxy::to(cluster.url());
    let through = proxy.url(cluster.url());
    let mut one = nodes.start(0, &through);
    let other = nodes.start(1, cluster.url());
    let mut all = Ledger::default();
    let mut longest = Duration::ZERO;
    let mut left = Vec::new();
    for _ in 0..times(10, 100) {
        let loads = [&one, &other].map(|node| Load::on(node, 8, &mut dice, AfterEnd::GoOn));
        thread::sleep(Duration::from_millis(100 + dice.below(400)));
        if left.is_empty() {
            // In random order, and each kind as often as any other.
            left = FAULTS.to_vec();
        }
        let next = usize::try_from(dice.below(left.len() as u64)).unwrap();
        match left.swap_remove(next) {
            Fault::NodeKilled => {
                one.kill();
                one = nodes.start(0, &through);
            }
            Fault::BackendKilled => killed(&cluster, &mut dice),
            Fault::DatabaseCrashed => cluster.crash(),
            Fault::ConnectionsTerminated => terminated(&cluster),
            Fault::CommitsCut => proxy.cuts_answers(3),
        }
        longest = longest.max(recovered(&one)).max(recovered(&other));
        thread::sleep(Duration::from_millis(200));
        for load in loads {
            all.take(load.stop());
        }
    }
    // A look-up that waits for its turn would be counted as a connection too many.
    thread::sleep(Duration::from_secs(2));
    assert!(
        cluster.backends().len() <= 2 * CONNECTIONS,
        "{:?}",
        cluster.backends()
    );
    for refusal in &all.refusals {
        assert_eq!(refusal.status, 503, "{}", refusal.text());
    }
    all.is_kept_by(&other);
    let promised = all.promises.len();
    cluster.is_consistent();
    note(&format!(
        "{promised} sessions were promised, the longest recovery took {longest:?}\n"
    ));
    assert!(promised > 0 && proxy.cut() > 0);
}

/// Kills a process of the database that serves a node; the whole cluster starts anew by that.
fn killed(cluster: &Cluster, dice: &mut Dice) {
    let backends = cluster.backends();
    let chosen = usize::try_from(dice.below(backends.len() as u64)).unwrap();
    let killed = Command::new("kill")
        .args(["-KILL", &backends[chosen]])
        .status();
    assert!(killed.unwrap().success());
}

/// Ends every connection of the nodes from the database's side.
fn terminated(cluster: &Cluster) {
    let ended = cluster.try_ask(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'linchpin'",
    );
    assert!(ended.status.success());
}

/// Waits until a node answers 200.
fn recovered(node: &Linchpin) -> Duration {
    let begun = Instant::now();
    loop {
        let answer = init(&mut node.client(), &node.key, None);
        if answer.is_ok_and(|answer| answer.status == 200) {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < RECOVERY, "not recovered");
        thread::sleep(Duration::from_millis(50));
    }
}
