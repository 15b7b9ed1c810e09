//! The list of hostile and valid redirect URLs, as a backend would send them to init.

use linchpin::{domain::client_app_change::ClientAppChange, flow::admin::Command};
use serde_json::{Value, json};

use crate::support::{Developer, World};

const LIST: &str = include_str!("../../data/redirect-urls.tsv");
const REGISTERED: &str = "https://app.example.com/oauth/callback";

/// The lines of the list: whether to refuse, the URL, why.
fn lines() -> impl Iterator<Item = (bool, String, &'static str)> {
    let lines = LIST
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| {
        let mut columns = line.splitn(3, '\t');
        let refuse = columns.next().unwrap() == "refuse";
        let url = serde_json::from_str(&format!("\"{}\"", columns.next().unwrap())).unwrap();
        (refuse, url, columns.next().unwrap())
    })
}

fn app_with(world: &World, developer: &Developer, urls: &[&str]) -> String {
    world.app(
        &developer.org,
        ClientAppChange {
            app_type: Some("redirect".to_owned()),
            name: Some("Listed".to_owned()),
            redirect_uris: Some(urls.iter().map(ToString::to_string).collect()),
            ..ClientAppChange::default()
        },
    )
}

#[test]
fn every_hostile_url_is_refused_at_init_and_redirects_nobody() {
    let world = World::start();
    let developer = world.developer_named("Listed");
    let app = app_with(&world, &developer, &[REGISTERED]);
    let mut refused = 0;
    for (_, url, why) in lines().filter(|(refuse, ..)| *refuse) {
        let body = json!({ "clientAppId": app, "redirectUrl": url });
        let answer = world.init_with(&developer.key, &body).expect(400);
        let error: Value = answer.json();
        let message = error["message"].as_str().unwrap();
        assert!(
            message.starts_with("Link is misconfigured"),
            "{why}: {message}"
        );
        assert_eq!(error["details"][0]["field"], "redirectUrl", "{why}");
        assert!(answer.header("location").is_none(), "{why}");
        refused += 1;
    }
    assert!(refused > 50, "{refused} lines");
}

#[test]
fn every_valid_url_is_accepted_at_init_once_it_is_registered() {
    let world = World::start();
    let developer = world.developer_named("Listed");
    for (_, url, why) in lines().filter(|(refuse, ..)| !refuse) {
        let app = app_with(&world, &developer, &[&url]);
        let body = json!({ "clientAppId": app, "redirectUrl": url });
        let answer = world.init_with(&developer.key, &body);
        assert_eq!(answer.status, 200, "{why}: {}", answer.text());
        world.command(Command::AppDelete { id: app });
    }
}
