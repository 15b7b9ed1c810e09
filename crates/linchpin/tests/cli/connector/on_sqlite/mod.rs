//! Whether a connector keeps the contract, which no store changes.

mod proxied;

use std::{fs, thread};

use super::{Connector, assert_kept, python, typescript};
use crate::support::{Room, complaint, run};

#[test]
fn the_connector_in_python_keeps_the_contract() {
    let room = Room::new();
    let connector = Connector::start(&room, "python3", &python().join("connector.py"));
    assert_kept(&connector.verify("246810", "/notes"));
}

#[test]
fn the_connector_in_typescript_keeps_the_contract() {
    let room = Room::new();
    let Some(built) = typescript(&room) else {
        return;
    };
    let connector = Connector::start(&room, "node", &built);
    assert_kept(&connector.verify("135790", "/pictures"));
}

/// What is changed in the connector in Python, and the rules that it does not keep any more.
const BREAKS: [(&str, &str, &[&str]); 10] = [
    (
        "return id not in self.seen and",
        "return True or",
        &["replay"],
    ),
    (
        "abs(now - int(timestamp)) > TOLERANCE",
        "False",
        &["old-timestamp"],
    ),
    (
        "for a in right for b in given.split())",
        "for a in right for b in [a])",
        &["wrong-signature"],
    ),
    (
        "if question[\"question\"] != name:",
        "if False:",
        &["another-question"],
    ),
    (
        "{\"http\": proxy, \"https\": proxy} if proxy else {}",
        "{}",
        &["dead-proxy"],
    ),
    (
        "\"wrongCredentials\")}",
        "\"locked\")}",
        &["wrong-password", "unknown-username"],
    ),
    (
        "platform.ask(\"POST\", \"/logout\"",
        "(\"POST\", \"/logout\"",
        &["sign-out"],
    ),
    (
        "return 404, {\"error\": \"there is no such question\"}",
        "return 500, {}",
        &["unknown-question"],
    ),
    (
        "f\"{status}.\".encode() + body",
        "b\"200.\" + body",
        &["signed-status", "unknown-question", "malformed"],
    ),
    (
        "return {\"outcome\": \"alive\", \"account\": me}",
        "return {\"outcome\": \"alive\", \"account\": {**me, \"id\": \"n-0\"}}",
        &["look"],
    ),
];

#[test]
fn a_connector_that_breaks_a_rule_is_told_which() {
    let source = fs::read_to_string(python().join("connector.py")).unwrap();
    thread::scope(|scope| {
        for (what, instead, rules) in BREAKS {
            let source = &source;
            scope.spawn(move || {
                let room = Room::new();
                let broken = source.replace(what, instead);
                assert_ne!(broken, *source, "{what}");
                let file = room.path().join("connector.py");
                fs::write(&file, broken).unwrap();
                fs::copy(
                    python().join("notebook.py"),
                    room.path().join("notebook.py"),
                )
                .unwrap();
                let connector = Connector::start(&room, "python3", &file);
                let (said, code) = connector.verify("246810", "/notes");
                assert_eq!(code, Some(1), "{rules:?}: {said}");
                let failed: Vec<&str> = said
                    .lines()
                    .filter_map(|line| line.strip_prefix("FAILED  ")?.split(':').next())
                    .collect();
                assert_eq!(failed, rules, "{said}");
            });
        }
    });
}

#[test]
fn a_connector_with_another_secret_or_none_at_all_is_told_apart() {
    let room = Room::new();
    let connector = Connector::start(&room, "python3", &python().join("connector.py"));
    let verify = |url: &str| {
        let secret = connector.secret.to_str().unwrap();
        let output = run(&["connector", "verify", url, "--secret-file", secret]);
        assert_eq!(output.status.code(), Some(1));
        complaint(&output)
    };
    fs::write(&connector.secret, "whsec_c2hvcnQ=").unwrap();
    let said = verify(&connector.url);
    assert!(
        said.contains("openssl rand") && !said.contains("c2hvcnQ"),
        "{said}"
    );
    fs::write(&connector.secret, "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB").unwrap();
    let said = verify(&connector.url);
    assert!(said.contains("does not take our signature"), "{said}");
    assert!(verify("http://127.0.0.1:1").contains("cannot be reached"));
    assert!(verify("notebook.example").contains("must be a URL"));
}
