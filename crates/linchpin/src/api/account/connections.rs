//! `/v2/account/connections`: list, one, end, remove, settings.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Extension, Path, RawQuery, State, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};

use super::{
    shapes::{ConnectionPage, ConnectionTold, SettingsAnswer, SettingsRequest, SettingsTold},
    wanted,
};
use crate::{
    api::{ApiError, Kind, answer, auth, body, error::ErrorBody, told::Deleted},
    domain::{id::ConnectionId, scope::Scope},
    flow::Engine,
    http::RequestId,
};

/// The id of a path; one that cannot be read is that of no connection.
pub(super) fn named(path: Result<Path<String>, PathRejection>) -> Result<ConnectionId, ApiError> {
    let Path(text) = path.map_err(|_| unknown())?;
    let rest = text.strip_prefix(ConnectionId::PREFIX);
    let written = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match text.len() <= 64 && rest.is_some_and(written) {
        true => Ok(ConnectionId::from_text(&text)),
        false => Err(unknown()),
    }
}

/// The same for an id that was never there and for one of somebody else.
pub(super) fn unknown() -> ApiError {
    ApiError::new(
        Kind::ResourceNotFound,
        "there is no connection of this id in the key's environment",
    )
}

/// Connections, newest first.
#[utoipa::path(
    get, path = "/v2/account/connections", operation_id = "listConnections", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    params(
        ("status" = Option<String>, Query, description = "Only of this status: `active`, `expired` or `awaiting_2fa`."),
        ("imported" = Option<bool>, Query, description = "Only imported ones, or only linked ones."),
        ("clientReferenceId" = Option<String>, Query, min_length = 1, max_length = 255, description = "Only of this user of yours."),
        ("provider" = Option<String>, Query, min_length = 1, max_length = 64, description = "Only of this provider."),
        ("limit" = Option<usize>, Query, minimum = 1, description = "How many, 10 where nothing is said; over 100 counts as 100."),
        ("offset" = Option<usize>, Query, minimum = 0, maximum = 2_147_483_647, description = "How many newer ones are left out.")
    ),
    responses(
        (status = 200, body = ConnectionPage, description = "A page."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope ACCOUNT."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn list(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Account).await?;
        let listing = wanted::listing(query.as_deref()).map_err(ApiError::fields)?;
        let (list, has_more) = engine.connections(&caller, &listing).await?;
        let next = listing.offset + listing.limit;
        Ok(ConnectionPage {
            list: list.into_iter().map(ConnectionTold::from).collect(),
            has_more,
            next_offset: has_more.then_some(next),
        })
    };
    answer(told.await, &id)
}

/// One connection.
#[utoipa::path(
    get, path = "/v2/account/connections/{id}", operation_id = "getConnection", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The connection, `conn_…`.")),
    responses(
        (status = 200, body = ConnectionTold, description = "The connection."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope ACCOUNT."),
        (status = 404, body = ErrorBody, description = "There is no such connection."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn one(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Account).await?;
        let found = engine.connection(&caller, &named(path)?).await?;
        found.map(ConnectionTold::from).ok_or_else(unknown)
    };
    answer(told.await, &id)
}

/// Removes a connection and signs out at the provider.
///
/// The key of its session is destroyed before the answer leaves; signing out follows in the background.
#[utoipa::path(
    delete, path = "/v2/account/connections/{id}", operation_id = "deleteConnection", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The connection, `conn_…`.")),
    responses(
        (status = 200, body = Deleted, description = "The connection is gone."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope ACCOUNT."),
        (status = 404, body = ErrorBody, description = "There is no such connection."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn delete(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Account).await?;
        match engine.disconnect(&caller, &named(path)?).await? {
            true => Ok(Deleted { success: true }),
            false => Err(unknown()),
        }
    };
    answer(told.await, &id)
}

/// Ends the session of a connection; the connection stays, as `expired`.
#[utoipa::path(
    post, path = "/v2/account/connections/{id}/invalidate", operation_id = "invalidateConnection", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The connection, `conn_…`.")),
    responses(
        (status = 200, body = Deleted, description = "The session is gone."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope ACCOUNT."),
        (status = 404, body = ErrorBody, description = "There is no such connection."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn invalidate(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Account).await?;
        let done = engine.invalidate(&caller, &named(path)?).await?;
        done.map(|()| Deleted { success: true }).ok_or_else(unknown)
    };
    answer(told.await, &id)
}

/// The settings of a connection.
#[utoipa::path(
    get, path = "/v2/account/connections/{id}/settings", operation_id = "getConnectionSettings", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The connection, `conn_…`.")),
    responses(
        (status = 200, body = SettingsTold, description = "The settings."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope ACCOUNT."),
        (status = 404, body = ErrorBody, description = "There is no such connection."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn settings(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Account).await?;
        let found = engine.connection(&caller, &named(path)?).await?;
        let found = found.ok_or_else(unknown)?;
        Ok(SettingsTold::of(
            found.all_settings(),
            Some(found.id.as_str()),
        ))
    };
    answer(told.await, &id)
}

/// Changes settings of a connection.
#[utoipa::path(
    patch, path = "/v2/account/connections/{id}/settings", operation_id = "setConnectionSettings", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The connection, `conn_…`.")),
    request_body(content = Option<SettingsRequest>),
    responses(
        (status = 200, body = SettingsAnswer, description = "The whole of them."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope ACCOUNT."),
        (status = 404, body = ErrorBody, description = "There is no such connection."),
        (status = 413, body = ErrorBody, description = "The body is larger than the limit, 64 KiB unless configured otherwise."),
        (status = 415, body = ErrorBody, description = "The body is not JSON by its content type."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn set(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
    body: Body,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Account).await?;
        let connection = named(path)?;
        let bytes = body::read(body).await?;
        let object = body::object(&headers, &bytes)?;
        let change = wanted::settings(&object, caller.environment).map_err(ApiError::fields)?;
        let set = engine
            .set_connection(&caller, &connection, |settings| change.applied(settings))
            .await?;
        let set = set.ok_or_else(unknown)?;
        let settings = SettingsTold::of(set.all_settings(), Some(set.id.as_str()));
        Ok(SettingsAnswer { settings })
    };
    answer(told.await, &id)
}
