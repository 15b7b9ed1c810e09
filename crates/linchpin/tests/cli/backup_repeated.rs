//! A PostgreSQL restore that was cut off, and one that is repeated because a ledger had been forgotten.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    cluster::{Cluster, run},
    restored::{Before, done, refusal},
    support::{Room, Running, complaint, end_of, linchpin, run_on},
};

/// A database that was read from a dump, with the ledger of what has been revoked since.
struct Dumped {
    cluster: Cluster,
    room: Room,
    before: Before,
    unknown_key: String,
    ledger: PathBuf,
}

impl Dumped {
    fn make() -> Self {
        let cluster = Cluster::with(&["first", "second"]);
        let room = Room::new();
        let dev = Running::dev(&room, &["--database", &cluster.url("first")]);
        let (ready, data) = (dev.ready(), room.data());
        let before = Before::the_backup(&ready, &data);
        let dump = room.path().join("linchpin.dump");
        let dump = dump.to_str().unwrap();
        run("pg_dump", &["-Fc", "-f", dump, &cluster.url("first")]);
        let unknown_key = before.changes(&ready, &data);
        assert!(dev.stop().success());
        run(
            "pg_restore",
            &["--exit-on-error", "-d", &cluster.url("second"), dump],
        );
        let ledger = room.path().join("node1.ledger");
        fs::rename(data.join("revoked.ledger"), &ledger).unwrap();
        Self {
            cluster,
            room,
            before,
            unknown_key,
            ledger,
        }
    }

    /// A ledger that lacks the lines which say this.
    fn ledger_without(&self, fact: &str) -> PathBuf {
        let text = fs::read_to_string(&self.ledger).unwrap();
        let kept: String = text
            .split_inclusive('\n')
            .filter(|line| !line.contains(fact))
            .collect();
        assert_ne!(kept, text);
        let path = self.room.path().join("lacking.ledger");
        fs::write(&path, kept).unwrap();
        path
    }

    fn data(&self) -> PathBuf {
        self.room.data()
    }

    /// As if the first try had been made an hour after the changes.
    fn an_hour_passes(&self) {
        let sql = "UPDATE store_fact SET number = number + 3600000 WHERE name = 'clock'";
        self.cluster.sql("second", sql);
    }

    fn is_served_as_it_was_changed(&self) {
        let restored = Running::dev(&self.room, &["--database", &self.cluster.url("second")]);
        self.before
            .stays_as_it_was_changed(&restored.ready(), &self.unknown_key);
        assert!(restored.stop().success());
    }
}

fn restore<'a>(data: &'a Path, database: &'a str, ledger: &'a Path) -> Vec<&'a str> {
    let (data, ledger) = (data.to_str().unwrap(), ledger.to_str().unwrap());
    let flags = ["restore", "--json", "--data", data, "--database", database];
    [&flags[..], &["--ledger", ledger]].concat()
}

#[test]
fn a_restore_that_was_cut_off_is_not_served_and_a_repetition_brings_nothing_back() {
    let dumped = Dumped::make();
    let (data, url) = (dumped.data(), dumped.cluster.url("second"));
    dumped.cluster.sql(
        "second",
        "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'cut off here'; END $$; \
         CREATE TRIGGER fails BEFORE UPDATE ON client_app FOR EACH ROW EXECUTE FUNCTION fails()",
    );
    refusal(&restore(&data, &url, &dumped.ledger));
    let start = ["dev", "--listen", "127.0.0.1:0", "--database", &url];
    let started = run_on(&data, &start);
    assert_eq!(started.status.code(), Some(1));
    let why = complaint(&started);
    assert!(why.contains("run that command again"), "{why}");

    dumped.an_hour_passes();
    dumped
        .cluster
        .sql("second", "DROP TRIGGER fails ON client_app");
    // What a try that was cut off has written into its own ledger must not be what makes up for it.
    fs::remove_file(data.join("revoked.ledger")).unwrap();
    done(&restore(&data, &url, &dumped.ledger));
    dumped.is_served_as_it_was_changed();
}

#[test]
fn a_restore_can_be_repeated_with_a_ledger_that_had_been_forgotten() {
    let dumped = Dumped::make();
    let (data, url) = (dumped.data(), dumped.cluster.url("second"));
    let lacking = dumped.ledger_without("app_saved");
    let told = done(&restore(&data, &url, &lacking));
    assert_eq!(told["appsNarrowed"], json!([]));
    dumped.an_hour_passes();
    let told = done(&restore(&data, &url, &dumped.ledger));
    assert_eq!(told["appsNarrowed"].as_array().unwrap().len(), 1, "{told}");
    dumped.is_served_as_it_was_changed();
}

#[test]
fn what_a_command_revoked_without_a_server_is_in_the_ledger_that_it_names() {
    let dumped = Dumped::make();
    let (data, url) = (dumped.data(), dumped.cluster.url("second"));
    let on_the_first = |arguments: &[&str]| {
        let place = ["--json", "--data", data.to_str().unwrap()];
        let mut command = linchpin(&[arguments, &place].concat());
        let output = end_of(command.env("LINCHPIN_DATABASE", dumped.cluster.url("first")));
        assert!(output.status.success(), "{}", complaint(&output));
        output
    };
    let keys = on_the_first(&["key", "list"]);
    assert_eq!(complaint(&keys), "");
    let keys: Value = serde_json::from_slice(&keys.stdout).unwrap();
    let dev_key = keys[0]["id"].as_str().unwrap();
    let own = data.join("revoked.ledger");
    let told = complaint(&on_the_first(&["key", "revoke", dev_key]));
    assert!(told.contains(own.to_str().unwrap()), "{told}");

    let told = done(&restore(&data, &url, &dumped.ledger));
    assert_eq!(told["keysRevoked"], 2);
}

#[test]
fn a_refused_restore_leaves_a_database_as_it_was() {
    let dumped = Dumped::make();
    let (data, url) = (dumped.data(), dumped.cluster.url("second"));
    let headless = dumped.ledger_without("begun");
    assert!(refusal(&restore(&data, &url, &headless)).contains("when they begin"));
    let marks = dumped.cluster.sql(
        "second",
        "SELECT name FROM store_fact WHERE name LIKE 'restore%'",
    );
    assert_eq!(marks, "");
    done(&restore(&data, &url, &dumped.ledger));
    dumped.is_served_as_it_was_changed();
}
