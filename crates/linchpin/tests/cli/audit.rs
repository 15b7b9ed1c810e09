//! `linchpin audit`, with a server and without one.

use serde_json::Value;

use super::support::{Room, Running, admin, complaint, eventually, run_on};

/// The lines of an export.
fn exported(room: &Room, after: &str) -> Vec<Value> {
    let output = run_on(&room.data(), &["audit", "export", "--after", after]);
    assert!(output.status.success(), "{}", complaint(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

#[test]
fn the_log_is_exported_and_compared_whether_a_server_runs_or_not() {
    let room = Room::new();
    let data = room.data();
    let dev = Running::dev(&room, &[]);
    // An organisation, a key and three apps, which are chained within a second or so.
    let before = eventually("everything is chained", || {
        let found = exported(&room, "0");
        (found.len() >= 5).then_some(found)
    });
    assert_eq!(exported(&room, "2"), before[2..]);
    let head = admin(&data, &["audit", "head"])["head"].clone();
    let head = head.as_str().unwrap();
    let listed = admin(&data, &["audit", "list", "--limit", "1"]);
    assert_eq!(listed[0]["position"], before.len());
    dev.stop();
    assert_eq!(exported(&room, "0")[..before.len()], before);
    let verified = admin(&data, &["audit", "verify", "--head", head]);
    assert!(verified["entries"].as_u64().unwrap() >= 5);

    let wrong = head.replacen(':', "0:", 1);
    let refused = run_on(&data, &["audit", "verify", "--head", &wrong]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        complaint(&refused).contains("cut off"),
        "{}",
        complaint(&refused)
    );
    let refused = run_on(&data, &["audit", "verify", "--head", "x"]);
    assert!(
        complaint(&refused).starts_with("--head: "),
        "{}",
        complaint(&refused)
    );
}
