//! `linchpin provider`: files that are checked, tried out and recorded, against a platform on this machine.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use crate::{
    receiver::{Hit, Receiver, Reply, reply},
    support::{Room, complaint, linchpin, run},
};

const PASSWORD: &str = "hunter2 & \"more\"";
const SESSION: &str = "s3cr3t-session";
const CSRF: &str = "csrf-token-of-the-form";

/// A site with a log-in form, a code for `grace`, and an account.
fn answer(hit: &Hit) -> Reply {
    let body = String::from_utf8(hit.body.clone()).unwrap();
    let signed_in = hit
        .headers
        .iter()
        .any(|(name, value)| name == "cookie" && value.contains(SESSION));
    let session = format!("session={SESSION}; Path=/; Max-Age=600");
    let home = [("location", "/home"), ("set-cookie", session.as_str())];
    match (hit.path.as_str(), body.is_empty()) {
        ("/login", true) => {
            let form = format!("<form><input name=csrf value='{CSRF}'></form>");
            reply(
                200,
                &[("content-type", "text/html"), ("date", "today")],
                &form,
            )
        }
        ("/login", false) if body.contains("hunter2+%26+%22more%22") && body.contains(CSRF) => {
            match body.contains("user=grace") {
                true => reply(200, &[], "<input name=code>"),
                false => reply(302, &home, ""),
            }
        }
        ("/login", false) => reply(200, &[], "<p class=error>Wrong.</p>"),
        ("/code", _) if body.contains("code=246810") => reply(302, &home, ""),
        ("/code", _) => reply(200, &[], "<p class=error>Wrong.</p>"),
        ("/account.json", _) if signed_in => reply(
            200,
            &[],
            r#"{"id": "acc-77", "name": "Grace Hopper", "login": "ghopper"}"#,
        ),
        _ => reply(401, &[], ""),
    }
}

/// A provider file for it.
fn file(room: &Room, site: &Receiver) -> PathBuf {
    let base = site.url.trim_end_matches("/hooks");
    let text = format!(
        r#"kind = "http"
id = "site"
name = "Site"

[api]
base_url = "{base}"
private_networks = ["127.0.0.0/8"]

[[sign_in]]
get = "/login"
take.csrf = {{ css = "input[name=csrf]", attribute = "value" }}

[[sign_in]]
post = "/login"
form = {{ csrf = "{{{{csrf}}}}", user = "{{{{username}}}}", password = "{{{{password}}}}" }}
when = [
  {{ css = ".error", means = "wrong credentials" }},
  {{ css = "input[name=code]", means = "second factor" }},
]

[[factor.app.check]]
post = "/code"
form = {{ code = "{{{{code}}}}" }}
when = [{{ css = ".error", means = "wrong code" }}]

[profile]
get = "/account.json"
id = {{ json = "/id" }}
name = {{ json = "/name" }}
username = {{ json = "/login" }}
"#
    );
    let path = room.path().join("site.toml");
    fs::write(&path, text).unwrap();
    path
}

/// Runs `linchpin provider` on a file, with lines that are typed.
fn provider(words: &[&str], file: &Path, typed: &[&str]) -> Output {
    let arguments = [&["provider"], words, &[file.to_str().unwrap()]].concat();
    let mut child = linchpin(&arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = typed.join("\n");
    lines.push('\n');
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn problems_of_files_are_told_with_file_line_and_column() {
    let room = Room::new();
    let site = Receiver::with(|hit, _| answer(hit));
    let right = file(&room, &site);
    let wrong = room.path().join("wrong.toml");
    let text = fs::read_to_string(&right).unwrap();
    fs::write(
        &wrong,
        text.replace("{{csrf}}", "{{crsf}}")
            .replace("get = \"/account", "got = \"/account"),
    )
    .unwrap();
    let (right, wrong) = (right.to_str().unwrap(), wrong.to_str().unwrap());
    let checked = run(&["provider", "check", right, wrong, "/nowhere.toml"]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(
        printed(&checked).contains(&format!("{right}: fine")),
        "{}",
        printed(&checked)
    );
    let said = complaint(&checked);
    for line in [
        format!(
            "{wrong}:15:17: sign_in[2].form.csrf uses {{{{crsf}}}}, which no request before it takes; did you mean \"csrf\"?"
        ),
        format!("{wrong}:26:1: profile says nothing of what is requested"),
        format!("{wrong}:27:1: profile has no key \"got\"; did you mean \"get\"?"),
        "/nowhere.toml: cannot be read".to_owned(),
    ] {
        assert!(said.contains(&line), "{line} is not in {said}");
    }
    assert_eq!(run(&["provider", "check", right]).status.code(), Some(0));
    assert!(site.hits().is_empty());
}

#[test]
fn the_example_files_are_fine_as_their_scenarios_show() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/providers");
    let files = fs::read_dir(examples)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> = files.filter(|path| path.is_file()).collect();
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        let output = provider(&["check"], &file, &[]);
        let text = printed(&output);
        assert!(output.status.success(), "{text}{}", complaint(&output));
        let declared = fs::read_to_string(&file)
            .unwrap()
            .contains("kind = \"http\"");
        assert!(!declared || text.contains("scenarios show"), "{text}");
    }
}

#[test]
fn a_file_is_tried_out_with_every_secret_masked() {
    let room = Room::new();
    let site = Receiver::with(|hit, _| answer(hit));
    let file = file(&room, &site);
    let tried = provider(
        &["try", "--bodies", "--username", "grace"],
        &file,
        &[PASSWORD, "246810"],
    );
    let shown = printed(&tried);
    assert_eq!(tried.status.code(), Some(0), "{shown}{}", complaint(&tried));
    for line in [
        "means second factor",
        "took csrf: 22 characters",
        "csrf=••••&user=••••&password=••••",
        "code=••••",
        "set-cookie: session=••••",
        "id is acc-77",
        "Signed in as Grace Hopper (ghopper), id acc-77.",
        "The session is alive.",
    ] {
        assert!(shown.contains(line), "{line} is not in {shown}");
    }
    let all = format!("{shown}{}", complaint(&tried));
    for secret in ["hunter2", SESSION, CSRF, "246810"] {
        assert!(!all.contains(secret), "{secret} is in {all}");
    }
    let wrong = provider(
        &["try", "--username", "ada"],
        &file,
        &["no password of hers"],
    );
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        printed(&wrong).contains("Not signed in: wrong credentials."),
        "{}",
        printed(&wrong)
    );
}

#[test]
fn what_is_recorded_is_a_scenario_of_the_file_without_anything_secret() {
    let room = Room::new();
    let site = Receiver::with(|hit, _| answer(hit));
    let file = file(&room, &site);
    let record = |name: &str, username: &str, typed: &[&str]| {
        let recorded = provider(
            &["record", "--name", name, "--username", username],
            &file,
            typed,
        );
        assert_eq!(
            recorded.status.code(),
            Some(0),
            "{}{}",
            printed(&recorded),
            complaint(&recorded)
        );
    };
    record("a code", "grace", &[PASSWORD, "246810"]);
    record("a wrong password", "adalovelace", &["not it"]);
    let written = fs::read_to_string(&file).unwrap();
    for secret in [
        "hunter2",
        SESSION,
        CSRF,
        "246810",
        "Max-Age",
        "date",
        "Grace",
        "acc-77",
        "adalovelace",
        "not it",
    ] {
        assert!(!written.contains(secret), "{secret} is in {written}");
    }
    let sites = site.hits().len();
    drop(site);
    assert!(sites > 0);
    let checked = run(&["provider", "check", file.to_str().unwrap()]);
    assert!(
        printed(&checked).contains("fine, as its 2 scenarios show"),
        "{}{}",
        printed(&checked),
        complaint(&checked)
    );
    let broken = written.replace("expect = \"wrong credentials\"", "expect = \"locked\"");
    fs::write(&file, broken).unwrap();
    let checked = run(&["provider", "check", file.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(1));
    let said = complaint(&checked);
    assert!(said.contains("scenario \"a wrong password\": expected \"locked\", and it came to \"wrong credentials\""), "{said}");
}
