//! What a start refuses, and what it says then.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use rusqlite::Connection;

use crate::{
    kills::{prepared, promised_on},
    ledger::{init, status_on},
    process::{Linchpin, NotStarted, Start},
    run::turn,
};

#[test]
fn a_second_process_on_the_same_directory_is_refused_and_disturbs_nothing() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let first = Start::on(&directory).go();
    let promise = promised_on(&first);
    let refused = refusal(&directory);
    assert!(
        refused.contains("is in use by another linchpin process"),
        "{refused}"
    );
    assert!(
        refused.contains(&format!("pid {}", first.pid())),
        "{refused}"
    );
    assert_eq!(status_on(&first, &promise.secret), "initialized");
    promised_on(&first);
    first.stop();
}

#[test]
fn a_damaged_database_is_refused_after_an_unclean_stop_with_what_to_do() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    let directory = prepared(home.path());
    let server = Start::on(&directory).go();
    promised_on(&server);
    server.kill();
    let path = without_log(&directory);
    let whole = fs::read(&path).unwrap();
    let mut refusals = 0;
    // Each page but the first, whose header the engine itself looks at: a cell that points outside of its page.
    for page in 1..whole.len() / 4096 {
        let mut damaged = whole.clone();
        damaged[page * 4096..page * 4096 + 16].fill(0xff);
        fs::write(&path, &damaged).unwrap();
        let Err(refused) = Start::on(&directory).attempt() else {
            // The page was free: nothing is in it that could be damaged. The next one is judged without what this start wrote.
            for log in ["linchpin.db-wal", "linchpin.db-shm"] {
                fs::remove_file(directory.join(log)).unwrap();
            }
            continue;
        };
        refusals += 1;
        assert_eq!(refused.status.code(), Some(1));
        assert!(
            refused.log.contains("is damaged"),
            "page {page}: {}",
            refused.log
        );
        assert!(
            refused.log.contains("docs/operations/damage.md"),
            "{}",
            refused.log
        );
        assert_eq!(fs::read(&path).unwrap(), damaged, "something was changed");
    }
    assert!(refusals > 10, "only {refusals} damaged pages were noticed");
}

#[test]
fn a_large_database_is_looked_through_while_it_is_served_and_then_only_read() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    let directory = prepared(home.path());
    let server = Start::on(&directory).go();
    let promise = promised_on(&server);
    server.kill();
    let path = without_log(&directory);
    // A picture of 70 MB makes it large; damaged is the chain of pages that holds it, which no request reads.
    let store = Connection::open(&path).unwrap();
    store
        .execute(
            "INSERT INTO app_logo VALUES ('large', zeroblob(70000000))",
            [],
        )
        .unwrap();
    drop(store);
    let mut whole = fs::read(without_log(&directory)).unwrap();
    let middle = whole.len() / 2 / 4096 * 4096;
    whole[middle..middle + 16].fill(0xff);
    fs::write(&path, &whole).unwrap();

    let server = Start::on(&directory).go();
    let refused = (0..200).find_map(|_| {
        thread::sleep(Duration::from_millis(50));
        let answer = init(&mut server.client(), &server.key, None).unwrap();
        (answer.status != 200).then_some(answer)
    });
    let refused = refused.expect("the damage was not found");
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.text().contains("only read"), "{}", refused.text());
    assert_eq!(status_on(&server, &promise.secret), "initialized");
    server.stop();
}

#[test]
fn what_is_not_a_database_is_refused() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    let directory = prepared(home.path());
    fs::write(
        without_log(&directory),
        "not a database, but long enough for a header".repeat(200),
    )
    .unwrap();
    assert!(refusal(&directory).contains("is damaged"));
}

#[test]
fn another_master_key_is_refused() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    let directory = prepared(home.path());
    let path = directory.join("master.key");
    let other = fs::read_to_string(&path)
        .unwrap()
        .chars()
        .rev()
        .collect::<String>();
    fs::write(&path, other.trim()).unwrap();
    assert!(refusal(&directory).contains("the master key does not belong to this store"));
    fs::remove_file(&path).unwrap();
    assert!(refusal(&directory).contains("is missing"));
}

/// Moves the log into the database, so that the file is all there is; answers its path.
fn without_log(directory: &Path) -> PathBuf {
    let path = directory.join("linchpin.db");
    // The last connection that closes does it.
    Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM link_session", [], |_| Ok(()))
        .unwrap();
    assert!(!directory.join("linchpin.db-wal").exists());
    path
}

/// What a start that must fail says.
fn refusal(directory: &Path) -> String {
    let attempt: Result<Linchpin, NotStarted> = Start::on(directory).attempt();
    let Err(refused) = attempt else {
        panic!("it starts");
    };
    assert_eq!(refused.status.code(), Some(1));
    assert!(!refused.log.contains("panicked"), "{}", refused.log);
    refused.log
}
