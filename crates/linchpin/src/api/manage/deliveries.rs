//! `/v2/manage/webhooks/{id}/deliveries`: what was sent, and sending it again.

use std::sync::Arc;

use axum::{
    extract::{Extension, Path, RawQuery, State, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};

use super::{
    PathOf, id_of, owner,
    shapes::{DeliveryPage, DeliveryTold},
    wanted,
};
use crate::{
    api::{ApiError, answer, auth, error::ErrorBody},
    domain::scope::Scope,
    flow::Engine,
    http::RequestId,
};

/// Deliveries to a webhook endpoint, newest first, each with its attempts. They are kept for 7 days.
#[utoipa::path(
    get, path = "/v2/manage/webhooks/{id}/deliveries", operation_id = "listDeliveries", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`."),
        ("status" = Option<String>, Query, description = "Only of this status: `pending`, `delivered` or `failed`."),
        ("limit" = Option<usize>, Query, minimum = 1, description = "How many, 10 where nothing is said; over 100 counts as 100."),
        ("offset" = Option<usize>, Query, minimum = 0, maximum = 2_147_483_647, description = "How many are left out.")),
    responses(
        (status = 200, body = DeliveryPage, description = "A page."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn list(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: PathOf,
    RawQuery(query): RawQuery,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        let (state, page) = wanted::deliveries(query.as_deref()).map_err(ApiError::fields)?;
        let (list, has_more) = engine
            .deliveries(&owner(&caller), &id_of(path), state, page)
            .await?;
        Ok(DeliveryPage {
            list: list.into_iter().map(DeliveryTold::from).collect(),
            has_more,
            next_offset: has_more.then_some(page.0 + page.1),
        })
    };
    answer(told.await, &id)
}

/// Makes a delivery again, however it stands. The event keeps its id.
#[utoipa::path(
    post, path = "/v2/manage/webhooks/{id}/deliveries/{deliveryId}/replay", operation_id = "replayDelivery", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`."),
        ("deliveryId" = String, Path, description = "The delivery, `dlv_…`.")),
    responses(
        (status = 200, body = DeliveryTold, description = "It is on its way."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint or delivery."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn replay(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        let (endpoint, delivery) = match path {
            Ok(Path(ids)) => ids,
            Err(_) => Default::default(),
        };
        let delivery = engine
            .delivery_replay(&caller.actor(), &owner(&caller), &endpoint, &delivery)
            .await?;
        Ok(DeliveryTold::from(delivery))
    };
    answer(told.await, &id)
}
