//! Whose tokens they are, and whether they still work.

use linchpin_provider::{Account, Client, Death};
use serde_json::{Map, Value};
use std::time::Duration;

use super::{
    OAuth, account, exchange,
    id_token::{self, Expected},
    now,
    settings::Endpoints,
    token_endpoint::{self, Grant, Refusal},
    tokens::Tokens,
};

/// For how long the profile is waited for once tokens were renewed: they must be kept, whatever becomes of it.
const PROFILE: Duration = Duration::from_secs(8);

/// Why an account is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// The token is not accepted.
    Refused,
    /// The provider cannot answer at the moment, or not as it should.
    Unavailable,
}

/// What became of tokens that were looked at.
pub(super) enum Standing {
    /// They work; with the account, and whether they are others than before.
    Alive {
        tokens: Tokens,
        account: Account,
        renewed: bool,
    },
    Dead(Death),
    Unavailable,
}

impl OAuth {
    /// What an ID token says, once it is known to be meant; the log says why it is not. `nonce` is that of the trip; `None` where
    /// there was none.
    pub(super) async fn claims(
        &self,
        client: &Client,
        endpoints: &Endpoints,
        token: &str,
        nonce: Option<&str>,
    ) -> Option<Map<String, Value>> {
        let is_missing = |keys: &[_]| id_token::wants_another_key(token, keys);
        let keys = self.metadata.keys(client, endpoints, is_missing).await;
        let Some(keys) = keys else {
            self.complain("does not show the keys that it signs with");
            return None;
        };
        let expected = Expected {
            issuer: self.settings.issuer()?,
            client_id: &self.settings.registration.client_id,
            nonce,
            now: now() / 1_000,
        };
        id_token::claims(token, &keys, &expected)
            .inspect_err(|fault| {
                tracing::warn!(provider = self.settings.id(), %fault, "an ID token is not taken");
            })
            .ok()
    }

    /// The profile as the provider tells it.
    pub(super) async fn told(
        &self,
        client: &Client,
        endpoints: &Endpoints,
        access: &str,
    ) -> Result<Value, Unknown> {
        let url = endpoints.profile.as_ref().ok_or(Unknown::Unavailable)?;
        let reply = exchange::get(client, url, Some(access)).await;
        let reply = reply.map_err(|_| Unknown::Unavailable)?;
        match reply.json() {
            _ if reply.status == http::StatusCode::UNAUTHORIZED => Err(Unknown::Refused),
            Some(told) if reply.status.is_success() => Ok(told),
            _ => {
                self.complain("does not tell the profile as JSON");
                Err(Unknown::Unavailable)
            }
        }
    }

    /// The account that an access token is of. `claims` are those of the ID token that came with it.
    pub(super) async fn account_of(
        &self,
        client: &Client,
        endpoints: &Endpoints,
        access: &str,
        claims: Option<&Map<String, Value>>,
    ) -> Result<Account, Unknown> {
        let mut told = Value::Object(claims.cloned().unwrap_or_default());
        if endpoints.profile.is_some() {
            let profile = self.told(client, endpoints, access).await?;
            // The profile could be another account's (OpenID Connect Core, 5.3.2).
            if claims.is_some_and(|claims| claims.get("sub") != profile.get("sub")) {
                self.complain("tells the profile of another account than the ID token's");
                return Err(Unknown::Unavailable);
            }
            match (&mut told, profile) {
                (Value::Object(told), Value::Object(profile)) => told.extend(profile),
                (told, profile) => *told = profile,
            }
        }
        account::account(&told, &self.settings.profile).ok_or_else(|| {
            self.complain("tells no id of the account; look at the pointers of its profile");
            Unknown::Unavailable
        })
    }

    /// Asks the provider about tokens, and renews them where that is due or they are refused.
    pub(super) async fn looked(&self, client: &Client, tokens: Tokens) -> Standing {
        let Some(endpoints) = self.metadata.endpoints(client, &self.settings).await else {
            return Standing::Unavailable;
        };
        if tokens.refresh.is_some() && tokens.has_run_out(now()) {
            return self.renewed(client, &endpoints, tokens).await;
        }
        match self.account_now(client, &endpoints, &tokens).await {
            Ok(account) => Standing::Alive {
                tokens,
                account,
                renewed: false,
            },
            Err(Unknown::Unavailable) => Standing::Unavailable,
            Err(Unknown::Refused) if tokens.refresh.is_some() => {
                self.renewed(client, &endpoints, tokens).await
            }
            Err(Unknown::Refused) => Standing::Dead(Death::SignedOut),
        }
    }

    async fn renewed(&self, client: &Client, endpoints: &Endpoints, old: Tokens) -> Standing {
        let Some(token) = &old.refresh else {
            return Standing::Dead(Death::SignedOut);
        };
        let (registration, grant) = (&self.settings.registration, Grant::Refresh(token));
        let granted =
            token_endpoint::granted(client, &endpoints.token, registration, &grant, now()).await;
        let (mut tokens, id_token) = match granted {
            Ok(granted) => (granted.tokens, granted.id_token),
            Err(Refusal::Down) => return Standing::Unavailable,
            Err(Refusal::Refused(code)) => return self.not_renewed(&code),
        };
        tokens.account.clone_from(&old.account);
        let asked = self.account_now(client, endpoints, &tokens);
        let told = tokio::time::timeout(PROFILE, asked)
            .await
            .unwrap_or(Err(Unknown::Unavailable));
        let known = match (&told, old.account, id_token) {
            (Err(Unknown::Unavailable), None, Some(token)) => {
                self.account_in(client, endpoints, &token).await
            }
            (_, known, _) => known,
        };
        match (told, known) {
            (Err(Unknown::Refused), _) => Standing::Dead(Death::SignedOut),
            // The old tokens may be spent by now, so that the new ones are kept with what is known of the account.
            (Ok(account), _) | (Err(Unknown::Unavailable), Some(account)) => Standing::Alive {
                tokens,
                account,
                renewed: true,
            },
            (Err(Unknown::Unavailable), None) => Standing::Unavailable,
        }
    }

    /// The account as an ID token tells it that came with a renewal.
    async fn account_in(
        &self,
        client: &Client,
        endpoints: &Endpoints,
        token: &str,
    ) -> Option<Account> {
        let claims = tokio::time::timeout(PROFILE, self.claims(client, endpoints, token, None));
        let claims = claims.await.ok()??;
        account::account(&Value::Object(claims), &self.settings.profile)
    }

    /// The account as it is now. Where the provider tells no profile, a token that has not run out is all there is to see.
    async fn account_now(
        &self,
        client: &Client,
        endpoints: &Endpoints,
        tokens: &Tokens,
    ) -> Result<Account, Unknown> {
        match (&tokens.account, &endpoints.profile) {
            (Some(_), None) if tokens.has_run_out(now()) => Err(Unknown::Refused),
            (Some(account), None) => Ok(account.clone()),
            (None, _) => {
                self.account_of(client, endpoints, &tokens.access, None)
                    .await
            }
            (Some(known), Some(_)) => {
                let profile = self.told(client, endpoints, &tokens.access).await?;
                match account::account(&profile, &self.settings.profile) {
                    Some(told) if told.id == known.id => Ok(told),
                    // The id may be in the ID token alone, which only a sign-in brings.
                    None if self.settings.is_openid() && profile.get("sub").is_some() => {
                        Ok(known.clone())
                    }
                    _ => {
                        self.complain(
                            "tells the profile of another account than before, or of none",
                        );
                        Err(Unknown::Unavailable)
                    }
                }
            }
        }
    }

    /// The standard has one code for a token that ran out, was revoked or was spent.
    fn not_renewed(&self, code: &str) -> Standing {
        match code {
            "invalid_grant" => Standing::Dead(Death::SignedOut),
            "access_denied" => Standing::Dead(Death::Revoked),
            _ => {
                tracing::warn!(
                    provider = self.settings.id(),
                    code,
                    "a provider renews no tokens for us; look at client id and secret"
                );
                Standing::Unavailable
            }
        }
    }
}
