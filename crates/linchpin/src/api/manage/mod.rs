//! `/v2/manage`: webhook endpoints and their deliveries, client apps, keys.

pub mod app_shapes;
pub mod apps;
pub mod deliveries;
pub mod key_shapes;
pub mod keys;
pub mod shapes;
mod wanted;
pub mod webhooks;

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    extract::{FromRequestParts, Path},
    http::request::Parts,
    routing::{get, post},
};

use super::{ApiError, DetailCode, Details, Kind};
use crate::flow::{Caller, Engine, Owner, admin::CommandError};

/// The id of a path; one that cannot be read is that of nothing.
pub(super) struct Id(String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.map(|Path(id)| id).unwrap_or_default()))
    }
}

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
