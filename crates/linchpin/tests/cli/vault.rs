//! `linchpin vault`, and what keeps secrets out of dumps.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use linchpin::{
    domain::{
        environment::Environment, id::ConnectionId, keyring::Keyring, master_keys::MasterKeys,
    },
    egress::{Egress, Rules},
    flow::{Clock, Engine, Parts, PublicUrls, Settings},
    store::Store,
    vault::Vault,
};
use serde_json::{Value, json};

use crate::support::{
    Answer, Room, Running, admin, complaint, eventually, linchpin, options, run_on,
    shared_database, try_http,
};

/// Imports the session of the sandbox's n-th fan.
pub fn import(ready: &Value, n: usize) -> std::io::Result<Answer> {
    let url = format!(
        "{}/v2/account/connections/import",
        ready["apiUrl"].as_str().unwrap()
    );
    let key = ready["apiKey"].as_str().unwrap();
    let headers = [("apikey", key), ("content-type", "application/json")];
    let body = json!({ "cookie": format!("sandbox=u{n}@fan.sandbox.com"), "userAgent": "Test/1" });
    try_http("POST", &url, &headers, &body.to_string())
}

pub fn imported(ready: &Value, n: usize) -> String {
    let answer = import(ready, n).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// Rotates as an operator of one node does.
pub fn rotate(data: &Path) -> Value {
    if shared_database(data).is_some() {
        admin(data, &["vault", "rotate", "--prepare"]);
    }
    admin(data, &["vault", "rotate"])
}

pub fn status(data: &Path) -> Value {
    admin(data, &["vault", "status"])
}

/// How many secrets a version wraps.
pub fn wrapped(status: &Value, version: i64) -> i64 {
    let versions = status["versions"].as_array().unwrap();
    let found = versions.iter().find(|found| found["version"] == version);
    found.map_or(0, |found| found["rows"].as_i64().unwrap())
}

pub fn wait_until_all_is_wrapped_anew(data: &Path) {
    eventually("everything being wrapped anew", || {
        (status(data)["rowsLeft"] == 0).then_some(())
    });
}

/// Takes a version out as soon as that may be.
fn retire(data: &Path, version: &str) {
    eventually("the version being taken out", || {
        let output = run_on(data, &["vault", "retire", version]);
        let said = complaint(&output);
        assert!(output.status.success() || said.contains("yet"), "{said}");
        output.status.success().then_some(())
    });
}

fn key_file(data: &Path) -> String {
    fs::read_to_string(data.join("master.key")).unwrap()
}

fn write_key_file(data: &Path, text: &str) {
    fs::write(data.join("master.key"), text).unwrap();
}

/// Opens the session of each connection, while no server runs.
pub fn open_all(data: &Path, ids: &[String]) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let keys = MasterKeys::parse(&key_file(data)).unwrap();
        let keyring = || Keyring::derive(**keys.root());
        let store = Store::open(&options(data), &keyring()).await.unwrap();
        let measured = store.measure_time().await.unwrap();
        let clock = Clock::system(store.latest_time(), measured);
        let settings = Settings::at(PublicUrls {
            api: String::new(),
            link: String::new(),
        });
        let parts = Parts {
            store,
            keyring: keyring(),
            vault: Vault::new(keys.clone()),
            egress: Egress::new(Rules::strict()).unwrap(),
            clock,
        };
        let engine = Engine::start(parts, settings, Vec::new()).await.unwrap();
        let organisation = engine.directory().organisations[0].id.clone();
        for id in ids {
            let id = ConnectionId::from_text(id);
            let connection = engine
                .store
                .connection(&id, &organisation, Environment::Sandbox)
                .await;
            let connection = connection.unwrap().expect("what was answered is there");
            let session = engine.open_session(&connection).await.unwrap();
            assert!(session.unwrap().reveal().starts_with("sandbox="));
        }
        engine.store.clone().close().await;
    });
}

#[test]
fn a_vault_is_rotated_under_load_and_the_version_of_before_taken_out() {
    let room = Room::new();
    let data = room.data();
    let server = Running::dev(&room, &[]);
    let ready = server.ready();
    let (next, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let ids = thread::scope(|scope| {
        let importing = || {
            let mut ids = Vec::new();
            while !over.load(Ordering::Relaxed) {
                ids.push(imported(&ready, next.fetch_add(1, Ordering::Relaxed)));
            }
            ids
        };
        let load = [scope.spawn(importing), scope.spawn(importing)];
        for version in [2, 3] {
            thread::sleep(Duration::from_millis(300));
            assert_eq!(rotate(&data)["currentVersion"], version);
        }
        thread::sleep(Duration::from_millis(300));
        over.store(true, Ordering::Relaxed);
        let load = load
            .into_iter()
            .flat_map(|importing| importing.join().unwrap());
        load.collect::<Vec<_>>()
    });
    wait_until_all_is_wrapped_anew(&data);
    let all = i64::try_from(ids.len()).unwrap();
    let told = status(&data);
    assert!(all > 3, "only {all} sessions were imported");
    assert_eq!((wrapped(&told, 2), wrapped(&told, 3)), (0, all), "{told}");
    assert_eq!(told["problem"], Value::Null);

    let first_line = key_file(&data).lines().next().unwrap().to_owned();
    retire(&data, "2");
    let left = key_file(&data);
    let lines: Vec<&str> = left.lines().collect();
    assert_eq!((lines.len(), lines[0]), (2, first_line.as_str()));
    assert!(lines[1].starts_with("3 "));
    assert_eq!(
        admin(&data, &["audit", "verify"])["notChainedYet"]
            .as_i64()
            .map(|_| ()),
        Some(())
    );
    assert_eq!(server.stop().code(), Some(0));
    open_all(&data, &ids);

    let again = Running::dev(&room, &[]);
    imported(&again.ready(), next.load(Ordering::Relaxed));
    assert_eq!(wrapped(&status(&data), 3), all + 1);
    assert!(!again.logged().contains("\"ERROR\""), "{}", again.logged());
}

#[test]
fn a_version_that_wraps_something_is_current_or_the_root_is_not_taken_out() {
    let room = Room::new();
    let data = room.data();
    let server = Running::dev(&room, &[]);
    let id = imported(&server.ready(), 0);
    rotate(&data);
    wait_until_all_is_wrapped_anew(&data);
    server.stop();
    // Nobody is there to wrap anew now.
    assert_eq!(rotate(&data)["rowsLeft"], 1);
    let before = key_file(&data);
    let refused = |version: &str, why: &str| {
        let output = run_on(&data, &["vault", "retire", version]);
        assert_eq!(output.status.code(), Some(1));
        complaint(&output).contains(why)
    };
    assert!(refused("1", "the root"));
    assert!(refused("3", "only versions before the current one"));
    assert!(refused("4", "there is no version 4"));
    eventually("the reason being the row", || {
        refused("2", "secrets are wrapped with it").then_some(())
    });
    assert_eq!(key_file(&data), before);
    open_all(&data, &[id]);
    let again = Running::dev(&room, &[]);
    wait_until_all_is_wrapped_anew(&data);
    retire(&data, "2");
    again.stop();
}

#[test]
fn a_key_file_without_the_version_or_with_another_key_for_it_is_refused_at_the_start_with_the_remedy()
 {
    let room = Room::new();
    let data = room.data();
    let server = Running::dev(&room, &[]);
    let id = imported(&server.ready(), 0);
    rotate(&data);
    wait_until_all_is_wrapped_anew(&data);
    server.stop();
    let right = key_file(&data);
    let first_line = right.lines().next().unwrap();
    let wrong = format!("{first_line}\n2 {}\n", "ab".repeat(32));
    for (text, why) in [
        (
            format!("{first_line}\n"),
            "has no version 2 of the master key",
        ),
        (wrong, "has another version 2 of the master key"),
    ] {
        write_key_file(&data, &text);
        let dev = run_on(&data, &["dev", "--listen", "127.0.0.1:0"]);
        assert_eq!(dev.status.code(), Some(1));
        let said = complaint(&dev);
        assert!(said.contains(why), "{said}");
        assert!(said.contains("copy the key file from where"), "{said}");
        assert!(!said.contains("abab"), "{said}");
    }
    write_key_file(&data, &right);
    open_all(&data, &[id]);
}

#[test]
fn a_version_that_is_prepared_is_used_only_once_it_is_rotated_to() {
    let room = Room::new();
    let data = room.data();
    let server = Running::dev(&room, &[]);
    if shared_database(&data).is_some() {
        let refused = run_on(&data, &["vault", "rotate"]);
        assert!(complaint(&refused).contains("--prepare"));
    }
    let prepared = admin(&data, &["vault", "rotate", "--prepare"]);
    assert_eq!(prepared["prepared"], 2);
    let twice = run_on(&data, &["vault", "rotate", "--prepare"]);
    assert!(
        complaint(&twice).contains("prepared already"),
        "{}",
        complaint(&twice)
    );
    let first = imported(&server.ready(), 0);
    assert_eq!(wrapped(&status(&data), 1), 1);
    assert_eq!(admin(&data, &["vault", "rotate"])["currentVersion"], 2);
    let second = imported(&server.ready(), 1);
    wait_until_all_is_wrapped_anew(&data);
    server.stop();
    open_all(&data, &[first, second]);
}

#[test]
fn a_node_whose_key_file_lacks_the_version_seals_nothing_says_why_and_goes_on_once_it_is_there() {
    let room = Room::new();
    let data = room.data();
    let Some(database) = shared_database(&data) else {
        return;
    };
    let one = Running::dev(&room, &[]);
    let second = Room::new();
    fs::create_dir(second.data()).unwrap();
    fs::copy(data.join("master.key"), second.data().join("master.key")).unwrap();
    fs::copy(data.join("dev.json"), second.data().join("dev.json")).unwrap();
    let path = second.data();
    let flags = ["dev", "--json", "--listen", "127.0.0.1:0", "--data"];
    let mut command = linchpin(&[&flags[..], &[path.to_str().unwrap()]].concat());
    command.env("LINCHPIN_DATABASE", &database);
    let mut two = Running::spawn(&second, command);
    two.read_line();
    let before = imported(&two.ready(), 0);

    admin(&data, &["vault", "rotate", "--prepare"]);
    admin(&data, &["vault", "rotate"]);
    let ids = [before, imported(&one.ready(), 1)];
    thread::sleep(Duration::from_secs(1));
    let refused = import(&two.ready(), 2).unwrap();
    assert_eq!(refused.status, 500, "{refused:?}");
    eventually("the reason being logged", || {
        let logged = two.logged();
        let why = logged.contains("has no version 2 of the master key");
        (why && logged.contains("copy the key file")).then_some(())
    });
    imported(&one.ready(), 3);
    wait_until_all_is_wrapped_anew(&data);

    fs::copy(data.join("master.key"), second.data().join("master.key")).unwrap();
    imported(&two.ready(), 2);
    assert_eq!(wrapped(&status(&data), 2), 4);
    one.stop();
    two.stop();
    open_all(&data, &ids);
}
