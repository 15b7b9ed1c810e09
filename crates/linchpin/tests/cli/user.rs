//! `linchpin user` and `linchpin support-bundle`, with a server and without one.

use std::{os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::{Value, json};

use super::support::{Room, Running, admin, complaint, init, run, run_on};

const WHO: [&str; 4] = ["--reference", "canaryada", "--environment", "sandbox"];

fn of_ada(command: &str) -> Vec<&str> {
    [&["user", command], WHO.as_slice()].concat()
}

/// A server for whose users links were made, and what it says of itself.
fn with_links(room: &Room) -> (Running, Value) {
    let dev = Running::dev(room, &[]);
    let ready = dev.ready();
    for name in ["canaryada", "canarybob"] {
        let body = json!({
            "clientAppId": ready["clientApps"]["redirect"],
            "clientReferenceId": name,
            "metadata": { "shoes": format!("{name}-metadata") },
        });
        assert_eq!(init(&ready, None, &body).status, 200);
    }
    (dev, ready)
}

/// Names of the files of a directory that have a text in them.
fn files_with(directory: &Path, text: &str) -> Vec<String> {
    let files = std::fs::read_dir(directory).unwrap().map(Result::unwrap);
    let found = files.filter(|file| {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    });
    found
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn a_user_is_told_and_erased_whether_a_server_runs_or_not() {
    let room = Room::new();
    let data = room.data();
    let (dev, _) = with_links(&room);
    let path = data.to_str().unwrap();
    let told = run(&[of_ada("export").as_slice(), &["--data", path]].concat());
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("canaryada-metadata") && !told.contains("canarybob"));
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["linkSessions"][0]["clientReferenceId"], "canaryada");
    dev.stop();
    assert_eq!(
        admin(&data, &of_ada("export"))["linkSessions"],
        told["linkSessions"]
    );
    let erased = admin(&data, &of_ada("erase"));
    assert_eq!(erased["linkSessions"], 1);
    assert_eq!(erased["auditObject"], told["auditObject"]);
    assert_eq!(files_with(&data, "canaryada"), [""; 0]);
    assert_eq!(admin(&data, &of_ada("export"))["linkSessions"], json!([]));
    admin(&data, &["audit", "verify"]);
    let refused = run_on(
        &data,
        &[
            "user",
            "erase",
            "--reference",
            "",
            "--environment",
            "sandbox",
        ],
    );
    assert!(
        complaint(&refused).starts_with("--reference: must be"),
        "{}",
        complaint(&refused)
    );
}

#[test]
fn a_support_bundle_is_one_private_file_without_anybody_in_it() {
    let room = Room::new();
    let data = room.data();
    let (dev, ready) = with_links(&room);
    let (file, config) = (room.path().join("bundle.json"), room.path().join("c.toml"));
    let shown = format!(
        "data = {:?}\n[server]\nsandbox_only = true\n",
        data.display()
    );
    std::fs::write(&config, shown).unwrap();
    let (name, config) = (file.to_str().unwrap(), config.to_str().unwrap());
    let asked = ["support-bundle", "--output", name, "--config", config];
    let made = run_on(&data, &asked);
    assert!(made.status.success(), "{}", complaint(&made));
    assert!(made.stdout.is_empty());
    let permissions = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(permissions & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    let key = std::fs::read_to_string(data.join("master.key")).unwrap();
    let apps = &ready["clientApps"];
    for secret in [
        "canary",
        "sk_sandbox_",
        key.trim(),
        ready["apiKey"].as_str().unwrap(),
        apps["redirect"].as_str().unwrap(),
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let bundle: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bundle["store"]["rows"]["link_session"], 2);
    assert_eq!(
        bundle["store"]["linkSessionsByStage"],
        json!({ "initialized": 2 })
    );
    assert_eq!(bundle["configuration"]["server"]["sandbox_only"], true);
    assert!(bundle["schema"]["newest"].as_i64().unwrap() >= 4);
    // A file that is there is never replaced.
    assert_eq!(run_on(&data, &asked).status.code(), Some(1));
    dev.stop();
    let printed = admin(&data, &["support-bundle"]);
    assert_eq!(printed["store"]["rows"]["link_session"], 2);
}
