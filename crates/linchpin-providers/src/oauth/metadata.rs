//! Where the provider answers and with which keys it signs: told by the operator, or read from the provider and kept for
//! an hour.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use linchpin_provider::Client;
use serde::Deserialize;
use serde_json::Value;
use tokio::{sync::Mutex, time::timeout};
use url::Url;

use super::{
    exchange,
    jws::Key,
    settings::{Endpoints, Protocol, Settings},
};
use crate::api::authority;

/// For how long what the provider says of itself is good.
const GOOD_FOR: Duration = Duration::from_hours(1);
/// Time between two looks for a key that is not in the set: made-up tokens must not make us ask again and again.
const BETWEEN: Duration = Duration::from_secs(30);
/// Keys of a set that are looked at.
const KEYS_MAX: usize = 64;

/// For how long an answer is waited for where the one before will do.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the provider says of itself.
#[derive(Default)]
pub(super) struct Metadata {
    endpoints: Place<Endpoints>,
    keys: Place<Vec<Key>>,
}

/// A document of the provider's. One question at a time is asked for it.
struct Place<T> {
    kept: RwLock<Option<Kept<T>>>,
    /// Held while it is asked for; when that last came to nothing.
    failed: Mutex<Option<Instant>>,
}

impl<T> Default for Place<T> {
    fn default() -> Self {
        Self {
            kept: RwLock::default(),
            failed: Mutex::default(),
        }
    }
}

struct Kept<T> {
    value: Arc<T>,
    since: Instant,
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            since: self.since,
        }
    }
}

/// What a discovery document says (OpenID Connect Discovery 1.0, RFC 8414, RFC 9207).
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    userinfo_endpoint: Option<Url>,
    jwks_uri: Option<Url>,
    revocation_endpoint: Option<Url>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Where the provider answers. `None` where that cannot be read, or leads where it must not; the log says which.
    pub(super) async fn endpoints(
        &self,
        client: &Client,
        settings: &Settings,
    ) -> Option<Arc<Endpoints>> {
        let issuer = match &settings.protocol {
            Protocol::OAuth { endpoints, .. } => return Some(Arc::new(endpoints.clone())),
            Protocol::OpenId {
                endpoints: Some(endpoints),
                ..
            } => return Some(Arc::new(endpoints.clone())),
            Protocol::OpenId { issuer, .. } => issuer,
        };
        let is_good = |kept: &Kept<Endpoints>| kept.since.elapsed() < GOOD_FOR;
        let asked = discovered(client, settings, issuer);
        self.endpoints.read(is_good, asked).await
    }

    /// The keys that the provider signs with; `is_missing` says whether another one is wanted, which has them read anew.
    pub(super) async fn keys(
        &self,
        client: &Client,
        endpoints: &Endpoints,
        is_missing: impl Fn(&[Key]) -> bool,
    ) -> Option<Arc<Vec<Key>>> {
        let is_good = |kept: &Kept<Vec<Key>>| {
            let age = kept.since.elapsed();
            age < BETWEEN || (age < GOOD_FOR && !is_missing(&kept.value))
        };
        let url = endpoints.keys.as_ref()?;
        self.keys.read(is_good, read_keys(client, url)).await
    }
}

impl<T> Place<T> {
    /// The document: the one that is kept where it is good, otherwise what is answered now. What was said before is better
    /// than nothing, so that a provider which does not answer costs little time, and is not asked by everybody.
    async fn read(
        &self,
        is_good: impl Fn(&Kept<T>) -> bool,
        asked: impl Future<Output = Option<T>>,
    ) -> Option<Arc<T>> {
        if let Some(good) = self.kept().filter(|kept| is_good(kept)) {
            return Some(good.value);
        }
        let since = Instant::now();
        let mut failed = self.failed.lock().await;
        let Some(kept) = self.kept() else {
            // Whoever has waited for an answer is told what it was.
            if failed.is_some_and(|at| at >= since) {
                return None;
            }
            let answer = asked.await;
            *failed = answer.is_none().then(Instant::now);
            return answer.map(|value| self.keep(value));
        };
        if is_good(&kept) || failed.is_some_and(|at| at.elapsed() < BETWEEN) {
            return Some(kept.value);
        }
        // Noted before, as whoever asks may not wait that long.
        *failed = Some(Instant::now());
        match timeout(PATIENCE, asked).await {
            Ok(Some(value)) => {
                *failed = None;
                Some(self.keep(value))
            }
            Ok(None) | Err(_) => Some(kept.value),
        }
    }

    fn kept(&self) -> Option<Kept<T>> {
        let kept = self.kept.read();
        kept.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, value: T) -> Arc<T> {
        let value = Arc::new(value);
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(Kept {
            value: Arc::clone(&value),
            since: Instant::now(),
        });
        value
    }
}

#[cfg(test)]
impl Metadata {
    /// Makes everything older.
    pub(super) fn age(&self, by: Duration) {
        self.endpoints.age(by);
        self.keys.age(by);
    }
}

#[cfg(test)]
impl<T> Place<T> {
    fn age(&self, by: Duration) {
        if let Some(kept) = &mut *self.kept.write().unwrap() {
            kept.since = kept.since.checked_sub(by).unwrap();
        }
    }
}

async fn discovered(client: &Client, settings: &Settings, issuer: &str) -> Option<Endpoints> {
    let provider = settings.id();
    let address = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    let reply = exchange::get(client, &Url::parse(&address).ok()?, None)
        .await
        .ok()?;
    if !reply.status.is_success() {
        tracing::warn!(provider, status = %reply.status, "the discovery document could not be read; check `issuer`");
        return None;
    }
    let document: Document = serde_json::from_slice(reply.body())
        .inspect_err(|error| tracing::warn!(provider, %error, "the discovery document is not as the standard says"))
        .ok()?;
    if document.issuer != issuer {
        tracing::warn!(
            provider,
            "the discovery document names another issuer; write `issuer` as it does"
        );
        return None;
    }
    let endpoints = Endpoints {
        authorization: document.authorization_endpoint,
        token: document.token_endpoint,
        profile: document.userinfo_endpoint,
        keys: document.jwks_uri,
        revocation: document.revocation_endpoint,
        names_itself: document.authorization_response_iss_parameter_supported,
    };
    let reached = [
        Some(&endpoints.token),
        endpoints.profile.as_ref(),
        endpoints.keys.as_ref(),
        endpoints.revocation.as_ref(),
    ];
    let hosts = &settings.api.hosts;
    if let Some(url) = reached.into_iter().flatten().find(|url| !hosts.own(url)) {
        let host = authority(url);
        tracing::warn!(
            provider,
            host,
            "the discovery document names a host that the provider's file does not; add it to `hosts` in [api]"
        );
        return None;
    }
    if !hosts.may_be_opened(&endpoints.authorization) {
        tracing::warn!(
            provider,
            "the page to sign in on is not at an https address"
        );
        return None;
    }
    Some(endpoints)
}

async fn read_keys(client: &Client, url: &Url) -> Option<Vec<Key>> {
    let reply = exchange::get(client, url, None).await.ok()?;
    let mut set = reply.json().filter(|_| reply.status.is_success())?;
    let Value::Array(keys) = set.get_mut("keys")?.take() else {
        return None;
    };
    // A key of a kind that we do not know is no reason to do without the others.
    let keys = keys.into_iter().take(KEYS_MAX);
    Some(
        keys.filter_map(|key| serde_json::from_value(key).ok())
            .collect(),
    )
}
