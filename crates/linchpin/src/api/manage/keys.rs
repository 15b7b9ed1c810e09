//! `/v2/manage/keys`: API keys.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use super::{
    Id,
    key_shapes::{KeyChangeRequest, KeyRequest, KeyTold, NewKeyTold},
    owner, wanted,
};
use crate::{
    api::{
        Answer, Created,
        auth::{By, Manage},
        body::Object,
        error::ErrorBody,
        page::{Page, Paging},
        told::Deleted,
    },
    domain::key_record::KeyRecord,
    flow::Engine,
};

/// Keys of the key's organisation and environment, oldest first. Those that are revoked are not listed.
#[utoipa::path(
    get, path = "/v2/manage/keys", operation_id = "listKeys", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("limit" = Option<usize>, Query, minimum = 1, description = "How many, 10 where nothing is said; over 100 counts as 100."),
        ("offset" = Option<usize>, Query, minimum = 0, maximum = 2_147_483_647, description = "How many are left out.")),
    responses(
        (status = 200, body = Page<KeyTold>, description = "A page."),
        By<Manage>, Paging
    )
)]
pub(in crate::api) async fn list(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    paging: Paging,
) -> Answer<Page<KeyTold>> {
    let used = engine.last_uses().await?;
    let told = |key: KeyRecord| KeyTold::of(&key, used.get(&key.id).copied());
    Ok(Json(Page::of(engine.keys(&owner(&caller)), paging, told)))
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
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        By<Manage>, Object
    )
)]
pub(in crate::api) async fn create(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Object(object): Object,
) -> Created<NewKeyTold> {
    let wanted = wanted::key(&object, &caller)?;
    let organisation = caller.organisation.clone();
    let (record, key) = engine
        .key_create(&caller.actor(), organisation, wanted)
        .await?;
    Ok((StatusCode::CREATED, Json(NewKeyTold::of(&record, &key))))
}

/// One key.
#[utoipa::path(
    get, path = "/v2/manage/keys/{id}", operation_id = "getKey", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The key, `key_…`.")),
    responses(
        (status = 200, body = KeyTold, description = "The key."),
        (status = 404, body = ErrorBody, description = "There is no such key."),
        By<Manage>
    )
)]
pub(in crate::api) async fn one(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
) -> Answer<KeyTold> {
    let key = engine.key_of(&owner(&caller), &id)?;
    let used = engine.last_uses().await?;
    Ok(Json(KeyTold::of(&key, used.get(&key.id).copied())))
}

/// Gives a key another name.
#[utoipa::path(
    patch, path = "/v2/manage/keys/{id}", operation_id = "setKey", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The key, `key_…`.")),
    request_body(content = Option<KeyChangeRequest>),
    responses(
        (status = 200, body = KeyTold, description = "The whole of it."),
        (status = 404, body = ErrorBody, description = "There is no such key."),
        By<Manage>, Object
    )
)]
pub(in crate::api) async fn set(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
    Object(object): Object,
) -> Answer<KeyTold> {
    let name = wanted::key_name(&object)?;
    let (owner, id) = (owner(&caller), id);
    let key = match name {
        None => engine.key_of(&owner, &id)?,
        Some(name) => {
            let actor = caller.actor();
            engine.key_rename(&actor, &owner, &id, &name).await?
        }
    };
    let used = engine.last_uses().await?;
    Ok(Json(KeyTold::of(&key, used.get(&key.id).copied())))
}

/// Revokes a key: from now on it opens nothing.
#[utoipa::path(
    delete, path = "/v2/manage/keys/{id}", operation_id = "revokeKey", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The key, `key_…`.")),
    responses(
        (status = 200, body = Deleted, description = "The key is revoked."),
        (status = 404, body = ErrorBody, description = "There is no such key."),
        By<Manage>
    )
)]
pub(in crate::api) async fn delete(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
) -> Answer<Deleted> {
    engine
        .key_revoke(&caller.actor(), Some(&owner(&caller)), &id)
        .await?;
    Ok(Json(Deleted { success: true }))
}
