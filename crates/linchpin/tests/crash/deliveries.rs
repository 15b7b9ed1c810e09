//! Deliveries of a server that is killed, to a receiver that fails.

use std::{thread, time::Duration};

use crate::{
    changes::{Acknowledged, Changes, TIMEOUT, all_arrive, register, unreliable},
    process::Start,
    receiver::Receiver,
    run::{Dice, note, times, turn},
};

/// Times between attempts: short, and so many that nothing is given up.
const RETRIES: &str = "100ms,100ms,100ms,200ms,200ms,200ms,300ms,300ms,300ms,500ms,500ms,500ms,1s,1s,1s,1s,1s,1s,1s,1s";

#[test]
fn the_events_that_arrive_are_the_changes_that_were_made_however_often_the_server_is_killed() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("deliveries under kills");
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let start = || {
        let start = Start::on(&directory).with("LINCHPIN_WEBHOOKS_RETRIES", RETRIES);
        start.with("LINCHPIN_WEBHOOKS_TIMEOUT", TIMEOUT)
    };
    let receiver = unreliable(&mut dice);
    let mut server = start().go();
    register(&directory, &receiver);
    let mut book = Acknowledged::new();
    for _ in 0..times(6, 50) {
        let changes = Changes::on(&server, 8);
        thread::sleep(Duration::from_millis(
            50 + dice.below(times(350, 1_500) as u64),
        ));
        server.kill();
        changes.stop(&mut book);
        server = start().go();
    }
    let (events, again) = all_arrive(&server, &receiver, &book);
    let changes: u64 = book.values().sum();
    note(&format!(
        "{changes} changes were acknowledged, {events} events arrived, {again} of them came again\n"
    ));
    assert!(changes > 0);
    server.stop();
}

#[test]
fn without_faults_nothing_arrives_twice_also_across_an_end_in_order() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let receiver = Receiver::start();
    let mut book = Acknowledged::new();
    let mut server = Start::on(&directory).go();
    register(&directory, &receiver);
    for _ in 0..times(2, 10) {
        let changes = Changes::on(&server, 8);
        thread::sleep(Duration::from_millis(times(400, 2_000) as u64));
        server.terminate();
        changes.stop(&mut book);
        assert!(server.wait().success());
        server = Start::on(&directory).go();
    }
    let (events, again) = all_arrive(&server, &receiver, &book);
    note(&format!("{events} events arrived\n"));
    assert_eq!(again, 0);
    server.stop();
}
