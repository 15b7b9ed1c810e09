//! Platforms that speak OAuth 2.0 or OpenID Connect: the browser signs in on the platform's own page and brings back a
//! code, which becomes tokens.
//!
//! | part | standard |
//! |---|---|
//! | the code, the tokens, their renewal | RFC 6749 |
//! | PKCE, always, by S256 | RFC 7636 |
//! | ID tokens, nonce, profile | OpenID Connect Core 1.0 |
//! | endpoints and keys, read and kept for an hour | OpenID Connect Discovery 1.0 |
//! | who has sent the browser back | RFC 9207 |
//! | sign-out | RFC 7009 |

mod account;
mod exchange;
mod id_token;
mod jws;
mod known;
mod metadata;
mod read;
mod settings;
#[cfg(test)]
mod tests;
mod token_endpoint;
mod tokens;
mod trip;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header;
use linchpin_provider::{
    Answer, Arrival, Asked, Call, CallAnswer, CallLimits, Called, Client, Coverage, Credentials,
    Departed, Departure, Description, Import, Imported, Looked, Method, Pending, Provider, Reply,
    Session, SignedIn,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use known::{Standing, Unknown};
use metadata::Metadata;
pub(crate) use read::Kind;
use settings::Settings;
use tokens::Tokens;

use crate::{
    api::Attachment,
    file::{Secrets, Table},
};

/// A platform that speaks OAuth 2.0 or OpenID Connect.
pub(crate) struct OAuth {
    settings: Settings,
    metadata: Metadata,
}

impl OAuth {
    /// Reads the rest of a file of `kind = "oidc"` or `"oauth2"`; what is wrong is noted. Nothing is asked of the
    /// platform yet.
    pub(crate) fn read(file: &Table<'_>, kind: Kind, secrets: Secrets<'_>) -> Option<Self> {
        Some(Self {
            settings: read::settings(file, kind, secrets)?,
            metadata: Metadata::default(),
        })
    }

    /// Tells the operator in the log what the provider does not do as it should.
    fn complain(&self, what: &str) {
        tracing::warn!(provider = self.settings.id(), "the provider {what}");
    }
}

#[async_trait::async_trait]
impl Provider for OAuth {
    fn describe(&self) -> &Description {
        &self.settings.platform.description
    }

    /// Nobody types a password of this provider here.
    async fn sign_in(&self, _client: &Client, _credentials: Credentials) -> Answer {
        Answer::Unavailable
    }

    /// The provider's own page asks for second factors.
    async fn second_factor(&self, _client: &Client, _pending: &Pending, _reply: Reply) -> Answer {
        Answer::Declined
    }

    async fn ask(&self, _client: &Client, _pending: &Pending, _method: Method) -> Asked {
        Asked::NotNow
    }

    async fn depart(&self, client: &Client, departure: Departure) -> Departed {
        self.departed(client, departure).await
    }

    async fn arrive(&self, client: &Client, arrival: Arrival) -> Answer {
        self.arrived(client, arrival).await
    }

    /// Takes over tokens, where the provider tells whose they are.
    async fn import(&self, client: &Client, import: Import) -> Imported {
        let Import::Token {
            access_token,
            refresh_token,
            expires_at,
        } = import
        else {
            return Imported::NotOffered;
        };
        let owned = |secret: &linchpin_provider::Secret| Zeroizing::new(secret.reveal().to_owned());
        let tokens = Tokens {
            access: owned(&access_token),
            refresh: refresh_token.as_ref().map(owned),
            expires_at,
            account: None,
        };
        match self.looked(client, tokens).await {
            Standing::Dead(_) => Imported::Dead,
            Standing::Unavailable => Imported::Unavailable,
            Standing::Alive {
                mut tokens,
                account,
                ..
            } => {
                tokens.account = Some(account.clone());
                match tokens.session() {
                    Some(session) => Imported::Taken(SignedIn {
                        account,
                        session,
                        granted: None,
                    }),
                    None => Imported::Dead,
                }
            }
        }
    }

    fn is_stale(&self, session: &Session, now: i64) -> bool {
        Tokens::of(session).is_some_and(|tokens| tokens.has_run_out(now))
    }

    async fn look(&self, client: &Client, session: &Session) -> Looked {
        let Some(tokens) = Tokens::of(session) else {
            return Looked::Dead(linchpin_provider::Death::SignedOut);
        };
        match self.looked(client, tokens).await {
            Standing::Dead(death) => Looked::Dead(death),
            Standing::Unavailable => Looked::Unavailable,
            Standing::Alive {
                mut tokens,
                account,
                renewed,
            } => {
                tokens.account = Some(account.clone());
                Looked::Alive {
                    account,
                    renewed: renewed.then(|| tokens.session()).flatten(),
                }
            }
        }
    }

    /// Revokes the tokens. `false` also where the provider has no place to do that at: they then live until they run out.
    async fn sign_out(&self, client: &Client, session: &Session) -> bool {
        let Some(tokens) = Tokens::of(session) else {
            return true;
        };
        let endpoints = self.metadata.endpoints(client, &self.settings).await;
        let Some(url) = endpoints
            .as_ref()
            .and_then(|found| found.revocation.as_ref())
        else {
            return false;
        };
        token_endpoint::revoke(client, url, &self.settings.registration, &tokens).await
    }

    async fn profile(&self, client: &Client, session: &Session) -> Called<Value> {
        let Some(tokens) = Tokens::of(session) else {
            return Called::SignedOut;
        };
        let Some(endpoints) = self.metadata.endpoints(client, &self.settings).await else {
            return Called::Unreachable;
        };
        let told = match &endpoints.profile {
            Some(_) => self.told(client, &endpoints, &tokens.access).await,
            None => Ok(json!({})),
        };
        match told {
            Ok(told) => Called::Answered {
                answer: self.completed(told, &tokens),
                renewed: None,
            },
            Err(Unknown::Refused) => Called::SignedOut,
            Err(Unknown::Unavailable) => Called::Unreachable,
        }
    }

    fn covers(&self, method: &http::Method, path: &str) -> Coverage {
        self.settings.platform.covers.of(method, path)
    }

    async fn call(&self, client: &Client, session: &Session, call: Call) -> Called<CallAnswer> {
        let Some(tokens) = Tokens::of(session) else {
            return Called::SignedOut;
        };
        let mut attachment = Attachment::default();
        let bearer = exchange::bearer(&tokens.access);
        attachment.headers.insert(header::AUTHORIZATION, bearer);
        let covers = &self.settings.platform.covers;
        let sent = self
            .settings
            .api
            .call(client, &mut attachment, covers, call);
        sent.await.called(|| None)
    }

    fn call_limits(&self) -> CallLimits {
        self.settings.platform.limits.call
    }

    fn looks_a_minute(&self) -> u32 {
        self.settings.platform.limits.looks_a_minute
    }

    fn at_once(&self) -> usize {
        self.settings.platform.limits.at_once
    }

    fn deadline(&self) -> Duration {
        self.settings.platform.limits.deadline
    }
}

impl OAuth {
    /// The profile with the four names that every profile has.
    fn completed(&self, told: Value, tokens: &Tokens) -> Value {
        let account = account::account(&told, &self.settings.profile);
        let account = account.or_else(|| tokens.account.clone());
        let mut profile = match told {
            Value::Object(profile) => profile,
            other => [("profile".to_owned(), other)].into_iter().collect(),
        };
        if let Some(account) = account {
            profile.insert("id".to_owned(), json!(account.id));
            profile.insert("name".to_owned(), json!(account.name));
            profile.insert("username".to_owned(), json!(account.username));
            profile.insert("avatar".to_owned(), json!(account.avatar));
        }
        Value::Object(profile)
    }
}

/// Milliseconds since 1970.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or_default()
}
