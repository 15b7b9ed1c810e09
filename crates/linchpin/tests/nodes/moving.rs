//! From a SQLite file to PostgreSQL.

use std::{
    path::Path,
    process::{Command, Output},
    thread,
    time::Duration,
};

use crate::{
    cluster::Cluster,
    ledger::{AfterEnd, Ledger, Load},
    person::{Ending, Person},
    process::Start,
    run::{Dice, note, times, turn},
};

#[test]
fn a_store_moves_to_postgresql_and_its_open_sessions_go_on_there() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("moving");
    let cluster = Cluster::start();
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let server = Start::on(&directory).go();
    let wanted = times(500, 100_000);
    let mut ledger = Ledger::default();
    while ledger.promises.len() < wanted {
        let load = Load::on(&server, 16, &mut dice, AfterEnd::GoOn);
        thread::sleep(Duration::from_millis(500));
        ledger.take(load.stop());
    }
    let mut people: Vec<Person> = ledger
        .promises
        .split_off(ledger.promises.len() - 4)
        .iter()
        .enumerate()
        .map(|(at, promise)| {
            Person::with_link(
                server.address,
                &promise.path(),
                &format!("p{at}@creator-otp.sandbox.com"),
            )
        })
        .collect();
    for (steps, person) in people.iter_mut().enumerate() {
        person.begins().unwrap();
        for _ in 0..steps {
            assert_eq!(person.takes_a_step().unwrap(), None);
        }
    }
    server.stop();

    let copied = copy(&directory, cluster.url());
    assert!(
        copied.status.success(),
        "{}",
        String::from_utf8_lossy(&copied.stderr)
    );
    let told = String::from_utf8(copied.stdout).unwrap();
    assert!(told.contains("link_session: the same"), "{told}");
    let sessions = usize::try_from(cluster.number("SELECT count(*) FROM link_session")).unwrap();
    assert!(sessions >= wanted);
    note(&format!("{sessions} sessions were copied\n"));

    let again = copy(&directory, cluster.url());
    assert_eq!(again.status.code(), Some(1));
    let refused = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(refused.contains("holds rows already"), "{refused}");

    let server = Start::on(&directory).on_database(cluster.url()).go();
    for mut person in people {
        person.moves_to(server.address);
        let ending = person.goes_to_the_end().unwrap();
        assert!(
            matches!(&ending, Ending::Returned(url) if url.contains("status=success")),
            "{ending:?}"
        );
    }
    ledger.is_kept_by(&server);
    cluster.is_consistent();
}

fn copy(from: &Path, to: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
    command
        .args(["store", "copy", "--to", to, "--from"])
        .arg(from);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LINCHPIN_")) {
        command.env_remove(name);
    }
    command.output().unwrap()
}
