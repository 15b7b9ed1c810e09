//! Nodes that are restarted one after the other, as a roll-out does.

use std::{thread, time::Duration};

use crate::{
    client::NoAnswer,
    cluster::Cluster,
    ledger::{AfterEnd, Ledger, Load},
    node::Nodes,
    run::{Dice, times, turn},
};

#[test]
fn nodes_that_are_restarted_in_turn_under_load_lose_nothing_and_refuse_nothing() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("restarts in turn");
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let mut both = [nodes.start(0, cluster.url()), nodes.start(1, cluster.url())];
    let mut all = Ledger::default();
    for round in 0..times(4, 40) {
        let [going, staying] = both;
        let number = round % 2;
        let leaving = Load::on(&going, 8, &mut dice, AfterEnd::GoOn);
        let working = Load::on(&staying, 8, &mut dice, AfterEnd::GoOn);
        thread::sleep(Duration::from_millis(100 + dice.below(400)));
        going.stop();
        let left = leaving.until_it_ends();
        let clean = |end: &NoAnswer| matches!(end, NoAnswer::Closed | NoAnswer::Refused);
        assert!(left.ends.iter().all(clean), "{:?}", left.ends);
        let again = nodes.start(number, cluster.url());
        let stayed = working.stop();
        assert!(stayed.ends.is_empty(), "{:?}", stayed.ends);
        for ledger in [left, stayed] {
            assert!(ledger.refusals.is_empty(), "{:?}", ledger.refusals);
            assert!(!ledger.promises.is_empty(), "no load");
            all.take(ledger);
        }
        both = [staying, again];
    }
    all.is_kept_by(&both[0]);
    cluster.is_consistent();
    for node in both {
        node.stop();
    }
    assert_eq!(
        cluster.backends(),
        Vec::<String>::new(),
        "connections that nobody uses"
    );
}
