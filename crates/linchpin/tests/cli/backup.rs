//! `linchpin backup` and `linchpin restore` of a data directory.

use std::{
    collections::HashSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use linchpin::domain::token::LinkSecret;
use serde_json::json;

use crate::{
    database,
    restored::{Before, done, refusal, secret},
    support::{Room, Running, admin, eventually, init, linchpin},
};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn backup(room: &Room) -> PathBuf {
    let to = room.path().join("linchpin.backup");
    done(&[
        "backup",
        "--json",
        "--to",
        text(&to),
        "--data",
        text(&room.data()),
    ]);
    to
}

/// A room of its own whose data directory holds only the master key.
fn elsewhere(room: &Room) -> Room {
    let other = Room::new();
    fs::create_dir(other.data()).unwrap();
    fs::copy(
        room.data().join("master.key"),
        other.data().join("master.key"),
    )
    .unwrap();
    other
}

/// The flags that restore a backup.
fn restore<'a>(from: &'a Path, data: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let flags = [
        "restore",
        "--json",
        "--from",
        text(from),
        "--data",
        text(data),
    ];
    [&flags[..], more].concat()
}

#[test]
fn a_backup_under_load_holds_whatever_was_promised_before_it() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let ready = dev.ready();
    admin(
        &room.data(),
        &["org", "create", "--name", "Plainly Readable"],
    );
    for kind in ["plain", "plain-journal", "sealed"] {
        let abandoned = format!(".linchpin-backup-00000000deadbeef.{kind}");
        fs::write(room.path().join(abandoned), "what a killed backup left").unwrap();
    }
    let promised = Mutex::new(Vec::new());
    let ended = AtomicBool::new(false);
    let made = || promised.lock().unwrap().len();
    let (file, before) = thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    let answer = init(&ready, None, &json!({"clientReferenceId": "u"}));
                    let secret = secret(&answer);
                    promised.lock().unwrap().push(secret);
                }
            });
        }
        eventually("load", || (made() >= 60).then_some(()));
        let before = promised.lock().unwrap().clone();
        let file = backup(&room);
        let during = made();
        eventually("load going on", || (made() > during).then_some(()));
        ended.store(true, Ordering::Relaxed);
        (file, before)
    });
    assert_eq!(mode(&file), 0o600);
    let sealed = fs::read(&file).unwrap();
    for plain in ["SQLite format 3", "Plainly Readable", "link_session"] {
        let found = sealed
            .windows(plain.len())
            .any(|bytes| bytes == plain.as_bytes());
        assert!(!found, "{plain} can be read");
    }
    let drafts = fs::read_dir(room.path()).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_str().unwrap().starts_with(".linchpin-backup")
    });
    assert_eq!(drafts.count(), 0);

    let other = elsewhere(&room);
    let ledger = room.data().join("revoked.ledger");
    assert_eq!(mode(&ledger), 0o600);
    let told = done(&restore(&file, &other.data(), &["--ledger", text(&ledger)]));
    let sessions = database::is_consistent(&other.data());
    assert!(sessions >= before.len() as u64);
    assert_eq!(told["sessionsEnded"], sessions);
    for name in ["linchpin.db", "revoked.ledger"] {
        assert_eq!(mode(&other.data().join(name)), 0o600, "{name}");
    }
    assert!(!other.data().join("restoring").exists());
    let there = session_ids(&other.data());
    for secret in before {
        let id = LinkSecret::parse(&secret).unwrap().session().number();
        assert!(
            there.contains(&id),
            "a promised session is not in the backup"
        );
    }
}

fn session_ids(data: &Path) -> HashSet<i64> {
    let database = rusqlite::Connection::open(data.join("linchpin.db")).unwrap();
    let mut question = database
        .prepare("SELECT id FROM link_session WHERE stage = 'expired'")
        .unwrap();
    let ids = question.query_map([], |row| row.get(0)).unwrap();
    ids.map(Result::unwrap).collect()
}

#[test]
fn what_was_revoked_and_deleted_after_a_backup_is_not_brought_back() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let (ready, data) = (dev.ready(), room.data());
    let before = Before::the_backup(&ready, &data);
    let file = backup(&room);
    let unknown_key = before.changes(&ready, &data);
    assert!(dev.stop().success());
    let ledger = data.join("revoked.ledger");

    let other = elsewhere(&room);
    let told = done(&restore(&file, &other.data(), &["--ledger", text(&ledger)]));
    assert_eq!(
        (&told["keysRevoked"], &told["sessionsDeleted"]),
        (&json!(1), &json!(1))
    );
    database::is_consistent(&other.data());
    let restored = Running::dev(&other, &[]);
    before.stays_as_it_was_changed(&restored.ready(), &unknown_key);
    assert!(restored.stop().success());

    // The restored store's own ledger tells all of it, too.
    let third = elsewhere(&room);
    let ledger = other.data().join("revoked.ledger");
    done(&restore(&file, &third.data(), &["--ledger", text(&ledger)]));
    let restored = Running::dev(&third, &[]);
    before.stays_as_it_was_changed(&restored.ready(), &unknown_key);
}

#[test]
fn without_a_ledger_no_key_opens_anything() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let before = Before::the_backup(&dev.ready(), &room.data());
    let file = backup(&room);
    let other = elsewhere(&room);
    assert!(refusal(&restore(&file, &other.data(), &[])).contains("--ledger"));
    let told = done(&restore(&file, &other.data(), &["--without-ledger"]));
    assert_eq!(told["keysRevoked"], 3);
    let restored = Running::dev(&other, &[]);
    let dev_key = dev.ready()["apiKey"].as_str().unwrap().to_owned();
    for key in [&before.kept_key, &before.lost_key, &dev_key] {
        assert_eq!(init(&restored.ready(), Some(key), &json!({})).status, 401);
        assert_eq!(init(&dev.ready(), Some(key), &json!({})).status, 200);
    }
}

#[test]
fn a_backup_that_is_not_whole_or_of_another_key_is_refused_and_leaves_nothing() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    init(&dev.ready(), None, &json!({}));
    let file = backup(&room);
    let data = room.data();
    let taken = ["backup", "--to", text(&file), "--data", text(&data)];
    assert!(refusal(&taken).contains("never replaces a file"));
    assert!(
        refusal(&restore(&file, &room.data(), &["--without-ledger"])).contains("a store already")
    );

    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let cut = whole[..whole.len() - 1].to_vec();
    let cut_at_a_piece = whole[..53 + 65_552].to_vec();
    let other = elsewhere(&room);
    for (name, bytes) in [
        ("flipped", flipped),
        ("cut", cut),
        ("piece", cut_at_a_piece),
    ] {
        let bad = room.path().join(name);
        fs::write(&bad, bytes).unwrap();
        let why = refusal(&restore(&bad, &other.data(), &["--without-ledger"]));
        assert!(why.contains("is not whole"), "{name}: {why}");
    }
    fs::write(other.data().join("master.key"), "0b".repeat(32)).unwrap();
    let why = refusal(&restore(&file, &other.data(), &["--without-ledger"]));
    assert!(why.contains("another master key"), "{why}");
    let left = fs::read_dir(other.data()).unwrap();
    let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["master.key"]);
}

#[test]
fn a_copy_that_was_put_aside_is_restored_with_the_ledger() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let (ready, data) = (dev.ready(), room.data());
    let before = Before::the_backup(&ready, &data);
    let copy = data.join("linchpin.db.before-0002");
    let database = rusqlite::Connection::open(data.join("linchpin.db")).unwrap();
    database.execute("VACUUM INTO ?1", [text(&copy)]).unwrap();
    drop(database);
    let unknown_key = before.changes(&ready, &data);
    assert!(dev.stop().success());
    for name in ["linchpin.db", "linchpin.db-wal", "linchpin.db-shm"] {
        fs::rename(data.join(name), room.path().join(name)).unwrap_or_default();
    }
    let ledger = data.join("revoked.ledger");
    done(&restore(&copy, &data, &["--ledger", text(&ledger)]));
    let restored = Running::dev(&room, &[]);
    before.stays_as_it_was_changed(&restored.ready(), &unknown_key);
}

#[test]
fn a_backup_of_a_store_that_was_never_changed_is_not_older_than_its_ledger() {
    let room = Room::new();
    assert!(Running::dev(&room, &[]).stop().success());
    // A new disk, and no ledger on it; the command begins one, and changes nothing.
    let ledger = room.data().join("revoked.ledger");
    fs::remove_file(&ledger).unwrap();
    admin(&room.data(), &["key", "list"]);
    let file = backup(&room);
    let other = elsewhere(&room);
    done(&restore(&file, &other.data(), &["--ledger", text(&ledger)]));
}

#[test]
fn a_ledger_that_was_changed_or_cut_is_refused() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let file = backup(&room);
    let keys = admin(&room.data(), &["key", "list"]);
    admin(
        &room.data(),
        &["key", "revoke", keys[0]["id"].as_str().unwrap()],
    );
    assert!(dev.stop().success());
    let ledger = fs::read_to_string(room.data().join("revoked.ledger")).unwrap();
    assert!(ledger.contains("key_revoked"), "{ledger}");
    let other = elsewhere(&room);
    let forged = ledger.replace("key_revoked", "key_unknown");
    let cut = &ledger[..ledger.len() - 1];
    for (text_of, wanted) in [
        (forged.as_str(), "line 2 of the ledger"),
        (cut, "is cut off"),
        ("", "is empty"),
    ] {
        let path = room.path().join("given.ledger");
        fs::write(&path, text_of).unwrap();
        let why = refusal(&restore(&file, &other.data(), &["--ledger", text(&path)]));
        assert!(why.contains(wanted), "{wanted}: {why}");
    }
    assert!(!other.data().join("linchpin.db").exists());
}

#[test]
fn a_backup_that_is_broken_off_leaves_nothing() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    assert!(dev.stop().success());
    let database = rusqlite::Connection::open(room.data().join("linchpin.db")).unwrap();
    let sql = "INSERT INTO kept_answer (scope, body_hash, answer, created_at) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) \
        SELECT randomblob(16), x'00', randomblob(1000000), 1 FROM n";
    database.execute(sql, []).unwrap();
    drop(database);
    let to = room.path().join("backups/linchpin.backup");
    fs::create_dir(to.parent().unwrap()).unwrap();
    let (data, files) = (room.data(), || {
        fs::read_dir(to.parent().unwrap()).unwrap().count()
    });
    let flags = ["backup", "--to", text(&to), "--data", text(&data)];
    let taking = Running::spawn(&room, linchpin(&flags));
    eventually("a draft", || (files() > 0).then_some(()));
    taking.signal("INT");
    let (_, status) = taking.rest_without_signal();
    assert_eq!(status.code(), Some(130));
    assert_eq!(files(), 0);
}
