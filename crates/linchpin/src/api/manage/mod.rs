//! `/v2/manage`: webhook endpoints and their deliveries, client apps, keys.

pub mod app_shapes;
pub mod apps;
pub mod deliveries;
pub mod key_shapes;
pub mod keys;
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
        .route("/v2/manage/apps", get(apps::list).post(apps::create))
        .route(
            "/v2/manage/apps/{id}",
            get(apps::one).patch(apps::set).delete(apps::delete),
        )
        .route("/v2/manage/keys", get(keys::list).post(keys::create))
        .route(
            "/v2/manage/keys/{id}",
            get(keys::one).patch(keys::set).delete(keys::delete),
        )
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

/// A part of a list that is known as a whole.
pub struct Part<'a, T> {
    /// What is in it.
    pub list: &'a [T],
    /// Where the next one begins, where there is one.
    pub next_offset: Option<i64>,
}

impl<'a, T> Part<'a, T> {
    /// At most `limit` of these, without the first `offset`.
    pub fn of(all: &'a [T], (limit, offset): (i64, i64)) -> Self {
        let (first, many) = (
            usize::try_from(offset).unwrap_or(usize::MAX),
            usize::try_from(limit).unwrap_or(usize::MAX),
        );
        let rest = all.get(first..).unwrap_or_default();
        Self {
            list: rest.get(..many).unwrap_or(rest),
            next_offset: (rest.len() > many).then_some(limit + offset),
        }
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
