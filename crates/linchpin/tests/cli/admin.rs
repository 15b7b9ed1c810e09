//! Apps, keys and organisations, with a server and without.

use std::os::unix::net::UnixListener;

use serde_json::{Value, json};

use crate::support::{Room, Running, admin, complaint, init, run, run_on};

const SHOP: [&str; 8] = [
    "app",
    "create",
    "--type",
    "redirect",
    "--name",
    "Shop",
    "--redirect-uri",
    "https://shop.example.com/callback",
];

const EVERYTHING: [&str; 21] = [
    "--type=embed",
    "--name=Café",
    "--environment=sandbox",
    "--redirect-uri=https://a.example.com/cb",
    "--redirect-uri=http://localhost:3000/cb",
    "--origin=https://a.example.com",
    "--provider=sandbox",
    "--permission=profile:read",
    "--optional-permission=posts:read",
    "--session-minutes=5",
    "--website=https://example.com/",
    "--privacy-url=https://example.com/p",
    "--terms-url=https://example.com/t",
    "--support=https://example.com/help",
    "--accent=#1a73e8",
    "--redirect-on-success",
    "--hand-off=false",
    "--one-reference-per-account",
    "--dangerous-raw-sessions",
    "--dangerous-custom-proxy",
    "--disable",
];

fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap()
}

#[test]
fn an_app_is_in_force_when_its_command_returns() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let (ready, data) = (dev.ready(), room.data());
    let app = admin(&data, &SHOP);
    assert!(id(&app).starts_with("app_") && app["enabled"] == true);
    let wanted = |url: &str| json!({"clientAppId": id(&app), "redirectUrl": url});
    let old = wanted("https://shop.example.com/callback");
    let new = wanted("https://new.example.com/cb");
    assert_eq!(init(&ready, None, &old).status, 200);
    assert_eq!(init(&ready, None, &new).status, 400);
    let flags = [
        "app",
        "update",
        id(&app),
        "--redirect-uri",
        "https://new.example.com/cb",
    ];
    assert_eq!(admin(&data, &flags)["name"], "Shop");
    assert_eq!(init(&ready, None, &old).status, 400);
    assert_eq!(init(&ready, None, &new).status, 200);
    admin(&data, &["app", "update", id(&app), "--disable"]);
    assert_ne!(init(&ready, None, &new).status, 200);
    admin(&data, &["app", "update", id(&app), "--enable"]);
    assert_eq!(init(&ready, None, &new).status, 200);
    admin(&data, &["app", "delete", id(&app)]);
    assert_eq!(init(&ready, None, &new).status, 404);
}

#[test]
fn a_key_opens_at_once_and_once_revoked_nothing_more() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let (ready, data) = (dev.ready(), room.data());
    let scopes = ["--scope", "LINK", "--environment", "sandbox"];
    let made = admin(
        &data,
        &[&["key", "create", "--name", "backend"], &scopes[..]].concat(),
    );
    let key = made["key"].as_str().unwrap();
    assert_eq!(init(&ready, Some(key), &json!({})).status, 200);
    let listed = admin(&data, &["key", "list"]);
    assert!(!listed.to_string().contains(key) && listed.to_string().contains(id(&made)));
    admin(&data, &["key", "revoke", id(&made)]);
    assert_eq!(init(&ready, Some(key), &json!({})).status, 401);
    let past = [
        &["key", "create", "--name", "old", "--expires", "2020-01-31"],
        &scopes[..],
    ]
    .concat();
    let old = admin(&data, &past);
    assert_eq!(init(&ready, old["key"].as_str(), &json!({})).status, 401);
}

#[test]
fn the_same_commands_work_when_no_server_runs() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let data = room.data();
    dev.stop();
    let app = admin(&data, &SHOP);
    let key = admin(
        &data,
        &[
            "key",
            "create",
            "--name",
            "b",
            "--scope",
            "LINK,ACCOUNT",
            "--environment",
            "sandbox",
        ],
    );
    admin(&data, &["app", "update", id(&app), "--name", "Café"]);
    assert_eq!(admin(&data, &["app", "show", id(&app)])["name"], "Café");
    assert_eq!(admin(&data, &["app", "list"]).as_array().unwrap().len(), 4);
    let dev = Running::dev(&room, &[]);
    let ready = dev.ready();
    let wanted = json!({"clientAppId": id(&app)});
    assert_eq!(init(&ready, key["key"].as_str(), &wanted).status, 200);
}

#[test]
fn a_socket_that_a_killed_server_left_is_no_hindrance() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let data = room.data();
    dev.signal("KILL");
    drop(dev);
    assert!(data.join("control.sock").exists());
    assert_eq!(admin(&data, &["app", "list"]).as_array().unwrap().len(), 3);
    let dev = Running::dev(&room, &[]);
    assert_eq!(admin(&data, &["org", "list"])[0]["name"], "Development");
    dev.stop();
    // A socket file on which nobody accepts is the same.
    drop(UnixListener::bind(data.join("control.sock")).unwrap());
    assert_eq!(admin(&data, &["app", "list"]).as_array().unwrap().len(), 3);
}

#[test]
fn every_problem_is_told_at_once_and_names_its_flag() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let flags = [
        "app",
        "create",
        "--type",
        "popup",
        "--redirect-uri",
        "https://shop.example.com/#x",
        "--origin",
        "shop",
        "--session-minutes",
        "1",
        "--privacy-url",
        "x",
    ];
    let check = || {
        let output = run_on(&room.data(), &flags);
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let text = complaint(&output);
        for flag in [
            "--type: ",
            "--name: ",
            "--redirect-uri: ",
            "--origin: ",
            "--session-minutes: ",
            "--privacy-url: ",
        ] {
            assert!(
                text.lines().any(|line| line.starts_with(flag)),
                "{flag}: {text}"
            );
        }
    };
    check();
    dev.stop();
    check();
}

#[test]
fn every_setting_has_its_flag() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let png = room.path().join("logo.png");
    let pixel = image_of_one_pixel();
    std::fs::write(&png, pixel).unwrap();
    let logo = format!("--logo={}", png.display());
    let output = run_on(
        &room.data(),
        &[&["app", "create", &logo], &EVERYTHING[..]].concat(),
    );
    assert!(output.status.success(), "{}", complaint(&output));
    let warned = complaint(&output);
    assert!(
        warned.contains("--dangerous-raw-sessions") && warned.contains("--dangerous-custom-proxy"),
        "{warned}"
    );
    let app: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        app["redirectUris"],
        json!(["https://a.example.com/cb", "http://localhost:3000/cb"])
    );
    assert_eq!(app["sessionMinutes"], 5);
    assert_eq!(app["enabled"], false);
    assert_eq!(app["handOff"], false);
    assert_eq!(app["logo"].as_str().unwrap().len(), 64);
    for on in [
        "redirectOnSuccess",
        "oneReferencePerAccount",
        "dangerousRawSessions",
        "dangerousCustomProxy",
    ] {
        assert_eq!(app[on], true, "{on}");
    }
    assert!(
        dev.logged().contains("dangerous_raw_sessions"),
        "{}",
        dev.logged()
    );
    let cleared = [
        "--logo=",
        "--website=",
        "--origin=",
        "--dangerous-raw-sessions=false",
    ];
    let app = admin(
        &room.data(),
        &[&["app", "update", id(&app)], &cleared[..]].concat(),
    );
    assert_eq!(
        (&app["logo"], &app["website"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&app["allowedOrigins"], &app["dangerousRawSessions"]),
        (&json!([]), &json!(false))
    );
}

#[test]
fn with_two_organisations_a_command_must_name_one() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let data = room.data();
    let second = admin(&data, &["org", "create", "--name", "Second"]);
    let output = run_on(&data, &SHOP);
    assert!(
        complaint(&output).starts_with("--org: "),
        "{}",
        complaint(&output)
    );
    let app = admin(&data, &[&SHOP[..], &["--org", id(&second)]].concat());
    assert_eq!(app["organisation"], second["id"]);
    let listed = admin(&data, &["app", "list", "--org", id(&second)]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    dev.stop();
}

#[test]
fn without_json_an_answer_is_for_reading() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let data = room.data();
    let output = run(&["app", "list", "--data", data.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("ID ") && text.contains("Demo Shop"),
        "{text}"
    );
    dev.stop();
}

/// The smallest PNG there is: one pixel.
fn image_of_one_pixel() -> Vec<u8> {
    let mut png = Vec::new();
    let image = image::RgbaImage::from_pixel(1, 1, image::Rgba([10, 20, 30, 255]));
    let mut out = std::io::Cursor::new(&mut png);
    image.write_to(&mut out, image::ImageFormat::Png).unwrap();
    png
}

/// What is so only where the store is a file in the data directory.
mod on_sqlite {
    use super::*;

    #[test]
    fn exit_codes_tell_a_refusal_from_a_line_that_is_no_command() {
        let room = Room::new();
        let dev = Running::dev(&room, &[]);
        let unknown = run_on(&room.data(), &["app", "show", "app_nothing"]);
        assert_eq!(unknown.status.code(), Some(1));
        assert!(complaint(&unknown).contains("there is no client app app_nothing"));
        assert_eq!(run(&["app", "creat"]).status.code(), Some(2));
        assert_eq!(
            run(&["key", "create", "--name", "x"]).status.code(),
            Some(2)
        );
        assert_eq!(run(&["--version"]).status.code(), Some(0));
        dev.stop();
        let elsewhere = Room::new();
        let output = run_on(&elsewhere.data(), &["app", "list"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            complaint(&output).contains("there is no store in"),
            "{}",
            complaint(&output)
        );
        assert!(!elsewhere.data().exists());
    }
}
