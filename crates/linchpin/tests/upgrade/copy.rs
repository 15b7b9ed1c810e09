//! From SQLite to PostgreSQL.

use std::path::Path;

use rusqlite::Connection;

use crate::{
    cluster::{Cluster, Said, end_of, linchpin},
    ledger::{Ledger, Promise, init, status_on},
    person::{Ending, Person},
    process::{Linchpin, Start},
    run::{times, turn},
};

/// Copies a data directory; the database is named in the environment.
fn copied(directory: &Path, to: &Cluster, flags: &[&str]) -> Said {
    let from = format!("sqlite:{}", directory.display());
    let arguments = [&["store", "copy", "--from", &from], flags].concat();
    end_of(linchpin(&arguments).env("LINCHPIN_DATABASE", &to.url))
}

fn served_from(directory: &Path, cluster: &Cluster) -> Linchpin {
    let start = Start::on(directory).with("LINCHPIN_DATABASE", &cluster.url);
    start.go()
}

/// Starts this many sessions; every third has a key that it can be repeated by.
fn promised(server: &Linchpin, sessions: usize) -> Ledger {
    let mut client = server.client();
    let mut ledger = Ledger::default();
    for number in 0..sessions {
        let repeat_key = (number % 3 == 0).then(|| format!("copy-{number}"));
        let answer = init(&mut client, &server.key, repeat_key.as_deref()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        ledger.promises.push(Promise::of(&answer, repeat_key));
    }
    ledger
}

fn person(server: &Linchpin, promise: &Promise, email: &str) -> Person {
    Person::with_link(server.address, &promise.path(), email)
}

fn links(person: &mut Person) {
    let ending = person.goes_to_the_end().unwrap();
    let Ending::Returned(url) = ending else {
        panic!("stuck: {ending:?}");
    };
    assert!(url.contains("status=success&connection_id=conn_"), "{url}");
}

fn is_refused(said: &Said, why: &str) {
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.errors.contains(why), "{}", said.errors);
}

#[test]
fn a_store_is_copied_and_its_open_sessions_go_on_in_postgresql() {
    let _turn = turn();
    let Some(cluster) = Cluster::for_test("a store is copied") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let server = Start::on(&directory).go();
    let mut ledger = promised(&server, times(300, 1_000));
    for (number, promise) in ledger.promises.drain(..20).enumerate() {
        links(&mut person(
            &server,
            &promise,
            &format!("p{number}@creator.sandbox.com"),
        ));
    }
    let midway = ledger.promises.remove(0);
    let mut late = person(&server, &midway, "late@creator-otp.sandbox.com");
    late.begins().unwrap();
    assert_eq!(late.takes_a_step().unwrap(), None);
    is_refused(&copied(&directory, &cluster, &[]), "is in use by another");
    server.stop();

    let said = copied(&directory, &cluster, &[]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    let sessions = ledger.promises.len() + 21;
    for line in [
        format!("link_session: {sessions} rows copied"),
        "connection: 20 rows copied".to_owned(),
        "link_session: the same, ".to_owned(),
        "kept_answer: the same, ".to_owned(),
    ] {
        assert!(said.out.contains(&line), "{line}\n{}", said.out);
    }

    let server = served_from(&directory, &cluster);
    late.moves_to(server.address);
    links(&mut late);
    assert_eq!(status_on(&server, &midway.secret), "completed");
    ledger.is_kept_by(&server);
    links(&mut person(
        &server,
        &ledger.promises[0],
        "new@creator.sandbox.com",
    ));
    server.stop();
    assert_eq!(cluster.value("SELECT count(*) FROM connection"), "22");
    is_refused(
        &copied(&directory, &cluster, &[]),
        "organisation holds rows already",
    );
    is_refused(
        &copied(&directory, &cluster, &["--again"]),
        "organisation holds rows already",
    );
}

#[test]
fn a_copy_that_was_cut_off_is_not_served_and_can_be_begun_again() {
    let _turn = turn();
    let Some(cluster) = Cluster::for_test("a copy that was cut off") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let server = Start::on(&directory).go();
    let ledger = promised(&server, 5);
    server.stop();
    let migrated = end_of(linchpin(&["migrate", "run"]).env("LINCHPIN_DATABASE", &cluster.url));
    assert_eq!(migrated.code, Some(0), "{}", migrated.errors);

    cluster.sql(
        "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$; \
         CREATE TRIGGER fails BEFORE INSERT ON kept_answer FOR EACH ROW EXECUTE FUNCTION fails()",
    );
    is_refused(&copied(&directory, &cluster, &[]), "kept_answer: no room");
    let start = Start::on(&directory).with("LINCHPIN_DATABASE", &cluster.url);
    let refused = start.attempt().err().expect("half a store is not served");
    assert!(refused.log.contains("--again"), "{}", refused.log);
    is_refused(
        &copied(&directory, &cluster, &[]),
        "a copy into it was cut off",
    );

    cluster.sql(
        "CREATE OR REPLACE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN NEW.answer := '\\x00'; RETURN NEW; END $$",
    );
    is_refused(
        &copied(&directory, &cluster, &["--again"]),
        "kept_answer is not the same on both sides",
    );

    cluster.sql("DROP TRIGGER fails ON kept_answer");
    let said = copied(&directory, &cluster, &["--again"]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    ledger.is_kept_by(&served_from(&directory, &cluster));
}

/// Clones of the only session and of the only connection, the sessions over a day.
const CLONES: &str = "
    CREATE TEMP TABLE clone AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
        SELECT i FROM n;
    INSERT INTO link_session SELECT s.id - i * 864 * 4194304, organisation_id, environment, app_id, client_reference_id,
        secret_hash, request, stage, state, version, created_at - i * 864, expires_at, ended_at
        FROM clone, (SELECT * FROM link_session ORDER BY id LIMIT 1) AS s;
    INSERT INTO connection SELECT c.id || i, organisation_id, environment, provider, account_id || i, status, connection,
        version, created_at, updated_at FROM clone, (SELECT * FROM connection LIMIT 1) AS c;
    DROP TABLE clone;";

#[test]
#[ignore = "run by ./check long"]
fn a_hundred_thousand_sessions_and_connections_are_copied() {
    let _turn = turn();
    let Some(cluster) = Cluster::for_test("a hundred thousand sessions") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let server = Start::on(&directory).go();
    let ledger = promised(&server, 2);
    links(&mut person(
        &server,
        &ledger.promises[0],
        "a@creator.sandbox.com",
    ));
    server.stop();
    let database = Connection::open(directory.join("linchpin.db")).unwrap();
    database.execute_batch(CLONES).unwrap();
    drop(database);

    let said = copied(&directory, &cluster, &[]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    for line in [
        "link_session: 100002 rows copied",
        "connection: 100001 rows copied",
        "connection: the same, ",
        "link_session: the same, ",
    ] {
        assert!(said.out.contains(line), "{line}\n{}", said.out);
    }
    let server = served_from(&directory, &cluster);
    links(&mut person(
        &server,
        &ledger.promises[1],
        "b@creator.sandbox.com",
    ));
}
