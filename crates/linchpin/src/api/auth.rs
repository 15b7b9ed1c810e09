//! Who calls: the API key in `apikey` or `Authorization: Bearer`, and nowhere else.

use axum::http::{HeaderMap, header};

use super::{ApiError, Kind};
use crate::{
    domain::scope::Scope,
    flow::{Caller, Engine},
};

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
