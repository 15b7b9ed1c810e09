//! The database moves to another address.

use std::time::{Duration, Instant};

use crate::{
    cluster::Cluster,
    ledger::{AfterEnd, Load, init},
    node::Nodes,
    proxy::address_in,
    run::{Dice, note, turn},
};

/// Longest from the moment at which the standby takes writes.
const RECOVERY: Duration = Duration::from_secs(10);

#[test]
fn when_the_database_hangs_and_its_standby_takes_over_nothing_acknowledged_is_lost() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("failover");
    let (primary, nodes) = (Cluster::start(), Nodes::new());
    let standby = primary.standby();
    let (first, second) = (address_in(primary.url()), address_in(standby.url()));
    let both = primary.url().replace(first, &format!("{first},{second}"));
    let node = nodes.start(0, &both);
    let load = Load::on(&node, 8, &mut dice, AfterEnd::GoOn);
    std::thread::sleep(Duration::from_millis(500));
    // It still lets connections come about, and then says nothing.
    primary.hangs(true);
    std::thread::sleep(Duration::from_millis(500));
    standby.takes_over();
    let begun = Instant::now();
    let answers = || init(&mut node.client(), &node.key, None).unwrap().status == 200;
    while !answers() {
        assert!(begun.elapsed() < RECOVERY, "not recovered");
        std::thread::sleep(Duration::from_millis(50));
    }
    note(&format!(
        "answered {:?} after the standby took over\n",
        begun.elapsed()
    ));
    std::thread::sleep(Duration::from_millis(500));
    let promised = load.stop();
    primary.hangs(false);
    for refusal in &promised.refusals {
        assert!(refusal.is_clean_refusal(), "{}", refusal.text());
    }
    assert!(!promised.promises.is_empty());
    promised.is_kept_by(&node);
    standby.is_consistent();
    node.stop();
}
