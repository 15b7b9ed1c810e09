//! The browser goes to the provider's own page and comes back (RFC 6749, 4.1; RFC 7636; RFC 9207).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use linchpin_provider::{Answer, Arrival, Client, Departed, Departure, Secret, SignedIn};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    OAuth,
    known::Unknown,
    now,
    settings::{Endpoints, Protocol},
    token_endpoint::{self, Grant, Granted, Refusal},
};

/// What is kept until the browser is back.
#[derive(Serialize, Deserialize)]
struct Progress {
    verifier: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
}

impl OAuth {
    /// Where the browser signs in.
    pub(super) async fn departed(&self, client: &Client, departure: Departure) -> Departed {
        let Some(endpoints) = self.metadata.endpoints(client, &self.settings).await else {
            return Departed::Unavailable;
        };
        let is_openid = self.settings.is_openid();
        let (Some(verifier), Some(nonce)) = (random(), random()) else {
            return Departed::Unavailable;
        };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let mut url = endpoints.authorization.clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &self.settings.registration.client_id)
                .append_pair("redirect_uri", &departure.back_to)
                .append_pair("state", departure.state.reveal())
                .append_pair("code_challenge", &challenge)
                .append_pair("code_challenge_method", "S256");
            let scopes = self.settings.scopes_of(&departure.permissions);
            if !scopes.is_empty() {
                query.append_pair("scope", &scopes);
            }
            if is_openid {
                query.append_pair("nonce", &nonce);
                if let Some(username) = &departure.username {
                    query.append_pair("login_hint", username);
                }
                if let Some(locale) = &departure.locale {
                    query.append_pair("ui_locales", locale);
                }
            }
            query.extend_pairs(&self.settings.parameters);
        }
        let progress = Progress {
            verifier,
            nonce: is_openid.then_some(nonce),
        };
        match serde_json::to_string(&progress) {
            Ok(progress) => Departed::To {
                url: url.into(),
                progress: Secret::new(progress),
            },
            Err(_) => Departed::Unavailable,
        }
    }

    /// Whoever has come back.
    pub(super) async fn arrived(&self, client: &Client, arrival: Arrival) -> Answer {
        let Ok(progress) = serde_json::from_str::<Progress>(arrival.progress.reveal()) else {
            return Answer::Unavailable;
        };
        let Some(endpoints) = self.metadata.endpoints(client, &self.settings).await else {
            return Answer::Unavailable;
        };
        if !self.names_itself_rightly(&arrival, &endpoints) {
            return Answer::Unavailable;
        }
        if let Some(error) = arrival.parameter("error") {
            return self.refused(error);
        }
        let Some(code) = arrival.parameter("code") else {
            self.complain("brought back neither a code nor an error");
            return Answer::Unavailable;
        };
        let grant = Grant::Code {
            code,
            back_to: &arrival.back_to,
            verifier: &progress.verifier,
        };
        let registration = &self.settings.registration;
        let granted =
            token_endpoint::granted(client, &endpoints.token, registration, &grant, now()).await;
        let granted = match granted {
            Ok(granted) => granted,
            Err(Refusal::Refused(code)) => return self.refused(&code),
            Err(Refusal::Down) => return Answer::Unavailable,
        };
        match self
            .signed_in(client, &endpoints, &granted, &progress)
            .await
        {
            Some(signed_in) => Answer::SignedIn(signed_in),
            None => {
                // Nobody will ever use them.
                if let Some(url) = &endpoints.revocation {
                    token_endpoint::revoke(client, url, registration, &granted.tokens).await;
                }
                Answer::Unavailable
            }
        }
    }

    async fn signed_in(
        &self,
        client: &Client,
        endpoints: &Endpoints,
        granted: &Granted,
        progress: &Progress,
    ) -> Option<SignedIn> {
        let claims = match &self.settings.protocol {
            Protocol::OAuth { .. } => None,
            Protocol::OpenId { .. } => {
                let Some(token) = &granted.id_token else {
                    self.complain(
                        "gave no ID token; is `openid` among the scopes that it allows us?",
                    );
                    return None;
                };
                let nonce = Some(progress.nonce.as_deref()?);
                Some(self.claims(client, endpoints, token, nonce).await?)
            }
        };
        let access = &granted.tokens.access;
        let known = self
            .account_of(client, endpoints, access, claims.as_ref())
            .await;
        let account = known
            .inspect_err(|unknown| {
                if matches!(unknown, Unknown::Refused) {
                    self.complain("refuses its own token at the profile endpoint");
                }
            })
            .ok()?;
        let mut tokens = granted.tokens.clone();
        tokens.account = Some(account.clone());
        let Some(session) = tokens.session() else {
            self.complain("gave tokens that are longer than 64 KiB");
            return None;
        };
        let scopes = granted.scopes.as_deref();
        Some(SignedIn {
            account,
            session,
            granted: scopes.map(|scopes| self.settings.permissions_of(scopes)),
        })
    }

    /// Whether the answer is this provider's and not another one's that was mixed in (RFC 9207, 2.4).
    fn names_itself_rightly(&self, arrival: &Arrival, endpoints: &Endpoints) -> bool {
        let given = arrival.parameters.iter().any(|(name, _)| name == "iss");
        let right = match self.settings.issuer() {
            Some(issuer) if given => arrival.parameter("iss") == Some(issuer),
            // It names itself, and nobody has said how: this could be any provider's.
            None if given => false,
            _ => !endpoints.names_itself,
        };
        if !right {
            self.complain("sent back an answer whose `iss` is not the `issuer` of its file");
        }
        right
    }

    /// What the provider's own words mean (RFC 6749, 4.1.2.1 and 5.2; OpenID Connect Core, 3.1.2.6).
    fn refused(&self, code: &str) -> Answer {
        match code {
            "access_denied"
            | "login_required"
            | "consent_required"
            | "interaction_required"
            | "account_selection_required" => Answer::Denied,
            "temporarily_unavailable" | "server_error" => Answer::Unavailable,
            _ => {
                let code: String = code
                    .chars()
                    .filter(char::is_ascii_graphic)
                    .take(64)
                    .collect();
                tracing::warn!(
                    provider = self.settings.id(),
                    code,
                    "a provider refuses us; look at client id, secret, redirect URL and scopes"
                );
                Answer::Unavailable
            }
        }
    }
}

/// 256 random bits, as a verifier and a nonce may be spelt.
fn random() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}
