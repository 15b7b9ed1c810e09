//! The hosted pages of a link session.
//!
//! | route | what |
//! |---|---|
//! | `GET /cs_…`, `/s/cs_…` | the launch page; writes nothing |
//! | `POST` there | the first action: this browser owns the session from now on |
//! | `GET /f/…` | the page of the step where the flow stands |
//! | `POST /f/…` | a step |
//! | `GET /f/…/wait` | what a step became that took longer than a moment |
//! | `GET /f/…/return` | 303 to the redirect URL |
//! | `GET /c/…` | what an end user has connected; writes nothing |
//! | `POST` there | the end of it |
//! | `GET /h/…` | a code, opened on a phone; writes nothing |
//! | `POST` there | a phrase was chosen: the phone goes on, or nobody does |
//! | `GET /back/{provider}` | a browser, back from the provider's own page; writes nothing |
//! | `POST` there | what it has brought |
//! | `GET /done` | the end of a window beside a framed page |
//! | `GET /embed.js`, `/embed.json` | the embed library |

pub mod accent;
mod answer;
pub mod assets;
mod back;
mod choices;
mod connection;
mod elsewhere;
mod embed;
mod flow;
mod form;
mod guard;
mod hand_off;
mod launch;
mod messages;
pub mod preview;
pub mod render;
mod scanned;
mod show;
mod show_factor;
pub mod texts;
mod trip_cookie;
pub mod view;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{FromRef, Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};

use crate::{
    flow::Engine,
    http::{ClientAddress, RateLimit},
};

/// How long a step waits for its outcome before the page says that it is being checked.
const MOMENT: Duration = Duration::from_millis(1_200);

/// The one variable word of a path; bytes that are not UTF-8 name nothing of ours.
type PathWord = Result<Path<String>, PathRejection>;

fn word(path: PathWord) -> String {
    path.map(|Path(word)| word).unwrap_or_default()
}

/// What the pages work with.
#[derive(Clone)]
pub struct Pages {
    engine: Arc<Engine>,
    posts: Arc<RateLimit>,
}

impl FromRef<Pages> for Arc<Engine> {
    fn from_ref(pages: &Pages) -> Self {
        Arc::clone(&pages.engine)
    }
}

/// The routes of the pages. `posts` limits the POSTs of one client address.
pub fn router(engine: Arc<Engine>, posts: RateLimit) -> Router {
    Router::new()
        .route("/{secret}", get(launch::show).post(launch::act))
        .route("/s/{secret}", get(launch::show).post(launch::act))
        .route("/f/{flow}", get(flow::show).post(flow::act))
        .route("/f/{flow}/wait", get(flow::wait))
        .route("/f/{flow}/return", get(flow::go_back))
        .route("/c/{secret}", get(connection::show).post(connection::act))
        .route("/h/{code}", get(scanned::ask).post(scanned::choose))
        .route("/back/{provider}", get(back::show).post(back::act))
        .route("/done", get(back::done))
        .route("/assets/{name}", get(asset))
        .route("/embed.js", get(embed::latest))
        .route("/embed.json", get(embed::release))
        .route("/embed/{name}", get(embed::named))
        .route("/logo/{name}", get(logo))
        .with_state(Pages {
            engine,
            posts: Arc::new(posts),
        })
}

impl Pages {
    /// The form that a page of ours posted; otherwise the answer to what is no such thing, or comes too often. Whoever
    /// posts to a page goes through here.
    async fn posted(
        &self,
        asked: &answer::Asked<'_>,
        client: ClientAddress,
        body: Body,
    ) -> Result<form::StepForm, Response> {
        if let Some(refused) = self.refused(asked, client) {
            return Err(refused);
        }
        let form = form::StepForm::read(asked.headers, body).await;
        form.ok_or_else(|| asked.forbidden())
    }

    /// The answer to what comes too often or from no page of ours, as far as that can be told before a form is read.
    fn refused(&self, asked: &answer::Asked<'_>, client: ClientAddress) -> Option<Response> {
        self.too_many(asked, client).or_else(|| {
            let ours = guard::from_our_page(&self.engine, asked.headers);
            (!ours).then(|| asked.forbidden())
        })
    }

    /// The answer to a client that posts too often.
    fn too_many(&self, asked: &answer::Asked<'_>, client: ClientAddress) -> Option<Response> {
        let wait = self.posts.check(client, Instant::now()).err()?;
        let mut response = asked.page(
            StatusCode::TOO_MANY_REQUESTS,
            None,
            &view::View::Unavailable,
        );
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(wait.seconds()));
        Some(response)
    }
}

/// `GET /assets/…`: stylesheet and script, under names that change with their content.
async fn asset(name: PathWord, headers: HeaderMap) -> Response {
    let Some(asset) = assets::find(&word(name)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let gzip = accepts_gzip(&headers);
    let body = if gzip {
        asset.gzip.clone()
    } else {
        asset.body.clone()
    };
    let mut response = Body::from(body).into_response();
    let answer = response.headers_mut();
    answer.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(asset.content_type),
    );
    answer.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if gzip {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// Whether the client takes a file compressed by gzip.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accepted| {
            accepted.split(',').any(|coding| {
                coding
                    .split(';')
                    .next()
                    .is_some_and(|name| name.trim() == "gzip")
            })
        })
}

/// `GET /logo/{hash}.png`: an app's logo, under a name that changes with its content.
async fn logo(State(engine): State<Arc<Engine>>, name: PathWord) -> Response {
    let found = match word(name).strip_suffix(".png") {
        Some(hash) => engine.store.logo(hash).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(png)) => {
            let mut response = Body::from(png).into_response();
            let answer = response.headers_mut();
            answer.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
            answer.insert(
                header::CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=31536000, immutable"),
            );
            response
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a logo could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
