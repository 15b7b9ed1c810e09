//! Deliveries where two nodes share a database, and either may be killed.

use std::{thread, time::Duration};

use crate::{
    changes::{Acknowledged, Changes, TIMEOUT, all_arrive, register, unreliable},
    cluster::Cluster,
    node::Nodes,
    run::{Dice, note, times, turn},
};

const RETRIES: &str = "100ms,100ms,100ms,200ms,200ms,200ms,300ms,300ms,300ms,500ms,500ms,500ms,1s,1s,1s,1s,1s,1s,1s,1s";

#[test]
fn the_events_that_arrive_are_the_changes_that_were_made_whichever_node_is_killed() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("deliveries of two nodes");
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let start = |number| {
        let node = nodes.node(number, cluster.url());
        node.with("LINCHPIN_WEBHOOKS_RETRIES", RETRIES)
            .with("LINCHPIN_WEBHOOKS_TIMEOUT", TIMEOUT)
            .go()
    };
    let receiver = unreliable(&mut dice);
    let mut running = [start(0), start(1)];
    register(&nodes.directory(0), &receiver);
    // Until the other node knows of the endpoint.
    thread::sleep(Duration::from_secs(1));
    let mut book = Acknowledged::new();
    for _ in 0..times(4, 50) {
        let load = running.each_ref().map(|node| Changes::on(node, 4));
        thread::sleep(Duration::from_millis(
            100 + dice.below(times(400, 900) as u64),
        ));
        let killed = usize::from(dice.below(2) == 0);
        running[killed].kill_now();
        running[killed] = start(killed);
        for changes in load {
            changes.stop(&mut book);
        }
    }
    // Whoever delivers what has piled up is killed as well; until its lease is over nobody does.
    for killed in (0..times(0, 4)).map(|number| number % 2) {
        receiver.wait_for_more();
        running[killed].kill_now();
        running[killed] = start(killed);
    }
    let (events, again) = all_arrive(&running[0], &receiver, &book);
    let changes: u64 = book.values().sum();
    note(&format!(
        "{changes} changes were acknowledged, {events} events arrived, {again} of them came again\n"
    ));
    assert!(changes >= times(50, 10_000) as u64, "{changes}");
    cluster.is_consistent();
    for node in running {
        node.stop();
    }
}
