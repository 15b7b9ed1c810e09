//! `/v2/access`: using a connection.

mod body;
mod headers;
mod path;
pub mod proxy;
mod rate;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Extension, State},
    http::HeaderMap,
    response::Response,
    routing::get,
};

use self::rate::Rate;
use super::{ActionRequired, ApiError, Kind, answer, auth, error::ErrorBody};
use crate::{
    domain::{id::ConnectionId, scope::Scope},
    flow::{Caller, Engine, NoTurn, NotUsed},
    http::RequestId,
    store::Usable,
};

/// The header that names a connection.
const CONNECTION: &str = "x-connection-id";

/// Seconds after which it may be worth trying again where much is under way.
const AGAIN: u32 = 1;

/// The routes.
pub fn routes(engine: &Engine) -> Router<Arc<Engine>> {
    Router::new()
        .route("/v2/access/self", get(profile))
        .route(
            "/v2/access/proxy/{*path}",
            get(proxy::get)
                .head(proxy::head)
                .post(proxy::post)
                .put(proxy::put)
                .patch(proxy::patch)
                .delete(proxy::delete),
        )
        .layer(Extension(Rate::of(engine)))
}

/// The account's profile, as the provider gives it.
#[utoipa::path(
    get, path = "/v2/access/self", operation_id = "getAccountProfile", tag = "Access",
    security(("apikey" = []), ("bearer" = [])),
    params(("x-connection-id" = String, Header, description = "The connection, `conn_…`.")),
    responses(
        (status = 200, body = serde_json::Value, description = "At least `id`, `name`, `username` and `avatar`; the rest is the provider's."),
        (status = 401, body = ErrorBody, description = "No valid API key (`UNAUTHORIZED`), no such connection (`SESSION_NOT_PROVIDED`), or one that has to be signed in to again (`SESSION_EXPIRED`)."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope ACCESS."),
        (status = 429, body = ErrorBody, description = "The connection is used too often. Repeat after `Retry-After`."),
        (status = 502, body = ErrorBody, description = "The provider cannot be reached."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`."),
        (status = 504, body = ErrorBody, description = "The provider did not answer in time.")
    )
)]
pub(in crate::api) async fn profile(
    State(engine): State<Arc<Engine>>,
    Extension(rate): Extension<Arc<Rate>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
) -> Response {
    let (caller, usable) = match named(&engine, &headers).await {
        Ok(named) => named,
        Err(error) => return error.respond(&id),
    };
    let told = async {
        let profile = Box::pin(engine.profile_of(&caller, usable)).await;
        answer(profile.map_err(ApiError::from), &id)
    };
    rate.limited(&engine, &headers, &id, told).await
}

/// The caller, and the connection that the request names.
async fn named(engine: &Engine, headers: &HeaderMap) -> Result<(Caller, Arc<Usable>), ApiError> {
    let caller = auth::caller(engine, headers, Scope::Access).await?;
    let mut values = headers.get_all(CONNECTION).iter();
    let Some(value) = values.next() else {
        let message =
            "the header x-connection-id is needed: it names the connection that is used, `conn_…`";
        return Err(ApiError::new(Kind::SessionNotProvided, message));
    };
    let text = value.to_str().unwrap_or_default();
    let rest = text.strip_prefix(ConnectionId::PREFIX).unwrap_or_default();
    let written = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if values.next().is_some() || text.len() > 64 || !written {
        return Err(unknown());
    }
    let connection = ConnectionId::from_text(text);
    let found = engine.usable(&caller, &connection).await?;
    Ok((caller, found.ok_or_else(unknown)?))
}

/// The same for an id that was never there and for one of somebody else.
fn unknown() -> ApiError {
    ApiError::new(
        Kind::SessionNotProvided,
        "x-connection-id: there is no connection of this id in the key's environment",
    )
}

fn no_turn(refused: NoTurn) -> ApiError {
    match refused {
        NoTurn::OwnShare => ApiError::new(
            Kind::RateLimitExceeded,
            "the connection has too many calls under way; wait for some of them to end",
        )
        .retry_after(AGAIN),
        NoTurn::Full => ApiError::unavailable(
            "too much is under way at the provider; repeat the request after Retry-After seconds",
            AGAIN,
        ),
        NoTurn::Open(wait) => ApiError::new(
            Kind::ProxyError,
            "the provider has not answered of late and is left alone for a while; nothing was sent, repeat the request after Retry-After seconds",
        )
        .retry_after(u32::try_from(wait.as_secs().saturating_add(1)).unwrap_or(u32::MAX)),
    }
    .action(ActionRequired::TryAgain)
}

impl From<NotUsed> for ApiError {
    fn from(not_used: NotUsed) -> Self {
        let again = |kind, message| Self::new(kind, message).action(ActionRequired::TryAgain);
        match not_used {
            NotUsed::NotGranted(permission) => Self::new(
                Kind::Forbidden,
                format!(
                    "the connection lacks the permission {permission}; have an app ask for it and the user link again"
                ),
            ),
            NotUsed::NotOffered => Self::new(
                Kind::Forbidden,
                "no permission covers this method and path, and the provider is not open for the rest",
            ),
            NotUsed::Expired => Self::new(
                Kind::SessionExpired,
                "the connection has expired; have the user sign in again with `connectionId` in POST /v2/link/init",
            )
            .action(ActionRequired::RelinkConnection),
            NotUsed::Gone => unknown(),
            NotUsed::NoTurn(refused) => no_turn(refused),
            NotUsed::NoExit => again(
                Kind::ProxyError,
                "no outbound proxy in the connection's country works at the moment, and nothing leaves from elsewhere; nothing was sent, try again",
            ),
            NotUsed::ProxyNotAllowed(app) => Self::new(
                Kind::Forbidden,
                format!(
                    "the connection's traffic leaves through a proxy that the app {app} has named, and the operator no longer allows it any; nothing was sent. Have it allowed with `linchpin app update {app} --dangerous-custom-proxy=true`, or remove the connection and link the account again"
                ),
            ),
            NotUsed::OwnProxyDown => again(
                Kind::ProxyError,
                "the proxy that was named for the connection by proxy.url does not work at the moment, and nothing leaves another way; nothing has arrived, try again, or have the user sign in again with another proxy.url",
            ),
            NotUsed::Unreachable => again(
                Kind::ProxyError,
                "the provider cannot be reached at the moment; try again",
            ),
            NotUsed::Broken => again(
                Kind::ProxyError,
                "the provider broke off; try again, after looking whether the call was carried out where it changes something",
            ),
            NotUsed::TooSlow => again(
                Kind::NetworkError,
                "the provider did not answer in time; try again, after looking whether the call was carried out where it changes something",
            ),
            NotUsed::NotRepeated => again(
                Kind::ProxyError,
                "the provider did not take the session, which was renewed since; the call was not carried out, try again",
            ),
            NotUsed::Unavailable(unavailable) => unavailable.into(),
        }
    }
}
