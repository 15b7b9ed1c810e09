//! `/v2/link`: init, status, delete.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::{Extension, Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::{get, post},
};

use super::{
    Answer, ApiError, Kind,
    auth::{self, By, Link},
    body,
    details::{DetailCode, Details, no_egress},
    error::ErrorBody,
    init,
    told::{Deleted, InitAnswer, InitRequest, LinkStatus},
};
use crate::{
    domain::{client_app::AppType, scope::Scope, token::LinkSecret},
    flow::{Engine, InitError, Repeat, RepeatRefused, Started},
    http::RequestId,
};

/// The routes.
pub fn routes() -> Router<Arc<Engine>> {
    Router::new()
        .route("/v2/link/init", post(start))
        .route("/v2/link/{client_secret}", get(status).delete(delete))
}

/// Starts a link session.
///
/// The session is on the disk before the answer leaves.
#[utoipa::path(
    post, path = "/v2/link/init", operation_id = "initLink", tag = "Link",
    security(("apikey" = []), ("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[ -~]+$",
        description = "The same key with the same body within 24 hours answers the same bytes and makes no second session.")),
    request_body(content = Option<InitRequest>),
    responses(
        (status = 200, body = InitAnswer, description = "The session was started."),
        (status = 400, body = ErrorBody, description = "A field cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope LINK."),
        (status = 404, body = ErrorBody, description = "There is no such client app."),
        (status = 409, body = ErrorBody, description = "The first request with this Idempotency-Key is still running."),
        (status = 413, body = ErrorBody, description = "The body is larger than the limit, 64 KiB unless configured otherwise."),
        (status = 415, body = ErrorBody, description = "The body is not JSON by its content type."),
        (status = 422, body = ErrorBody, description = "The Idempotency-Key was used with another body."),
        (status = 429, body = ErrorBody, description = "The app has as many open sessions as the operator allows."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be written. Repeat after `Retry-After`, with the same Idempotency-Key where there was one.")
    )
)]
pub(super) async fn start(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match init(&engine, &headers, body).await {
        Ok(answer) => super::json(StatusCode::OK, answer),
        Err(error) => error.respond(&id),
    }
}

async fn init(engine: &Engine, headers: &HeaderMap, body: Body) -> Result<Vec<u8>, ApiError> {
    let caller = auth::caller(engine, headers, Scope::Link).await?;
    let bytes = body::read(body).await?;
    let ticket = match idempotency_key(headers)? {
        None => None,
        Some(key) => match engine
            .repeat(&caller, "POST /v2/link/init", key, &bytes)
            .await?
        {
            Repeat::Again(answer) => return Ok(answer),
            Repeat::First(ticket) => Some(ticket),
        },
    };
    let wanted = init::wanted(&body::object(headers, &bytes)?).map_err(ApiError::fields)?;
    let answer = engine
        .init(&caller, wanted, ticket, |started| render(engine, started))
        .await?;
    Ok(answer)
}

fn render(engine: &Engine, started: &Started) -> Vec<u8> {
    let secret = started.secret.reveal();
    let expires_at = started.expires_at.to_string();
    let answer = match started.app_type {
        AppType::Redirect | AppType::Embed => InitAnswer::Hosted {
            url: format!("{}/{secret}", engine.settings.urls.link),
            expires_at,
        },
        AppType::Whitelabel => InitAnswer::Whitelabel {
            client_secret: secret,
            expires_at,
        },
    };
    serde_json::to_vec(&answer).unwrap_or_default()
}

/// The `Idempotency-Key` header: 1 to 255 printable ASCII characters.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let printable = |bytes: &[u8]| bytes.iter().all(|byte| (0x20..=0x7e).contains(byte));
    match value.to_str() {
        Ok(key) if (1..=255).contains(&key.len()) && printable(key.as_bytes()) => Ok(Some(key)),
        _ => Err(ApiError::fields(Details::one(
            "Idempotency-Key",
            DetailCode::InvalidValue,
            "must be 1 to 255 printable ASCII characters",
        ))),
    }
}

/// The secret of a path; `None` for anything that cannot be one.
pub(super) fn parsed(path: Result<Path<String>, PathRejection>) -> Option<LinkSecret> {
    LinkSecret::parse(&path.ok()?)
}

/// Where a session stands.
#[utoipa::path(
    get, path = "/v2/link/{clientSecret}", operation_id = "linkStatus", tag = "Link",
    security(("apikey" = []), ("bearer" = [])),
    params(("clientSecret" = String, Path, description = "The session's secret, `cs_…`.")),
    responses(
        (status = 200, body = LinkStatus, description = "`not_found` for an unknown, expired or deleted session."),
        By<Link>
    )
)]
pub(super) async fn status(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Link>,
    secret: Result<Path<String>, PathRejection>,
) -> Answer<LinkStatus> {
    let Some(secret) = parsed(secret) else {
        return Ok(Json(LinkStatus::not_found()));
    };
    let (status, session) = engine.status(&secret).await?;
    let session = session.filter(|s| caller.owns(s));
    Ok(Json(match session {
        Some(session) => LinkStatus::of(&engine, &caller, status, &session).await?,
        None => LinkStatus::not_found(),
    }))
}

/// Deletes a session: its page then says that the link is no longer valid.
#[utoipa::path(
    delete, path = "/v2/link/{clientSecret}", operation_id = "deleteLink", tag = "Link",
    security(("apikey" = []), ("bearer" = [])),
    params(("clientSecret" = String, Path, description = "The session's secret, `cs_…`.")),
    responses(
        (status = 200, body = Deleted, description = "It is gone."),
        (status = 404, body = ErrorBody, description = "There is no such session."),
        (status = 409, body = ErrorBody, description = "The session is changing at this moment; repeat."),
        By<Link>
    )
)]
pub(super) async fn delete(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Link>,
    secret: Result<Path<String>, PathRejection>,
) -> Answer<Deleted> {
    let unknown = || {
        ApiError::new(
            Kind::ResourceNotFound,
            "there is no link session with this client secret",
        )
    };
    let secret = parsed(secret).ok_or_else(unknown)?;
    let session = engine.session(&secret).await?;
    let session = session.filter(|s| caller.owns(s)).ok_or_else(unknown)?;
    match engine.delete(session).await? {
        true => Ok(Json(Deleted { success: true })),
        false => Err(ApiError::new(
            Kind::Conflict,
            "the session is changing at this moment; repeat the request",
        )
        .retry_after(1)),
    }
}

impl From<InitError> for ApiError {
    fn from(error: InitError) -> Self {
        match error {
            InitError::UnknownApp => ApiError::new(
                Kind::ResourceNotFound,
                "clientAppId: there is no such client app in the key's environment; `linchpin app list` shows those there are",
            ),
            InitError::Field { field, message } => {
                ApiError::fields(Details::one(field, DetailCode::InvalidValue, message))
            }
            InitError::NoEgress { places } => ApiError::fields(Details::one(
                "geolocation",
                DetailCode::GeolocationUnavailable,
                no_egress(&places),
            )),
            InitError::TooManyOpen => ApiError::new(
                Kind::RateLimitExceeded,
                "the app has as many open link sessions as this server allows; finish or delete some, or wait until they expire",
            )
            .retry_after(60),
            InitError::Repeat(refused) => refused.into(),
            InitError::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<RepeatRefused> for ApiError {
    fn from(refused: RepeatRefused) -> Self {
        match refused {
            RepeatRefused::OtherBody => ApiError::new(
                Kind::IdempotencyMismatch,
                "Idempotency-Key: this key was used with another body within 24 hours; use a new key for a new request",
            ),
            RepeatRefused::StillRunning => ApiError::new(
                Kind::Conflict,
                "Idempotency-Key: the first request with this key is still running",
            )
            .retry_after(1),
            RepeatRefused::Unavailable(unavailable) => unavailable.into(),
        }
    }
}
