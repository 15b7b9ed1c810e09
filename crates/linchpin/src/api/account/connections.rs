//! `/v2/account/connections`: list, one, end, remove, settings.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, Path, RawQuery, State},
    http::request::Parts,
};

use super::{
    shapes::{ConnectionTold, SettingsAnswer, SettingsRequest, SettingsTold},
    wanted,
};
use crate::{
    api::{
        Answer, ApiError, Kind,
        auth::{Account, By},
        body::Object,
        error::ErrorBody,
        page::{Page, Paging},
        told::Deleted,
    },
    domain::id::ConnectionId,
    flow::Engine,
};

/// The connection that a path names; one that cannot be read is none.
pub(in crate::api) struct Named(pub ConnectionId);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| unknown())?;
        let rest = text.strip_prefix(ConnectionId::PREFIX);
        let written = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match text.len() <= 64 && rest.is_some_and(written) {
            true => Ok(Self(ConnectionId::from_text(&text))),
            false => Err(unknown()),
        }
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
        (status = 200, body = Page<ConnectionTold>, description = "A page."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        By<Account>
    )
)]
pub(in crate::api) async fn list(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Account>,
    RawQuery(query): RawQuery,
) -> Answer<Page<ConnectionTold>> {
    let listing = wanted::listing(query.as_deref())?;
    let (list, has_more) = engine.connections(&caller, &listing).await?;
    let list = list.into_iter().map(ConnectionTold::from).collect();
    let paging = Paging {
        limit: listing.limit,
        offset: listing.offset,
    };
    Ok(Json(Page::read(list, has_more, paging)))
}

/// One connection.
#[utoipa::path(
    get, path = "/v2/account/connections/{id}", operation_id = "getConnection", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The connection, `conn_…`.")),
    responses(
        (status = 200, body = ConnectionTold, description = "The connection."),
        (status = 404, body = ErrorBody, description = "There is no such connection."),
        By<Account>
    )
)]
pub(in crate::api) async fn one(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Account>,
    Named(connection): Named,
) -> Answer<ConnectionTold> {
    let found = engine.connection(&caller, &connection).await?;
    let found = found.ok_or_else(unknown)?;
    Ok(Json(ConnectionTold::from(found)))
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
        (status = 404, body = ErrorBody, description = "There is no such connection."),
        By<Account>
    )
)]
pub(in crate::api) async fn delete(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Account>,
    Named(connection): Named,
) -> Answer<Deleted> {
    match engine.disconnect(&caller, &connection).await? {
        true => Ok(Json(Deleted { success: true })),
        false => Err(unknown()),
    }
}

/// Ends the session of a connection; the connection stays, as `expired`.
#[utoipa::path(
    post, path = "/v2/account/connections/{id}/invalidate", operation_id = "invalidateConnection", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The connection, `conn_…`.")),
    responses(
        (status = 200, body = Deleted, description = "The session is gone."),
        (status = 404, body = ErrorBody, description = "There is no such connection."),
        By<Account>
    )
)]
pub(in crate::api) async fn invalidate(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Account>,
    Named(connection): Named,
) -> Answer<Deleted> {
    let done = engine.invalidate(&caller, &connection).await?;
    done.ok_or_else(unknown)?;
    Ok(Json(Deleted { success: true }))
}

/// The settings of a connection.
#[utoipa::path(
    get, path = "/v2/account/connections/{id}/settings", operation_id = "getConnectionSettings", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The connection, `conn_…`.")),
    responses(
        (status = 200, body = SettingsTold, description = "The settings."),
        (status = 404, body = ErrorBody, description = "There is no such connection."),
        By<Account>
    )
)]
pub(in crate::api) async fn settings(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Account>,
    Named(connection): Named,
) -> Answer<SettingsTold> {
    let found = engine.connection(&caller, &connection).await?;
    let found = found.ok_or_else(unknown)?;
    Ok(Json(SettingsTold::of(
        found.all_settings(),
        Some(found.id.as_str()),
    )))
}

/// Changes settings of a connection.
#[utoipa::path(
    patch, path = "/v2/account/connections/{id}/settings", operation_id = "setConnectionSettings", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The connection, `conn_…`.")),
    request_body(content = Option<SettingsRequest>),
    responses(
        (status = 200, body = SettingsAnswer, description = "The whole of them."),
        (status = 404, body = ErrorBody, description = "There is no such connection."),
        By<Account>, Object
    )
)]
pub(in crate::api) async fn set(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Account>,
    Named(connection): Named,
    Object(object): Object,
) -> Answer<SettingsAnswer> {
    let known = engine.connection(&caller, &connection).await?;
    let known = known.ok_or_else(unknown)?;
    let change = wanted::settings(&object, |place| {
        engine.check_settings_place(&caller, place, Some(&known))
    })?;
    let set = engine
        .set_connection(&caller, &connection, |settings| change.applied(settings))
        .await?;
    let set = set.ok_or_else(unknown)?;
    let settings = SettingsTold::of(set.all_settings(), Some(set.id.as_str()));
    Ok(Json(SettingsAnswer { settings }))
}
