//! Lists in pages: which one is wanted, and what is told of it.

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::Serialize;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{RefOr, Response},
};

use super::{ApiError, Details, error, query::Query};

/// Which part of a list is wanted: `limit` and `offset`, and nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Paging {
    /// Entries at most, 1 to 100.
    pub limit: i64,
    /// Entries that are left out.
    pub offset: i64,
}

impl<S: Sync> FromRequestParts<S> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut details = Details::default();
        let query = Query::parse(parts.uri.query(), &["limit", "offset"], &mut details);
        let paging = Self {
            limit: query.limit(&mut details),
            offset: query.offset(&mut details),
        };
        Ok(details.checked(paging)?)
    }
}

impl IntoResponses for Paging {
    fn responses() -> std::collections::BTreeMap<String, RefOr<Response>> {
        error::described([(400, error::FIELDS)])
    }
}

/// A part of a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    list: Vec<T>,
    /// Whether there are more.
    has_more: bool,
    /// The `offset` of the next page, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_offset: Option<i64>,
}

impl<T> Page<T> {
    /// A part that was read as such.
    pub fn read(list: Vec<T>, has_more: bool, paging: Paging) -> Self {
        Self {
            list,
            has_more,
            next_offset: has_more.then_some(paging.limit + paging.offset),
        }
    }

    /// A part of a list that is known as a whole.
    pub fn of<A>(all: impl IntoIterator<Item = A>, paging: Paging, told: impl Fn(A) -> T) -> Self {
        let first = usize::try_from(paging.offset).unwrap_or(usize::MAX);
        let many = usize::try_from(paging.limit).unwrap_or(usize::MAX);
        let mut rest = all.into_iter().skip(first);
        let list: Vec<T> = rest.by_ref().take(many).map(told).collect();
        Self::read(list, rest.next().is_some(), paging)
    }
}
