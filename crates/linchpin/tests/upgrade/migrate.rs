//! The schema of stores of every age.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use linchpin::{
    domain::{
        keyring::Keyring,
        time::{HOUR, Timestamp},
    },
    store::{Database, KeptAnswer, Lease, Operation, Options, Store},
};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use crate::{
    cluster::{Cluster, Said, end_of, linchpin, newest_migration},
    run::{Dice, times, turn},
};

const FIRST_SQLITE: &str = include_str!("../../migrations/sqlite/0001_first.sql");
const FIRST_POSTGRES: &str = include_str!("../../migrations/postgres/0001_first.sql");

/// A store as the first release has made it, with this many kept answers.
trait OldStore {
    fn command(&self, arguments: &[&str]) -> Command;
    fn sql(&self, sql: &str);
    fn number(&self, sql: &str) -> i64;

    fn run(&self, arguments: &[&str]) -> Said {
        end_of(&mut self.command(arguments))
    }
}

struct OldFile<'a>(&'a Path);

impl<'a> OldFile<'a> {
    fn make(directory: &'a Path, answers: u32) -> Self {
        fs::create_dir(directory).unwrap();
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).unwrap();
        let old = Self(directory);
        old.sql(&format!(
            "PRAGMA journal_mode = WAL; {FIRST_SQLITE}; \
             CREATE TABLE schema_migration (number INTEGER PRIMARY KEY, checksum BLOB NOT NULL) STRICT; \
             INSERT INTO schema_migration VALUES (1, X'{}'); \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {answers}) \
             INSERT INTO kept_answer SELECT CAST(i AS BLOB), X'00', X'00', i FROM n",
            checksum(FIRST_SQLITE)
        ));
        old
    }
}

impl OldStore for OldFile<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = linchpin(arguments);
        command.arg("--data").arg(self.0);
        command
    }

    fn sql(&self, sql: &str) {
        let database = Connection::open(self.0.join("linchpin.db")).unwrap();
        database.execute_batch(sql).unwrap();
    }

    fn number(&self, sql: &str) -> i64 {
        let database = Connection::open(self.0.join("linchpin.db")).unwrap();
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

struct OldDatabase<'a>(&'a Cluster);

impl<'a> OldDatabase<'a> {
    fn make(cluster: &'a Cluster, answers: u32) -> Self {
        let old = Self(cluster);
        old.sql(FIRST_POSTGRES);
        old.sql(&format!(
            "CREATE TABLE schema_migration (number BIGINT PRIMARY KEY, checksum BYTEA NOT NULL); \
             INSERT INTO schema_migration VALUES (1, '\\x{}'); \
             INSERT INTO kept_answer SELECT decode(lpad(to_hex(i), 8, '0'), 'hex'), '\\x00', '\\x00', i \
             FROM generate_series(1, {answers}) AS i",
            checksum(FIRST_POSTGRES)
        ));
        old
    }
}

impl OldStore for OldDatabase<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = linchpin(arguments);
        command.env("LINCHPIN_DATABASE", &self.0.url);
        command
    }

    fn sql(&self, sql: &str) {
        self.0.sql(sql);
    }

    fn number(&self, sql: &str) -> i64 {
        self.0.value(sql).parse().unwrap()
    }
}

fn checksum(text: &str) -> String {
    let digits = Sha256::digest(text.as_bytes());
    digits
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Whether `migrate status` says this of a migration.
fn says(said: &Said, number: &str, state: &str) -> bool {
    let line = said.out.lines().find(|line| line.starts_with(number));
    line.is_some_and(|line| line.ends_with(state))
}

/// From a store of the release before to one of a release to come.
fn is_brought_up_to_date(old: &impl OldStore) {
    let said = old.run(&["migrate", "status"]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(
        says(&said, "0001", "ran") && says(&said, "0002", "missing"),
        "{}",
        said.out
    );
    assert!(said.errors.contains("migrate run"), "{}", said.errors);
    assert_eq!(
        old.number("SELECT max(number) FROM schema_migration"),
        1,
        "looking has changed it"
    );

    let said = old.run(&["migrate", "run"]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    assert_eq!(
        said.out,
        "0002  kept_answer_expires_at ran\n0003  lease ran\n0004  connections_that_live ran\n"
    );
    let said = old.run(&["migrate", "run"]);
    assert_eq!(
        (said.code, &*said.out),
        (Some(0), "The store is up to date.\n")
    );
    let said = old.run(&["migrate", "status"]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    assert!(says(&said, "0002", "ran"), "{}", said.out);
    assert_eq!(
        old.number(
            "SELECT count(*) FROM kept_answer WHERE expires_at = created_at + 24 * 3600 * 1000"
        ),
        5_000
    );

    old.sql("INSERT INTO schema_migration (number, checksum) SELECT 99, checksum FROM schema_migration WHERE number = 1");
    let said = old.run(&["migrate", "status"]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(says(&said, "0099", "ran"), "{}", said.out);
    let why = format!(
        "the store has schema 99, but this linchpin knows only up to {}",
        newest_migration()
    );
    for said in [said, old.run(&["migrate", "run"])] {
        assert_eq!(said.code, Some(1));
        assert!(said.errors.contains(&why), "{}", said.errors);
    }
}

#[test]
fn a_sqlite_store_of_the_release_before_is_put_aside_and_brought_up_to_date() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let none = end_of(linchpin(&["migrate", "status", "--data"]).arg(&directory));
    assert_eq!(none.code, Some(1));
    assert!(none.errors.contains("there is no store"), "{}", none.errors);
    assert!(!directory.exists());

    let old = OldFile::make(&directory, 5_000);
    let before = fs::read(directory.join("linchpin.db")).unwrap();
    assert_eq!(old.run(&["migrate", "status"]).code, Some(1));
    assert_eq!(fs::read(directory.join("linchpin.db")).unwrap(), before);
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);

    is_brought_up_to_date(&old);
    let copy = directory.join("linchpin.db.before-0002");
    assert_eq!(
        fs::metadata(&copy).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let copy = Connection::open(copy).unwrap();
    let number = |sql: &str| -> i64 { copy.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(number("SELECT count(*) FROM kept_answer"), 5_000);
    assert_eq!(number("SELECT max(number) FROM schema_migration"), 1);
}

#[test]
fn a_postgresql_store_of_the_release_before_is_brought_up_to_date() {
    let _turn = turn();
    let Some(cluster) = Cluster::for_test("an old PostgreSQL store") else {
        return;
    };
    let fresh = end_of(linchpin(&["migrate", "status"]).env("LINCHPIN_DATABASE", &cluster.url));
    assert_eq!(fresh.code, Some(1));
    assert!(says(&fresh, "0001", "missing"), "{}", fresh.out);
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(cluster.value(tables), "0");
    is_brought_up_to_date(&OldDatabase::make(&cluster, 5_000));
    let valid =
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'kept_answer_expires_at'::regclass";
    assert_eq!(cluster.value(valid), "t");
}

/// Kills the migration again and again, then lets it end.
fn survives_kills(old: &impl OldStore, answers: i64, dice: &mut Dice) {
    for _ in 0..times(6, 40) {
        let mut command = old.command(&["migrate", "run"]);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(dice.below(500)));
        child.kill().unwrap_or_default();
        child.wait().unwrap();
    }
    let said = old.run(&["migrate", "run"]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    let filled =
        "SELECT count(*) FROM kept_answer WHERE expires_at = created_at + 24 * 3600 * 1000";
    assert_eq!(old.number(filled), answers);
    assert_eq!(old.number("SELECT count(*) FROM schema_migration"), 4);
    assert_eq!(old.run(&["migrate", "status"]).code, Some(0));
}

#[test]
fn a_migration_that_is_killed_is_finished_by_the_next_run() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("kills during a migration");
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let answers = 60_000;
    survives_kills(
        &OldFile::make(&directory, answers),
        answers.into(),
        &mut dice,
    );
    let Some(cluster) = Cluster::for_test("kills during a migration of PostgreSQL") else {
        return;
    };
    // An index whose making was cut off is one that is not valid.
    let old = OldDatabase::make(&cluster, answers);
    old.sql(
        "ALTER TABLE kept_answer ADD COLUMN expires_at BIGINT; \
         CREATE INDEX kept_answer_expires_at ON kept_answer (expires_at); \
         UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'kept_answer_expires_at'::regclass",
    );
    survives_kills(&old, answers.into(), &mut dice);
    let valid =
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'kept_answer_expires_at'::regclass";
    assert_eq!(cluster.value(valid), "t");
}

#[test]
fn a_migration_waits_for_who_is_at_a_table_and_holds_nobody_up() {
    let _turn = turn();
    let Some(cluster) = Cluster::for_test("a migration behind a long reader") else {
        return;
    };
    let old = OldDatabase::make(&cluster, 100);
    let migrating = thread::scope(|scope| {
        // Reads the table and stays, as a report would.
        let reader = scope.spawn(|| {
            cluster.sql("BEGIN; SELECT count(*) FROM kept_answer; SELECT pg_sleep(4); COMMIT")
        });
        let looking = "SELECT count(*) FROM pg_locks WHERE relation = 'kept_answer'::regclass";
        while cluster.value(looking) == "0" {
            thread::sleep(Duration::from_millis(20));
        }
        let migrating = scope.spawn(|| old.run(&["migrate", "run"]));
        while !reader.is_finished() {
            // A writer that stood behind the migration for longer would be refused.
            cluster.sql("SET lock_timeout = '1500ms'; UPDATE kept_answer SET answer = '\\x01' WHERE scope = '\\x00000001'");
        }
        migrating.join().unwrap()
    });
    assert_eq!(migrating.code, Some(0), "{}", migrating.errors);
    assert_eq!(
        old.number("SELECT count(*) FROM kept_answer WHERE expires_at IS NULL"),
        0
    );
}

/// Keeps an answer at `at`.
async fn keep(store: &Store, scope: u8, at: Timestamp) {
    let mut operation = Operation::new(at);
    let answer = KeptAnswer {
        body_hash: vec![1; 32],
        sealed: vec![scope],
        created_at: at,
    };
    operation.keep_answer(&[scope; 32], answer);
    store.write(operation).await.unwrap();
}

async fn lease(store: &Store, now: Timestamp) -> Lease {
    let claimed = store.claim("test", "node", now, now.plus(HOUR)).await;
    claimed.unwrap().expect("nobody else holds it")
}

/// A node of the release before leaves `expires_at` empty, or as it was when it renews an answer.
fn mixed_nodes_agree(options: &Options, sql: impl Fn(&str)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let begin = Timestamp(1_769_853_600_000);
    let later = begin.plus(25 * HOUR);
    let keyring = Keyring::derive([7; 32]);
    let store = runtime.block_on(Store::open(options, &keyring)).unwrap();
    runtime.block_on(async {
        for scope in [1, 2, 3, 4] {
            keep(&store, scope, begin).await;
        }
        store.close().await;
    });
    let written_by_old = |scope: u8, set: &str| {
        let hex = format!("{scope:02x}").repeat(32);
        sql(&format!(
            "UPDATE kept_answer SET {set} WHERE lower(SCOPE_HEX) = '{hex}'"
        ));
    };
    written_by_old(1, &format!("created_at = {}", later.0));
    written_by_old(2, "expires_at = NULL");
    written_by_old(3, &format!("expires_at = NULL, created_at = {}", later.0));
    let store = runtime.block_on(Store::open(options, &keyring)).unwrap();
    runtime.block_on(async {
        let now = later.plus(HOUR);
        let lease = lease(&store, now).await;
        let kept = async |scope: u8| {
            let found = store.kept_answer(&[scope; 32], now).await.unwrap();
            found.is_some()
        };
        let all = [kept(1).await, kept(2).await, kept(3).await, kept(4).await];
        assert_eq!(all, [true, false, true, false]);
        assert_eq!(store.forget_answers(now, &lease).await.unwrap(), 2);
        assert_eq!(store.forget_answers(now, &lease).await.unwrap(), 0);
        let all = [kept(1).await, kept(2).await, kept(3).await, kept(4).await];
        assert_eq!(all, [true, false, true, false]);
        keep(&store, 4, now).await;
        assert!(kept(4).await);
        store.close().await;
    });
}

#[test]
fn an_answer_that_a_node_of_the_release_before_renews_is_kept_by_all_nodes() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("linchpin.db");
    mixed_nodes_agree(&Options::at(home.path()), |sql| {
        let database = Connection::open(&file).unwrap();
        database
            .execute_batch(&sql.replace("SCOPE_HEX", "hex(scope)"))
            .unwrap();
    });
    let Some(cluster) = Cluster::for_test("kept answers of mixed nodes") else {
        return;
    };
    let database = Database::parse(&cluster.url, None).unwrap();
    mixed_nodes_agree(&Options::on(database), |sql| {
        cluster.sql(&sql.replace("SCOPE_HEX", "encode(scope, 'hex')"));
    });
}
