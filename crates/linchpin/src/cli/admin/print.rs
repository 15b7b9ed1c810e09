//! An answer for reading: one thing as lines, several as a table.

use serde_json::{Map, Value};

/// Columns of a table, in this order, where the things have them.
const COLUMNS: [&str; 16] = [
    "position",
    "at",
    "actor",
    "action",
    "object",
    "id",
    "eventType",
    "status",
    "attemptCount",
    "url",
    "type",
    "environment",
    "name",
    "scopes",
    "expiresAt",
    "state",
];

/// The answer as text.
pub fn readable(value: &Value) -> String {
    match value {
        Value::Array(things) if things.is_empty() => "There are none.".to_owned(),
        Value::Array(things) => table(things),
        Value::Object(thing) => lines(thing),
        other => cell(other),
    }
}

fn lines(thing: &Map<String, Value>) -> String {
    let said: Vec<(&String, String)> = thing
        .iter()
        .map(|(name, value)| (name, cell(value)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let width = said.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut lines: Vec<String> = said
        .iter()
        .map(|(name, value)| format!("{name:width$}  {value}"))
        .collect();
    if thing.contains_key("key") {
        lines.push(
            "\nThe key is shown this once. Keep it where your backend reads its secrets."
                .to_owned(),
        );
    }
    lines.join("\n")
}

fn table(things: &[Value]) -> String {
    let value = |thing: &Value, column: &str| match column {
        "state" => state(thing).to_owned(),
        column => thing.get(column).map(cell).unwrap_or_default(),
    };
    let columns: Vec<&str> = COLUMNS
        .into_iter()
        .filter(|column| things.iter().any(|thing| !value(thing, column).is_empty()))
        .collect();
    let mut rows = vec![columns.iter().map(|column| column.to_uppercase()).collect()];
    rows.extend(things.iter().map(|thing| {
        let cells = columns.iter().map(|column| value(thing, column));
        cells.collect::<Vec<_>>()
    }));
    let widths: Vec<usize> = (0..columns.len())
        .map(|at| {
            let cells = rows.iter().filter_map(|row| row.get(at));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let padded: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What keeps a thing from being used.
fn state(thing: &Value) -> &'static str {
    if thing.get("revokedAt").is_some_and(|at| !at.is_null()) {
        "revoked"
    } else if thing.get("enabled") == Some(&Value::Bool(false)) {
        "disabled"
    } else {
        ""
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(entries) => entries.iter().map(cell).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_a_table_with_the_columns_that_say_something() {
        let apps = json!([
            {"id": "app_1", "type": "redirect", "environment": "sandbox", "name": "Shop", "enabled": true},
            {"id": "app_22", "type": "embed", "environment": "live", "name": "Café", "enabled": false},
        ]);
        assert_eq!(
            readable(&apps),
            "ID      TYPE      ENVIRONMENT  NAME  STATE\n\
             app_1   redirect  sandbox      Shop\n\
             app_22  embed     live         Café  disabled"
        );
        assert_eq!(readable(&json!([])), "There are none.");
    }

    #[test]
    fn a_new_key_says_that_it_is_shown_once() {
        let text = readable(&json!({"id": "key_1", "key": "sk_sandbox_x", "expiresAt": null}));
        assert!(
            text.starts_with("id   key_1\nkey  sk_sandbox_x\n"),
            "{text}"
        );
        assert!(text.contains("this once") && !text.contains("expiresAt"));
    }
}
