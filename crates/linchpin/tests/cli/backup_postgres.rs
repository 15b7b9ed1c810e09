//! A PostgreSQL database that was dumped, read back, and made fit to be served.

use crate::{
    cluster::{Cluster, run},
    restored::{Before, done, refusal},
    support::{Room, Running, complaint, end_of, linchpin},
};

#[test]
fn a_database_that_was_read_from_a_dump_brings_nothing_back() {
    let cluster = Cluster::with(&["first", "second"]);
    let (first, second) = (cluster.url("first"), cluster.url("second"));
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
