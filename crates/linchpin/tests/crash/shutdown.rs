//! SIGTERM under load: what was answered is there, what was asked is answered, and the process ends well.

use std::{thread, time::Duration};

use crate::{
    client::NoAnswer,
    database,
    kills::promised_on,
    ledger::{AfterEnd, Ledger, Load, status_on},
    person::Person,
    process::Start,
    run::{Dice, times, turn},
};

#[test]
fn a_server_that_is_restarted_under_load_loses_nothing_and_cuts_nothing() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("restarts under load");
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let mut all = Ledger::default();
    for _ in 0..times(5, 200) {
        let server = Start::on(&directory).go();
        let load = Load::on(&server, 16, &mut dice, AfterEnd::GoOn);
        thread::sleep(Duration::from_millis(50 + dice.below(400)));
        server.stop();
        let round = load.until_it_ends();
        assert!(!round.promises.is_empty(), "no load");
        assert!(round.refusals.is_empty(), "{:?}", round.refusals);
        let clean = |end: &NoAnswer| matches!(end, NoAnswer::Closed | NoAnswer::Refused);
        assert!(round.ends.iter().all(clean), "{:?}", round.ends);
        all.take(round);
        database::is_consistent(&directory);
    }
    let server = Start::on(&directory).go();
    all.is_kept_by(&server);
}

#[test]
fn a_check_under_way_is_finished_before_the_server_ends() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let server = Start::on(&directory).go();
    let promise = promised_on(&server);
    let mut person = Person::with_link(server.address, &promise.path(), "end@slow.sandbox.com");
    person.begins().unwrap();
    while status_on(&server, &promise.secret) != "pending" {
        assert_eq!(person.takes_a_step().unwrap(), None);
    }
    server.stop();
    let server = Start::on(&directory).go();
    assert_eq!(status_on(&server, &promise.secret), "completed");
}

#[test]
fn a_second_signal_ends_at_once() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let server = Start::on(&directory).go();
    let promise = promised_on(&server);
    let mut person = Person::with_link(server.address, &promise.path(), "end@slow.sandbox.com");
    person.begins().unwrap();
    while status_on(&server, &promise.secret) != "pending" {
        assert_eq!(person.takes_a_step().unwrap(), None);
    }
    server.terminate();
    thread::sleep(Duration::from_millis(200));
    server.terminate();
    assert_eq!(server.wait().code(), Some(143));
    let server = Start::on(&directory).go();
    assert_eq!(status_on(&server, &promise.secret), "initialized");
}
