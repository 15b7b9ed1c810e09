//! `linchpin vault reseal`: everything sealed anew while it is used, and while the server is killed.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::{
    support::{Room, Running, admin, eventually, shared_database, try_http},
    vault::{imported, open_all, rotate, status, wait_until_all_is_wrapped_anew, wrapped},
};

fn reseal(data: &Path) -> Value {
    admin(data, &["vault", "reseal"])["reseal"].clone()
}

fn wait_until_all_is_sealed_anew(data: &Path) {
    eventually("everything being sealed anew", || {
        (status(data)["reseal"]["done"] == true).then_some(())
    });
}

/// Calls the provider with a connection; `None` where the server is gone.
fn status_of_use(ready: &Value, id: &str) -> Option<u16> {
    let url = format!("{}/v2/access/self", ready["apiUrl"].as_str().unwrap());
    let key = ready["apiKey"].as_str().unwrap();
    let headers = [("apikey", key), ("x-connection-id", id)];
    let answer = try_http("GET", &url, &headers, "").ok()?;
    (answer.status > 0).then_some(answer.status)
}

/// The wrapped key and the ciphertext of every owner.
fn secrets(data: &Path) -> BTreeMap<String, [String; 2]> {
    let sql = "SELECT owner, hex(wrapped_key), hex(sealed) FROM sealed";
    let file = rusqlite::Connection::open(data.join("linchpin.db")).unwrap();
    let mut asked = file.prepare(sql).unwrap();
    let rows = asked.query_map([], |row| Ok((row.get(0)?, [row.get(1)?, row.get(2)?])));
    rows.unwrap().map(Result::unwrap).collect()
}

/// Compares what is sealed with what was; only of a file, since a shared database is looked into in `nodes`.
fn nothing_is_as_it_was(data: &Path, before: &BTreeMap<String, [String; 2]>) {
    let now = secrets(data);
    for (owner, [wrapped_key, sealed]) in before {
        let now = &now[owner];
        assert!(now[0] != *wrapped_key && now[1] != *sealed, "{owner}");
    }
}

#[test]
fn sessions_are_sealed_anew_while_they_are_used_and_no_use_fails() {
    let connections = match std::env::var("LINCHPIN_CHECK").as_deref() {
        Ok("long") => 5_000,
        _ => 600,
    };
    let room = Room::new();
    let data = room.data();
    let server = Running::dev(&room, &[]);
    let ready = server.ready();
    let mut ids: Vec<String> = (0..connections).map(|n| imported(&ready, n)).collect();
    rotate(&data);
    wait_until_all_is_wrapped_anew(&data);
    let is_file = shared_database(&data).is_none();
    let before = is_file.then(|| secrets(&data));
    let (over, uses) = (AtomicBool::new(false), AtomicUsize::new(0));
    let late = thread::scope(|scope| {
        let using = || {
            for id in ids.iter().cycle() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                match status_of_use(&ready, id) {
                    // A key has a number of calls a minute.
                    Some(200) => uses.fetch_add(1, Ordering::Relaxed),
                    Some(429) => 0,
                    other => panic!("{id}: {other:?}"),
                };
            }
        };
        let importing = || {
            let more = connections..;
            let more = more.take_while(|_| !over.load(Ordering::Relaxed));
            more.map(|n| imported(&ready, n)).collect::<Vec<_>>()
        };
        scope.spawn(using);
        let importing = scope.spawn(importing);
        assert_eq!(reseal(&data)["done"], false);
        thread::sleep(Duration::from_millis(500));
        wait_until_all_is_sealed_anew(&data);
        over.store(true, Ordering::Relaxed);
        importing.join().unwrap()
    });
    assert_eq!(status(&data)["reseal"]["rowsLeft"], 0);
    assert!(uses.into_inner() > 20 && !late.is_empty());
    ids.extend(late);
    let all = i64::try_from(ids.len()).unwrap();
    assert_eq!(wrapped(&status(&data), 2), all);
    if let Some(before) = before {
        nothing_is_as_it_was(&data, &before);
    }
    let said = server.logged();
    assert!(!said.contains("\"ERROR\""), "{said}");
    server.stop();
    open_all(&data, &ids);
}

#[test]
fn sealing_anew_goes_on_where_a_kill_has_cut_it_off() {
    let (connections, kills) = match std::env::var("LINCHPIN_CHECK").as_deref() {
        Ok("long") => (5_000, 20),
        _ => (600, 4),
    };
    let room = Room::new();
    let data = room.data();
    let mut server = Running::dev(&room, &[]);
    let ready = server.ready();
    let ids: Vec<String> = (0..connections).map(|n| imported(&ready, n)).collect();
    let is_file = shared_database(&data).is_none();
    let before = is_file.then(|| secrets(&data));
    let asked = reseal(&data);
    let mut left = asked["rowsLeft"].as_i64().unwrap();
    for _ in 0..kills {
        let after = getrandom::u32().unwrap() % 120;
        thread::sleep(Duration::from_millis(after.into()));
        server.signal("KILL");
        drop(server);
        let told = status(&data)["reseal"].clone();
        assert_eq!(told["askedAt"], asked["askedAt"]);
        let now = told["rowsLeft"].as_i64().unwrap();
        assert!(now <= left, "{now} are left after {left}");
        left = now;
        server = Running::dev(&room, &[]);
    }
    wait_until_all_is_sealed_anew(&data);
    assert_eq!(status(&data)["reseal"]["rowsLeft"], 0);
    if let Some(before) = before {
        nothing_is_as_it_was(&data, &before);
    }
    server.stop();
    open_all(&data, &ids);
}
