//! What the calls of a whitelabel session ask for.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use linchpin_provider::{Credentials, Method, Secret};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::WAIT;
use crate::{
    api::{
        DetailCode, Details,
        fields::{Fields, check_text},
        init::geolocation,
        query::Query,
    },
    domain::{
        link_session::Status,
        second_factor::{WORDS_MAX, can_answer},
    },
    flow::{CODE_RULE, Leaving},
};

/// Characters of a username or password at most.
const CREDENTIAL_MAX: usize = 1_024;

/// A login.
pub struct Login {
    pub provider: Option<String>,
    pub credentials: Credentials,
    pub leaving: Leaving,
    pub wait: Option<Duration>,
}

/// A code.
pub struct Code {
    pub code: Secret,
    pub method: Option<Method>,
}

/// How the status is asked for.
pub struct Asked {
    pub wait: Option<Duration>,
    pub after: Status,
}

/// Takes a secret out of the body, so that it is overwritten when it has been used.
fn taken(object: &mut Map<String, Value>, name: &str, found: &mut Details) -> Option<Secret> {
    match object.remove(name) {
        None | Some(Value::Null) => {
            found.add(name, DetailCode::Required, "required");
            None
        }
        Some(Value::String(text)) => Some(Secret::new(text)),
        Some(_) => {
            found.add(name, DetailCode::InvalidValue, "must be a string");
            None
        }
    }
}

/// Reads the body of a login; finds every problem in it.
pub fn login(mut object: Map<String, Value>) -> Result<Login, Details> {
    let mut details = Details::default();
    let found = &mut details;
    let password = taken(&mut object, "password", found);
    let url = match object.get_mut("proxy").and_then(Value::as_object_mut) {
        Some(proxy) if proxy.get("url").is_some_and(Value::is_string) => taken(proxy, "url", found),
        _ => None,
    };
    let known = &[
        "email",
        "username",
        "password",
        "passwordEncoding",
        "provider",
        "proxy",
        "wait",
    ];
    let fields = Fields::new(&object, "", known, found);
    let is_encoded = fields.parsed("passwordEncoding", found, |text| match text {
        "base64" => Ok(true),
        _ => Err("must be base64, or left out where the password stands as it is".to_owned()),
    });
    let password = match (password, is_encoded) {
        (Some(password), Some(true)) => decoded(&password, found),
        (password, _) => password,
    };
    let password = password.filter(|password| fits(password.reveal(), "password", found));
    let username = username(&fields, found);
    let mut leaving = Leaving {
        geolocation: None,
        url,
    };
    if let Some(proxy) = fields.object("proxy", found) {
        let proxy = Fields::new(proxy, "proxy.", &["geo", "url"], found);
        // Where it was a string it was taken out above.
        proxy.string("url", found);
        leaving.geolocation = geolocation(&proxy, "geo", "proxy.geo.", found);
    }
    let provider = fields.text("provider", 1..=64, found);
    let wait = wait(fields.whole("wait", WAIT, found));
    match (username, password, details.is_empty()) {
        (Some(username), Some(password), true) => Ok(Login {
            provider,
            credentials: Credentials { username, password },
            leaving,
            wait,
        }),
        _ => Err(details),
    }
}

/// `email` or `username`: the same, by the name that suits the provider.
fn username(fields: &Fields<'_>, found: &mut Details) -> Option<String> {
    let (name, other) = match fields.says("email") {
        true => ("email", "username"),
        false => ("username", "email"),
    };
    if fields.says(other) {
        let message = "give one of email and username: they mean the same";
        found.add(name, DetailCode::InvalidValue, message);
        return None;
    }
    if !fields.says(name) {
        let message = "required, unless email is given";
        found.add(name, DetailCode::Required, message);
        return None;
    }
    let text = fields.string(name, found)?;
    if text.trim().is_empty() {
        found.add(name, DetailCode::InvalidValue, "must not be empty");
        return None;
    }
    fields.parsed(name, found, |text| {
        check_text(text, &(1..=CREDENTIAL_MAX)).map(|()| text.to_owned())
    })
}

fn fits(password: &str, name: &str, found: &mut Details) -> bool {
    let fits = (1..=CREDENTIAL_MAX).contains(&password.chars().count());
    if !fits {
        let message = format!("must be 1 to {CREDENTIAL_MAX} characters long");
        found.add(name, DetailCode::InvalidValue, message);
    }
    fits
}

fn decoded(password: &Secret, found: &mut Details) -> Option<Secret> {
    let bytes = STANDARD.decode(password.reveal()).map(Zeroizing::new);
    let text = bytes.ok().and_then(|mut bytes| {
        let text = String::from_utf8(std::mem::take(&mut *bytes));
        text.map_err(|wrong| Zeroizing::new(wrong.into_bytes()))
            .ok()
    });
    if text.is_none() {
        let message = "must be base64 of UTF-8 text (the alphabet with + and /, padded with =), since passwordEncoding says so";
        found.add("password", DetailCode::InvalidValue, message);
    }
    text.map(Secret::new)
}

fn wait(seconds: Option<i64>) -> Option<Duration> {
    seconds
        .and_then(|seconds| u64::try_from(seconds).ok())
        .map(Duration::from_secs)
}

/// Reads the query of the status.
pub fn status(query: Option<&str>) -> Result<Asked, Details> {
    let mut details = Details::default();
    let found = &mut details;
    let query = Query::parse(query, &["wait", "after"], found);
    let seconds = query.parsed("wait", found, |text| {
        let number = text.parse().ok().filter(|number| WAIT.contains(number));
        number.ok_or_else(|| {
            format!(
                "must be a whole number of seconds from {} to {}",
                WAIT.start(),
                WAIT.end()
            )
        })
    });
    let after = query.parsed("after", found, |text| {
        let waits = [
            Status::Initialized,
            Status::Pending,
            Status::Awaiting2fa,
            Status::InvalidCredentials,
        ];
        waits.into_iter().find(|status| status.name() == text).ok_or_else(|| {
            "must be a status that another follows: initialized, pending, awaiting_2fa or invalid_credentials".to_owned()
        })
    });
    details.checked(Asked {
        wait: wait(seconds),
        after: after.unwrap_or(Status::Pending),
    })
}

/// Reads the body of a code.
pub fn code(mut object: Map<String, Value>) -> Result<Code, Details> {
    let mut details = Details::default();
    let found = &mut details;
    let code = taken(&mut object, "code", found);
    let fields = Fields::new(&object, "", &["code", "method"], found);
    let method = fields.parsed("method", found, |text| {
        named(text, Method::is_typed).ok_or_else(|| {
            format!(
                "must be {}; an approval elsewhere needs no code",
                names(Method::is_typed)
            )
        })
    });
    // Where no way is named, whether it can be an answer depends on the way in use.
    let is_wrong = |code: &Secret| match method {
        Some(way) if way.is_code() => !can_answer(way, code.reveal()),
        _ => !can_answer(Method::Question, code.reveal()),
    };
    if code.as_ref().is_some_and(is_wrong) {
        let message = match method {
            Some(way) if !way.is_code() => format!("must be 1 to {WORDS_MAX} characters long"),
            _ => CODE_RULE.to_owned(),
        };
        found.add("code", DetailCode::InvalidValue, message);
    }
    match (code, details.is_empty()) {
        (Some(code), true) => Ok(Code { code, method }),
        _ => Err(details),
    }
}

/// The way of a name, where it is one of these.
fn named(name: &str, of: impl Fn(Method) -> bool) -> Option<Method> {
    let mut ways = Method::ALL.into_iter().filter(|way| of(*way));
    ways.find(|way| way.name() == name)
}

/// The names of these ways, as a sentence lists them.
fn names(of: impl Fn(Method) -> bool) -> String {
    let names = Method::ALL.into_iter().filter(|way| of(*way));
    let names: Vec<_> = names.map(Method::name).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => names.concat(),
    }
}

/// Reads the body of a choice.
pub fn method(object: &Map<String, Value>) -> Result<Method, Details> {
    let mut details = Details::default();
    let found = &mut details;
    let fields = Fields::new(object, "", &["method"], found);
    if !fields.says("method") {
        let message = format!("required: {}", names(|_| true));
        found.add("method", DetailCode::Required, message);
    }
    let method = fields.parsed("method", found, |text| {
        named(text, |_| true).ok_or_else(|| format!("must be {}", names(|_| true)))
    });
    match (method, details.is_empty()) {
        (Some(method), true) => Ok(method),
        _ => Err(details),
    }
}

/// Reads the body of a call for another code.
pub fn resend(object: &Map<String, Value>) -> Result<Option<Method>, Details> {
    let mut details = Details::default();
    let found = &mut details;
    let fields = Fields::new(object, "", &["method"], found);
    let method = fields.parsed("method", found, |text| {
        named(text, Method::is_sent).ok_or_else(|| format!("must be {}", names(Method::is_sent)))
    });
    details.checked(method)
}

/// Reads a body that says nothing.
pub fn nothing(object: &Map<String, Value>) -> Result<(), Details> {
    let mut details = Details::default();
    Fields::new(object, "", &[], &mut details);
    details.checked(())
}
