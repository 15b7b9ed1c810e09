//! Rules of the house that no compiler keeps: which way the imports run, how long a file is, what it begins with,
//! and which words name nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, and says where"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Rooms from top to bottom. An import never runs upwards, nor between two rooms of the same height.
const FLOORS: [&[&str]; 7] = [
    &["cli"],
    &["server"],
    &["api", "hosted", "demo", "metrics"],
    &["flow"],
    &["webhook"],
    &["store", "vault", "egress"],
    &["domain"],
];

/// Who may use the rooms that stand beside the house.
const BESIDE: [(&str, &[&str]); 2] = [
    (
        "http",
        &[
            "api", "hosted", "demo", "metrics", "server", "cli", "config",
        ],
    ),
    ("config", &["server", "cli"]),
];

/// Words that name nothing.
const FILLERS: [&str; 5] = ["util", "helper", "manager", "misc", "common"];

const LINES_MAX: usize = 500;

fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every source file of the crates with its text, tests of the crates included.
fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for name in ["linchpin", "linchpin-provider", "linchpin-providers"] {
        for part in ["src", "tests"] {
            let directory = crates().join(name).join(part);
            if directory.is_dir() {
                files_below(&directory, &mut found);
            }
        }
    }
    assert!(found.len() > 60, "only {} files found", found.len());
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

/// The room of a file of the server: `store` for `src/store/read.rs` and for `src/store.rs`.
fn room(path: &Path) -> Option<String> {
    let root = crates().join("linchpin").join("src");
    let inside = path.strip_prefix(root).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (name != "main" && name != "lib").then(|| name.to_owned())
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn may_import(from: &str, to: &str) -> bool {
    if from == to {
        return true;
    }
    if let Some((_, users)) = BESIDE.iter().find(|(room, _)| *room == to) {
        return users.contains(&from);
    }
    match (floor(from), floor(to)) {
        (Some(from), Some(to)) => from < to,
        // `http` imports nothing of ours; `config` says what was written in terms of the domain, of where a store is and of what may be gone to.
        _ => from == "config" && matches!(to, "domain" | "store" | "egress"),
    }
}

/// Rooms that a text names by `crate::…`, be it in a `use` with braces or in the middle of an expression.
fn rooms_named(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut named = Vec::new();
    for part in code.split("crate::").skip(1) {
        if let Some(inside) = part.strip_prefix('{') {
            named.extend(first_segments(inside));
        } else {
            named.push(word(part));
        }
    }
    named.retain(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
    named
}

/// The first segment of every path between the braces of a `use`.
fn first_segments(inside: &str) -> Vec<String> {
    let mut depth = 0;
    let mut begins = true;
    let mut segments = Vec::new();
    for (at, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if begins && !c.is_whitespace() => {
                segments.push(word(&inside[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    segments
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn imports_never_run_upwards() {
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for (path, text) in sources() {
        let Some(from) = room(&path) else { continue };
        for to in rooms_named(&text) {
            arrows += 1;
            if !may_import(&from, &to) {
                wrong.push(format!("{}: {from} imports {to}", path.display()));
            }
        }
    }
    assert!(arrows > 50, "only {arrows} imports seen");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_is_on_the_plan() {
    for (path, _) in sources() {
        let Some(room) = room(&path) else { continue };
        let known = floor(&room).is_some() || BESIDE.iter().any(|(beside, _)| *beside == room);
        assert!(known, "{} is in no room of the plan", path.display());
    }
}

#[test]
fn imports_are_read_in_every_way_of_writing_them() {
    let text = "use crate::{\n    domain::{a, b::{c, d}},\n    flow::Engine,\n};\nuse crate::store;\nlet x = crate::http::y();\n// crate::cli\nuse crate::Top;";
    assert_eq!(rooms_named(text), ["domain", "flow", "store", "http"]);
    assert!(may_import("api", "flow") && may_import("api", "domain"));
    assert!(may_import("hosted", "http") && may_import("server", "api"));
    for (from, to) in [
        ("domain", "store"),
        ("store", "flow"),
        ("flow", "api"),
        ("flow", "http"),
        ("api", "hosted"),
        ("http", "domain"),
        ("domain", "config"),
        ("server", "cli"),
    ] {
        assert!(!may_import(from, to), "{from} → {to}");
    }
}

#[test]
fn no_file_has_more_than_500_lines() {
    let long: Vec<String> = sources()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| format!("{} has {lines}", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_module_begins_by_saying_what_it_is() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

/// Whether one of the words that a name is made of is a filler: `http_utils`, `SessionManager`.
fn is_filler(name: &str) -> bool {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || c.is_ascii_uppercase() {
            words.push(String::new());
        }
        if let (true, Some(last)) = (c.is_ascii_alphanumeric(), words.last_mut()) {
            last.push(c.to_ascii_lowercase());
        }
    }
    words
        .iter()
        .any(|word| FILLERS.contains(&word.strip_suffix('s').unwrap_or(word)))
        || words.iter().any(|word| word == "misc")
}

#[test]
fn no_file_or_type_has_a_name_that_says_nothing() {
    assert!(is_filler("SessionManager") && is_filler("http_utils") && is_filler("misc"));
    assert!(!is_filler("commonmark") && !is_filler("LinkSession"));
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let folder = path
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_str()
            .unwrap();
        if is_filler(stem) || is_filler(folder) {
            wrong.push(path.display().to_string());
        }
        for line in text.lines() {
            let mut words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            while let Some(keyword) = words.next() {
                if ["struct", "enum", "trait", "type", "mod"].contains(&keyword)
                    && let Some(name) = words.next()
                    && is_filler(name)
                    && !line.trim_start().starts_with("//")
                {
                    wrong.push(format!("{}: {name}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
