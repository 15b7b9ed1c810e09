//! How often a connection may be used, and the headers that say so.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    http::{HeaderMap, HeaderValue},
    response::Response,
};

use super::{ApiError, CONNECTION, Kind};
use crate::{
    domain::access_rate::AccessRate,
    http::{Level, RequestId, TokenBuckets},
};

/// The limit of every connection; none where the operator has switched it off.
#[derive(Debug)]
pub struct Rate(Option<TokenBuckets<Arc<str>>>);

impl Rate {
    /// The limit that the operator has set.
    pub fn new(rate: Option<AccessRate>) -> Self {
        let minute = Duration::from_mins(1);
        Self(rate.map(|rate| TokenBuckets::new(rate.burst, rate.a_minute, minute)))
    }

    /// Counts a request that names a connection which is there, and answers it, or refuses it. Either way the answer says
    /// how much is left.
    pub async fn limited(
        &self,
        headers: &HeaderMap,
        id: &RequestId,
        answer: impl Future<Output = Response>,
    ) -> Response {
        let Some(buckets) = &self.0 else {
            return answer.await;
        };
        let named = headers.get(CONNECTION).map(HeaderValue::as_bytes);
        let key = String::from_utf8_lossy(named.unwrap_or_default()).into();
        let (level, taken) = buckets.take(&key, Instant::now());
        let mut response = match taken {
            Ok(()) => answer.await,
            Err(wait) => {
                let seconds = u32::try_from(wait.seconds()).unwrap_or(u32::MAX);
                let message = "the connection is used too often; repeat the request after Retry-After seconds";
                ApiError::new(Kind::RateLimitExceeded, message)
                    .retry_after(seconds)
                    .respond(id)
            }
        };
        tell(response.headers_mut(), level);
        response
    }
}

fn tell(headers: &mut HeaderMap, level: Level) {
    headers.insert("x-ratelimit-limit", level.size.into());
    headers.insert("x-ratelimit-remaining", level.left.into());
    headers.insert("x-ratelimit-reset", level.seconds_until_full().into());
}
