//! Writing down what went to and fro as a scenario of the file.

use std::{collections::BTreeMap, fs::OpenOptions, io::Write as _, path::Path};

use http::HeaderMap;
use linchpin_provider::{Account, Answer};
use linchpin_providers::word;
use serde::Serialize;

use super::{Refused, masks::Masks, witness::Exchange};

/// Characters of a body that are written down.
const BODY_MAX: usize = 32 * 1024;
/// Headers that say nothing that a file goes by.
const NOISE: [&str; 21] = [
    "age",
    "allow",
    "alt-svc",
    "cache-control",
    "connection",
    "content-length",
    "content-security-policy",
    "cross-origin-opener-policy",
    "date",
    "etag",
    "expires",
    "last-modified",
    "permissions-policy",
    "referrer-policy",
    "server",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
    "via",
    "x-content-type-options",
    "x-frame-options",
];

/// A sign-in that has been carried out.
pub struct Recorded<'a> {
    pub name: String,
    pub factor: Option<&'static str>,
    pub typed: bool,
    pub answer: &'a Answer,
}

#[derive(Serialize)]
struct Written {
    scenario: Vec<Scenario>,
}

#[derive(Serialize)]
struct Scenario {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    factor: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    expect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<BTreeMap<&'static str, String>>,
    exchange: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    request: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    sends: String,
    status: u16,
    #[serde(skip_serializing_if = "String::is_empty")]
    body: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, Vec<String>>,
}

/// The scenario as text, everything secret and personal replaced.
pub fn written(
    recorded: Recorded<'_>,
    exchanges: &[Exchange],
    masks: &Masks,
) -> Result<String, Refused> {
    let hidden = |text: &str| masks.written(text);
    let account = match recorded.answer {
        Answer::SignedIn(signed_in) => Some(parts(&signed_in.account, hidden)),
        _ => None,
    };
    let scenario = Scenario {
        name: recorded.name,
        factor: recorded.factor,
        code: recorded.typed.then_some("123456"),
        expect: word(recorded.answer),
        account,
        exchange: exchanges
            .iter()
            .map(|exchange| step(exchange, hidden))
            .collect(),
    };
    let text = toml::to_string_pretty(&Written {
        scenario: vec![scenario],
    })?;
    Ok(format!("\n{text}"))
}

/// Puts a text at the end of a file.
pub fn append(file: &Path, text: &str) -> Result<(), Refused> {
    let mut file = OpenOptions::new().append(true).open(file)?;
    file.write_all(text.as_bytes())?;
    Ok(file.sync_all()?)
}

fn parts(account: &Account, hidden: impl Fn(&str) -> String) -> BTreeMap<&'static str, String> {
    let Account {
        id, name, username, ..
    } = account;
    BTreeMap::from([
        ("id", hidden(id)),
        ("name", hidden(name)),
        ("username", hidden(username)),
    ])
}

fn step(exchange: &Exchange, hidden: impl Fn(&str) -> String) -> Step {
    let body = String::from_utf8_lossy(&exchange.body);
    Step {
        request: hidden(&exchange.request),
        sends: hidden(&exchange.sent),
        status: exchange.status,
        body: hidden(&body).chars().take(BODY_MAX).collect(),
        headers: headers(&exchange.headers, hidden),
    }
}

fn headers(headers: &HeaderMap, hidden: impl Fn(&str) -> String) -> BTreeMap<String, Vec<String>> {
    let mut written = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in headers {
        if NOISE.contains(&name.as_str()) {
            continue;
        }
        let value = hidden(&String::from_utf8_lossy(value.as_bytes()));
        let value = match name.as_str() {
            "set-cookie" => without_age(&value),
            _ => value,
        };
        written.entry(name.to_string()).or_default().push(value);
    }
    written
}

/// A cookie that does not age: a recording is played for years.
fn without_age(cookie: &str) -> String {
    let ages = |part: &&str| {
        let name = part
            .split('=')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        matches!(name.as_str(), "expires" | "max-age")
    };
    let kept = cookie.split(';').filter(|part| !ages(part)).map(str::trim);
    kept.collect::<Vec<_>>().join("; ")
}
