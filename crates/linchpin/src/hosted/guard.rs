//! Whether a POST comes from a page of ours.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::flow::Engine;

/// Whether the browser says nothing against it: `Sec-Fetch-Site`, where it is sent, must be `same-origin`, and
/// `Origin`, where it is sent, ours or `null` (which is what our referrer policy makes browsers send). Ours is also the
/// host that the browser asked for: the same server may be reached as `localhost` and as `127.0.0.1`.
///
/// The form token is what proves the page; this turns away what a token could not, a page that stole one.
pub fn from_our_page(engine: &Engine, headers: &HeaderMap) -> bool {
    let site = headers
        .get("sec-fetch-site")
        .is_none_or(|site| site == "same-origin");
    let origin = headers
        .get(header::ORIGIN)
        .is_none_or(|origin| origin == "null" || is_ours(engine, headers, origin));
    site && origin
}

fn is_ours(engine: &Engine, headers: &HeaderMap, origin: &HeaderValue) -> bool {
    let (Ok(link), Ok(origin)) = (url::Url::parse(&engine.settings.urls.link), origin.to_str())
    else {
        return false;
    };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let asked = host.map(|host| format!("{}://{host}", link.scheme()));
    origin == link.origin().ascii_serialization() || asked.is_some_and(|asked| asked == origin)
}
