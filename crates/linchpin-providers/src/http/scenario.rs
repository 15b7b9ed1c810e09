//! Recorded sign-ins of a file, and whether it still understands them.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use linchpin_provider::{Account, Answer, Method};
use toml::de::DeValue;

use super::means::FACTORS;
use crate::file::{Problem, Table};

/// What a scenario can come to.
const ENDS: [&str; 8] = [
    "signed in",
    "second factor",
    "wrong credentials",
    "wrong code",
    "declined",
    "not yet",
    "locked",
    "try later",
];

/// A recorded sign-in.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) name: String,
    /// Where it stands.
    pub(super) place: Problem,
    pub(super) username: String,
    pub(super) password: String,
    /// The second factor that is proven, with what is typed.
    pub(super) method: Option<Method>,
    pub(super) code: Option<String>,
    pub(super) expect: &'static str,
    /// The parts of the account that it has to come to.
    pub(super) account: Vec<(String, String)>,
    pub(super) exchanges: Vec<Exchange>,
}

/// A request that has to be made, and its answer.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    pub(super) place: Problem,
    /// `POST https://acme.example/login`.
    pub(super) request: String,
    /// The body that has to be sent; `None` is any.
    pub(super) sends: Option<String>,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Scenario {
    /// Reads `[[scenario]]`; what is wrong is noted.
    pub(super) fn read_all(file: &Table<'_>) -> Vec<Self> {
        file.tables("scenario")
            .iter()
            .filter_map(Self::read)
            .collect()
    }

    fn read(table: &Table<'_>) -> Option<Self> {
        let name = table.required_text("name", r#"what it shows, such as name = "wrong password""#);
        let words = ENDS.map(|word| (word, word));
        if !table.has("expect") {
            table.missing(
                "expect",
                r#"what it comes to, such as expect = "wrong credentials""#,
            );
        }
        let expect = table.word("expect", &words);
        let exchanges = table.tables("exchange");
        let exchanges: Vec<_> = exchanges.iter().map(Exchange::read).collect();
        if exchanges.is_empty() {
            table.missing(
                "exchange",
                "write [[scenario.exchange]] for each request, in their order",
            );
        }
        let text = |key, usual: &str| table.text(key).map_or(usual.to_owned(), |text| text.value);
        let account = table.pairs("account").into_iter().map(|(name, value)| {
            if !matches!(name.value.as_str(), "id" | "name" | "username" | "avatar") {
                let message = format!(
                    "an account has no {:?}; it has id, name, username, avatar",
                    name.value
                );
                table.problems().note(&name.at, message);
            }
            (name.value, value.value)
        });
        Some(Self {
            account: account.collect(),
            username: text("username", "username"),
            password: text("password", "password"),
            code: table.text("code").map(|text| text.value),
            method: table.word("factor", &FACTORS),
            place: table.problems().at(&table.at()),
            name: name?.value,
            expect: expect?,
            exchanges: exchanges.into_iter().collect::<Option<_>>()?,
        })
    }
}

impl Exchange {
    fn read(table: &Table<'_>) -> Option<Self> {
        let request = table.required_text(
            "request",
            r#"the method and the whole URL, such as request = "GET https://acme.example/login""#,
        );
        if !table.has("status") {
            table.missing("status", "the status of the answer, such as status = 200");
        }
        let status = table.count("status", 200..=599);
        let status =
            status.and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok());
        let headers = table.table("headers").map(|table| headers(&table));
        Some(Self {
            place: table.problems().at(&table.at()),
            sends: table.value_text("sends").map(|text| text.value),
            headers: headers.unwrap_or_default(),
            body: table
                .value_text("body")
                .map(|text| text.value)
                .unwrap_or_default(),
            request: request?.value,
            status: status?,
        })
    }
}

/// Reads the headers of an answer: each a text, or a list of them.
fn headers(table: &Table<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in table.keys() {
        let is_list = matches!(
            table.value(&name.value).map(|value| value.get_ref()),
            Some(DeValue::Array(_))
        );
        let values = match is_list {
            true => table.texts(&name.value),
            false => table.value_text(&name.value).into_iter().collect(),
        };
        for value in values {
            match (
                name.value.parse::<HeaderName>(),
                HeaderValue::from_str(&value.value),
            ) {
                (Ok(name), Ok(value)) => drop(headers.append(name, value)),
                _ => table.note(
                    &name.value,
                    "is no header: its name or its value has a sign that headers cannot have",
                ),
            }
        }
    }
    headers
}

impl Scenario {
    pub(super) fn judge(&self, answer: &Answer) -> Vec<Problem> {
        let came = word(answer);
        if came != self.expect {
            let message = format!("expected {:?}, and it came to {came:?}", self.expect);
            return vec![self.place.with(message)];
        }
        let Answer::SignedIn(signed_in) = answer else {
            return Vec::new();
        };
        let wrong = self.account.iter().filter_map(|(name, wanted)| {
            let got = part(&signed_in.account, name);
            (got != *wanted).then(|| {
                let message =
                    format!("the account's {name} is {got:?}, and {wanted:?} is expected");
                self.place.with(message)
            })
        });
        wrong.collect()
    }
}

/// The word of a scenario for what an answer comes to, such as `wrong credentials`.
pub fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::SignedIn(_) => "signed in",
        Answer::SecondFactor { .. } => "second factor",
        Answer::WrongCredentials { .. } => "wrong credentials",
        Answer::WrongCode { .. } => "wrong code",
        Answer::Declined | Answer::Denied => "declined",
        Answer::NotYet => "not yet",
        Answer::Locked => "locked",
        Answer::Unavailable => "try later",
    }
}

fn part<'a>(account: &'a Account, name: &str) -> &'a str {
    match name {
        "id" => &account.id,
        "name" => &account.name,
        "username" => &account.username,
        _ => account.avatar.as_deref().unwrap_or_default(),
    }
}
