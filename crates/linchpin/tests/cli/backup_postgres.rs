//! A PostgreSQL database that was dumped, read back, and made fit to be served.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    restored::{Before, done, refusal},
    support::{Room, Running, complaint, end_of, linchpin},
};

/// A cluster of its own, removed at the end.
struct Cluster {
    directory: PathBuf,
    base: String,
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../checks/postgres")
}

impl Cluster {
    fn start() -> Self {
        // Below a directory that the cluster's own user can enter.
        let name = format!("linchpin-postgres-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        let started = end_of(Command::new(script()).arg("start").arg(&directory));
        assert!(started.status.success(), "{}", complaint(&started));
        let url = String::from_utf8(started.stdout).unwrap();
        let base = url.trim().strip_suffix("/postgres").unwrap().to_owned();
        Self { directory, base }
    }

    fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.base)
    }
}

/// Runs a program of PostgreSQL.
fn run(program: &str, arguments: &[&str]) {
    let found = Command::new("sh")
        .args([
            "-c",
            "ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1",
        ])
        .output();
    let found = String::from_utf8(found.unwrap().stdout).unwrap();
    let program = Path::new(found.trim()).join(program);
    let output = end_of(Command::new(program).args(arguments));
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        complaint(&output)
    );
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let removed = Command::new(script())
            .arg("remove")
            .arg(&self.directory)
            .status();
        removed.map(drop).unwrap_or_default();
    }
}

#[test]
fn a_database_that_was_read_from_a_dump_brings_nothing_back() {
    let cluster = Cluster::start();
    let (first, second) = (cluster.url("first"), cluster.url("second"));
    let server = cluster.url("postgres");
    for name in ["first", "second"] {
        let sql = format!("CREATE DATABASE {name}");
        run("psql", &["-qc", &sql, &server]);
    }
    let room = Room::new();
    let dev = Running::dev(&room, &["--database", &first]);
    let (ready, data) = (dev.ready(), room.data());
    let before = Before::the_backup(&ready, &data);
    let dump = room.path().join("linchpin.dump");
    let dump = dump.to_str().unwrap();
    run("pg_dump", &["-Fc", "-f", dump, &first]);
    let unknown_key = before.changes(&ready, &data);

    let data = data.to_str().unwrap();
    let ledger = room.data().join("revoked.ledger");
    let ledger = ledger.to_str().unwrap();
    let settle = |url| {
        let flags = ["restore", "--json", "--data", data, "--ledger", ledger];
        [&flags[..], &["--database", url]].concat()
    };
    assert!(refusal(&settle(&first)).contains("Stop every node first"));
    assert!(refusal(&settle(&second)).contains("read the dump with pg_restore first"));
    let mut backup = linchpin(&["backup", "--to", "/nowhere/at/all"]);
    let refused = end_of(backup.env("LINCHPIN_DATABASE", &first));
    assert!(
        complaint(&refused).contains("pg_dump"),
        "{}",
        complaint(&refused)
    );
    assert!(dev.stop().success());

    run("pg_restore", &["--exit-on-error", "-d", &second, dump]);
    let told = done(&settle(&second));
    assert_eq!(
        (&told["keysRevoked"], &told["sessionsDeleted"]),
        (&1.into(), &1.into())
    );
    let restored = Running::dev(&room, &["--database", &second]);
    before.stays_as_it_was_changed(&restored.ready(), &unknown_key);
    assert!(restored.stop().success());

    let all = done(&[
        "restore",
        "--json",
        "--data",
        data,
        "--database",
        &second,
        "--without-ledger",
    ]);
    assert!(all["keysRevoked"].as_u64().unwrap() >= 2, "{all}");
}
