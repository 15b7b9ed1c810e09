//! A developer: an organisation with a key and apps, who calls the API.

use linchpin::{domain::client_app_change::ClientAppChange, flow::admin::Command};
use serde_json::{Value, json};

use super::{Answer, CALLBACK, LINK_BASE, LOCAL_CALLBACK, Request, World};

/// An organisation, its key, and its first app.
#[derive(Debug, Clone)]
pub struct Developer {
    pub org: String,
    /// A sandbox key with every scope.
    pub key: String,
    /// A redirect app with two callbacks.
    pub app: String,
}

/// What init answered.
#[derive(Debug, Clone)]
pub struct Link {
    pub answer: Value,
}

impl Link {
    pub fn url(&self) -> &str {
        self.answer["url"].as_str().expect("a hosted answer")
    }

    /// `cs_…`
    pub fn secret(&self) -> &str {
        match self.answer["clientSecret"].as_str() {
            Some(secret) => secret,
            None => self
                .url()
                .strip_prefix(&format!("{LINK_BASE}/"))
                .expect("the link base"),
        }
    }
}

/// What the usual redirect app is made with.
pub fn redirect_app(name: &str) -> ClientAppChange {
    ClientAppChange {
        app_type: Some("redirect".to_owned()),
        name: Some(name.to_owned()),
        redirect_uris: Some(vec![CALLBACK.to_owned(), LOCAL_CALLBACK.to_owned()]),
        permissions: Some(vec!["profile:read".to_owned()]),
        optional_permissions: Some(vec!["posts:read".to_owned(), "messages:write".to_owned()]),
        ..ClientAppChange::default()
    }
}

impl World {
    /// Registers an organisation with a key and a redirect app.
    pub fn developer_named(&self, name: &str) -> Developer {
        let org = self.command(Command::OrgCreate {
            name: name.to_owned(),
        });
        let org = org["id"].as_str().expect("an id").to_owned();
        let key = self.key(&org, "LINK,ACCOUNT,ACCESS", "sandbox", None);
        let app = self.app(&org, redirect_app(name));
        Developer { org, key, app }
    }

    /// Makes a key.
    pub fn key(&self, org: &str, scope: &str, environment: &str, expires: Option<&str>) -> String {
        self.key_with_id(org, scope, environment, expires).1
    }

    /// Makes a key; its id and itself.
    pub fn key_with_id(
        &self,
        org: &str,
        scope: &str,
        environment: &str,
        expires: Option<&str>,
    ) -> (String, String) {
        let made = self.command(Command::KeyCreate {
            org: Some(org.to_owned()),
            name: "test".to_owned(),
            scope: scope.to_owned(),
            environment: environment.to_owned(),
            expires: expires.map(str::to_owned),
        });
        let text = |name: &str| made[name].as_str().expect("shown once").to_owned();
        (text("id"), text("key"))
    }

    /// Registers an app.
    pub fn app(&self, org: &str, settings: ClientAppChange) -> String {
        let made = self.command(Command::AppCreate {
            org: Some(org.to_owned()),
            settings,
            logo: None,
        });
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Changes an app.
    pub fn change_app(&self, id: &str, settings: ClientAppChange) {
        self.command(Command::AppUpdate {
            id: id.to_owned(),
            settings,
            logo: None,
        });
    }

    /// Calls init with a key and a body.
    pub fn init_with(&self, key: &str, body: &Value) -> Answer {
        let request = Request::post("/v2/link/init").header("apikey", key);
        self.send(&request.json(body))
    }

    /// Calls init as the usual developer.
    pub fn init(&self, body: &Value) -> Answer {
        self.init_with(&self.developer().key, body)
    }

    /// The usual organisation in the live environment, with an app of its own there.
    pub fn live_developer(&self) -> Developer {
        let org = self.developer().org.clone();
        let key = self.key(&org, "LINK,ACCOUNT,ACCESS", "live", None);
        let mut settings = redirect_app("Live shop");
        settings.environment = Some("live".to_owned());
        settings.redirect_uris = Some(vec![CALLBACK.to_owned()]);
        let app = self.app(&org, settings);
        Developer { org, key, app }
    }

    /// A link of a developer's app, with these fields beside the app's id.
    pub fn link_of(&self, developer: &Developer, fields: &Value) -> Link {
        let mut body = json!({ "clientAppId": developer.app });
        let object = body.as_object_mut().expect("an object");
        object.extend(fields.as_object().expect("an object").clone());
        let answer = self.init_with(&developer.key, &body).expect(200).json();
        Link { answer }
    }

    /// A link of the usual app, with these fields beside the app's id.
    pub fn link_with(&self, fields: &Value) -> Link {
        self.link_of(self.developer(), fields)
    }

    /// A link of the usual app for `user_123`.
    pub fn link(&self) -> Link {
        self.link_with(&json!({ "clientReferenceId": "user_123" }))
    }

    /// Calls status with a key.
    pub fn status_with(&self, key: &str, link: &Link) -> Value {
        let path = format!("/v2/link/{}", link.secret());
        let request = Request::get(&path).header("apikey", key);
        self.send(&request).expect(200).json()
    }

    /// What status says to the usual developer.
    pub fn told(&self, link: &Link) -> Value {
        self.status_with(&self.developer().key, link)
    }

    /// The word for where the session stands.
    pub fn status(&self, link: &Link) -> String {
        let told = self.told(link);
        told["status"].as_str().expect("a status").to_owned()
    }

    /// Calls delete with a key.
    pub fn delete_with(&self, key: &str, link: &Link) -> Answer {
        let path = format!("/v2/link/{}", link.secret());
        self.send(&Request::new("DELETE", &path).header("apikey", key))
    }

    pub fn delete(&self, link: &Link) -> Answer {
        self.delete_with(&self.developer().key, link)
    }
}
