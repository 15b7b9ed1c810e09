//! Sessions whose app draws the pages itself.

mod factors;
mod fields;
mod own_proxy;
mod raw_sessions;
mod same_model;
mod states;
mod waiting;

use linchpin::domain::client_app_change::ClientAppChange;
use serde_json::{Value, json};

use crate::support::{Answer, Developer, Link, PASSWORD, Request, World};

/// A whitelabel app of an organisation.
pub fn whitelabel_app(world: &World, org: &str, environment: &str) -> Developer {
    let org = org.to_owned();
    let key = world.key(&org, "LINK,ACCOUNT,ACCESS", environment, None);
    let app = world.app(
        &org,
        ClientAppChange {
            app_type: Some("whitelabel".to_owned()),
            name: Some("Own pages".to_owned()),
            environment: Some(environment.to_owned()),
            permissions: Some(vec!["profile:read".to_owned()]),
            optional_permissions: Some(vec!["posts:read".to_owned(), "messages:write".to_owned()]),
            ..ClientAppChange::default()
        },
    );
    Developer { org, key, app }
}

/// The same of the usual developer's organisation.
pub fn usual_app(world: &World, environment: &str) -> Developer {
    whitelabel_app(world, &world.developer().org, environment)
}

/// A session, and the backend that drives it.
#[derive(Clone)]
pub struct Session<'a> {
    pub world: &'a World,
    pub key: String,
    pub app: String,
    pub link: Link,
}

impl<'a> Session<'a> {
    /// A new one of a new whitelabel app of the sandbox.
    pub fn start(world: &'a World) -> Self {
        Self::of(world, &usual_app(world, "sandbox"))
    }

    /// A new one of an app that is there.
    pub fn of(world: &'a World, developer: &Developer) -> Self {
        let link = world.link_of(developer, &json!({ "clientReferenceId": "user_123" }));
        assert_eq!(link.answer["mode"], "whitelabel");
        Self {
            world,
            key: developer.key.clone(),
            app: developer.app.clone(),
            link,
        }
    }

    /// One that has submitted the right password of this account, and knows what it came to.
    pub fn logged_in_as(world: &'a World, username: &str) -> Self {
        let environment = match username.ends_with(".sandbox.com") {
            true => "sandbox",
            false => "live",
        };
        let session = Self::of(world, &usual_app(world, environment));
        session.log_in(username, PASSWORD).expect(200);
        session
    }

    pub fn request(&self, method: &str, rest: &str) -> Request {
        let path = format!("/v2/link/{}/whitelabel/{rest}", self.link.secret());
        Request::new(method, &path).header("apikey", &self.key)
    }

    pub fn send(&self, request: &Request) -> Answer {
        self.world.send(request)
    }

    pub fn login_with(&self, body: &Value) -> Answer {
        self.send(&self.request("POST", "login").json(body))
    }

    /// Submits and waits for the outcome.
    pub fn log_in(&self, username: &str, password: &str) -> Answer {
        self.login_with(&json!({ "username": username, "password": password, "wait": 20 }))
    }

    pub fn code(&self, code: &str) -> Answer {
        self.send(
            &self
                .request("POST", "2fa/code")
                .json(&json!({ "code": code })),
        )
    }

    pub fn sms(&self) -> Answer {
        self.send(&self.request("PATCH", "2fa/sms"))
    }

    pub fn method(&self, method: &str) -> Answer {
        let body = json!({ "method": method });
        self.send(&self.request("PATCH", "2fa/method").json(&body))
    }

    /// The status, by `…/whitelabel/status` with this query.
    pub fn status_with(&self, query: &str) -> Answer {
        self.send(&self.request("GET", &format!("status{query}")))
    }

    /// The status; the same by both routes.
    pub fn told(&self) -> Value {
        let told = self.status_with("").expect(200).json();
        assert_eq!(told, self.world.status_with(&self.key, &self.link));
        told
    }

    pub fn status(&self) -> String {
        self.told()["status"].as_str().expect("a status").to_owned()
    }

    /// How the second factor stands.
    pub fn factor(&self) -> Value {
        self.told()["data"]["twoFactorState"].clone()
    }

    /// Switches what is dangerous on or off for its app.
    pub fn set_app(&self, settings: ClientAppChange) {
        self.world.change_app(&self.app, settings);
    }

    /// Everything that its session, its history and the connections are.
    pub fn stored(&self) -> Vec<Vec<String>> {
        let database = self.world.database();
        let of = |sql| database.rows(sql);
        let session = of("SELECT state, version FROM link_session ORDER BY id");
        let history = of("SELECT event FROM link_session_history ORDER BY session_id, version");
        [
            session,
            history,
            of("SELECT id FROM connection ORDER BY id"),
        ]
        .concat()
    }
}
