//! Reading the requests of a file.

use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;
use toml::de::DeValue;

use super::{
    known::Known,
    means::{Part, When},
    step::{Json, Step, StepBody, Take, joined},
    template::{Escape, Template, is_name},
};
use crate::{
    answer::Place,
    api::{authority, header_name},
    file::{Table, Text},
};

const METHODS: [(&str, Method); 5] = [
    ("get", Method::GET),
    ("post", Method::POST),
    ("put", Method::PUT),
    ("patch", Method::PATCH),
    ("delete", Method::DELETE),
];

impl Step {
    /// Reads a list of requests in their order, each of which knows what those before it take.
    pub(super) fn read_all(
        table: &Table<'_>,
        key: &str,
        known: &mut Known<'_>,
        part: Part,
    ) -> Vec<Self> {
        let tables = table.tables(key);
        let read = tables
            .iter()
            .filter_map(|step| Self::read(step, known, part));
        read.collect()
    }

    /// Reads one request; what it takes is known afterwards. What is wrong is noted.
    pub(super) fn read(table: &Table<'_>, known: &mut Known<'_>, part: Part) -> Option<Self> {
        let (method, url) = method(table, known).unzip();
        let headers = headers(table, "headers", known);
        let body = body(table, known);
        let follow = table.flag("follow").unwrap_or_default();
        let takes = takes(table, known);
        let whens = When::read(table, part);
        Some(Self {
            method: method?,
            url: url?,
            headers,
            body,
            follow,
            takes,
            whens,
        })
    }
}

fn method(table: &Table<'_>, known: &Known<'_>) -> Option<(Method, Template)> {
    let given: Vec<_> = METHODS.iter().filter(|(key, _)| table.has(key)).collect();
    let [(key, method)] = given[..] else {
        let message = match given.is_empty() {
            true => {
                r#"says nothing of what is requested: write one of get, post, put, patch, delete, such as get = "/login""#
            }
            false => "has several of get, post, put, patch, delete; keep one",
        };
        table
            .problems()
            .note(&table.at(), format!("{} {message}", table.name()));
        return None;
    };
    let text = table.text(key)?;
    let url = known.template(table, &table.full(key), &text)?;
    let problem = wrong_url(&url, known);
    if let Some(problem) = problem {
        table.note(key, &problem);
        return None;
    }
    Some((method.clone(), url))
}

/// What is wrong with where a request goes.
fn wrong_url(url: &Template, known: &Known<'_>) -> Option<String> {
    if url.one_name().is_some() {
        return None;
    }
    let beginning = url.beginning();
    if beginning.starts_with('/') && !beginning.starts_with("//") {
        return match joined(known.api.base(), beginning) {
            Some(_) => None,
            None => Some("is no path".to_owned()),
        };
    }
    let Some((_, after)) = beginning.split_once("://") else {
        return Some(r#"must be a path that begins with /, or a whole URL, such as "https://www.example.com/login""#.to_owned());
    };
    let Some(whole) = joined(known.api.base(), beginning) else {
        return Some("is no URL".to_owned());
    };
    // A host that goes on after a name could be any.
    if url.names().next().is_some() && !after.contains('/') {
        return Some("must have its whole host, with / after it, before the first {{".to_owned());
    }
    if known.api.hosts.own(&whole) {
        return None;
    }
    let host = authority(&whole);
    Some(match whole.scheme() {
        "https" => format!(
            r#"goes to {host}, which is not among the hosts of this provider; add it in [api]: hosts = ["{host}"]"#
        ),
        "http" => format!(
            r#"goes to {host} by plain http, which is for hosts in private networks only; write https://, or name both in [api]: hosts = ["{host}"], private_networks = ["10.1.2.0/24"]"#
        ),
        _ => "must begin with https://".to_owned(),
    })
}

/// Reads headers with names in their values.
pub(super) fn headers(
    table: &Table<'_>,
    key: &str,
    known: &Known<'_>,
) -> Vec<(HeaderName, Template)> {
    let mut headers = Vec::new();
    for (name, value) in table.pairs(key) {
        let what = format!("{}.{}", table.full(key), name.value);
        let named = header_name(table, &name);
        let template = known.template(table, &what, &value);
        if value.value.contains(|c: char| c.is_control()) {
            table.problems().note(&value.at, format!("{what} has a line break or another control character, which headers cannot have"));
        }
        if let (Some(name), Some(template)) = (named, template) {
            headers.push((name, template));
        }
    }
    headers
}

fn body(table: &Table<'_>, known: &Known<'_>) -> StepBody {
    let given: Vec<&str> = ["form", "json", "body"]
        .into_iter()
        .filter(|key| table.has(key))
        .collect();
    if let [first, second, ..] = given[..] {
        table.note(
            second,
            &format!("stands beside {first}; a request sends one of form, json, body"),
        );
    }
    if table.has("type") && given.first() != Some(&"body") {
        table.note("type", "goes with body only; form and json have their own");
    }
    if table.has("get") && !given.is_empty() {
        let key = given.first().copied().unwrap_or_default();
        table.note(
            key,
            "is sent along, which get does not do; write post, or put it in the URL behind ?",
        );
    }
    match given.first().copied() {
        Some("form") => form(table, known),
        Some("json") => table
            .value("json")
            .and_then(|value| json(table, "json", value.get_ref(), &value.span(), known))
            .map_or(StepBody::Nothing, StepBody::Json),
        Some(_) => text(table, known).unwrap_or(StepBody::Nothing),
        None => StepBody::Nothing,
    }
}

fn form(table: &Table<'_>, known: &Known<'_>) -> StepBody {
    let mut fields = Vec::new();
    for (name, value) in table.pairs("form") {
        let what = format!("{}.{}", table.full("form"), name.value);
        if let Some(template) = known.template(table, &what, &value) {
            fields.push((name.value, template));
        }
    }
    StepBody::Form(fields)
}

fn text(table: &Table<'_>, known: &Known<'_>) -> Option<StepBody> {
    let kind = table.required_text(
        "type",
        r#"the Content-Type of body, such as type = "text/xml""#,
    )?;
    let Ok(value) = HeaderValue::from_str(&kind.value) else {
        table.note("type", "has a sign that headers cannot have");
        return None;
    };
    let escape = Escape::within(&kind.value);
    Some(StepBody::Text(known.keyed(table, "body")?, value, escape))
}

fn json(
    table: &Table<'_>,
    what: &str,
    value: &DeValue<'_>,
    at: &crate::file::At,
    known: &Known<'_>,
) -> Option<Json> {
    match value {
        DeValue::String(text) => {
            let text = Text {
                value: text.clone().into_owned(),
                at: at.clone(),
            };
            known
                .template(table, &table.full(what), &text)
                .map(Json::Text)
        }
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
            Some(Json::Plain(Value::from(number)))
        }
        DeValue::Float(number) => number
            .as_str()
            .parse::<f64>()
            .ok()
            .map(|n| Json::Plain(n.into())),
        DeValue::Boolean(flag) => Some(Json::Plain((*flag).into())),
        DeValue::Datetime(date) => Some(Json::Plain(date.to_string().into())),
        DeValue::Array(entries) => {
            let read = entries
                .iter()
                .map(|entry| json(table, what, entry.get_ref(), &entry.span(), known));
            read.collect::<Option<_>>().map(Json::List)
        }
        DeValue::Table(members) => {
            let read = members.iter().map(|(name, member)| {
                let what = format!("{what}.{}", name.get_ref());
                let member = json(table, &what, member.get_ref(), &member.span(), known)?;
                Some((name.get_ref().clone().into_owned(), member))
            });
            read.collect::<Option<_>>().map(Json::Object)
        }
    }
}

fn takes(table: &Table<'_>, known: &mut Known<'_>) -> Vec<Take> {
    let Some(takes) = table.table("take") else {
        return Vec::new();
    };
    let mut read = Vec::new();
    for name in takes.keys() {
        if !is_name(&name.value) || matches!(name.value.as_str(), "password" | "code" | "username")
        {
            let message = format!(
                "{:?} cannot name what is taken: names are lower-case letters, digits and _, beginning with a letter, and not username, password or code",
                name.value
            );
            table.problems().note(&name.at, message);
            continue;
        }
        // Where only its place is wrong, the name is known all the same.
        known.taken.insert(name.value.clone());
        let Some(take) = takes.table(&name.value) else {
            continue;
        };
        let optional = take.flag("optional").unwrap_or_default();
        if let Some(place) = Place::required(&take) {
            read.push(Take {
                name: name.value,
                place,
                optional,
            });
        }
    }
    read
}
