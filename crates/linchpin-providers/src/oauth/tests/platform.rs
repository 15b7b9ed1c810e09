//! A platform that answers as its standards say, and misbehaves where a test wants it to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use linchpin_provider::{Body, Client, SendError, Transport, whole};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::Signer;
use crate::oauth::now;

pub(super) const ISSUER: &str = "https://id.example";

/// One platform; clones are the same.
#[derive(Clone)]
pub(super) struct Platform(pub(super) Arc<Mutex<State>>);

pub(super) struct State {
    pub(super) signer: Signer,
    pub(super) kid: &'static str,
    /// What the next sign-in's ID token is to say instead.
    pub(super) claims: Value,
    pub(super) discovery: Value,
    /// Access tokens that work.
    pub(super) working: Vec<String>,
    /// The refresh token that works.
    pub(super) refresh: String,
    pub(super) expires_in: Value,
    pub(super) profile: Value,
    /// The status to answer with in place of this path's own; with 0 it never answers.
    pub(super) broken: HashMap<&'static str, u16>,
    /// What was posted, and with which `Authorization`.
    pub(super) posted: Vec<(String, HashMap<String, String>, Option<String>)>,
    pub(super) asked: Vec<String>,
    /// What the browser has brought along.
    pub(super) nonce: String,
    /// The `scope` of its token answers.
    pub(super) scope: Value,
    issued: usize,
}

impl Platform {
    pub(super) fn new() -> Self {
        let endpoint = |path: &str| format!("{ISSUER}{path}");
        Self(Arc::new(Mutex::new(State {
            signer: Signer::new(),
            kid: "k1",
            claims: json!({}),
            discovery: json!({
                "issuer": ISSUER,
                "authorization_endpoint": endpoint("/authorize?from=linchpin"),
                "token_endpoint": endpoint("/token"),
                "userinfo_endpoint": endpoint("/me"),
                "jwks_uri": endpoint("/keys"),
                "revocation_endpoint": endpoint("/revoke"),
                "authorization_response_iss_parameter_supported": true,
            }),
            working: Vec::new(),
            refresh: String::new(),
            expires_in: json!(3_600),
            profile: json!({ "sub": "jane", "name": "Jane Doe", "preferred_username": "jane" }),
            broken: HashMap::new(),
            posted: Vec::new(),
            asked: Vec::new(),
            nonce: String::new(),
            scope: Value::Null,
            issued: 0,
        })))
    }

    pub(super) fn client(&self) -> Client {
        Client::new(self.clone())
    }

    pub(super) fn set<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    /// How often a path was asked for.
    pub(super) fn asked(&self, path: &str) -> usize {
        self.set(|state| state.asked.iter().filter(|asked| *asked == path).count())
    }
}

impl State {
    fn answer(
        &mut self,
        path: &str,
        authorization: Option<String>,
        form: &HashMap<String, String>,
    ) -> (u16, Value) {
        self.asked.push(path.to_owned());
        if let Some(status) = self.broken.get(path) {
            return (*status, json!({ "error": "server_error" }));
        }
        if !form.is_empty() {
            self.posted
                .push((path.to_owned(), form.clone(), authorization.clone()));
        }
        match path {
            "/.well-known/openid-configuration" => (200, self.discovery.clone()),
            "/keys" => (
                200,
                json!({ "keys": [{ "kty": "?" }, self.signer.jwk(self.kid)] }),
            ),
            "/me" | "/api/posts" => {
                let token = authorization.unwrap_or_default();
                let works = self
                    .working
                    .iter()
                    .any(|one| token == format!("Bearer {one}"));
                match works {
                    true => (200, self.profile.clone()),
                    false => (401, json!({ "error": "invalid_token" })),
                }
            }
            "/token" if form["grant_type"] == "authorization_code" => match form["code"].as_str() {
                "good" => (200, self.tokens()),
                code => (400, json!({ "error": code })),
            },
            "/token" if form["refresh_token"] == self.refresh => (200, self.tokens()),
            "/token" => (400, json!({ "error": "invalid_grant" })),
            "/revoke" => {
                self.working.retain(|token| *token != form["token"]);
                (200, Value::Null)
            }
            _ => (404, Value::Null),
        }
    }

    fn tokens(&mut self) -> Value {
        self.issued += 1;
        let access = format!("at-{}", self.issued);
        self.working = vec![access.clone()];
        self.refresh = format!("rt-{}", self.issued);
        let seconds = now() / 1_000;
        let mut claims = json!({
            "iss": ISSUER, "sub": "jane", "aud": "linchpin", "nonce": self.nonce,
            "iat": seconds, "exp": seconds + 300,
        });
        for (name, value) in self.claims.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let header = json!({ "alg": "ES256", "kid": self.kid });
        json!({
            "access_token": access, "refresh_token": self.refresh, "token_type": "Bearer",
            "expires_in": self.expires_in, "scope": self.scope, "id_token": self.signer.token(&header, &claims),
        })
    }
}

#[async_trait::async_trait]
impl Transport for Platform {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, SendError> {
        let url = Url::parse(&request.uri().to_string()).unwrap();
        assert_eq!(url.host_str(), Some("id.example"));
        let authorization = request.headers().get(header::AUTHORIZATION);
        let authorization = authorization.map(|value| value.to_str().unwrap().to_owned());
        let sent = request.into_body().collect().await.unwrap().to_bytes();
        let form = form_urlencoded::parse(&sent).into_owned().collect();
        let (status, body) = self.set(|state| state.answer(url.path(), authorization, &form));
        if status == 0 {
            return std::future::pending().await;
        }
        let mut answer = Response::new(whole(body.to_string()));
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        Ok(answer)
    }
}
