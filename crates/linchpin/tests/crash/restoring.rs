//! A restore on whose database any write fails: it is refused, or brings nothing back.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use crate::{
    faults::can_trace,
    process::{Start, without_ours},
    run::{skip, times, turn},
};

fn linchpin(wrapper: &[&str], arguments: &[&str]) -> Output {
    let binary = env!("CARGO_BIN_EXE_linchpin");
    let words = [wrapper, &[binary], arguments].concat();
    let mut command = Command::new(words[0]);
    without_ours(command.args(&words[1..])).output().unwrap()
}

/// Keys of a store that open something.
fn usable_keys(directory: &Path) -> i64 {
    let database = rusqlite::Connection::open(directory.join("linchpin.db")).unwrap();
    let question = "SELECT count(*) FROM api_key WHERE revoked_at IS NULL";
    database.query_row(question, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_restore_on_which_a_write_fails_is_refused_or_right() {
    let _turn = turn();
    if let Err(reason) = can_trace() {
        return skip(
            "a_restore_on_which_a_write_fails_is_refused_or_right",
            &reason,
        );
    }
    let home = tempfile::tempdir().unwrap();
    let home = home.path().canonicalize().unwrap();
    let (data, backup) = (home.join("data"), home.join("backup"));
    let (at, to) = (data.to_str().unwrap(), backup.to_str().unwrap());
    let server = Start::on(&data).go();
    let backed_up = linchpin(&[], &["backup", "--to", to, "--data", at]);
    assert!(backed_up.status.success(), "{backed_up:?}");
    let keys = linchpin(&[], &["key", "list", "--json", "--data", at]).stdout;
    let keys: serde_json::Value = serde_json::from_slice(&keys).unwrap();
    let key = keys[0]["id"].as_str().unwrap();
    let revoked = linchpin(&[], &["key", "revoke", key, "--data", at]);
    assert!(revoked.status.success(), "{revoked:?}");
    server.stop();
    let ledger = data.join("revoked.ledger");
    let mut refused = 0;
    for nth in 1..=times(8, 40) {
        let restored = home.join(format!("restored-{nth}"));
        fs::create_dir(&restored).unwrap();
        fs::copy(data.join("master.key"), restored.join("master.key")).unwrap();
        let file = restored.join("restoring/linchpin.db");
        // From the nth on, as on a disk that is full for good.
        let rule = format!("inject=pwrite64:error=ENOSPC:when={nth}+");
        let tracer = [
            "strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-P",
            file.to_str().unwrap(),
        ];
        let there = restored.to_str().unwrap();
        let output = linchpin(
            &[&tracer[..], &["-e", &rule]].concat(),
            &[
                "restore",
                "--from",
                to,
                "--data",
                there,
                "--ledger",
                ledger.to_str().unwrap(),
            ],
        );
        if output.status.success() {
            assert_eq!(usable_keys(&restored), 0, "{nth}");
            continue;
        }
        refused += 1;
        let left = fs::read_dir(&restored).unwrap().count();
        assert_eq!(
            left,
            1,
            "{nth}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(refused > 0, "the fault was never met");
}
