//! Starts that must not happen, each with a text that says what to do.

use std::{
    fs,
    io::{Seek as _, SeekFrom, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use crate::support::{Room, Running, complaint, end_of, linchpin, run, run_on};

/// A data directory of a server that has ended in order.
fn used() -> Room {
    let room = Room::new();
    Running::dev(&room, &[]).stop();
    room
}

/// The same without the log, which still holds pages that have been moved into the database.
fn used_without_log() -> Room {
    let room = used();
    for name in ["linchpin.db-wal", "linchpin.db-shm"] {
        fs::remove_file(room.data().join(name)).unwrap_or_default();
    }
    room
}

fn refused(data: &Path) -> String {
    let output = run(&[
        "dev",
        "--json",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    complaint(&output)
}

#[test]
fn another_master_key_is_refused_and_nothing_is_served() {
    let room = used();
    let key = room.data().join("master.key");
    fs::write(&key, "ab".repeat(32)).unwrap();
    let text = refused(&room.data());
    assert!(
        text.contains("the master key does not belong to this store"),
        "{text}"
    );
    let output = run_on(&room.data(), &["app", "list"]);
    assert!(!output.status.success() && complaint(&output).contains("master key"));
}

#[test]
fn a_master_key_that_others_can_read_is_refused() {
    let room = used();
    let key = room.data().join("master.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let text = refused(&room.data());
    assert!(
        text.contains("can be read by others") && text.contains("chmod 600"),
        "{text}"
    );
}

#[test]
fn a_dev_file_of_another_shape_is_refused_with_the_remedy() {
    let room = used();
    fs::write(room.data().join("dev.json"), "{}").unwrap();
    let text = refused(&room.data());
    assert!(
        text.contains("dev.json") && text.contains("Remove it"),
        "{text}"
    );
}

/// What is so only where the store is a file in the data directory.
mod on_sqlite {
    use super::*;

    #[test]
    fn a_damaged_database_is_refused_with_what_to_do() {
        let room = used_without_log();
        let path = room.data().join("linchpin.db");
        let length = fs::metadata(&path).unwrap().len();
        let mut file = fs::File::options().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(length / 2)).unwrap();
        file.write_all(&[0xa5; 8192]).unwrap();
        // As after a crash: whoever had it open did not close it.
        fs::write(room.data().join("lock"), "1").unwrap();
        let text = refused(&room.data());
        assert!(
            text.contains("is damaged") && text.contains("restore the latest backup"),
            "{text}"
        );
    }

    #[test]
    fn a_lost_master_key_is_not_made_anew() {
        let room = used();
        fs::remove_file(room.data().join("master.key")).unwrap();
        let text = refused(&room.data());
        assert!(
            text.contains("is missing") && text.contains("Put the file back"),
            "{text}"
        );
        assert!(!room.data().join("master.key").exists());
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        let room = used_without_log();
        fs::write(
            room.data().join("linchpin.db"),
            "this was something else".repeat(500),
        )
        .unwrap();
        let text = refused(&room.data());
        assert!(text.contains("is damaged"), "{text}");
    }
}

#[test]
fn the_password_of_a_database_that_a_flag_names_may_be_in_a_file() {
    let room = used();
    let (password, config) = (
        room.path().join("password"),
        room.path().join("linchpin.toml"),
    );
    fs::write(&password, "one").unwrap();
    let written = format!(
        "database_password_file = {password:?}\ndata = {:?}\n",
        room.data()
    );
    fs::write(&config, written).unwrap();
    let (data, config) = (room.data(), config.to_str().unwrap());
    let url = "postgres://me:another@127.0.0.1:1/link";
    let copy = [
        "store",
        "copy",
        "--from",
        data.to_str().unwrap(),
        "--to",
        url,
    ];
    let restore = ["restore", "--without-ledger", "--database", url];
    for command in [&copy[..], &restore] {
        let output = run(&[command, &["--config", config]].concat());
        assert!(!output.status.success());
        let told = complaint(&output);
        assert!(told.contains("keep one of them"), "{told}");
    }
}

#[test]
fn a_flag_goes_before_the_file_that_the_environment_names() {
    let room = used();
    let config = room.path().join("linchpin.toml");
    fs::write(&config, "data = \"/nowhere/at/all\"\n").unwrap();
    let data = room.data();
    for command in [&["key", "list"][..], &["migrate", "status"]] {
        let flags = [command, &["--data", data.to_str().unwrap()]].concat();
        let output = end_of(linchpin(&flags).env("LINCHPIN_CONFIG", &config));
        assert!(output.status.success(), "{}", complaint(&output));
    }
}
