//! `/v2/link/{clientSecret}/whitelabel`: the steps of a session whose app draws the pages itself.

mod refused;
mod shapes;
mod wanted;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
    routing::{get, patch, post},
};
use linchpin_provider::Method;
use zeroize::Zeroizing;

use self::refused::refused_as;
use self::shapes::{
    CodeAnswer, CodeRequest, FactorAnswer, LoginAnswer, LoginRequest, MethodRequest, ResendRequest,
};
use super::{
    Answer, ApiError, Kind,
    auth::{By, Link},
    body::{self, Object},
    error::{self, ErrorBody},
    link::{idempotency_key, parsed},
    told::LinkStatus,
};
use crate::{
    domain::{
        link_session::{LinkSession, Status},
        token::LinkSecret,
    },
    flow::{Caller, Engine, NotTaken, Place, Repeat},
};

/// How long a call may wait, in seconds.
const WAIT: std::ops::RangeInclusive<i64> = 1..=55;
/// How long a code is waited for: as long as a call may wait.
const CODE: Duration = Duration::from_secs(55);

/// The routes.
pub fn routes() -> Router<Arc<Engine>> {
    let at = |rest: &str| format!("/v2/link/{{client_secret}}/whitelabel/{rest}");
    Router::new()
        .route(&at("login"), post(login))
        .route(&at("status"), get(status))
        .route(&at("2fa/code"), post(code).patch(resend))
        .route(&at("2fa/sms"), patch(sms))
        .route(&at("2fa/method"), patch(method))
}

/// Submits username and password.
///
/// Taken where the session is `initialized` or `invalid_credentials`. The password is used once and not kept.
#[utoipa::path(
    post, path = "/v2/link/{clientSecret}/whitelabel/login", operation_id = "whitelabelLogin", tag = "Whitelabel",
    security(("apikey" = []), ("bearer" = [])),
    params(
        ("clientSecret" = String, Path, description = "The session's secret, `cs_…`."),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[ -~]+$",
            description = "The same key with the same body within 24 hours makes no second attempt.")
    ),
    request_body(content = LoginRequest),
    responses(
        (status = 200, body = LoginAnswer, description = "With `wait`: what the attempt came to."),
        (status = 202, body = LoginAnswer, description = "The attempt is with the provider; ask for the status."),
        (status = 404, body = ErrorBody, description = "There is no such session, or no more."),
        (status = 409, body = ErrorBody, description = "Not due: the message names the status. Or the session is a hosted one, or the first login with this Idempotency-Key is still running."),
        (status = 422, body = ErrorBody, description = "The Idempotency-Key was used with another body."),
        By<Link>, Object
    )
)]
pub(in crate::api) async fn login(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Link>,
    secret: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<LoginAnswer>), ApiError> {
    let secret = parsed(secret).ok_or(NotTaken::Unknown)?;
    let session = found(&engine, &caller, &secret).await?;
    let bytes = body::read(body).await?;
    let wanted = wanted::login(body::object(&headers, &bytes)?)?;
    // Before anything is submitted: what was submitted is not to be answered "busy".
    let place = match wanted.wait {
        Some(wait) => Some((place(&engine)?, wait)),
        None => None,
    };
    let pending = LoginAnswer::pending();
    let ticket = match idempotency_key(&headers)? {
        None => None,
        Some(key) => Some(repeated(&engine, &caller, &secret, key, &bytes).await?),
    };
    // Repeated, it makes no second attempt and is told what became of the first.
    if !matches!(ticket, Some(Repeat::Again(_))) {
        let kept = serde_json::to_vec(&pending).unwrap_or_default();
        let kept = match &ticket {
            Some(Repeat::First(ticket)) => Some((ticket, &*kept)),
            _ => None,
        };
        let (provider, leaving) = (wanted.provider.as_deref(), &wanted.leaving);
        let submitted = engine.log_in(&session, provider, leaving, wanted.credentials, kept);
        let due = "`initialized` or `invalid_credentials`";
        let refused = |refused| refused_as(refused, "a login", due);
        submitted.await.map_err(refused)?;
    }
    let Some((place, wait)) = place else {
        return Ok((StatusCode::ACCEPTED, Json(pending)));
    };
    let (status, session) =
        waited(&engine, &caller, place, &session, Status::Pending, wait).await?;
    let code = match status {
        Status::Pending => StatusCode::ACCEPTED,
        _ => StatusCode::OK,
    };
    let answer = LoginAnswer::of(&engine, &caller, status, session.as_ref()).await?;
    Ok((code, Json(answer)))
}

/// Whether a login is the first with its key. What is kept of the body is hashed with the link secret, which is kept
/// nowhere: from the store and its keys nobody can tell whether a password was in it.
async fn repeated(
    engine: &Engine,
    caller: &Caller,
    secret: &LinkSecret,
    key: &str,
    body: &[u8],
) -> Result<Repeat, ApiError> {
    let secret = Zeroizing::new(secret.reveal());
    let route = Zeroizing::new(format!("POST /v2/link/{}/whitelabel/login", *secret));
    let body = Zeroizing::new([secret.as_bytes(), body].concat());
    Ok(engine.repeat(caller, &route, key, &body).await?)
}

/// Where a session stands.
///
/// With `wait` it answers as soon as the status is no longer `after`, or when the time is up.
#[utoipa::path(
    get, path = "/v2/link/{clientSecret}/whitelabel/status", operation_id = "whitelabelStatus", tag = "Whitelabel",
    security(("apikey" = []), ("bearer" = [])),
    params(
        ("clientSecret" = String, Path, description = "The session's secret, `cs_…`."),
        ("wait" = Option<i64>, Query, minimum = 1, maximum = 55, description = "Seconds to wait at most."),
        ("after" = Option<String>, Query, description = "The status to wait for the end of: `pending` where nothing is said; also `initialized`, `awaiting_2fa`, `invalid_credentials`.")
    ),
    responses(
        (status = 200, body = LinkStatus, description = "`not_found` for an unknown, expired or deleted session."),
        (status = 400, body = ErrorBody, description = error::FIELDS),
        (status = 409, body = ErrorBody, description = "The session is a hosted one."),
        By<Link>
    )
)]
pub(in crate::api) async fn status(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Link>,
    secret: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Answer<LinkStatus> {
    let asked = wanted::status(query.as_deref())?;
    let Some(secret) = parsed(secret) else {
        return Ok(Json(LinkStatus::not_found()));
    };
    let found = engine.whitelabel_session(&caller, &secret).await?;
    let Some((mut status, session)) = found else {
        return Ok(Json(LinkStatus::not_found()));
    };
    let mut told = Some(session);
    if let (Some(wait), Some(session)) = (asked.wait, &told)
        && status == asked.after
    {
        let place = place(&engine)?;
        (status, told) = waited(&engine, &caller, place, session, asked.after, wait).await?;
    }
    Ok(Json(match told {
        Some(session) => LinkStatus::of(&engine, &caller, status, &session).await?,
        None => LinkStatus::not_found(),
    }))
}

/// Submits a code, or another answer.
///
/// Taken where the session is `awaiting_2fa`. A wrong one is told with status 200.
#[utoipa::path(
    post, path = "/v2/link/{clientSecret}/whitelabel/2fa/code", operation_id = "whitelabelCode", tag = "Whitelabel",
    security(("apikey" = []), ("bearer" = [])),
    params(("clientSecret" = String, Path, description = "The session's secret, `cs_…`.")),
    request_body(content = CodeRequest),
    responses(
        (status = 200, body = CodeAnswer, description = "The code was right or wrong."),
        (status = 202, body = CodeAnswer, description = "The provider has not answered yet; ask for the status."),
        (status = 404, body = ErrorBody, description = "There is no such session, or no more."),
        (status = 409, body = ErrorBody, description = "Not due: the message names the status. Or the session is a hosted one."),
        By<Link>, Object
    )
)]
pub(in crate::api) async fn code(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Link>,
    secret: Result<Path<String>, PathRejection>,
    Object(object): Object,
) -> Result<(StatusCode, Json<CodeAnswer>), ApiError> {
    let secret = parsed(secret).ok_or(NotTaken::Unknown)?;
    let session = found(&engine, &caller, &secret).await?;
    let wanted = wanted::code(object)?;
    let place = place(&engine)?;
    let proved = engine.try_code(&session, wanted.method, &wanted.code).await;
    proved.map_err(|refused| refused_as(refused, "a code", "`awaiting_2fa`"))?;
    let (status, session) =
        waited(&engine, &caller, place, &session, Status::Pending, CODE).await?;
    let code = match status {
        Status::Pending => StatusCode::ACCEPTED,
        _ => StatusCode::OK,
    };
    let answer = CodeAnswer::of(&engine, status, session.as_ref()).await?;
    Ok((code, Json(answer)))
}

/// Has another code sent, by text message or e-mail.
///
/// Taken where the session is `awaiting_2fa`.
#[utoipa::path(
    patch, path = "/v2/link/{clientSecret}/whitelabel/2fa/code", operation_id = "whitelabelResend", tag = "Whitelabel",
    security(("apikey" = []), ("bearer" = [])),
    params(("clientSecret" = String, Path, description = "The session's secret, `cs_…`.")),
    request_body(content = Option<ResendRequest>),
    responses(
        (status = 200, body = FactorAnswer, description = "A code is on its way."),
        (status = 404, body = ErrorBody, description = "There is no such session, or no more."),
        (status = 409, body = ErrorBody, description = "Not due: the message names the status. Or the session is a hosted one."),
        (status = 429, body = ErrorBody, description = "No code may be sent before `Retry-After`."),
        (status = 502, body = ErrorBody, description = "The provider did not send the code, which counts all the same."),
        By<Link>, Object
    )
)]
pub(in crate::api) async fn resend(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Link>,
    secret: Result<Path<String>, PathRejection>,
    Object(object): Object,
) -> Answer<FactorAnswer> {
    let secret = parsed(secret).ok_or(NotTaken::Unknown)?;
    let session = found(&engine, &caller, &secret).await?;
    let method = wanted::resend(&object)?;
    let sent = engine.send_code(&session, method).await;
    let session = sent.map_err(|refused| refused_as(refused, "a code", "`awaiting_2fa`"))?;
    Ok(Json(FactorAnswer::of(&engine, &session)?))
}

/// Has another text sent.
///
/// Taken where the session is `awaiting_2fa` and the account offers `phone`, which is then the way in use.
#[utoipa::path(
    patch, path = "/v2/link/{clientSecret}/whitelabel/2fa/sms", operation_id = "whitelabelSms", tag = "Whitelabel",
    security(("apikey" = []), ("bearer" = [])),
    params(("clientSecret" = String, Path, description = "The session's secret, `cs_…`.")),
    responses(
        (status = 200, body = FactorAnswer, description = "A text is on its way."),
        (status = 404, body = ErrorBody, description = "There is no such session, or no more."),
        (status = 409, body = ErrorBody, description = "Not due: the message names the status. Or the session is a hosted one."),
        (status = 429, body = ErrorBody, description = "No text may be sent before `Retry-After`."),
        (status = 502, body = ErrorBody, description = "The provider did not send the text, which counts all the same."),
        By<Link>, Object
    )
)]
pub(in crate::api) async fn sms(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Link>,
    secret: Result<Path<String>, PathRejection>,
    Object(object): Object,
) -> Answer<FactorAnswer> {
    let secret = parsed(secret).ok_or(NotTaken::Unknown)?;
    let session = found(&engine, &caller, &secret).await?;
    wanted::nothing(&object)?;
    let texted = engine.text(&session).await;
    let session = texted.map_err(|refused| refused_as(refused, "a text", "`awaiting_2fa`"))?;
    Ok(Json(FactorAnswer::of(&engine, &session)?))
}

/// Chooses the way of the second factor.
///
/// Taken where the session is `awaiting_2fa`. `phone` and `email` have a code sent; an approval is awaited with `status`.
#[utoipa::path(
    patch, path = "/v2/link/{clientSecret}/whitelabel/2fa/method", operation_id = "whitelabelMethod", tag = "Whitelabel",
    security(("apikey" = []), ("bearer" = [])),
    params(("clientSecret" = String, Path, description = "The session's secret, `cs_…`.")),
    request_body(content = MethodRequest),
    responses(
        (status = 200, body = FactorAnswer, description = "It is the way in use."),
        (status = 404, body = ErrorBody, description = "There is no such session, or no more."),
        (status = 409, body = ErrorBody, description = "Not due: the message names the status. Or the session is a hosted one."),
        (status = 429, body = ErrorBody, description = "No code may be sent before `Retry-After`."),
        (status = 502, body = ErrorBody, description = "The provider did not send the code, which counts all the same, or did not start the way."),
        By<Link>, Object
    )
)]
pub(in crate::api) async fn method(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Link>,
    secret: Result<Path<String>, PathRejection>,
    Object(object): Object,
) -> Answer<FactorAnswer> {
    let secret = parsed(secret).ok_or(NotTaken::Unknown)?;
    let session = found(&engine, &caller, &secret).await?;
    let method: Method = wanted::method(&object)?;
    let chosen = engine.choose(&session, method).await;
    let session = chosen.map_err(|refused| refused_as(refused, "a method", "`awaiting_2fa`"))?;
    Ok(Json(FactorAnswer::of(&engine, &session)?))
}

/// The session of a path, as long as it is there.
async fn found(
    engine: &Engine,
    caller: &Caller,
    secret: &LinkSecret,
) -> Result<LinkSession, ApiError> {
    let found = engine.whitelabel_session(caller, secret).await?;
    let (_, session) = found
        .filter(|(status, _)| *status != Status::NotFound)
        .ok_or(NotTaken::Unknown)?;
    Ok(session)
}

fn place(engine: &Engine) -> Result<Place, ApiError> {
    engine.place_to_wait().ok_or_else(|| {
        ApiError::unavailable(
            "as many calls wait as this server lets; nothing was changed, repeat the request",
            5,
        )
    })
}

/// What a session came to; a key that was revoked meanwhile is told nothing.
async fn waited(
    engine: &Engine,
    caller: &Caller,
    place: Place,
    session: &LinkSession,
    after: Status,
    most: Duration,
) -> Result<(Status, Option<LinkSession>), ApiError> {
    let waited = engine.wait_while(place, session.id, after, most).await?;
    match engine.still_knows(caller) {
        true => Ok(waited),
        false => Err(ApiError::new(
            Kind::Unauthorized,
            "the API key was revoked or has expired while this call waited",
        )),
    }
}
