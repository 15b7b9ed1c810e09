//! `/v2/access/proxy/{path}`: calls of the provider's own API.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Extension, Request, State},
    http::{Method, StatusCode, header, request::Parts},
    response::Response,
};
use http_body::Body as _;
use linchpin_provider::{Call, CallAnswer, CallLimits};
use tokio::time::Instant;

use super::{
    body::{self, Fault, Verdict},
    headers, named, path,
    rate::Rate,
};
use crate::{
    api::{ActionRequired, ApiError, DetailCode, Details, Kind, error::ErrorBody},
    flow::{CallAnswered, Caller, Engine, Turn},
    http::{AsItCame, RequestId},
    store::Usable,
};

macro_rules! methods {
    ($($name:ident $method:ident $id:literal $summary:literal $(body $sent:literal)?),* $(,)?) => {
        $(
            #[doc = $summary]
            ///
            /// The provider's answer comes back with its status, body and safe headers. `path` may have slashes in it, and
            /// a query behind it goes to the provider as it is.
            #[utoipa::path(
                $method, path = "/v2/access/proxy/{path}", operation_id = $id, tag = "Access",
                security(("apikey" = []), ("bearer" = [])),
                params(
                    ("path" = String, Path, description = "A path of the provider's API."),
                    ("x-connection-id" = String, Header, description = "The connection, `conn_…`.")
                ),
                $(request_body(content_type = "*/*", content = Option<serde_json::Value>, description = $sent),)?
                responses(
                    (status = "default", content_type = "*/*", body = serde_json::Value, description = "The provider's answer, whatever its status."),
                    (status = 400, body = ErrorBody, description = "The path would lead elsewhere (`INVALID_PATH` in `details`), or the body broke off."),
                    (status = 401, body = ErrorBody, description = "No valid API key (`UNAUTHORIZED`), no such connection (`SESSION_NOT_PROVIDED`), or one that has to be signed in to again (`SESSION_EXPIRED`)."),
                    (status = 403, body = ErrorBody, description = "The key lacks the scope ACCESS, or the connection the permission that is named."),
                    (status = 413, body = ErrorBody, description = "The body is larger than the provider's limit."),
                    (status = 429, body = ErrorBody, description = "The connection is used too often, or has too much under way. Repeat after `Retry-After`."),
                    (status = 502, body = ErrorBody, description = "The provider cannot be reached, broke off, or has not answered of late (`Retry-After`); or its session was renewed and the call not repeated."),
                    (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`."),
                    (status = 504, body = ErrorBody, description = "The provider did not answer in time.")
                )
            )]
            pub async fn $name(
                State(engine): State<Arc<Engine>>,
                Extension(rate): Extension<Arc<Rate>>,
                Extension(id): Extension<RequestId>,
                request: Request,
            ) -> Response {
                pass_on(&engine, &rate, &id, request).await
            }
        )*
    };
}

methods! {
    get get "proxyGet" "Gets something of the provider.",
    head head "proxyHead" "Gets the headers of something of the provider.",
    post post "proxyPost" "Posts to the provider." body "Whatever the provider takes, up to its limit.",
    put put "proxyPut" "Puts something at the provider." body "Whatever the provider takes, up to its limit.",
    patch patch "proxyPatch" "Changes something at the provider." body "Whatever the provider takes, up to its limit.",
    delete delete "proxyDelete" "Deletes something at the provider." body "Whatever the provider takes, up to its limit.",
}

async fn pass_on(engine: &Arc<Engine>, rate: &Rate, id: &RequestId, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let (caller, usable) = match named(engine, &head.headers).await {
        Ok(named) => named,
        Err(error) => return error.respond(id),
    };
    let answered = async {
        match call(engine, &caller, usable, &head, body).await {
            Ok(response) => response,
            Err(error) => error.respond(id),
        }
    };
    rate.limited(engine, &head.headers, id, answered).await
}

async fn call(
    engine: &Arc<Engine>,
    caller: &Caller,
    usable: Arc<Usable>,
    head: &Parts,
    body: Body,
) -> Result<Response, ApiError> {
    let path = path::of_request(head.uri.path())
        .map_err(|wrong| ApiError::fields(Details::one("path", DetailCode::InvalidPath, wrong)))?;
    let limits = engine.call_limits(&usable.connection);
    let (body, verdict) = body::sent(body, limits.sent).map_err(|fault| faulty(fault, limits))?;
    let call = Call {
        method: head.method.clone(),
        path,
        query: head.uri.query().map(str::to_owned),
        headers: headers::sent(&head.headers),
        body,
    };
    let outcome = Box::pin(engine.call_as(caller, usable, call)).await;
    sound(&verdict, limits)?;
    let CallAnswered {
        answer,
        until,
        turn,
    } = outcome?;
    returned(&head.method, answer, limits, until, turn)
}

/// Whatever the provider made of a body that broke off, it is the caller's to mend.
fn sound(verdict: &Verdict, limits: CallLimits) -> Result<(), ApiError> {
    verdict
        .get()
        .map_or(Ok(()), |fault| Err(faulty(*fault, limits)))
}

fn faulty(fault: Fault, limits: CallLimits) -> ApiError {
    match fault {
        Fault::TooLarge => ApiError::new(
            Kind::PayloadTooLarge,
            format!(
                "the body is too long for this provider; send at most {} bytes",
                limits.sent
            ),
        ),
        Fault::Broken => ApiError::new(Kind::BadRequest, "the body could not be read to its end"),
    }
}

/// The provider's answer as the caller gets it.
fn returned(
    method: &Method,
    answer: CallAnswer,
    limits: CallLimits,
    until: Instant,
    turn: Turn,
) -> Result<Response, ApiError> {
    let (head, body) = answer.into_parts();
    if head.status.is_informational() {
        let message = "the provider answered with what is no answer; try again";
        return Err(ApiError::new(Kind::ProxyError, message).action(ActionRequired::TryAgain));
    }
    if body.size_hint().lower() > limits.answered {
        let most = limits.answered;
        let message =
            format!("the provider's answer is longer than {most} bytes; ask for less of it");
        return Err(ApiError::new(Kind::ProxyError, message));
    }
    let bare = *method == Method::HEAD
        || matches!(
            head.status,
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
        );
    let body = match bare {
        true => Body::empty(),
        false => body::returned(body, limits, until, turn),
    };
    let mut response = Response::new(body);
    *response.status_mut() = head.status;
    *response.headers_mut() = headers::returned(&head.headers);
    // How long a body would be is only said where there is none; otherwise it is counted.
    let length = head.headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if let (true, Some(length)) = (*method == Method::HEAD, length) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    response.extensions_mut().insert(AsItCame);
    Ok(response)
}
