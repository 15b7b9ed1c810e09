//! `/v2/manage`: webhook endpoints and their deliveries, client apps, keys.

pub mod deliveries;
pub mod shapes;
mod wanted;
pub mod webhooks;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, rejection::PathRejection},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};

use super::{ApiError, DetailCode, Details, Kind, json, query::Query};
use crate::{
    flow::{Caller, Engine, Owner, admin::CommandError},
    http::RequestId,
};

/// The id in a path.
type PathOf = Result<Path<String>, PathRejection>;

/// The routes.
pub fn routes() -> Router<Arc<Engine>> {
    let webhook = "/v2/manage/webhooks/{id}";
    let under = |rest: &str| format!("{webhook}/{rest}");
    Router::new()
        .route(
            "/v2/manage/webhooks",
            get(webhooks::list).post(webhooks::create),
        )
        .route(
            webhook,
            get(webhooks::one)
                .patch(webhooks::set)
                .delete(webhooks::delete),
        )
        .route(&under("rotate"), post(webhooks::rotate))
        .route(&under("secret"), get(webhooks::secret))
        .route(&under("test"), post(webhooks::test))
        .route(&under("replay"), post(webhooks::replay))
        .route(&under("deliveries"), get(deliveries::list))
        .route(
            &under("deliveries/{delivery_id}/replay"),
            post(deliveries::replay),
        )
}

/// Whose things a key sees and changes.
fn owner(caller: &Caller) -> Owner {
    Owner {
        organisation: caller.organisation.clone(),
        environment: caller.environment,
    }
}

/// The id of a path; one that cannot be read is that of nothing.
fn id_of(path: PathOf) -> String {
    path.map(|Path(id)| id).unwrap_or_default()
}

/// `limit` and `offset`, and nothing else.
fn page_of(query: Option<&str>) -> Result<(i64, i64), ApiError> {
    let mut details = Details::default();
    let query = Query::parse(query, &["limit", "offset"], &mut details);
    let page = (query.limit(&mut details), query.offset(&mut details));
    match details.is_empty() {
        true => Ok(page),
        false => Err(ApiError::fields(details)),
    }
}

/// The same as [`super::answer`] for what was made.
fn created<T: serde::Serialize>(told: Result<T, ApiError>, id: &RequestId) -> Response {
    match told {
        Ok(told) => json(
            StatusCode::CREATED,
            serde_json::to_vec(&told).unwrap_or_default(),
        ),
        Err(error) => error.respond(id),
    }
}

impl From<CommandError> for ApiError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Fields(problems) => {
                let mut details = Details::default();
                for problem in problems {
                    details.add(problem.field, DetailCode::InvalidValue, problem.message);
                }
                Self::fields(details)
            }
            CommandError::Unavailable(error) => error.into(),
            error @ CommandError::Unknown(_) => {
                Self::new(Kind::ResourceNotFound, error.to_string())
            }
            error => Self::new(Kind::Conflict, error.to_string()),
        }
    }
}
