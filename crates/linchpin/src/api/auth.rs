//! Who calls: the API key in `apikey` or `Authorization: Bearer`, and nowhere else.

use std::{collections::BTreeMap, marker::PhantomData, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use utoipa::{
    IntoResponses,
    openapi::{RefOr, Response},
};

use super::{ApiError, Kind, error};
use crate::{
    domain::scope::Scope,
    flow::{Caller, Engine},
};

/// What a key has to allow, as a type.
pub trait Needs {
    /// The scope.
    const SCOPE: Scope;
}

/// The key has to allow what is about link sessions.
pub struct Link;
/// The key has to allow what is about connections.
pub struct Account;
/// The key has to allow what is about apps, keys and webhooks.
pub struct Manage;

impl Needs for Link {
    const SCOPE: Scope = Scope::Link;
}

impl Needs for Account {
    const SCOPE: Scope = Scope::Account;
}

impl Needs for Manage {
    const SCOPE: Scope = Scope::Manage;
}

/// Whoever asks, by a valid key that allows it.
pub struct By<S> {
    /// Who it is.
    pub caller: Caller,
    allowed: PhantomData<S>,
}

impl<S: Needs> FromRequestParts<Arc<Engine>> for By<S> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, engine: &Arc<Engine>) -> Result<Self, ApiError> {
        let caller = caller(engine, &parts.headers, S::SCOPE).await?;
        Ok(Self {
            caller,
            allowed: PhantomData,
        })
    }
}

impl<S: Needs> IntoResponses for By<S> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let lacks = format!("The key lacks the scope {}.", S::SCOPE);
        error::described([
            (401, "No valid API key."),
            (403, &lacks),
            (503, error::UNAVAILABLE),
        ])
    }
}

/// The caller, where the key is valid and may do this.
///
/// Whatever is wrong with the key gives the same answer.
pub async fn caller(
    engine: &Engine,
    headers: &HeaderMap,
    scope: Scope,
) -> Result<Caller, ApiError> {
    let known = engine
        .caller(presented(headers).unwrap_or_default())
        .await?;
    let caller = known.ok_or_else(|| {
        ApiError::new(
            Kind::Unauthorized,
            "a valid API key is needed: send it as `apikey: sk_…` or `Authorization: Bearer sk_…`; \
             `linchpin key create` makes one",
        )
    })?;
    if caller.may(scope) {
        return Ok(caller);
    }
    let message = format!(
        "the key lacks the scope {scope}; make one that has it with `linchpin key create --scope {scope}`",
    );
    Err(ApiError::new(Kind::Forbidden, message))
}

fn presented(headers: &HeaderMap) -> Option<&str> {
    if let Some(key) = headers.get("apikey") {
        return key.to_str().ok();
    }
    let (scheme, key) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| key.trim_start())
}
