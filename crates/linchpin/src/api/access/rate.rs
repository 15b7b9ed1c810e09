//! How often a connection may be used, and the headers that say so.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{http::HeaderMap, response::Response};

use super::{ApiError, CONNECTION, Kind};
use crate::{
    domain::access_rate::AccessRate,
    flow::{Engine, HeardUses},
    http::{Level, RequestId, TokenBuckets},
};

/// The limit of every connection; none where the operator has switched it off.
#[derive(Debug)]
pub struct Rate(Option<TokenBuckets<Arc<str>>>);

/// Counts what connections were used for on other nodes, for as long as something is heard.
async fn follow(rate: Arc<Rate>, mut heard: HeardUses) {
    let Some(buckets) = &rate.0 else { return };
    while let Some(uses) = heard.next().await {
        let now = Instant::now();
        for (connection, count) in uses {
            buckets.charge(&connection, count, now);
        }
    }
}

impl Rate {
    /// The limit that the operator has set.
    fn new(rate: Option<AccessRate>) -> Self {
        let minute = Duration::from_mins(1);
        Self(rate.map(|rate| TokenBuckets::new(rate.burst, rate.a_minute, minute)))
    }

    /// The limit of an engine, which also counts what other nodes let through.
    pub fn of(engine: &Engine) -> Arc<Self> {
        let rate = Arc::new(Self::new(engine.settings.access_rate));
        if let (Some(heard), true) = (engine.heard_uses(), rate.0.is_some()) {
            tokio::spawn(follow(Arc::clone(&rate), heard));
        }
        rate
    }

    /// Counts a request that names a connection which is there, and answers it, or refuses it. Either way the answer says
    /// how much is left.
    pub async fn limited(
        &self,
        engine: &Engine,
        headers: &HeaderMap,
        id: &RequestId,
        answer: impl Future<Output = Response>,
    ) -> Response {
        let Some(buckets) = &self.0 else {
            return answer.await;
        };
        let named = headers.get(CONNECTION);
        let key = named.and_then(|value| value.to_str().ok());
        let key: Arc<str> = key.unwrap_or_default().into();
        let (level, taken) = buckets.take(&key, Instant::now());
        let mut response = match taken {
            Ok(()) => {
                engine.tell_use(&key);
                answer.await
            }
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
