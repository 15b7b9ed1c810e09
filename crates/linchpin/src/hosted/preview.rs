//! The preview of an app's branding, beside the demo of `linchpin dev`: every step of the pages in the name, the colour
//! and the logo that a developer tries out. Nothing of it is kept, and no session stands behind it.

mod page;
mod steps;
mod wanted;

use std::sync::Arc;

use axum::{
    Router,
    extract::{FromRef, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};

use self::wanted::Wanted;
use super::{asset, logo, render};
use crate::{
    domain::{client_app::ClientApp, public_id::AppId},
    flow::Engine,
};

const SCRIPT: &str = include_str!("../../static/branding.js");

/// The page with the fields frames the steps, which are pages of its own origin.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; \
    connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// A step only shows: it runs nothing and sends nothing.
const STEP_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; \
    base-uri 'none'; frame-ancestors 'self'";

/// What the preview works with.
#[derive(Clone)]
pub struct Preview {
    /// Knows the apps and their logos.
    pub engine: Arc<Engine>,
    /// Id of the app whose branding is tried out.
    pub app: String,
    /// The API's URL, for the link to its reference.
    pub api_url: String,
    /// The data directory, for the command that makes the branding so.
    pub data: String,
}

impl FromRef<Preview> for Arc<Engine> {
    fn from_ref(preview: &Preview) -> Self {
        Self::clone(&preview.engine)
    }
}

impl Preview {
    /// The app as it is now; `None` once somebody has deleted it.
    fn app(&self) -> Option<ClientApp> {
        let id = AppId::parse(&self.app)?;
        self.engine.directory().app(&id).cloned()
    }
}

/// The preview's routes, to stand beside the demo's.
pub fn router(preview: Preview) -> Router {
    Router::new()
        .route("/branding", get(fields))
        .route("/branding/step", get(step))
        .route("/branding.js", get(script))
        .route("/assets/{name}", get(asset))
        .route("/logo/{name}", get(logo))
        .with_state(preview)
}

/// `GET /branding`: the fields, and the steps in frames.
async fn fields(State(preview): State<Preview>, RawQuery(query): RawQuery) -> Response {
    let Some(app) = preview.app() else {
        return gone();
    };
    let wanted = Wanted::from_query(&app, query.as_deref());
    html(PAGE_POLICY, page::branding(&preview, &app, &wanted))
}

/// `GET /branding/step`: one step, as the pages' own templates write it.
async fn step(State(preview): State<Preview>, RawQuery(query): RawQuery) -> Response {
    let Some(app) = preview.app() else {
        return gone();
    };
    let wanted = Wanted::from_query(&app, query.as_deref());
    let (frame, view) = steps::step(&preview.engine, &app, &wanted);
    html(STEP_POLICY, still(&render::page(&frame, &view)))
}

/// `GET /branding.js`
async fn script() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    (headers, SCRIPT).into_response()
}

fn html(policy: &'static str, html: String) -> Response {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(policy),
        ),
    ];
    (headers, html).into_response()
}

fn gone() -> Response {
    (
        StatusCode::NOT_FOUND,
        "The demo's app is deleted. Start linchpin dev again to have another.",
    )
        .into_response()
}

/// The page without what would lead it on by itself (its script, and the refresh that stands in for it), and without
/// what would take the focus from the fields.
fn still(html: &str) -> String {
    let html = without(html, "<script ", "</script>");
    let html = without(&html, "<noscript>", "</noscript>");
    html.replace(" autofocus", "")
}

fn without(html: &str, begin: &str, end: &str) -> String {
    let parts = html.split_once(begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(end)?;
        Some([before, after].concat())
    });
    parts.unwrap_or_else(|| html.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_still_page_has_neither_script_nor_refresh() {
        let page =
            "<head><script src=\"/x\" defer></script><noscript><meta></noscript></head><p>a</p>";
        assert_eq!(still(page), "<head></head><p>a</p>");
        assert_eq!(still("<p>a</p>"), "<p>a</p>");
    }
}
