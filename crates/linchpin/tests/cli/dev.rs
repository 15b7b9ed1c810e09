//! `linchpin dev` on its first start, on every other, and at its end.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _, process::Command};

use serde_json::{Value, json};

use crate::support::{Room, Running, admin, complaint, eventually, http, init, linchpin, run};

#[test]
fn one_line_of_json_says_where_everything_is_and_nothing_else_is_printed() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let ready = dev.ready();
    let names: Vec<&String> = ready.as_object().unwrap().keys().collect();
    let all = [
        "apiKey",
        "apiUrl",
        "clientApps",
        "dataDir",
        "demoUrl",
        "linkUrl",
    ];
    assert_eq!(names, all);
    let apps = ready["clientApps"].as_object().unwrap();
    assert_eq!(
        apps.keys().collect::<Vec<_>>(),
        ["embed", "redirect", "whitelabel"]
    );
    assert!(
        apps.values()
            .all(|id| id.as_str().unwrap().starts_with("app_"))
    );
    assert!(ready["apiKey"].as_str().unwrap().starts_with("sk_sandbox_"));
    assert_eq!(ready["dataDir"], room.data().to_str().unwrap());
    assert!(dev.line.starts_with("{\"apiUrl\":"), "{}", dev.line);
    let (rest, status) = dev.rest();
    assert_eq!((rest.as_str(), status.code()), ("", Some(0)));
}

#[test]
fn started_again_it_gives_the_same_values_and_moves_the_demo_along() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let first = dev.ready();
    assert_eq!(dev.stop().code(), Some(0));
    // Whoever listens where the demo was forces it to another port.
    let demo = first["demoUrl"].as_str().unwrap();
    let _taken = TcpListener::bind(demo.strip_prefix("http://").unwrap()).unwrap();
    let dev = Running::dev(&room, &[]);
    let second = dev.ready();
    for name in ["apiKey", "clientApps", "dataDir"] {
        assert_eq!(first[name], second[name], "{name}");
    }
    assert_ne!(first["demoUrl"], second["demoUrl"]);
    let demo = second["demoUrl"].as_str().unwrap();
    let app = |kind: &str| {
        let id = second["clientApps"][kind].as_str().unwrap();
        admin(&room.data(), &["app", "show", id])
    };
    let uris = json!([format!("{demo}/callback"), "http://localhost:3000/callback"]);
    assert_eq!(app("redirect")["redirectUris"], uris);
    assert_eq!(app("embed")["allowedOrigins"], json!([demo]));
    assert_eq!(init(&second, None, &json!({})).status, 200);
}

#[test]
fn the_apps_are_as_the_sandbox_promises_and_the_redirect_app_is_the_oldest() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let apps = admin(&room.data(), &["app", "list"]);
    let types: Vec<&Value> = apps
        .as_array()
        .unwrap()
        .iter()
        .map(|app| &app["type"])
        .collect();
    assert_eq!(types, ["redirect", "embed", "whitelabel"]);
    let made = |at: usize| apps[at]["createdAt"].as_str().unwrap();
    assert!(made(0) < made(1) && made(1) < made(2));
    assert_eq!(apps[0]["permissions"], json!(["profile:read"]));
    assert_eq!(
        apps[0]["optionalPermissions"],
        json!(["posts:read", "messages:write"])
    );
    let keys = admin(&room.data(), &["key", "list"]);
    assert_eq!(keys[0]["scopes"], json!(["LINK", "ACCOUNT", "ACCESS"]));
    let hosted = init(&dev.ready(), None, &json!({})).json();
    assert_eq!(hosted["mode"], "hosted");
}

#[test]
fn the_line_in_the_terminal_works_when_it_is_pasted() {
    let room = Room::new();
    let data = room.data();
    let out = room.path().join("terminal");
    let mut command = linchpin(&[
        "dev",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
    ]);
    let terminal = fs::File::create(&out).unwrap();
    let mut child = command.stdout(terminal).spawn().unwrap();
    let text = eventually("the text in the terminal", || {
        let text = fs::read_to_string(&out).unwrap();
        text.contains("Ctrl-C").then_some(text)
    });
    let start = text.find("curl ").unwrap();
    let line = &text[start..start + text[start..].find("\n\n").unwrap()];
    let pasted = Command::new("sh").args(["-c", line]).output().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let answer: Value = serde_json::from_slice(&pasted.stdout).unwrap();
    assert_eq!(answer["mode"], "hosted", "{answer}");
    assert!(answer["url"].as_str().unwrap().contains("/cs_"));
    assert!(text.contains("http://127.0.0.1:"));
}

#[test]
fn a_taken_port_is_told_with_the_remedy() {
    let room = Room::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = room.data();
    let output = run(&[
        "dev",
        "--listen",
        &address,
        "--data",
        data.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    let text = complaint(&output);
    assert!(
        text.contains(&address) && text.contains("--listen 127.0.0.1:0"),
        "{text}"
    );
}

#[test]
fn the_demo_has_an_origin_of_its_own_and_leads_to_a_link() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let ready = dev.ready();
    let (demo, link) = (
        ready["demoUrl"].as_str().unwrap(),
        ready["linkUrl"].as_str().unwrap(),
    );
    assert_ne!(demo, link);
    let page = http("GET", demo, &[], "");
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    assert!(
        policy.contains(&format!("form-action 'self' {link};")),
        "{policy}"
    );
    assert!(page.body.contains("Connect your account") && !page.body.contains("<script"));
    assert!(!page.body.contains(ready["apiKey"].as_str().unwrap()));
    assert_eq!(page.header("set-cookie"), None);
    let connected = http("POST", &format!("{demo}/connect"), &[], "");
    assert_eq!(connected.status, 303);
    let url = connected.header("location").unwrap();
    assert!(url.starts_with(&format!("{link}/cs_")), "{url}");
    let opened = http("GET", url, &[], "");
    assert_eq!(opened.status, 200);
    assert!(opened.body.contains("Demo Shop"));
}

#[test]
fn a_callback_that_nobody_started_shows_what_came_and_knows_no_account() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let demo = dev.ready()["demoUrl"].as_str().unwrap().to_owned();
    let query = "status=success&connection_id=%3Cb%3Econn&client_reference_id=visit_1";
    let page = http("GET", &format!("{demo}/callback?{query}"), &[], "");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("connection_id") && !page.body.contains("<b>conn"));
    assert!(page.body.contains("has no client secret to ask with"));
}

#[test]
fn metrics_and_readiness_are_off_unless_wanted() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let api = dev.ready()["apiUrl"].as_str().unwrap().to_owned();
    for path in ["metrics", "readyz", "debug"] {
        assert_eq!(
            http("GET", &format!("{api}/{path}"), &[], "").status,
            404,
            "{path}"
        );
    }
    let health = http("GET", &format!("{api}/healthz"), &[], "");
    assert_eq!((health.status, health.body.as_str()), (200, "ok"));
}

#[test]
fn a_key_that_was_revoked_and_an_app_that_was_deleted_are_made_anew() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let first = dev.ready();
    let data = room.data();
    let key = admin(&data, &["key", "list"])[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    admin(&data, &["key", "revoke", &key]);
    admin(
        &data,
        &[
            "app",
            "delete",
            first["clientApps"]["embed"].as_str().unwrap(),
        ],
    );
    dev.stop();
    let dev = Running::dev(&room, &[]);
    let second = dev.ready();
    assert_ne!(first["apiKey"], second["apiKey"]);
    assert_ne!(first["clientApps"]["embed"], second["clientApps"]["embed"]);
    assert_eq!(
        first["clientApps"]["redirect"],
        second["clientApps"]["redirect"]
    );
    assert_eq!(init(&second, None, &json!({})).status, 200);
}

/// What is so only where the store is a file in the data directory.
mod on_sqlite {
    use super::*;

    #[test]
    fn everything_in_the_data_directory_is_for_its_owner_alone() {
        let room = Room::new();
        let dev = Running::dev(&room, &[]);
        init(&dev.ready(), None, &json!({}));
        let mode = |path: &std::path::Path| {
            fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
        };
        assert_eq!(mode(&room.data()), 0o700);
        let files = || {
            let entries = fs::read_dir(room.data()).unwrap();
            let mut names: Vec<_> = entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        let found = files();
        for wanted in [
            "control.sock",
            "dev.json",
            "linchpin.db",
            "lock",
            "master.key",
        ] {
            assert!(found.iter().any(|name| name == wanted), "{found:?}");
        }
        for name in found {
            assert_eq!(mode(&room.data().join(&name)), 0o600, "{name}");
        }
        dev.stop();
        for name in files() {
            assert_eq!(
                mode(&room.data().join(&name)),
                0o600,
                "{name} after the end"
            );
        }
        assert!(!room.data().join("control.sock").exists());
    }

    #[test]
    fn a_second_process_on_the_same_directory_is_refused() {
        let room = Room::new();
        let dev = Running::dev(&room, &[]);
        let data = room.data();
        let output = run(&[
            "dev",
            "--listen",
            "127.0.0.1:0",
            "--data",
            data.to_str().unwrap(),
        ]);
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        assert!(
            complaint(&output).contains("in use by another linchpin process (pid "),
            "{}",
            complaint(&output)
        );
        assert_eq!(init(&dev.ready(), None, &json!({})).status, 200);
        assert_eq!(admin(&data, &["app", "list"]).as_array().unwrap().len(), 3);
    }
}
