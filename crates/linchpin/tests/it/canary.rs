//! No secret is ever written down: not to a log at its most talkative, not to a file of the store.
//!
//! The flows run in a process of their own, so that everything that it writes can be read: logs at `TRACE`, panics,
//! and whatever somebody might print.

use std::process::Command;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use linchpin::domain::client_app_change::ClientAppChange;
use serde_json::json;
use tracing::level_filters::LevelFilter;

use crate::{
    flow::own_link::{ID_LENGTH, own_link},
    support::{
        Browser, CODE, Developer, HOUR, PASSWORD, Request, World, answer::find,
        database::hexadecimal,
    },
    whitelabel::{Session, usual_app},
};

const WRONG_PASSWORD: &str = "canary-Password-5Ftz";
const RIGHT_PASSWORD: &str = "canary-Live-Password-8Qwe";
const WRONG_CODE: &str = "canaryC0de7x";
const ACCESS_TOKEN: &str = "canaryT0ken9Zxc";
const PROXY_PASSWORD: &str = "canary-Proxy-4Dfg";
const SENT: [&str; 3] = ["canary-Query-7Uio", "canary-Body-3Rty", "canary-Path-1Asd"];
const RETURNED: &str = "canary-cookie";
const SECRETS_FILE: &str = "LINCHPIN_TEST_CANARIES";

/// Every way in which a secret might have been written.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let hex = hexadecimal(secret.as_bytes());
    let numbers: Vec<String> = secret.bytes().map(|byte| byte.to_string()).collect();
    vec![
        secret.as_bytes().to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        STANDARD_NO_PAD.encode(secret).into_bytes(),
        numbers.join(", ").into_bytes(),
        numbers.join(",").into_bytes(),
    ]
}

fn assert_absent(secrets: &[String], place: &str, bytes: &[u8]) {
    for secret in secrets {
        for spelling in spellings(secret) {
            if let Some(at) = find(bytes, &spelling) {
                let around = &bytes[at.saturating_sub(200)..(at + 120).min(bytes.len())];
                panic!(
                    "{secret} is in {place}: …{}…",
                    String::from_utf8_lossy(around)
                );
            }
        }
    }
}

#[test]
fn no_secret_is_in_any_log_or_file_of_whole_flows() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "canary::whole_flows_at_the_most_talkative_level",
            "--nocapture",
        ])
        .env(SECRETS_FILE, file.path())
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap();
    let written = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&written);
    assert!(output.status.success(), "{text}");
    // The flows did run, and the log did speak of them.
    assert!(text.contains("1 passed"), "{text}");
    assert!(text.contains("link session started"), "{text}");
    assert!(text.contains("link session moved"), "{text}");
    assert!(text.contains("the provider breaks"), "{text}");
    let secrets: Vec<String> = std::fs::read_to_string(file.path())
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    assert!(secrets.len() >= 20, "{} secrets", secrets.len());
    assert_absent(&secrets, "what was written", &written);
}

/// Keeps what a browser's page must hide: its tokens and the secret of its address.
fn note(secrets: &mut Vec<String>, browser: &Browser<'_>) {
    let path = browser.path();
    let secret = path.trim_start_matches("/f/").trim_start_matches("/cs_");
    secrets.push(secret.split('/').next().unwrap().to_owned());
    if browser.html().contains("<form id=\"step\"") {
        secrets.push(browser.form().token().to_owned());
    }
}

/// Wrong password, wrong code, right code.
fn a_flow_with_a_code(world: &World, secrets: &mut Vec<String>) {
    let link = world.link();
    secrets.push(link.secret()["cs_".len()..].to_owned());
    let mut browser = Browser::at(world, &link);
    note(secrets, &browser);
    browser.press("continue");
    note(secrets, &browser);
    browser.press("continue");
    note(secrets, &browser);
    browser.sign_in("ada@creator-sms.sandbox.com", WRONG_PASSWORD);
    note(secrets, &browser);
    browser.sign_in("ada@creator-sms.sandbox.com", PASSWORD);
    note(secrets, &browser);
    browser.enter_code(WRONG_CODE);
    assert_eq!(browser.step(), "2fa");
    note(secrets, &browser);
    browser.press("resend").enter_right_code();
    let own = own_link(&browser);
    secrets.push(own.rsplit('/').next().unwrap()[ID_LENGTH..].to_owned());
    browser.go_back_to_app();
    // The user's own page, and the end of the connection there.
    browser.open(&own).open(&format!("{own}?leave=1"));
    secrets.push(browser.form().token().to_owned());
    browser.press("disconnect");
    assert_eq!(browser.step(), "disconnected");
}

/// A code on one screen, the form on the phone, and its flow.
fn a_hand_off(world: &World, secrets: &mut Vec<String>) {
    let link = world.link();
    let mut desktop = Browser::at_login(world, &link);
    desktop.press("phone");
    note(secrets, &desktop);
    let code = crate::flow::hand_off::code(world, &link);
    let mut phone = Browser::new(world);
    phone.open(&code);
    secrets.push(code["/h/".len()..].to_owned());
    secrets.push(phone.form().token().to_owned());
    let phrase = crate::flow::hand_off::phrase(&desktop);
    let right = crate::flow::hand_off::picks(&phone, &phrase, true);
    phone.press(&right[0]);
    note(secrets, &phone);
    phone.sign_in("ada@fan.sandbox.com", WRONG_PASSWORD);
    note(secrets, &phone);
}

/// The same by API, with everything else that is secret there.
fn a_whitelabel_flow(world: &World, secrets: &mut Vec<String>) {
    let sms = Session::start(world);
    let encoded = json!({
        "email": "ada@creator-sms.sandbox.com", "wait": 20, "passwordEncoding": "base64",
        "password": STANDARD.encode(WRONG_PASSWORD),
    });
    let spoilt = json!({ "password": RIGHT_PASSWORD, "passwordEncoding": "base64" });
    let misplaced = json!({ "passwrd": WRONG_PASSWORD, "username": { "is": WRONG_PASSWORD } });
    for (body, status) in [(spoilt, 400), (misplaced, 400), (encoded, 200)] {
        let answer = sms.login_with(&body).expect(status).text();
        assert!(!answer.contains(WRONG_PASSWORD) && !answer.contains(RIGHT_PASSWORD));
    }
    sms.set_app(ClientAppChange {
        dangerous_custom_proxy: Some(true),
        ..ClientAppChange::default()
    });
    let proxy = json!({
        "email": "ada@creator-sms.sandbox.com", "password": PASSWORD, "wait": 20,
        "proxy": { "url": format!("http://user:{PROXY_PASSWORD}@proxy.example.com") },
    });
    sms.login_with(&proxy).expect(200);
    sms.code(WRONG_CODE).expect(200);
    sms.code(CODE).expect(200);
    let live = Session::of(world, &usual_app(world, "live"));
    live.log_in("panic@north", RIGHT_PASSWORD).expect(200);
    let proxied = Session::of(world, &usual_app(world, "live"));
    proxied.set_app(ClientAppChange {
        dangerous_custom_proxy: Some(true),
        ..ClientAppChange::default()
    });
    let login = json!({
        "username": "code@north", "password": RIGHT_PASSWORD, "wait": 20,
        "proxy": { "url": format!("http://user:{PROXY_PASSWORD}@93.184.216.34:8080") },
    });
    proxied.login_with(&login).expect(200);
    proxied.code(WRONG_CODE).expect(200);
    proxied.code(CODE).expect(200);
    assert_eq!(proxied.status(), "completed");
    for session in [sms, live, proxied] {
        secrets.push(session.link.secret()["cs_".len()..].to_owned());
        secrets.push(session.key.split('_').next_back().unwrap().to_owned());
    }
    secrets.push(PROXY_PASSWORD.to_owned());
}

/// A live sign-in, one that breaks, one that hangs; and a form that is refused by its token.
fn flows_of_another_provider(world: &World, live: &Developer, secrets: &mut Vec<String>) {
    for username in ["fine@north", "panic@north", "hang@north"] {
        let link = world.link_of(live, &json!({}));
        secrets.push(link.secret()["cs_".len()..].to_owned());
        let mut browser = Browser::at_login(world, &link);
        note(secrets, &browser);
        browser.sign_in(username, RIGHT_PASSWORD);
    }
    let form = [
        ("token", "x"),
        ("username", "u"),
        ("password", WRONG_PASSWORD),
    ];
    let link = world.link();
    world
        .send(&Request::post(link.url()).form(form))
        .expect(403);
}

/// Secrets where they do not belong, and broken requests around them.
fn misplaced_secrets(world: &World) {
    let sandbox = world.developer();
    let link = world.link();
    let path = format!("/v2/link/{}", link.secret());
    for request in [
        Request::get(&format!("/v2/link/init?apikey={}", sandbox.key)),
        Request::post(&format!("/v2/link/init/{}", sandbox.key)),
        Request::post("/v2/link/init").header("apikey", &format!("{}x", sandbox.key)),
        Request::post("/v2/link/init").header("cookie", &format!("key={}", sandbox.key)),
        Request::post("/v2/link/init")
            .header("apikey", &sandbox.key)
            .json(&json!({ "password": WRONG_PASSWORD, "locale": WRONG_CODE })),
        Request::post("/v2/link/init")
            .header("apikey", &sandbox.key)
            .body("application/json", format!("{{{WRONG_PASSWORD}")),
        Request::new("PUT", &path).header("apikey", &sandbox.key),
        Request::get(&format!("{path}/x")).header("apikey", &sandbox.key),
        Request::get(&path).header("apikey", &sandbox.key),
        Request::post("/v2/link/init")
            .header("apikey", &sandbox.key)
            .header("idempotency-key", "one"),
    ] {
        world.send(&request);
    }
}

/// A connection in use: its session, and what is sent and returned with it.
fn a_connection_in_use(world: &World, live: &Developer, secrets: &mut Vec<String>) {
    let [query, body, path] = SENT;
    let import = json!({ "accessToken": format!("bob:{ACCESS_TOKEN}"), "permissions": [] });
    let request = Request::post("/v2/account/connections/import").header("apikey", &live.key);
    let made = world.send(&request.json(&import)).expect(200).json();
    let id = made["id"].as_str().unwrap();
    let call = |method: &str, path: &str| {
        Request::new(method, path)
            .header("apikey", &live.key)
            .header("x-connection-id", id)
    };
    let at = |rest: &str| format!("/v2/access/proxy/open/{rest}");
    let profile = world.send(&call("GET", "/v2/access/self")).expect(200);
    let headers = world.send(&call("GET", &at("headers"))).expect(207);
    world.upstream().health.lock().unwrap().renews = true;
    world.upstream().health.lock().unwrap().accepted = 1;
    for request in [
        call("GET", &at(&format!("{path}?token={query}"))),
        call("POST", &at("x"))
            .header("cookie", query)
            .body("text/plain", body),
        call("GET", &at(&format!("{path}/.."))),
        call("GET", &at("down")),
        call("GET", &at("panic")),
        call("GET", &format!("/v2/access/proxy/{path}")),
    ] {
        let answer = world.send(&request);
        assert!(!answer.text().contains(ACCESS_TOKEN), "{}", answer.text());
    }
    // The same over a real socket, whose answer has all of it, too.
    let wire = format!("/v2/access/proxy/wire/open/{path}?token={query}");
    let posted = world.send(&call("POST", &wire).body("text/plain", body));
    assert!(posted.expect(200).text().ends_with(body));
    for answer in [profile, headers] {
        let told = format!("{:?} {}", answer.headers, answer.text());
        assert!(
            !told.contains(ACCESS_TOKEN) && !told.contains(RETURNED),
            "{told}"
        );
    }
    secrets.extend(SENT.map(str::to_owned));
    secrets.extend([ACCESS_TOKEN.to_owned(), RETURNED.to_owned()]);
}

/// A kill in the middle of a check, and what follows at the next start.
fn a_kill(world: &mut World, secrets: &mut Vec<String>) {
    let link = world.link();
    secrets.push(link.secret()["cs_".len()..].to_owned());
    let mut browser = Browser::at_login(world, &link);
    browser
        .fill("username", "ada@slow.sandbox.com")
        .fill("password", PASSWORD);
    browser.press("continue");
    world.kill();
    world.run();
    world.pass(HOUR);
    world.sweep();
    world.delete(&link);
}

/// Goes through everything that handles secrets; gives the secrets.
fn whole_flows(world: &mut World) -> Vec<String> {
    let live = world.live_developer();
    let sandbox = world.developer().clone();
    let mut secrets = vec![
        WRONG_PASSWORD.to_owned(),
        RIGHT_PASSWORD.to_owned(),
        WRONG_CODE.to_owned(),
        live.key["sk_live_".len()..].to_owned(),
        sandbox.key["sk_sandbox_".len()..].to_owned(),
    ];
    a_flow_with_a_code(world, &mut secrets);
    a_whitelabel_flow(world, &mut secrets);
    a_hand_off(world, &mut secrets);
    flows_of_another_provider(world, &live, &mut secrets);
    a_connection_in_use(world, &live, &mut secrets);
    misplaced_secrets(world);
    a_kill(world, &mut secrets);
    secrets.sort();
    secrets.dedup();
    secrets
}

#[test]
fn a_planted_secret_would_be_found_in_each_spelling() {
    let planted = "tok3n-value";
    let written = [
        "x tok3n-value y",
        "746f6b336e2d76616c7565",
        "746F6B336E2D76616C7565",
        "dG9rM24tdmFsdWU",
        "Secret([116, 111, 107, 51, 110, 45, 118, 97, 108, 117, 101])",
    ];
    for text in written {
        let search = || assert_absent(&[planted.to_owned()], "a log", text.as_bytes());
        assert!(std::panic::catch_unwind(search).is_err(), "{text}");
    }
    assert_absent(&[planted.to_owned()], "a log", b"tok3n-valu");
}

#[test]
fn whole_flows_at_the_most_talkative_level() {
    // Logs are a process's own affair, so this is only a part of the test above, which runs it in another process.
    if std::env::var_os(SECRETS_FILE).is_none() {
        return;
    }
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(std::io::stderr)
        .init();
    let mut world = World::start();
    let secrets = whole_flows(&mut world);
    for (name, bytes) in world.stored() {
        assert_absent(&secrets, &name, &bytes);
    }
    world.stop();
    for (name, bytes) in world.stored() {
        assert_absent(&secrets, &name, &bytes);
    }
    if let Some(file) = std::env::var_os(SECRETS_FILE) {
        std::fs::write(file, secrets.join("\n")).unwrap();
    }
}
