//! The embed library: the file that `embed/` builds, for a script tag on any page.
//!
//! | route | what |
//! |---|---|
//! | `GET /embed.js` | this release's, under an address that stays |
//! | `GET /embed/{hash}.js` | the same, for ever: other content has another name |
//! | `GET /embed.json` | that address, and the hash for a tag with `integrity` |

use std::sync::{Arc, LazyLock};

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use sha2::{Digest as _, Sha384};

use super::{
    PathWord, accepts_gzip,
    assets::{Asset, hash},
    word,
};
use crate::flow::Engine;

const LIBRARY: &str = include_str!("../../static/embed.js");

/// Other origins may run the file, and compare it with a hash.
const FOR_OTHERS: [(HeaderName, &str); 2] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    ),
];

static FILE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("text/javascript; charset=utf-8", LIBRARY.to_owned()));
static HASH: LazyLock<String> = LazyLock::new(|| hash(LIBRARY));
static INTEGRITY: LazyLock<String> =
    LazyLock::new(|| format!("sha384-{}", STANDARD.encode(Sha384::digest(LIBRARY))));

/// Where the library is, and what it is.
#[derive(Debug, Serialize)]
struct Release {
    url: String,
    integrity: &'static str,
    version: &'static str,
}

/// `GET /embed.js`. A browser asks again after five minutes, and is told when nothing has changed.
pub(super) async fn latest(headers: HeaderMap) -> Response {
    // Weak: the compressed file has the same tag.
    let tag = format!("W/\"{}\"", HASH.as_str());
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| {
            tags.split(',').any(|known| {
                let known = known.trim();
                known == "*" || known.trim_start_matches("W/") == tag.trim_start_matches("W/")
            })
        });
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file(&headers)
    };
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    for_others(response, "public, max-age=300")
}

/// `GET /embed/{hash}.js`.
pub(super) async fn named(name: PathWord, headers: HeaderMap) -> Response {
    if word(name).strip_suffix(".js") != Some(HASH.as_str()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    for_others(file(&headers), "public, max-age=31536000, immutable")
}

/// `GET /embed.json`.
pub(super) async fn release(State(engine): State<Arc<Engine>>) -> Response {
    let release = Release {
        url: format!("{}/embed/{}.js", engine.settings.urls.link, HASH.as_str()),
        integrity: INTEGRITY.as_str(),
        version: env!("CARGO_PKG_VERSION"),
    };
    for_others(Json(release).into_response(), "public, max-age=300")
}

fn file(headers: &HeaderMap) -> Response {
    let gzip = accepts_gzip(headers);
    let body = if gzip { &FILE.gzip } else { &FILE.body };
    let mut response = Body::from(body.clone()).into_response();
    let answer = response.headers_mut();
    answer.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(FILE.content_type),
    );
    if gzip {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn for_others(mut response: Response, cache_control: &'static str) -> Response {
    let answer = response.headers_mut();
    for (name, value) in FOR_OTHERS {
        answer.insert(name, HeaderValue::from_static(value));
    }
    answer.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(cache_control),
    );
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}
