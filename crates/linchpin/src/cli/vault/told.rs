//! What `linchpin vault` says to people.

use serde_json::Value;

/// The answer for people.
pub fn readable(value: &Value) -> String {
    if let Some(version) = value.get("prepared") {
        let file = value.get("keyFile").and_then(Value::as_str).unwrap_or("");
        return format!(
            "Version {version} is in {file} and not used yet. Copy that file to every node, then run `linchpin vault rotate` on one of them."
        );
    }
    if let (Some(version), Some(_)) = (value.get("version"), value.get("retired")) {
        return format!(
            "Version {version} is retired and out of the key file. Take it out on the other nodes as well; keep a copy for backups from before."
        );
    }
    let mut lines = vec![format!(
        "version {} is current",
        value.get("currentVersion").unwrap_or(&Value::Null)
    )];
    for version in value
        .get("versions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let of = |name: &str| version.get(name).unwrap_or(&Value::Null);
        let lost = match of("inKeyFile") {
            Value::Bool(false) => ", and is not in the key file",
            _ => "",
        };
        lines.push(format!(
            "version {} wraps {} secrets{lost}",
            of("version"),
            of("rows")
        ));
    }
    if value.get("rewrapping") == Some(&Value::Bool(true)) {
        let left = value.get("rowsLeft").unwrap_or(&Value::Null);
        lines.push(format!(
            "{left} of them are still to be wrapped anew, which a running server does in the background"
        ));
    }
    lines.extend(value.get("reseal").and_then(resealed));
    if let Some(problem) = value.get("problem").and_then(Value::as_str) {
        lines.push(problem.to_owned());
    }
    lines.join("\n")
}

/// How far sealing anew is; `None` where nobody asked for it.
fn resealed(reseal: &Value) -> Option<String> {
    let asked_at = reseal.get("askedAt")?.as_str()?;
    let left = reseal.get("rowsLeft")?.as_i64()?;
    let is_done = reseal.get("done")?.as_bool()?;
    Some(match (left, is_done) {
        (0, _) => format!(
            "nothing is left of what was sealed before {asked_at}, when sealing anew was asked for"
        ),
        (left, false) => format!(
            "{left} of them are still to be sealed anew, as was asked for at {asked_at}, which a running server does in the background"
        ),
        (left, true) => format!(
            "{left} of them could not be sealed anew, as was asked for at {asked_at}: they were damaged or moved, or their owner is gone"
        ),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_is_told_in_sentences() {
        let status = json!({
            "currentVersion": 2,
            "versions": [
                {"version": 1, "inKeyFile": true, "rows": 30},
                {"version": 2, "inKeyFile": true, "rows": 12},
            ],
            "rewrapping": true,
            "rowsLeft": 30,
            "shared": false,
            "problem": null,
        });
        assert_eq!(
            readable(&status),
            "version 2 is current\nversion 1 wraps 30 secrets\nversion 2 wraps 12 secrets\n\
             30 of them are still to be wrapped anew, which a running server does in the background"
        );
    }

    #[test]
    fn what_is_sealed_anew_is_told_while_it_goes_on_when_it_is_over_and_where_something_is_left() {
        let told = |left: i64, done: bool| {
            resealed(&json!({"askedAt": "T", "rowsLeft": left, "done": done})).unwrap()
        };
        assert!(told(7, false).starts_with("7 of them are still to be sealed anew"));
        assert!(told(0, false).starts_with("nothing is left"));
        assert!(told(0, true).starts_with("nothing is left"));
        assert!(told(2, true).starts_with("2 of them could not be sealed anew"));
        assert_eq!(resealed(&Value::Null), None);
    }
}
