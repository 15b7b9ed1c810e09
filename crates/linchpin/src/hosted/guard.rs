//! Whether a POST comes from a page of ours.

use axum::http::{HeaderMap, header};

use crate::flow::Engine;

/// Whether the browser says nothing against it: `Sec-Fetch-Site`, where it is sent, must be `same-origin`, and
/// `Origin`, where it is sent, ours or `null` (which is what our referrer policy makes browsers send).
///
/// The form token is what proves the page; this turns away what a token could not, a page that stole one.
pub fn from_our_page(engine: &Engine, headers: &HeaderMap) -> bool {
    let site = headers
        .get("sec-fetch-site")
        .is_none_or(|site| site == "same-origin");
    let origin = headers.get(header::ORIGIN).is_none_or(|origin| {
        origin == "null"
            || url::Url::parse(&engine.settings.urls.link).is_ok_and(|ours| {
                origin.as_bytes() == ours.origin().ascii_serialization().as_bytes()
            })
    });
    site && origin
}
