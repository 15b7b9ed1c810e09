//! Headers that a file has sent.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::file::{Table, Text};

/// Reads `headers`: names with the values that are always sent.
pub(super) fn headers(table: &Table<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in table.pairs("headers") {
        let Some(name) = header_name(table, &name) else {
            continue;
        };
        match HeaderValue::from_str(&value.value) {
            Ok(value) => drop(headers.insert(name, value)),
            Err(_) => table.problems().note(
                &value.at,
                format!("{} has a header's value with a line break or another sign that headers cannot have", table.full("headers")),
            ),
        }
    }
    headers
}

/// Reads a header's name that a file may set; what is wrong is noted.
pub(crate) fn header_name(table: &Table<'_>, name: &Text) -> Option<HeaderName> {
    const OURS: [HeaderName; 6] = [
        header::HOST,
        header::COOKIE,
        header::CONTENT_LENGTH,
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ];
    let note = |message: &str| {
        let message = format!("header {:?} {message}", name.value);
        table.problems().note(&name.at, message);
        None
    };
    match name.value.parse::<HeaderName>() {
        Ok(name) if OURS.contains(&name) => note("is written by Linchpin itself; leave it out"),
        Ok(name) => Some(name),
        Err(_) => note("is no name of a header, such as X-Api-Key"),
    }
}
