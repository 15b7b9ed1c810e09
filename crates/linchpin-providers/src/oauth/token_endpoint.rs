//! The token endpoint (RFC 6749) and the one that revokes (RFC 7009).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderValue;
use linchpin_provider::Client;
use serde::Deserialize;
use serde_json::Value;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::{
    exchange::{self, Reply},
    settings::{ClientAuthentication, Registration},
    tokens::Tokens,
};

/// What tokens are asked for with.
pub(super) enum Grant<'a> {
    /// The code that the browser has brought.
    Code {
        code: &'a str,
        back_to: &'a str,
        verifier: &'a str,
    },
    /// The refresh token of a session.
    Refresh(&'a str),
}

/// What the provider gave.
pub(super) struct Granted {
    pub(super) tokens: Tokens,
    pub(super) id_token: Option<Zeroizing<String>>,
    /// The scopes that the access token has; `None` where that is not said: those that were asked for (RFC 6749, 5.1).
    pub(super) scopes: Option<Vec<String>>,
}

/// Why it gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It said no, with this code of RFC 6749, 5.2.
    Refused(String),
    /// It cannot answer at the moment.
    Down,
}

#[derive(Deserialize)]
struct Answer {
    access_token: Zeroizing<String>,
    token_type: Option<String>,
    refresh_token: Option<Zeroizing<String>>,
    id_token: Option<Zeroizing<String>>,
    expires_in: Option<Value>,
    scope: Option<Value>,
}

/// Asks for tokens. `now` is in milliseconds since 1970.
pub(super) async fn granted(
    client: &Client,
    url: &Url,
    registration: &Registration,
    grant: &Grant<'_>,
    now: i64,
) -> Result<Granted, Refusal> {
    let mut fields = match grant {
        Grant::Code {
            code,
            back_to,
            verifier,
        } => vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back_to),
            ("code_verifier", verifier),
        ],
        Grant::Refresh(token) => vec![("grant_type", "refresh_token"), ("refresh_token", token)],
    };
    let authorization = registration.authenticate(&mut fields);
    let reply = exchange::post(client, url, authorization, &fields)
        .await
        .map_err(|_| Refusal::Down)?;
    let mut granted = read(&reply, now)?;
    if let (Grant::Refresh(token), None) = (grant, &granted.tokens.refresh) {
        // A provider that does not rotate leaves it out.
        granted.tokens.refresh = Some(Zeroizing::new((*token).to_owned()));
    }
    Ok(granted)
}

fn read(reply: &Reply, now: i64) -> Result<Granted, Refusal> {
    if reply.is_down() {
        return Err(Refusal::Down);
    }
    // Some say no with status 200.
    let answer: Result<Answer, _> = serde_json::from_slice(reply.body());
    match answer {
        Ok(answer) if reply.status.is_success() => answer.granted(now),
        _ => Err(refusal(reply)),
    }
}

fn refusal(reply: &Reply) -> Refusal {
    let code = reply
        .json()
        .and_then(|body| Some(body.get("error")?.as_str()?.to_owned()));
    match code.as_deref() {
        Some("temporarily_unavailable" | "server_error") => Refusal::Down,
        Some(code) => Refusal::Refused(code.chars().take(64).collect()),
        None => {
            tracing::warn!(status = %reply.status, "a token endpoint answered what the standard does not know");
            Refusal::Down
        }
    }
}

impl Answer {
    fn granted(self, now: i64) -> Result<Granted, Refusal> {
        let kind = self.token_type.as_deref().unwrap_or("bearer");
        if !kind.eq_ignore_ascii_case("bearer") {
            tracing::warn!(
                "a token endpoint gave a token that is not to be sent as a bearer token"
            );
            return Err(Refusal::Down);
        }
        let seconds = match &self.expires_in {
            Some(Value::String(text)) => text.parse().ok(),
            Some(value) => value.as_i64(),
            None => None,
        };
        let seconds: Option<i64> =
            seconds.filter(|seconds| (0..=i64::from(u32::MAX)).contains(seconds));
        Ok(Granted {
            tokens: Tokens {
                access: self.access_token,
                refresh: self.refresh_token,
                expires_at: seconds.map(|seconds| now + seconds * 1_000),
                account: None,
            },
            id_token: self.id_token,
            scopes: self.scope.as_ref().and_then(scopes),
        })
    }
}

/// Scopes with spaces between them, as the standard has it, or as some say them: with commas, or in a list.
fn scopes(said: &Value) -> Option<Vec<String>> {
    match said {
        Value::String(text) => {
            let scopes = text.split([' ', ',']).filter(|scope| !scope.is_empty());
            Some(scopes.map(str::to_owned).collect())
        }
        Value::Array(scopes) => scopes
            .iter()
            .map(|scope| scope.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

/// Ends a sign-in at the provider; `false` where that did not work.
pub(super) async fn revoke(
    client: &Client,
    url: &Url,
    registration: &Registration,
    tokens: &Tokens,
) -> bool {
    let refresh = tokens
        .refresh
        .as_ref()
        .map(|token| ("refresh_token", token));
    let both = refresh
        .into_iter()
        .chain([("access_token", &tokens.access)]);
    let mut all = true;
    for (hint, token) in both {
        let mut fields = vec![("token", token.as_str()), ("token_type_hint", hint)];
        let authorization = registration.authenticate(&mut fields);
        let reply = exchange::post(client, url, authorization, &fields).await;
        all &= reply.is_ok_and(|reply| reply.status.is_success());
    }
    all
}

impl Registration {
    /// Says who we are, in the form or in the header that is given back (RFC 6749, 2.3.1).
    fn authenticate<'a>(&'a self, fields: &mut Vec<(&'a str, &'a str)>) -> Option<HeaderValue> {
        match &self.authentication {
            ClientAuthentication::Basic(secret) => {
                let encoded = |text: &str| {
                    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
                };
                let pair = Zeroizing::new(format!(
                    "{}:{}",
                    encoded(&self.client_id),
                    encoded(secret.reveal())
                ));
                let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
                let mut value = HeaderValue::from_str(&text).ok()?;
                value.set_sensitive(true);
                Some(value)
            }
            ClientAuthentication::Post(secret) => {
                fields.push(("client_id", &self.client_id));
                fields.push(("client_secret", secret.reveal()));
                None
            }
            ClientAuthentication::None => {
                fields.push(("client_id", &self.client_id));
                None
            }
        }
    }
}
