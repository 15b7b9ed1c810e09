//! Libraries of others verify what arrives, and refuse what was changed on its way.
//!
//! They go by the machine's clock, so the server's begins at the machine's time.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use http::{HeaderMap, HeaderName};
use linchpin::egress::Rules;
use serde_json::{Value, json};
use standardwebhooks::{Webhook, WebhookError};

use super::{ask, changed::Case, manager, register};
use crate::{
    account,
    run::skip,
    support::{Receiver, World, receiver::Hit},
};

/// A server whose clock is right, an endpoint of it, and the secret that was made first.
struct Deliveries {
    world: World,
    receiver: Receiver,
    key: String,
    endpoint: Value,
}

impl Deliveries {
    fn start() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let world = World::start_with(now.as_millis().try_into().unwrap(), Rules::loopback());
        let receiver = Receiver::start();
        let key = manager(&world);
        let endpoint = register(&world, &key, &receiver);
        Self {
            world,
            receiver,
            key,
            endpoint,
        }
    }

    fn secret(&self) -> &str {
        self.endpoint["secret"].as_str().unwrap()
    }

    /// Lets a connection live and end, asks for a test event, and rotates the secret before another connection is told.
    /// The deliveries, and the secret that came by the rotation.
    fn come(&self) -> (Vec<Hit>, String) {
        let told = json!({ "clientReferenceId": "Zoë Müller 🦀 Łódź 漢字 \u{2028} </script>" });
        let id = account::import_with(&self.world, "ada@creator.sandbox.com", &told);
        let id = id.expect(200).json()["id"].as_str().unwrap().to_owned();
        let path = format!("/v2/account/connections/{id}");
        let invalidate = account::ask(&self.world, "POST", &format!("{path}/invalidate"));
        self.world.send(&invalidate).expect(200);
        self.world
            .send(&account::ask(&self.world, "DELETE", &path))
            .expect(200);
        self.receiver.wait_for(3);
        ask(&self.world, &self.key, "POST", &self.endpoint, "/test").expect(200);
        self.receiver.wait_for(4);
        let rotated = ask(&self.world, &self.key, "POST", &self.endpoint, "/rotate");
        let secret = rotated.expect(200).json()["secret"].clone();
        account::imported(&self.world, "bob@fan.sandbox.com");
        let hits = self.receiver.wait_for(5);
        (hits, secret.as_str().unwrap().to_owned())
    }
}

/// Each delivery as it came, and changed in each of the ways that all must notice.
fn cases() -> Vec<Case> {
    let deliveries = Deliveries::start();
    let (hits, rotated) = deliveries.come();
    let kinds: Vec<String> = hits.iter().map(Hit::kind).collect();
    let created = "connection.created";
    assert_eq!(
        kinds,
        [
            created,
            "connection.expired",
            "connection.disconnected",
            "webhook.test",
            created
        ]
    );
    assert!(String::from_utf8_lossy(&hits[0].body).contains("🦀"));
    let signatures = hits[4].header("webhook-signature");
    assert_eq!(signatures.split(' ').count(), 2, "{signatures}");
    let old = Case::arrived(&hits[4], deliveries.secret());
    let mut arrived: Vec<Case> = hits[..4]
        .iter()
        .map(|hit| Case::arrived(hit, deliveries.secret()))
        .collect();
    arrived.push(old);
    let mut new = Case::arrived(&hits[4], &rotated);
    new.what.push_str(", by the new secret");
    arrived.push(new);
    let another = format!("whsec_{}", "A".repeat(43) + "=");
    let changed = |case: &Case| {
        [
            case.with_another_body(),
            case.with_another_id(),
            case.with_another_timestamp(),
            case.with_the_secret_of(&another),
        ]
    };
    let all: Vec<Case> = arrived.iter().flat_map(changed).collect();
    [arrived, all].concat()
}

/// The verdicts of each case, by library, of a program that reads lines of JSON.
fn verdicts(program: &mut Command, cases: &[Case]) -> Vec<BTreeMap<String, bool>> {
    let mut lines = String::new();
    for case in cases {
        let line = json!({ "secret": case.secret, "headers": case.headers, "body": case.body });
        writeln!(lines, "{line}").unwrap();
    }
    let mut child = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let verdicts: Vec<_> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(verdicts.len(), cases.len(), "{program:?}");
    verdicts
}

fn assert_right(libraries: &[&str], program: &mut Command, cases: &[Case]) {
    for (case, told) in cases.iter().zip(verdicts(program, cases)) {
        for library in libraries {
            assert_eq!(told[*library], case.accepted, "{library}: {}", case.what);
        }
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The program that verifies with Python's libraries, where they are installed; otherwise the test counts as skipped.
fn python(test: &str) -> Option<Command> {
    let python = repository().join(".venv/bin/python");
    let there = Command::new(&python)
        .args(["-c", "import standardwebhooks, svix"])
        .stderr(Stdio::null())
        .status();
    program(test, there.is_ok_and(|status| status.success()), || {
        let mut command = Command::new(python);
        command.arg(repository().join("crates/linchpin/tests/verifiers/verify.py"));
        command
    })
}

/// The same in JavaScript.
fn node(test: &str) -> Option<Command> {
    let place = repository().join("e2e");
    let there = Command::new("node")
        .args(["-e", "require('standardwebhooks'), require('svix')"])
        .current_dir(&place)
        .stderr(Stdio::null())
        .status();
    program(test, there.is_ok_and(|status| status.success()), || {
        let mut command = Command::new("node");
        command.arg(repository().join("crates/linchpin/tests/verifiers/verify.mjs"));
        command.arg(place.canonicalize().unwrap().join("package.json"));
        command
    })
}

fn program(test: &str, there: bool, command: impl FnOnce() -> Command) -> Option<Command> {
    if there {
        return Some(command());
    }
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!ci, "the libraries that verify are not installed");
    skip(test, "the libraries that verify are not installed");
    None
}

#[test]
fn the_rust_library_accepts_every_delivery_and_refuses_every_change() {
    for case in cases() {
        let mut headers = HeaderMap::new();
        for (name, value) in &case.headers {
            let name: HeaderName = name.parse().unwrap();
            headers.insert(name, value.parse().unwrap());
        }
        let webhook = Webhook::new(&case.secret).unwrap();
        match (
            webhook.verify(case.body.as_bytes(), &headers),
            case.accepted,
        ) {
            (Ok(()), true) | (Err(WebhookError::InvalidSignature), false) => {}
            (verdict, _) => panic!("{}: {verdict:?}", case.what),
        }
    }
}

#[test]
fn the_python_libraries_and_ten_lines_of_python_accept_every_delivery_and_refuse_every_change() {
    let Some(mut python) = python("the Python libraries verify") else {
        return;
    };
    let libraries = ["standardwebhooks", "svix", "ofauth"];
    assert_right(&libraries, &mut python, &cases());
}

#[test]
fn the_javascript_libraries_accept_every_delivery_and_refuse_every_change() {
    let Some(mut node) = node("the JavaScript libraries verify") else {
        return;
    };
    assert_right(&["standardwebhooks", "svix"], &mut node, &cases());
}

#[test]
fn who_reads_one_signature_of_our_header_finds_that_of_the_secret_they_have_had_for_longest() {
    let Some(mut python) = python("a simple reader verifies") else {
        return;
    };
    let deliveries = Deliveries::start();
    let (hits, rotated) = deliveries.come();
    let old = Case::arrived(&hits[4], deliveries.secret());
    let new = Case::arrived(&hits[4], &rotated);
    let other_id = old.with_another_id_in_its_headers();
    let told = verdicts(&mut python, &[old, new, other_id]);
    let by = |library: &str| -> Vec<bool> { told.iter().map(|one| one[library]).collect() };
    assert_eq!(by("ofauth, simply"), [true, false, true]);
    // That header does not sign the id of the others: whoever goes by it takes the id from the body.
    assert_eq!(by("ofauth"), [true, true, true]);
    assert_eq!(by("standardwebhooks"), [true, true, false]);
    assert_eq!(by("svix"), [true, true, false]);
}
