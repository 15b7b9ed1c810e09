//! Where something stands in an answer.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, header};
use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::{Seen, css::Selector, html};
use crate::file::Table;

/// Bytes of a picture at most: encoded, it has to leave room for cookies within `Pending::PROGRESS_MAX`.
const PICTURE_MAX: usize = 16 * 1024;
/// Bytes that a compiled expression may take.
const REGEX_MAX: usize = 256 * 1024;

/// Where something stands in an answer: one of its parts, and what an expression finds in there.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    part: Part,
    regex: Option<Regex>,
}

#[derive(Debug, Clone)]
enum Part {
    /// A pointer (RFC 6901), in its unescaped parts.
    Json(Vec<String>),
    Css(Selector, Option<String>),
    Header(HeaderName),
    Cookie(String),
    Url,
    Picture,
    Body,
}

/// The keys that name a part.
const KEYS: &str = "json, css, regex, header, cookie, url or picture";

impl Place {
    /// Reads a place where a table must name one.
    pub(crate) fn required(table: &Table<'_>) -> Option<Self> {
        let before = table.problems().count();
        let place = Self::read(table);
        if place.is_none() && table.problems().count() == before {
            let message = format!(
                "{} names no place in the answer: write one of {KEYS}",
                table.name()
            );
            table.problems().note(&table.at(), message);
        }
        place
    }

    /// Reads the place that a table names, if any.
    pub(crate) fn read(table: &Table<'_>) -> Option<Self> {
        let mut parts = Vec::new();
        let attribute = table
            .text("attribute")
            .map(|text| text.value.to_ascii_lowercase());
        let no_css = attribute.is_some() && !table.has("css");
        if table.has("json") {
            parts.push(table.parsed("json", pointer).map(Part::Json));
        }
        if table.has("css") {
            let selector = table.parsed("css", str::parse);
            parts.push(selector.map(|selector| Part::Css(selector, attribute)));
        }
        if table.has("header") {
            let name = table.parsed("header", |text| {
                text.parse()
                    .map_err(|_| r#"is no name of a header, such as "location""#.to_owned())
            });
            parts.push(name.map(Part::Header));
        }
        if table.has("cookie") {
            parts.push(table.text("cookie").map(|text| Part::Cookie(text.value)));
        }
        for (key, part) in [("url", Part::Url), ("picture", Part::Picture)] {
            if table.has(key) {
                match table.flag(key) {
                    Some(false) => table.note(key, "must be true or left out"),
                    flag => parts.push(flag.map(|_| part)),
                }
            }
        }
        if no_css {
            table.note(
                "attribute",
                "goes with css only: it names the attribute of the element that css finds",
            );
        }
        let wanted_regex = table.has("regex");
        let regex = table.parsed("regex", pattern);
        if parts.len() > 1 {
            let message = format!(
                "{} names several places in the answer; keep one of {KEYS}",
                table.name()
            );
            table.problems().note(&table.at(), message);
            return None;
        }
        let part = match parts.pop() {
            Some(part) => part?,
            None if wanted_regex => Part::Body,
            None => return None,
        };
        (regex.is_some() == wanted_regex).then_some(Self { part, regex })
    }

    /// Whether the body has to be read for it.
    pub(crate) fn needs_body(&self) -> bool {
        matches!(
            self.part,
            Part::Json(_) | Part::Css(..) | Part::Picture | Part::Body
        )
    }

    /// Whether it is the answer as a picture.
    pub(crate) fn is_picture(&self) -> bool {
        matches!(self.part, Part::Picture)
    }

    /// Whether it may be where a page or its redirect leads, relative to the page.
    pub(crate) fn is_link(&self) -> bool {
        match &self.part {
            Part::Css(_, attribute) => attribute
                .as_deref()
                .is_some_and(|name| matches!(name, "action" | "formaction" | "href" | "src")),
            Part::Header(name) => *name == header::LOCATION,
            _ => false,
        }
    }

    /// Whether a redirect can be told by it.
    pub(crate) fn is_header(&self) -> bool {
        matches!(self.part, Part::Header(_))
    }

    /// What stands there.
    pub(crate) fn find(&self, seen: &Seen<'_>) -> Option<String> {
        let text = match &self.part {
            Part::Json(parts) => json(seen.body, parts)?,
            Part::Css(selector, attribute) => {
                html::find(seen.body, selector, attribute.as_deref())?
            }
            Part::Header(name) => {
                let value = seen.headers.get(name)?;
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            }
            Part::Cookie(name) => seen.jar?.value(seen.url, name)?,
            Part::Url => seen.url.to_string(),
            Part::Picture => picture(seen)?,
            Part::Body => String::from_utf8_lossy(seen.body).into_owned(),
        };
        let Some(regex) = &self.regex else {
            return Some(text);
        };
        let found = regex.captures(&text)?;
        let taken = found.get(1).or_else(|| found.get(0))?;
        Some(taken.as_str().to_owned())
    }
}

/// Reads a regular expression, its size limited.
fn pattern(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text)
        .size_limit(REGEX_MAX)
        .dfa_size_limit(REGEX_MAX)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                "is too large an expression; make its repetitions smaller".to_owned()
            }
            error => {
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or_default();
                let reason = reason.trim_start_matches("error: ");
                format!("is no regular expression: {reason}")
            }
        })
}

/// Reads a JSON pointer.
fn pointer(text: &str) -> Result<Vec<String>, String> {
    let Some(inside) = text.strip_prefix('/') else {
        return Err(format!(
            r#"must be a JSON pointer, which begins with / and has / between its parts, such as "/{}""#,
            text.trim_start_matches('$')
                .trim_start_matches('.')
                .replace('.', "/")
        ));
    };
    Ok(inside
        .split('/')
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect())
}

fn json(body: &[u8], parts: &[String]) -> Option<String> {
    let whole: Value = serde_json::from_slice(body).ok()?;
    let found = parts.iter().try_fold(&whole, |value, part| match value {
        Value::Object(members) => members.get(part),
        Value::Array(entries) => entries.get(part.parse::<usize>().ok()?),
        _ => None,
    })?;
    match found {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn picture(seen: &Seen<'_>) -> Option<String> {
    let kind = seen.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    let is_known = matches!(
        kind.as_str(),
        "image/png" | "image/jpeg" | "image/gif" | "image/webp"
    );
    (is_known && seen.body.len() <= PICTURE_MAX)
        .then(|| format!("data:{kind};base64,{}", STANDARD.encode(seen.body)))
}
