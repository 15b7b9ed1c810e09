//! `/v2/manage/keys`: API keys.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Extension, RawQuery, State},
    http::HeaderMap,
    response::Response,
};

use super::{
    PathOf, created, id_of,
    key_shapes::{KeyChangeRequest, KeyPage, KeyRequest, KeyTold, NewKeyTold},
    owner, page_of, wanted,
};
use crate::{
    api::{ApiError, answer, auth, body, error::ErrorBody, told::Deleted},
    domain::scope::Scope,
    flow::Engine,
    http::RequestId,
};

/// Keys of the key's organisation and environment, oldest first. Those that are revoked are not listed.
#[utoipa::path(
    get, path = "/v2/manage/keys", operation_id = "listKeys", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("limit" = Option<usize>, Query, minimum = 1, description = "How many, 10 where nothing is said; over 100 counts as 100."),
        ("offset" = Option<usize>, Query, minimum = 0, maximum = 2_147_483_647, description = "How many are left out.")),
    responses(
        (status = 200, body = KeyPage, description = "A page."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
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
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        let page = page_of(query.as_deref())?;
        let used = engine.last_uses().await?;
        Ok(KeyPage::of(&engine.keys(&owner(&caller)), &used, page))
    };
    answer(told.await, &id)
}

/// Makes a key in the asking key's environment.
///
/// The key itself is in this answer and nowhere else.
#[utoipa::path(
    post, path = "/v2/manage/keys", operation_id = "createKey", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    request_body(content = Option<KeyRequest>),
    responses(
        (status = 201, body = NewKeyTold, description = "The key, told this once."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        (status = 413, body = ErrorBody, description = "The body is larger than the limit, 64 KiB unless configured otherwise."),
        (status = 415, body = ErrorBody, description = "The body is not JSON by its content type."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn create(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        let bytes = body::read(body).await?;
        let object = body::object(&headers, &bytes)?;
        let wanted = wanted::key(&object, &caller).map_err(ApiError::fields)?;
        let organisation = caller.organisation.clone();
        let (record, key) = engine
            .key_create(&caller.actor(), organisation, wanted)
            .await?;
        Ok(NewKeyTold::of(&record, &key))
    };
    created(told.await, &id)
}

/// One key.
#[utoipa::path(
    get, path = "/v2/manage/keys/{id}", operation_id = "getKey", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The key, `key_…`.")),
    responses(
        (status = 200, body = KeyTold, description = "The key."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such key."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn one(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: PathOf,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        let key = engine.key_of(&owner(&caller), &id_of(path))?;
        let used = engine.last_uses().await?;
        Ok(KeyTold::of(&key, used.get(&key.id).copied()))
    };
    answer(told.await, &id)
}

/// Gives a key another name.
#[utoipa::path(
    patch, path = "/v2/manage/keys/{id}", operation_id = "setKey", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The key, `key_…`.")),
    request_body(content = Option<KeyChangeRequest>),
    responses(
        (status = 200, body = KeyTold, description = "The whole of it."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such key."),
        (status = 413, body = ErrorBody, description = "The body is larger than the limit, 64 KiB unless configured otherwise."),
        (status = 415, body = ErrorBody, description = "The body is not JSON by its content type."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn set(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: PathOf,
    body: Body,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        let bytes = body::read(body).await?;
        let object = body::object(&headers, &bytes)?;
        let name = wanted::key_name(&object).map_err(ApiError::fields)?;
        let (owner, id) = (owner(&caller), id_of(path));
        let key = match name {
            None => engine.key_of(&owner, &id)?,
            Some(name) => {
                let actor = caller.actor();
                engine.key_rename(&actor, &owner, &id, &name).await?
            }
        };
        let used = engine.last_uses().await?;
        Ok(KeyTold::of(&key, used.get(&key.id).copied()))
    };
    answer(told.await, &id)
}

/// Revokes a key: from now on it opens nothing.
#[utoipa::path(
    delete, path = "/v2/manage/keys/{id}", operation_id = "revokeKey", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The key, `key_…`.")),
    responses(
        (status = 200, body = Deleted, description = "The key is revoked."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such key."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn delete(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: PathOf,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        engine
            .key_revoke(&caller.actor(), Some(&owner(&caller)), &id_of(path))
            .await?;
        Ok(Deleted { success: true })
    };
    answer(told.await, &id)
}
