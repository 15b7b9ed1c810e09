//! The end user's own link: what they connected, to whom, with which permissions, and its end.

use linchpin::{
    domain::client_app_change::ClientAppChange,
    flow::admin::{AuditCommand, Command, UserCommand},
};
use serde_json::{Value, json};

use crate::{
    account::{ask, sealed},
    support::{Answer, Browser, LINK_BASE, Request, World, browser::words},
};

/// Characters of the link's secret that name the connection; the rest authenticates it.
pub const ID_LENGTH: usize = 26;

/// The path of the own link that a done page offers.
pub fn own_link(browser: &Browser<'_>) -> String {
    let begin = format!("{LINK_BASE}/c/");
    let mut links = browser.links().into_iter();
    let link = links.find(|link| link.starts_with(&begin));
    link.expect("a link to keep")[LINK_BASE.len()..].to_owned()
}

/// Links an account and answers its connection's id and the path of its own link.
fn linked(world: &World, email: &str, fields: &Value) -> (String, String) {
    let link = world.link_with(fields);
    let browser = Browser::signed_in_as(world, &link, email);
    let id = world.told(&link)["data"]["id"].as_str().unwrap().to_owned();
    (id, own_link(&browser))
}

fn disconnect(world: &World, own: &str, token: &str) -> Answer {
    let form = [
        ("token", token),
        ("confirm", "yes"),
        ("action", "disconnect"),
    ];
    world.send(&Request::post(own).form(form))
}

/// The token of the page that asks whether to disconnect.
fn token(world: &World, own: &str) -> String {
    let mut browser = Browser::new(world);
    browser.open(&format!("{own}?leave=1"));
    browser.form().token().to_owned()
}

#[test]
fn the_link_shows_what_is_connected_and_looking_writes_nothing() {
    let world = World::start();
    world.change_app(
        &world.developer().app,
        ClientAppChange {
            website: Some("https://shop.example/".to_owned()),
            privacy_url: Some("https://shop.example/privacy".to_owned()),
            support: Some("mailto:help@shop.example".to_owned()),
            ..ClientAppChange::default()
        },
    );
    let (id, own) = linked(&world, "ada@creator.sandbox.com", &json!({}));
    assert_eq!(own.len(), "/c/".len() + ID_LENGTH + 43);
    let before = world.database().dump();
    let page = world.get(&own).expect(200);
    let text = words(&page.text());
    let account = ask(&world, "GET", &format!("/v2/account/connections/{id}"));
    let account = world.send(&account).expect(200).json();
    for shown in [
        account["userData"]["name"].as_str().unwrap(),
        account["userData"]["username"].as_str().unwrap(),
        &account["createdAt"].as_str().unwrap()[..10],
        "shop.example",
        "Active",
        "Can see",
        "Your profile: name, username and picture",
        "Can change",
        "Send messages to your subscribers in your name",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    for address in ["https://shop.example/privacy", "mailto:help@shop.example"] {
        assert!(page.text().contains(address), "{address}");
    }
    world.get(&format!("{own}?leave=1")).expect(200);
    for answer in [&page, &world.get("/c/x")] {
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(answer.text().contains("noindex"));
    }
    assert_eq!(world.database().dump(), before);

    let path = format!("/v2/account/connections/{id}/invalidate");
    world.send(&ask(&world, "POST", &path)).expect(200);
    let text = words(&world.get(&own).expect(200).text());
    assert!(
        text.contains("Ended by") && !text.contains("Active"),
        "{text}"
    );
}

#[test]
fn disconnecting_removes_the_connection_for_good_and_tells_the_app_that_its_user_did_it() {
    let world = World::start();
    let (id, own) = linked(&world, "ada@creator.sandbox.com", &json!({}));
    let (other, others) = linked(&world, "bob@creator.sandbox.com", &json!({}));
    assert_eq!(sealed(&world), 2);
    let mut browser = Browser::new(&world);
    browser.open(&own);
    let ask_page = browser.links().into_iter().find(|to| to.contains("leave="));
    browser.open(&ask_page.expect("a way to the end"));
    assert_eq!(browser.step(), "disconnect");
    let press = browser.submission("disconnect");

    // Neither without a confirmation, nor with another connection's token or from another site.
    let before = world.database().dump();
    let mine = token(&world, &own);
    let unconfirmed = [("token", mine.as_str()), ("action", "disconnect")];
    let asked = world
        .send(&Request::post(&own).form(unconfirmed))
        .expect(303);
    assert_eq!(asked.location(), format!("{own}?leave=1"));
    for wrong in ["", "x", &mine[1..], &token(&world, &others)] {
        disconnect(&world, &own, wrong).expect(403);
    }
    let elsewhere = press.clone().header("sec-fetch-site", "cross-site");
    world.send(&elsewhere).expect(403);
    let elsewhere = press.clone().header("origin", "https://evil.example");
    world.send(&elsewhere).expect(403);
    assert_eq!(world.database().dump(), before);

    browser.press("disconnect");
    assert_eq!(
        (browser.status(), browser.step().as_str()),
        (200, "disconnected")
    );
    assert!(browser.words().contains("can no longer use"));
    let path = format!("/v2/account/connections/{id}");
    world.send(&ask(&world, "GET", &path)).expect(404);
    assert_eq!(world.database().connections(), [other]);
    assert_eq!(sealed(&world), 1);
    let sql =
        format!("SELECT type, told FROM event WHERE connection_id = '{id}' ORDER BY sequence");
    let told = world.database().rows(&sql).pop().unwrap();
    assert_eq!(told[0], "connection.disconnected");
    let told: Value = serde_json::from_str(&told[1]).unwrap();
    assert_eq!(told["reason"], "user", "{told}");
    let asked = AuditCommand::List { limit: 100 };
    let entries = world.command(Command::Audit { asked });
    let deleted: Vec<&Value> = entries
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["action"] == "connection.delete")
        .collect();
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0]["actor"], format!("user:{id}"));
    assert_eq!(deleted[0]["object"], id);

    // Again: the same page, and nothing more.
    let before = world.database().dump();
    let again = world.send(&press).expect(200);
    assert_eq!(words(&again.text()), browser.words());
    assert_eq!(world.database().dump(), before);
    let gone = world.get(&own).expect(404);
    assert_eq!(words(&gone.text()), words(&world.get("/c/x").text()));
}

#[test]
fn an_altered_link_is_an_unknown_one() {
    let world = World::start();
    let (_, own) = linked(&world, "ada@fan.sandbox.com", &json!({}));
    let unknown = words(&world.get("/c/x").expect(404).text());
    let before = world.database().dump();
    let secret = &own["/c/".len()..];
    for at in 0..secret.len() {
        let other = if secret[at..].starts_with('a') {
            "b"
        } else {
            "a"
        };
        let altered = format!("/c/{}{other}{}", &secret[..at], &secret[at + 1..]);
        let page = world.get(&altered).expect(404);
        assert_eq!(words(&page.text()), unknown, "{altered}");
    }
    let form = token(&world, &own);
    let post = disconnect(&world, "/c/x", &form).expect(404);
    assert_eq!(words(&post.text()), unknown);
    assert_eq!(world.database().dump(), before);
}

#[test]
fn the_link_outlives_a_new_sign_in_and_a_restart_but_not_its_connection() {
    let mut world = World::start();
    let email = "ada@fan.sandbox.com";
    let (id, own) = linked(&world, email, &json!({}));
    let (again, same) = linked(&world, email, &json!({}));
    assert_eq!((&again, &same), (&id, &own));
    world.restart();
    world.get(&own).expect(200);
    let form = token(&world, &own);
    disconnect(&world, &own, &form).expect(200);
    let (new, its) = linked(&world, email, &json!({}));
    assert!(new != id && its != own);
    world.get(&own).expect(404);
    // A token from before ends nothing of the new one.
    disconnect(&world, &own, &form).expect(200);
    disconnect(&world, &its, &form).expect(403);
    world.get(&its).expect(200);

    let fields = json!({ "clientReferenceId": "bob" });
    let (_, own) = linked(&world, "bob@fan.sandbox.com", &fields);
    let asked = UserCommand::Erase {
        org: None,
        environment: "sandbox".to_owned(),
        reference: "bob".to_owned(),
    };
    world.command(Command::User { asked });
    let gone = world.get(&own).expect(404);
    assert_eq!(words(&gone.text()), words(&world.get("/c/x").text()));
}
