//! The site of `checks/platform`: a real platform that nobody here wrote, with an operator who does what a test asks for.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, OnceLock},
    time::{SystemTime, UNIX_EPOCH},
};

use ring::hmac;
use serde_json::{Value, json};

use crate::run::skip;

/// The site that all tests of a run share. It ends with them, as its standard input does.
static SITE: OnceLock<Site> = OnceLock::new();

/// A running site.
pub struct Site {
    /// `http://127.0.0.1:…`
    pub url: String,
    console: Mutex<Console>,
}

struct Console {
    // Kept so that it is not reaped before its time.
    _child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Site {
    /// The site, where what it stands on is installed; otherwise the test counts as skipped.
    pub fn there(test: &str) -> Option<&'static Self> {
        let python = repository().join(".venv/bin/python");
        let installed = Command::new(&python)
            .args([
                "-c",
                "import two_factor, rest_framework_simplejwt, waitress",
            ])
            .stderr(Stdio::null())
            .status();
        if installed.is_ok_and(|status| status.success()) {
            return Some(SITE.get_or_init(|| Self::start(&python)));
        }
        let ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!ci, "what the site stands on is not installed");
        skip(test, "what the site stands on is not installed");
        None
    }

    fn start(python: &Path) -> Self {
        let mut child = Command::new(python)
            .arg(repository().join("checks/platform/start"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the site starts");
        let commands = child.stdin.take().expect("a console");
        let answers = BufReader::new(child.stdout.take().expect("a console"));
        let mut console = Console {
            _child: child,
            commands,
            answers,
        };
        let url = console.answer()["url"].as_str().expect("a URL").to_owned();
        Self {
            url,
            console: Mutex::new(console),
        }
    }

    /// A new account, with an authenticator or without.
    pub fn account(&'static self, second_factor: bool) -> Account {
        let made = self.ask(&json!({ "command": "make", "second_factor": second_factor }));
        Account { site: self, made }
    }

    /// What `examples/providers` says of it, at the address that it has here.
    pub fn provider_file(&self, name: &str) -> String {
        let path = repository().join(format!("examples/providers/{name}.toml"));
        let text = std::fs::read_to_string(path).expect("an example");
        let here = text.replace("http://127.0.0.1:8000", &self.url);
        assert_ne!(here, text);
        here
    }

    fn ask(&self, command: &Value) -> Value {
        let mut console = self.console.lock().expect("no test fails while it asks");
        writeln!(console.commands, "{command}").expect("the site runs");
        console.answer()
    }
}

impl Console {
    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the site runs");
        serde_json::from_str(&line).expect("a line of JSON")
    }
}

/// An account of the site.
pub struct Account {
    site: &'static Site,
    made: Value,
}

impl Account {
    /// What the site says of it: `id` (a number), `username`, `password`.
    pub fn text(&self, name: &str) -> &str {
        self.made[name].as_str().expect("a text")
    }

    /// The site's own number of it, as text.
    pub fn id(&self) -> String {
        self.made["id"].to_string()
    }

    /// What an authenticator shows now (RFC 6238).
    pub fn code(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        code(&self.seed(), now.as_secs() / 30)
    }

    fn seed(&self) -> Vec<u8> {
        let digits = self.text("seed").as_bytes().chunks(2);
        let pair = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.map(pair).collect()
    }

    /// Has the site's operator do something about it; see `checks/platform/operator_console.py`.
    pub fn operator(&self, command: &str) -> Value {
        let username = self.text("username");
        self.site
            .ask(&json!({ "command": command, "username": username }))
    }

    /// How many sessions and refresh tokens of it are alive at the site.
    pub fn alive(&self) -> (u64, u64) {
        let seen = self.operator("look");
        let count = |name: &str| seen[name].as_u64().expect("a number");
        (count("sessions"), count("refresh_tokens"))
    }
}

/// Six digits for the count of half minutes (RFC 4226).
fn code(seed: &[u8], count: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &count.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let four = u32::from_be_bytes(tag[at..at + 4].try_into().unwrap());
    format!("{:06}", (four & 0x7fff_ffff) % 1_000_000)
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
