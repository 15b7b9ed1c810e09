//! The JSON API: a handler parses, asks the flow, and renders.

pub mod access;
pub mod account;
pub mod auth;
pub mod body;
mod details;
mod error;
pub mod events;
mod fields;
pub mod init;
mod link;
pub mod manage;
mod openapi;
pub mod page;
mod query;
mod reference;
pub mod told;
mod told_factor;
mod unavailable;
mod whitelabel;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::Extension,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};

pub use details::{Detail, DetailCode, Details};
pub use error::{ActionRequired, ApiError, Kind};
pub use openapi::document;

use crate::{flow::Engine, http::RequestId};

/// What a handler tells, or why not.
type Answer<T> = Result<Json<T>, ApiError>;
/// The same with 201, for what was made.
type Created<T> = Result<(StatusCode, Json<T>), ApiError>;

/// The routes of the API.
pub fn router(engine: Arc<Engine>) -> Router {
    Router::new()
        .merge(link::routes())
        .merge(whitelabel::routes())
        .merge(access::routes(&engine))
        .merge(account::routes())
        .merge(manage::routes())
        .merge(events::routes())
        .route("/healthz", get(healthz))
        .route("/openapi.json", get(openapi::serve))
        .route("/docs", get(reference::page))
        .route("/docs/reference.css", get(reference::styles))
        .layer(axum::middleware::from_fn(error::with_request_id))
        .with_state(engine)
}

/// Answers what no route covers in the API's own shape. To be called with all routes of an origin.
pub fn closed(routes: Router) -> Router {
    routes
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
}

/// That the process answers, and nothing else.
#[utoipa::path(get, path = "/healthz", operation_id = "health", tag = "Health", responses((status = 200, body = String, content_type = "text/plain", description = "The process answers.")))]
async fn healthz() -> &'static str {
    "ok"
}

async fn unknown_route(Extension(id): Extension<RequestId>) -> Response {
    ApiError::new(
        Kind::RouteNotFound,
        "there is no such route; the API is described at /openapi.json and /docs",
    )
    .respond(&id)
}

async fn wrong_method(Extension(id): Extension<RequestId>) -> Response {
    ApiError::new(
        Kind::MethodNotAllowed,
        "this route does not take this method; the Allow header names those it takes",
    )
    .respond(&id)
}

/// Answers with what was told, or with why not.
fn answer<T: serde::Serialize>(told: Result<T, ApiError>, id: &RequestId) -> Response {
    match told {
        Ok(told) => json(
            StatusCode::OK,
            serde_json::to_vec(&told).unwrap_or_default(),
        ),
        Err(error) => error.respond(id),
    }
}

/// An answer whose body is JSON already.
pub fn json(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut response = (status, bytes).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}
