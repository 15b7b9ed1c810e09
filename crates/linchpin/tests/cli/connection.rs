//! `linchpin connection invalidate`, as somebody in a hurry types it.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::Stdio,
    time::Instant,
};

use linchpin::{
    domain::{
        environment::Environment, keyring::Keyring, master_keys::MasterKeys, public_id::AppId,
    },
    egress::{Egress, Rules},
    flow::{Clock, Engine, Parts, PublicUrls, Settings},
    store::Store,
    vault::Vault,
};
use serde_json::{Value, json};

use crate::{
    receiver::Receiver,
    run::times,
    seeded::{Seed, seed},
    support::{Room, Running, admin, complaint, eventually, http, linchpin, options, run_on},
};

/// Puts connections of the sandbox into the store of a server that does not run.
fn seeded(data: &Path, app: &Value, numbers: std::ops::Range<usize>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let text = fs::read_to_string(data.join("master.key")).unwrap();
        let keys = MasterKeys::parse(&text).unwrap();
        let keyring = || Keyring::derive(**keys.root());
        let store = Store::open(&options(data), &keyring()).await.unwrap();
        let measured = store.measure_time().await.unwrap();
        let clock = Clock::system(store.latest_time(), measured);
        let urls = PublicUrls {
            api: String::new(),
            link: String::new(),
        };
        let parts = Parts {
            store,
            keyring: keyring(),
            vault: Vault::new(keys.clone()),
            egress: Egress::new(Rules::strict()).unwrap(),
            clock,
        };
        let engine = Engine::start(parts, Settings::at(urls), Vec::new()).await;
        let engine = engine.unwrap();
        let organisation = engine.directory().organisations[0].id.clone();
        let app = AppId::parse(app.as_str().unwrap());
        let what = Seed {
            organisation: &organisation,
            environment: Environment::Sandbox,
            provider: "sandbox",
            app: app.as_ref(),
        };
        seed(&engine, &what, numbers).await;
        engine.store.clone().close().await;
    });
}

/// How many connections have a status, up to 100.
fn listed(ready: &Value, status: &str) -> usize {
    let url = format!(
        "{}/v2/account/connections?status={status}&limit=100",
        ready["apiUrl"].as_str().unwrap()
    );
    let headers = [("apikey", ready["apiKey"].as_str().unwrap())];
    let page = http("GET", &url, &headers, "").json();
    page["list"].as_array().unwrap().len()
}

#[test]
fn one_apps_connections_are_ended_with_a_server_and_the_rest_of_the_provider_without() {
    let room = Room::new();
    let data = room.data();
    let first = Running::dev(&room, &[]);
    let apps = first.ready()["clientApps"].clone();
    first.stop();
    seeded(&data, &apps["redirect"], 0..30);
    seeded(&data, &apps["embed"], 30..50);

    let server = Running::dev(&room, &[]);
    let (ready, receiver) = (server.ready(), Receiver::start());
    admin(&data, &["webhook", "create", "--url", &receiver.url]);
    let of_app = [
        "connection",
        "invalidate",
        "--app",
        apps["redirect"].as_str().unwrap(),
    ];
    let wanted = json!({ "ended": 30, "notSignedOut": 0, "unreadable": 0 });
    assert_eq!(admin(&data, &of_app), wanted);
    assert_eq!(
        (listed(&ready, "expired"), listed(&ready, "active")),
        (30, 20)
    );
    let hits = receiver.wait_for(30);
    assert!(hits.iter().all(|hit| hit.kind() == "connection.expired"));
    assert_eq!(admin(&data, &of_app)["ended"], 0);
    server.stop();

    let of_provider = ["connection", "invalidate", "--provider", "sandbox"];
    assert_eq!(admin(&data, &of_provider)["ended"], 20);
    assert_eq!(admin(&data, &of_provider)["ended"], 0);
    let server = Running::dev(&room, &[]);
    assert_eq!(listed(&server.ready(), "active"), 0);
    // What was told while no server ran is sent by the next one.
    assert_eq!(receiver.wait_for(50).len(), 50);
    admin(&data, &["audit", "verify"]);
    let entries = admin(&data, &["audit", "list", "--limit", "200"]);
    let of = |action: &str| {
        let entries = entries.as_array().unwrap().iter();
        entries.filter(|entry| entry["action"] == action).count()
    };
    assert_eq!(
        (of("connection.expire"), of("connection.expire_all")),
        (50, 4)
    );
}

#[test]
fn a_command_that_is_killed_is_finished_by_the_next_one() {
    let room = Room::new();
    let data = room.data();
    let first = Running::dev(&room, &[]);
    let apps = first.ready()["clientApps"].clone();
    first.stop();
    seeded(&data, &apps["redirect"], 0..3_000);
    let flags = ["--provider", "sandbox", "--data", data.to_str().unwrap()];
    let mut child = linchpin(&[&["connection", "invalidate"][..], &flags].concat())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut progress = String::new();
    let errors = child.stderr.take().unwrap();
    BufReader::new(errors).read_line(&mut progress).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let told = admin(
        &data,
        &["connection", "invalidate", "--provider", "sandbox"],
    );
    eprintln!("first: {progress}then: {told}");
    let server = Running::dev(&room, &[]);
    assert_eq!(listed(&server.ready(), "active"), 0);
    eventually("everything being chained", || {
        let verified = admin(&data, &["audit", "verify"]);
        (verified["notChainedYet"] == 0).then_some(())
    });
    let mut export = linchpin(&["audit", "export", "--data", data.to_str().unwrap()]);
    let exported = String::from_utf8(export.output().unwrap().stdout).unwrap();
    let ends = exported.matches("\"connection.expire\"").count();
    assert_eq!(ends, 3_000);
}

#[test]
fn what_cannot_be_meant_is_refused_with_the_remedy() {
    let room = Room::new();
    let data = room.data();
    let _server = Running::dev(&room, &[]);
    let cases: [(&[&str], i32, &str); 6] = [
        (&[], 2, "--app"),
        (
            &["--app", "app_1", "--provider", "sandbox"],
            2,
            "cannot be used with",
        ),
        (&["--app", "shop"], 1, "linchpin app list"),
        (&["--app", "app_1"], 1, "no client app app_1"),
        (&["--provider", "sandbocks"], 1, "no provider sandbocks"),
        (
            &["--provider", "sandbox", "--org", "org_1"],
            1,
            "no organisation org_1",
        ),
    ];
    for (flags, code, text) in cases {
        let output = run_on(&data, &[&["connection", "invalidate"], flags].concat());
        let said = complaint(&output);
        assert_eq!(output.status.code(), Some(code), "{flags:?}: {said}");
        assert!(said.contains(text), "{flags:?}: {said}");
    }
    let entries = admin(&data, &["audit", "list"]).to_string();
    assert!(!entries.contains("sandbocks"), "{entries}");
}

/// What the panic may last with 100,000 connections, which `./check long` measures. A build without optimisation is given
/// five times as long.
#[test]
fn a_hundred_thousand_connections_end_within_a_minute() {
    let count = times(1_000, 100_000);
    let room = Room::new();
    let data = room.data();
    let first = Running::dev(&room, &[]);
    let apps = first.ready()["clientApps"].clone();
    first.stop();
    seeded(&data, &apps["redirect"], 0..count);
    let server = Running::dev(&room, &[]);
    let begun = Instant::now();
    let flags = ["--provider", "sandbox", "--data", data.to_str().unwrap()];
    let output = linchpin(&[&["connection", "invalidate"][..], &flags].concat())
        .output()
        .unwrap();
    let took = begun.elapsed();
    let said = String::from_utf8(output.stdout).unwrap();
    eprintln!("{count} connections ended in {took:?}\n{said}");
    assert!(
        said.starts_with(&format!("{count} connections ended")),
        "{said}"
    );
    assert_eq!(listed(&server.ready(), "active"), 0);
    let most = if cfg!(debug_assertions) { 300 } else { 60 };
    assert!(took.as_secs() < most, "{took:?}");
}
