//! `/v2/manage/webhooks`: endpoints and their secrets.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Extension, RawQuery, State},
    http::HeaderMap,
    response::Response,
};

use super::{
    PathOf, created, id_of, owner, page_of,
    shapes::{
        EndpointPage, EndpointRequest, EndpointTold, EndpointWithSecret, ReplayRequest, SecretTold,
        TestTold,
    },
    wanted,
};
use crate::{
    api::{ApiError, answer, auth, body, error::ErrorBody, told::Deleted},
    domain::scope::Scope,
    flow::Engine,
    http::RequestId,
};

/// Webhook endpoints, oldest first.
#[utoipa::path(
    get, path = "/v2/manage/webhooks", operation_id = "listWebhooks", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("limit" = Option<usize>, Query, minimum = 1, description = "How many, 10 where nothing is said; over 100 counts as 100."),
        ("offset" = Option<usize>, Query, minimum = 0, maximum = 2_147_483_647, description = "How many are left out.")),
    responses(
        (status = 200, body = EndpointPage, description = "A page."),
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
        let all = engine.endpoints(&owner(&caller));
        Ok(EndpointPage::of(&all, page))
    };
    answer(told.await, &id)
}

/// Registers a webhook endpoint.
///
/// Its secret is in this answer, and in no listing.
#[utoipa::path(
    post, path = "/v2/manage/webhooks", operation_id = "createWebhook", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    request_body(content = Option<EndpointRequest>),
    responses(
        (status = 201, body = EndpointWithSecret, description = "The endpoint with its secret."),
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
        let change = wanted::endpoint(&object).map_err(ApiError::fields)?;
        let made = engine
            .endpoint_create(&caller.actor(), &owner(&caller), change)
            .await?;
        Ok(EndpointWithSecret::of(&made.0, &made.1))
    };
    created(told.await, &id)
}

/// One webhook endpoint.
#[utoipa::path(
    get, path = "/v2/manage/webhooks/{id}", operation_id = "getWebhook", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    responses(
        (status = 200, body = EndpointTold, description = "The endpoint."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
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
        let (endpoint, _) = engine.endpoint_of(&owner(&caller), &id_of(path))?;
        Ok(EndpointTold::of(&endpoint))
    };
    answer(told.await, &id)
}

/// Changes a webhook endpoint.
///
/// Disabling it gives up what is on its way; enabling it sends what is told from then on.
#[utoipa::path(
    patch, path = "/v2/manage/webhooks/{id}", operation_id = "setWebhook", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    request_body(content = Option<EndpointRequest>),
    responses(
        (status = 200, body = EndpointTold, description = "The whole of it."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
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
        let change = wanted::endpoint(&object).map_err(ApiError::fields)?;
        let endpoint = engine
            .endpoint_update(&caller.actor(), &owner(&caller), &id_of(path), change)
            .await?;
        Ok(EndpointTold::of(&endpoint))
    };
    answer(told.await, &id)
}

/// Removes a webhook endpoint, its secrets, and everything that was on its way to it.
#[utoipa::path(
    delete, path = "/v2/manage/webhooks/{id}", operation_id = "deleteWebhook", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    responses(
        (status = 200, body = Deleted, description = "The endpoint is gone."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
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
            .endpoint_delete(&caller.actor(), &owner(&caller), &id_of(path))
            .await?;
        Ok(Deleted { success: true })
    };
    answer(told.await, &id)
}

/// Gives a webhook endpoint a new secret.
///
/// For 24 hours deliveries are signed with the one before as well.
#[utoipa::path(
    post, path = "/v2/manage/webhooks/{id}/rotate", operation_id = "rotateWebhookSecret", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    responses(
        (status = 200, body = EndpointWithSecret, description = "The endpoint with its new secret."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn rotate(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: PathOf,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        let rotated = engine
            .endpoint_rotate(&caller.actor(), &owner(&caller), &id_of(path))
            .await?;
        Ok(EndpointWithSecret::of(&rotated.0, &rotated.1))
    };
    answer(told.await, &id)
}

/// The secret of a webhook endpoint. That it was told is written in the audit log.
#[utoipa::path(
    get, path = "/v2/manage/webhooks/{id}/secret", operation_id = "getWebhookSecret", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    responses(
        (status = 200, body = SecretTold, description = "The newest secret."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn secret(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: PathOf,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        let secret = engine
            .endpoint_secret(&caller.actor(), &owner(&caller), &id_of(path))
            .await?;
        Ok(SecretTold {
            secret: secret.reveal().to_owned(),
        })
    };
    answer(told.await, &id)
}

/// Sends a test event, `webhook.test`, and tells what came of it.
///
/// It is sent once, whether the endpoint is enabled or not.
#[utoipa::path(
    post, path = "/v2/manage/webhooks/{id}/test", operation_id = "testWebhook", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    responses(
        (status = 200, body = TestTold, description = "What came of it."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn test(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: PathOf,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        let (event, attempt) = engine
            .endpoint_test(&caller.actor(), &owner(&caller), &id_of(path))
            .await?;
        Ok(TestTold::of(event, attempt))
    };
    answer(told.await, &id)
}

/// Sends again everything since a time that has not arrived.
///
/// That is what was given up, and what was told while the endpoint was disabled.
#[utoipa::path(
    post, path = "/v2/manage/webhooks/{id}/replay", operation_id = "replayWebhook", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    request_body(content = Option<ReplayRequest>),
    responses(
        (status = 200, body = EndpointTold, description = "It is on its way."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        (status = 413, body = ErrorBody, description = "The body is larger than the limit, 64 KiB unless configured otherwise."),
        (status = 415, body = ErrorBody, description = "The body is not JSON by its content type."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn replay(
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
        let since = wanted::since(&object).map_err(ApiError::fields)?;
        let endpoint = engine
            .endpoint_replay(&caller.actor(), &owner(&caller), &id_of(path), since)
            .await?;
        Ok(EndpointTold::of(&endpoint))
    };
    answer(told.await, &id)
}
