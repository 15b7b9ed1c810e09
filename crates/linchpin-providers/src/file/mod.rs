//! Reading a provider file: what it says, or everything that is wrong with it.

mod problem;
mod table;
mod units;

use std::sync::Arc;

use linchpin_provider::{Provider, Secret};
use toml::de::DeTable;

use crate::connector::Connector;

pub use problem::Problem;
pub(crate) use problem::{At, Problems};
pub(crate) use table::{Table, Text, nearest};

use crate::http::Declared;
use crate::oauth;

/// Bytes of a provider file at most.
pub const LENGTH_MAX: usize = 256 * 1024;

/// How the files that a provider file names are read, such as `client_secret_file`: given what is written, the text
/// without line breaks at its end, or why it cannot be read.
pub type Secrets<'s> = &'s dyn Fn(&str) -> Result<Secret, String>;

/// Reads a provider file.
///
/// # Errors
///
/// Everything that is wrong with it, in the order of the file.
pub fn read(text: &str, secrets: Secrets<'_>) -> Result<Arc<dyn Provider>, Vec<Problem>> {
    within(text, |file| kind(file, secrets))
}

/// Reads a provider file of kind `http` for what the flow does not ask of it, such as its scenarios; `None` for a file of another kind.
///
/// # Errors
///
/// As [`read`], of which kind it is included.
pub fn read_declared(text: &str, secrets: Secrets<'_>) -> Result<Option<Declared>, Vec<Problem>> {
    let is_http = |file: &Table<'_>| {
        let kind = file.text("kind").map(|kind| kind.value == "http");
        file.keys();
        kind
    };
    match within(text, is_http) {
        Ok(true) => within(text, |file| {
            file.has("kind");
            Declared::read(file, secrets)
        })
        .map(Some),
        _ => read(text, secrets).map(|_| None),
    }
}

/// Reads a text as a table; what the reader finds wrong is all told at once.
pub(crate) fn within<T>(
    text: &str,
    reader: impl FnOnce(&Table<'_>) -> Option<T>,
) -> Result<T, Vec<Problem>> {
    let problems = Problems::new(text);
    if text.len() > LENGTH_MAX {
        problems.note(&(0..0), "the file is longer than 256 KiB; shorten it");
        return Err(problems.into_sorted());
    }
    let (whole, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().unwrap_or_default();
        let message = format!("this is not TOML: {}", error.message());
        problems.note(&at, message);
    }
    if !errors.is_empty() {
        return Err(problems.into_sorted());
    }
    let read = {
        let file = Table::new(&problems, String::new(), whole.get_ref(), 0..0);
        reader(&file)
    };
    match read {
        Some(read) if problems.count() == 0 => Ok(read),
        _ => Err(problems.into_sorted()),
    }
}

fn kind(file: &Table<'_>, secrets: Secrets<'_>) -> Option<Arc<dyn Provider>> {
    #[derive(Clone, Copy)]
    enum Kind {
        Connector,
        Http,
        OAuth(oauth::Kind),
    }
    let kinds = [
        ("connector", Kind::Connector),
        ("http", Kind::Http),
        ("oidc", Kind::OAuth(oauth::Kind::OpenId)),
        ("oauth2", Kind::OAuth(oauth::Kind::OAuth)),
    ];
    if !file.has("kind") {
        file.missing(
            "kind",
            r#"write kind = "http", "oidc", "oauth2" or "connector""#,
        );
    }
    match file.word("kind", &kinds) {
        Some(Kind::Connector) => Some(Arc::new(Connector::read(file, secrets)?)),
        Some(Kind::Http) => Some(Arc::new(Declared::read(file, secrets)?)),
        Some(Kind::OAuth(kind)) => Some(Arc::new(oauth::OAuth::read(file, kind, secrets)?)),
        None => {
            // Of a kind that is not known no key is.
            file.keys();
            None
        }
    }
}
