//! The demo application of `linchpin dev`: what a developer's own product would be.
//!
//! It has a listener of its own, and therefore an origin of its own: what it serves cannot reach into the link
//! pages. It knows the server only as any developer does, by its API.

mod backend;
mod pages;
mod visits;

use std::sync::Arc;

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use url::form_urlencoded;

use backend::Backend;
pub use backend::BackendError;
use visits::Visits;

const STYLES: &str = include_str!("../../static/demo.css");
/// Parameters of a callback that are shown at most.
const SHOWN_MAX: usize = 30;

/// The demo with what it works with.
pub struct Demo {
    backend: Backend,
    visits: Visits,
    words: pages::Words,
    policy: HeaderValue,
}

impl Demo {
    /// A demo at `demo_url` that links accounts through the app `app` of the API at `api_url`. Both URLs are
    /// `http://` with an address of this machine and without a slash at the end.
    pub fn new(
        api_url: &str,
        demo_url: &str,
        api_key: &str,
        app: &str,
    ) -> Result<Self, BackendError> {
        let backend = Backend::new(api_url, api_key)?;
        // The grammar of a policy has no IPv6 addresses.
        let link_pages = if api_url.contains('[') {
            "http:"
        } else {
            api_url
        };
        // Chromium holds the redirects that follow a submit to `form-action` too.
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' {link_pages}; \
             base-uri 'none'; frame-ancestors 'none'"
        );
        Ok(Self {
            backend,
            visits: Visits::default(),
            words: pages::Words {
                api_url: api_url.to_owned(),
                app: app.to_owned(),
                callback: format!("{demo_url}/callback"),
            },
            policy: HeaderValue::from_str(&policy).map_err(|_| BackendError::Address)?,
        })
    }

    fn page(&self, status: StatusCode, html: String) -> Response {
        let headers = [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            ),
            (header::CONTENT_SECURITY_POLICY, self.policy.clone()),
        ];
        (status, headers, html).into_response()
    }
}

/// The demo's routes.
pub fn router(demo: Demo) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/connect", post(connect))
        .route("/callback", get(callback))
        .route("/demo.css", get(styles))
        .with_state(Arc::new(demo))
}

/// `GET /`
async fn home(State(demo): State<Arc<Demo>>) -> Response {
    demo.page(StatusCode::OK, pages::home(&demo.words))
}

/// `POST /connect`: starts a link as a developer's backend does, and sends the browser to it.
async fn connect(State(demo): State<Arc<Demo>>) -> Response {
    let started = async {
        let reference = visits::reference()?;
        let url = demo.backend.init(&demo.words, &reference).await?;
        let secret = url.rsplit('/').next().unwrap_or_default().to_owned();
        let location = HeaderValue::from_str(&url).map_err(|_| BackendError::Unexpected)?;
        demo.visits.remember(reference, secret);
        Ok::<_, BackendError>(location)
    };
    match started.await {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(error) => demo.page(
            StatusCode::BAD_GATEWAY,
            pages::failed(&demo.words, &error.to_string()),
        ),
    }
}

/// `GET /callback`: what came back, and what the backend then finds out about it.
async fn callback(State(demo): State<Arc<Demo>>, RawQuery(query): RawQuery) -> Response {
    let parameters: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes())
            .take(SHOWN_MAX)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
    let value = |wanted: &str| {
        let found = parameters.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    let secret = value("client_reference_id").and_then(|reference| demo.visits.secret(reference));
    let status = match secret {
        Some(secret) => Some(demo.backend.status(&secret).await),
        None => None,
    };
    demo.page(
        StatusCode::OK,
        pages::callback(&demo.words, &parameters, value("status"), status),
    )
}

/// `GET /demo.css`
async fn styles() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (headers, STYLES).into_response()
}
