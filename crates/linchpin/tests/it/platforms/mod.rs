//! Platforms that nobody here wrote, linked and used by what a file of `examples/providers` says of them: a Django site
//! with a second factor and locks, and an API with tokens that are renewed.

mod calling;
mod ending;
mod linking;

use std::time::{SystemTime, UNIX_EPOCH};

use linchpin::domain::client_app_change::ClientAppChange;
use serde_json::{Value, json};

use crate::{
    access::Tie,
    support::{
        Browser, CALLBACK, Developer, Link, Receiver, Request, World,
        developer::redirect_app,
        site::{Account, Site},
    },
};

/// The site's pages, with its session cookie.
const SITE: &str = "django-two-factor";
/// Its API, with tokens.
const API: &str = "simple-jwt";

/// A server that knows both, and a developer with a live key and app.
struct Platforms {
    world: World,
    developer: Developer,
    site: &'static Site,
}

impl Platforms {
    /// `None` where what the site stands on is not installed: the test then counts as skipped.
    fn start(test: &str) -> Option<Self> {
        Self::start_with(test, |file| file)
    }

    /// The same by files that were changed.
    fn start_with(test: &str, change: fn(String) -> String) -> Option<Self> {
        let site = Site::there(test)?;
        // Tokens say when they end, so that the server goes by the same time as the site.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let files = [SITE, API].map(|name| change(site.provider_file(name)));
        let world = World::with_provider_files(now.as_millis().try_into().unwrap(), &files);
        let org = world.developer().org.clone();
        let key = world.key(&org, "LINK,ACCOUNT,ACCESS,MANAGE", "live", None);
        let app = world.app(
            &org,
            ClientAppChange {
                environment: Some("live".to_owned()),
                redirect_uris: Some(vec![CALLBACK.to_owned()]),
                permissions: Some(vec!["profile:read".to_owned(), "notes:read".to_owned()]),
                optional_permissions: Some(vec![
                    "notes:write".to_owned(),
                    "files:read".to_owned(),
                    "files:write".to_owned(),
                ]),
                ..redirect_app("Live shop")
            },
        );
        Some(Self {
            developer: Developer { org, key, app },
            world,
            site,
        })
    }

    /// A link to the provider.
    fn begin(&self, provider: &str) -> Link {
        let fields = json!({ "provider": provider, "clientReferenceId": "user_123" });
        self.world.link_of(&self.developer, &fields)
    }

    /// A window in which the account's right password was typed.
    #[track_caller]
    fn signed_in(&self, link: &Link, account: &Account) -> Browser<'_> {
        let mut browser = Browser::at(&self.world, link);
        while browser.step() != "login" {
            browser.press("continue");
        }
        browser.sign_in(account.text("username"), account.text("password"));
        browser
    }

    /// The connection of an account that was linked by its owner.
    #[track_caller]
    fn linked(&self, provider: &str, account: &Account) -> Tie {
        let link = self.begin(provider);
        self.finish(&link, account)
    }

    /// Signs in with all that the account wants; its connection.
    #[track_caller]
    fn finish(&self, link: &Link, account: &Account) -> Tie {
        let mut browser = self.signed_in(link, account);
        if browser.step() == "2fa" {
            browser.enter_code(&account.code()).wait_while("checking");
        }
        assert_eq!(browser.step(), "success", "{}", browser.words());
        let told = self.told(link);
        Tie {
            key: self.developer.key.clone(),
            id: told["data"]["id"].as_str().unwrap().to_owned(),
        }
    }

    fn told(&self, link: &Link) -> Value {
        self.world.status_with(&self.developer.key, link)
    }

    /// Has everything about connections delivered.
    fn deliver_to(&self, receiver: &Receiver) {
        let request = Request::post("/v2/manage/webhooks").header("apikey", &self.developer.key);
        let body = json!({ "url": receiver.url });
        self.world.send(&request.json(&body)).expect(201);
    }
}
