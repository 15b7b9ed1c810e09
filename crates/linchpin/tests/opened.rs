//! Who opens what is sealed: one place opens sessions, and whoever calls it is named here with the reason.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, and says where"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Who opens sealed bytes: the file and the function.
const OPENERS: [(&str, &str); 6] = [
    // The one place for sessions.
    ("flow/connections.rs", "open_sealed"),
    // Secrets of webhook endpoints, to sign deliveries and to show them on demand.
    ("flow/deliveries.rs", "signing_secrets"),
    // What a provider keeps between two steps of a sign-in.
    ("flow/progress.rs", "open_progress"),
    // The URL of a proxy that an app has named: for the client of the session or connection, and from the one to the other.
    ("flow/own_proxy.rs", "opened_exit"),
    ("flow/own_proxy.rs", "keep_own_proxy"),
    // Seals it anew at once; nothing of it leaves the vault.
    ("vault/mod.rs", "reseal"),
];

/// Who has the session of a connection opened.
const USERS: [(&str, &str); 6] = [
    // Reads what is sealed, for those below that have not.
    ("flow/connections.rs", "open_session"),
    // A call or the profile: behind its entry in the audit log, or beside it where it only reads and nothing is handed on
    // before.
    ("flow/in_use.rs", "begin_use"),
    // For the app itself where an operator has switched that on, behind its entry in the audit log.
    ("flow/access.rs", "raw_session"),
    // To sign out at the provider when the connection ends.
    ("flow/sign_out.rs", "sign_out_of"),
    // A look whether it is alive, and its renewal.
    ("flow/health.rs", "look_once"),
    // What somebody else's look has found.
    ("flow/health.rs", "refresh_here"),
];

fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files_below(&path, found),
            false => found.push(path),
        }
    }
}

/// The code of a text on one line: no comments, no tests, no space in front of a dot.
fn code(text: &str) -> String {
    let shown = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = shown.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with("//")).collect();
    lines.join(" ").replace(" .", ".")
}

/// Each file of the server with its code, but for tests.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files_below(&root, &mut found);
    found.retain(|path| path.extension().is_some_and(|kind| kind == "rs"));
    found.retain(|path| path.file_stem().unwrap() != "tests");
    assert!(found.len() > 100, "only {} files found", found.len());
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
        (name.to_owned(), code(&fs::read_to_string(&path).unwrap()))
    };
    found.into_iter().map(read).collect()
}

/// The functions of a code in which `call` occurs, but for the one that it defines.
fn functions_with(call: &str, code: &str) -> BTreeSet<String> {
    let mut around = String::new();
    let mut found = BTreeSet::new();
    for (number, part) in code.split("fn ").enumerate() {
        let name = |text: &str| text.split(['(', '<']).next().unwrap_or("").to_owned();
        if number > 0 {
            around = name(part);
        }
        // A definition has its name in front of everything else.
        let body = part.split_once(')').map_or(part, |(_, body)| body);
        if body.contains(call) {
            found.insert(around.clone());
        }
    }
    found
}

fn callers(calls: &[&str], within: impl Fn(&str) -> bool) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (file, code) in sources() {
        if !within(&file) {
            continue;
        }
        for call in calls {
            let functions = functions_with(call, &code);
            found.extend(
                functions
                    .into_iter()
                    .map(|function| (file.clone(), function)),
            );
        }
    }
    found
}

fn named(list: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    let named = list.iter();
    named
        .map(|(file, function)| ((*file).to_owned(), (*function).to_owned()))
        .collect()
}

#[test]
fn sessions_are_opened_in_one_place_and_by_nobody_else_than_is_named_here() {
    let mut openers = callers(&["vault.open(", "Vault::open("], |_| true);
    openers.extend(callers(&["self.open("], |file| file.starts_with("vault/")));
    assert_eq!(openers, named(&OPENERS));
    let opening = [
        ".open_sealed(",
        "::open_sealed(",
        ".open_session(",
        "::open_session(",
    ];
    let users = callers(&opening, |_| true);
    assert_eq!(users, named(&USERS));
}

#[test]
fn nobody_has_the_vault_under_another_name() {
    // Then a call of it would not be found above.
    let aliases = [
        "= self.vault;",
        "= &self.vault;",
        "self.vault.clone(",
        "engine.vault",
    ];
    let found = callers(&aliases, |file| !file.starts_with("vault/"));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn callers_are_found_however_a_call_is_written() {
    let text = "fn open(a: B) {}\n// self.vault.open(x)\nasync fn a(&self) {\n    self\n        .vault\n        .open(x)\n}\nfn b() {}\n#[cfg(test)]\nmod tests { vault.open(y) }";
    let found = functions_with("vault.open(", &code(text));
    assert_eq!(Vec::from_iter(found), ["a"]);
}
