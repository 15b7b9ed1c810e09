//! The app that is chosen where init names none.

use linchpin::domain::client_app_change::ClientAppChange;
use serde_json::{Value, json};

use crate::support::{Developer, Link, World, developer};

/// A developer whose apps are made by the test.
struct Chooser {
    world: World,
    developer: Developer,
}

impl Chooser {
    /// Without any app.
    fn new() -> Self {
        let world = World::start();
        let developer = world.developer_named("Chooser");
        world.command(linchpin::flow::admin::Command::AppDelete {
            id: developer.app.clone(),
        });
        Self { world, developer }
    }

    fn app(&self, kind: &str, redirect_uri: &str, origins: &[&str]) -> String {
        // The oldest is meant to be told by its time.
        self.world.pass(1);
        self.world.app(
            &self.developer.org,
            ClientAppChange {
                app_type: Some(kind.to_owned()),
                name: Some(kind.to_owned()),
                redirect_uris: Some(vec![redirect_uri.to_owned()]),
                allowed_origins: Some(origins.iter().map(ToString::to_string).collect()),
                ..ClientAppChange::default()
            },
        )
    }

    /// The app of the session that init starts.
    #[track_caller]
    fn chosen(&self, body: &Value) -> String {
        let answer = self.world.init_with(&self.developer.key, body).expect(200);
        let link = Link {
            answer: answer.json(),
        };
        assert!(link.secret().starts_with("cs_"));
        let rows = self
            .world
            .database()
            .rows("SELECT request FROM link_session ORDER BY id DESC LIMIT 1");
        let request: Value = serde_json::from_str(&rows[0][0]).unwrap();
        request["app"].as_str().unwrap().to_owned()
    }
}

const ONE: &str = "https://one.example.com/back";
const TWO: &str = "https://two.example.com/back";
const THREE: &str = "https://three.example.com/back";

#[test]
fn the_oldest_app_with_pages_is_chosen_before_any_whitelabel_app() {
    let chooser = Chooser::new();
    let white = chooser.app("whitelabel", ONE, &[]);
    assert_eq!(chooser.chosen(&json!({})), white);
    let embed = chooser.app("embed", TWO, &[]);
    let redirect = chooser.app("redirect", THREE, &[]);
    assert_eq!(chooser.chosen(&json!({})), embed);
    assert_eq!(chooser.chosen(&json!({ "mode": "hosted" })), embed);
    assert_eq!(chooser.chosen(&json!({ "mode": "embed" })), embed);
    assert_eq!(chooser.chosen(&json!({ "mode": "redirect" })), redirect);
    assert_eq!(chooser.chosen(&json!({ "mode": "whitelabel" })), white);
}

#[test]
fn a_disabled_app_is_passed_over() {
    let chooser = Chooser::new();
    let first = chooser.app("redirect", ONE, &[]);
    let second = chooser.app("redirect", TWO, &[]);
    assert_eq!(chooser.chosen(&json!({})), first);
    chooser.world.change_app(
        &first,
        ClientAppChange {
            enabled: Some(false),
            ..ClientAppChange::default()
        },
    );
    assert_eq!(chooser.chosen(&json!({})), second);
}

#[test]
fn the_redirect_url_and_the_origin_choose_the_app_that_has_them() {
    let chooser = Chooser::new();
    let first = chooser.app("redirect", ONE, &[]);
    let second = chooser.app("redirect", TWO, &["https://a.example.com"]);
    let third = chooser.app(
        "embed",
        THREE,
        &["https://a.example.com", "https://b.example.com"],
    );
    assert_eq!(chooser.chosen(&json!({ "redirectUrl": ONE })), first);
    assert_eq!(chooser.chosen(&json!({ "redirectUrl": TWO })), second);
    let origin = json!({ "origin": "https://a.example.com" });
    assert_eq!(chooser.chosen(&origin), second);
    let origin = json!({ "origin": "https://b.example.com" });
    assert_eq!(chooser.chosen(&origin), third);
    let both = json!({ "origin": "https://a.example.com", "redirectUrl": THREE });
    assert_eq!(chooser.chosen(&both), third);
    let all = json!({ "origin": "https://a.example.com", "mode": "embed" });
    assert_eq!(chooser.chosen(&all), third);
}

#[test]
fn where_no_app_matches_the_answer_says_what_was_looked_for() {
    let chooser = Chooser::new();
    let init = |body: Value| chooser.world.init_with(&chooser.developer.key, &body);
    init(json!({})).error(400, "BAD_REQUEST");
    chooser.app("redirect", ONE, &["https://a.example.com"]);
    init(json!({ "mode": "embed" })).error(400, "BAD_REQUEST");
    let body = init(json!({ "redirectUrl": TWO })).error(400, "BAD_REQUEST");
    let message = body["message"].as_str().unwrap();
    assert!(message.starts_with("Link is misconfigured"), "{message}");
    let body = init(json!({ "origin": "https://b.example.com" })).error(400, "BAD_REQUEST");
    assert!(
        body["message"].as_str().unwrap().contains("origin"),
        "{body}"
    );
}

#[test]
fn the_mode_that_no_app_has_is_named_in_the_answer() {
    let chooser = Chooser::new();
    chooser.app("redirect", ONE, &[]);
    let body = json!({ "mode": "whitelabel" });
    let answer = chooser.world.init_with(&chooser.developer.key, &body);
    let message = answer.error(400, "BAD_REQUEST")["message"].to_string();
    assert!(message.contains("whitelabel"), "{message}");
}

#[test]
fn a_mode_beside_an_app_id_chooses_nothing() {
    let chooser = Chooser::new();
    let app = chooser.app("redirect", ONE, &[]);
    let body = json!({ "clientAppId": app, "mode": "embed" });
    assert_eq!(chooser.chosen(&body), app);
    let answer = chooser.world.init_with(
        &chooser.developer.key,
        &json!({ "clientAppId": app, "mode": "popup" }),
    );
    answer.field_error("mode", "INVALID_VALUE");
}

#[test]
fn an_origin_beside_an_app_id_must_be_one_of_the_apps() {
    let chooser = Chooser::new();
    let app = chooser.app("embed", ONE, &["https://a.example.com"]);
    let good = json!({ "clientAppId": app, "origin": "https://a.example.com" });
    assert_eq!(chooser.chosen(&good), app);
    for origin in [
        "https://b.example.com",
        "https://a.example.com/",
        "http://a.example.com",
        "https://a.example.com.evil.example",
        "null",
    ] {
        let body = json!({ "clientAppId": app, "origin": origin });
        let answer = chooser.world.init_with(&chooser.developer.key, &body);
        answer.field_error("origin", "INVALID_VALUE");
    }
}

#[test]
fn where_no_redirect_url_is_given_the_first_of_the_app_is_used() {
    let world = World::start();
    let mut settings = developer::redirect_app("Ordered");
    settings.redirect_uris = Some(vec![TWO.to_owned(), ONE.to_owned()]);
    let app = world.app(&world.developer().org, settings);
    let link = Link {
        answer: world
            .init(&json!({ "clientAppId": app }))
            .expect(200)
            .json(),
    };
    let mut browser = crate::support::Browser::at(&world, &link);
    browser.leave();
    let wanted = format!("{TWO}?status=cancelled&step=pre-login");
    assert_eq!(browser.left_to(), wanted);
}
