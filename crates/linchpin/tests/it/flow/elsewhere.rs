//! Signing in on a provider's own page: who may come back, with what, and how often.

use std::sync::Arc;

use linchpin::domain::client_app_change::ClientAppChange;
use serde_json::json;

use crate::{
    support::{Answer, Browser, Developer, East, Link, MINUTE, Request, World, browser::words},
    whitelabel::usual_app,
};

/// A server whose live environment has nothing but such a provider.
fn world() -> (World, East, Developer) {
    let world = World::start();
    let east = East::new();
    world
        .engine()
        .0
        .go_by_providers(vec![Arc::new(east.clone())]);
    let live = world.live_developer();
    (world, east, live)
}

/// A browser that has departed.
struct Away<'a> {
    browser: Browser<'a>,
    link: Link,
    /// The way back, but for what the provider adds.
    back: String,
    /// What the browser sends there.
    cookie: String,
    /// Everything that was said of it.
    set_cookie: String,
    page: Answer,
}

fn depart<'a>(world: &'a World, live: &Developer) -> Away<'a> {
    let link = world.link_of(live, &json!({}));
    let browser = Browser::at_login(world, &link);
    depart_again(link, browser)
}

fn depart_again(link: Link, browser: Browser<'_>) -> Away<'_> {
    let page = browser.answer_to("continue").expect(200);
    let html = page.text();
    let state = html.split("state=").nth(1).unwrap();
    let state: String = state.chars().take(43).collect();
    let set_cookie = page.header("set-cookie").unwrap().to_owned();
    Away {
        back: format!("/back/east?state={state}"),
        cookie: set_cookie.split(';').next().unwrap().to_owned(),
        set_cookie,
        browser,
        link,
        page,
    }
}

impl Away<'_> {
    fn address(&self, brought: &str) -> String {
        format!("{}&{brought}", self.back)
    }

    /// What the browser is shown.
    fn get(&self, world: &World, brought: &str) -> Answer {
        world.send(&Request::get(&self.address(brought)).header("cookie", &self.cookie))
    }

    /// What comes of the form on it.
    fn post(&self, world: &World, brought: &str) -> Answer {
        post(world, &self.address(brought), Some(&self.cookie))
    }
}

/// What is kept, but for what readers of the file mark in its index.
fn stored(world: &World) -> Vec<(String, Vec<u8>)> {
    let mut stored = world.stored();
    stored.retain(|(name, _)| !name.ends_with("-shm"));
    stored
}

fn post(world: &World, address: &str, cookie: Option<&str>) -> Answer {
    let (path, query) = address.split_once('?').unwrap();
    let request = Request::post(path)
        .body("application/x-www-form-urlencoded", query)
        .header("origin", "null");
    let request = match cookie {
        Some(cookie) => request.header("cookie", cookie),
        None => request,
    };
    world.send(&request)
}

#[test]
fn a_browser_leaves_by_a_page_and_takes_a_cookie_that_no_other_host_can_replace() {
    let (world, east, live) = world();
    let away = depart(&world, &live);
    let html = away.page.text();
    assert!(html.contains(r#"<meta http-equiv="refresh" content="0;url=https://east.example/sign-in?a=%27%22%3Cb%3E"#), "{html}");
    assert!(html.contains(r#"class="go" href="https://east.example/sign-in?"#));
    assert_eq!(away.page.header("referrer-policy"), Some("no-referrer"));
    let (name, rest) = away.set_cookie.split_once('=').unwrap();
    assert!(name.starts_with("__Host-linchpin-trip-ls_"), "{name}");
    let attributes = rest.split_once("; ").unwrap().1;
    assert_eq!(
        attributes,
        "Max-Age=901; Path=/; Secure; HttpOnly; SameSite=Lax"
    );
    assert_eq!(
        world.status_with(&live.key, &away.link)["status"],
        "initialized"
    );
    assert_eq!(
        *east.departed.lock().unwrap(),
        ["profile:read posts:read messages:write"]
    );
}

#[test]
fn looking_at_the_way_back_changes_nothing_and_the_form_on_it_signs_in() {
    let (world, east, live) = world();
    let mut away = depart(&world, &live);
    let before = stored(&world);
    let shown = away.get(&world, "code=jane&iss=x").expect(200);
    assert!(stored(&world) == before, "something was written");
    let html = shown.text();
    assert!(html.contains(r#"name="code" value="jane""#), "{html}");
    assert!(
        words(&html).contains("connect East to Live shop"),
        "{}",
        words(&html)
    );
    let answer = away.post(&world, "code=jane&iss=x").expect(303);
    let to = answer.location().to_owned();
    assert!(to.starts_with("/f/"), "{to}");
    let gone = answer.header("set-cookie").unwrap();
    let (name, _) = away.cookie.split_once('=').unwrap();
    assert_eq!(
        gone,
        format!("{name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax")
    );
    away.browser.open(&to);
    assert_eq!(away.browser.step(), "success");
    assert_eq!(*east.brought.lock().unwrap(), ["jane"]);
    // Once more: where the flow stands, and no second question.
    assert_eq!(away.get(&world, "code=jane").expect(303).location(), to);
    assert_eq!(away.post(&world, "code=jane").expect(303).location(), to);
    assert_eq!(*east.brought.lock().unwrap(), ["jane"]);
}

#[test]
fn nobody_but_the_browser_that_left_comes_back() {
    let (world, east, live) = world();
    let (attacker, victim) = (depart(&world, &live), depart(&world, &live));
    let address = attacker.address("code=victim");
    let twice = format!("{}; {}", attacker.cookie, attacker.cookie);
    let (name, _) = attacker.cookie.split_once('=').unwrap();
    let (_, other) = victim.cookie.split_once('=').unwrap();
    let renamed = format!("{name}={other}");
    for cookie in [None, Some(&victim.cookie), Some(&twice), Some(&renamed)] {
        let cookie = cookie.map(String::as_str);
        let request = Request::get(&address);
        let request = match cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        };
        let shown = world.send(&request).expect(403);
        assert!(
            words(&shown.text()).contains("did not begin here"),
            "{cookie:?}"
        );
        assert!(
            !shown.text().contains("Live shop"),
            "nothing is said of the session"
        );
        post(&world, &address, cookie).expect(403);
    }
    assert!(east.brought.lock().unwrap().is_empty());
    // From another site the form is worth nothing, cookie or not.
    let query = address.split_once('?').unwrap().1;
    let crossing = Request::post("/back/east")
        .body("application/x-www-form-urlencoded", query)
        .header("cookie", &attacker.cookie)
        .header("sec-fetch-site", "cross-site");
    world.send(&crossing).expect(403);
    assert!(east.brought.lock().unwrap().is_empty());
}

#[test]
fn what_comes_back_at_another_providers_address_is_not_this_trips() {
    let (world, east, live) = world();
    let away = depart(&world, &live);
    let elsewhere = away
        .address("code=jane")
        .replacen("/back/east", "/back/west", 1);
    let shown = world.send(&Request::get(&elsewhere).header("cookie", &away.cookie));
    let posted = post(&world, &elsewhere, Some(&away.cookie));
    for answer in [shown, posted] {
        let answer = answer.expect(400);
        assert!(words(&answer.text()).contains("not complete"));
        assert!(!answer.text().contains("Live shop"));
        assert_eq!(answer.header("set-cookie"), None);
    }
    assert!(east.brought.lock().unwrap().is_empty());
    // The trip goes on.
    away.post(&world, "code=jane").expect(303);
    assert_eq!(*east.brought.lock().unwrap(), ["jane"]);
}

#[test]
fn what_no_provider_sends_is_told_so() {
    let (world, east, live) = world();
    let away = depart(&world, &live);
    for query in [
        "code=jane",
        "state=&code=jane",
        "state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&code=jane",
    ] {
        let request = Request::get(&format!("/back/east?{query}")).header("cookie", &away.cookie);
        let shown = world.send(&request).expect(400);
        assert!(words(&shown.text()).contains("not complete"), "{query}");
    }
    let state = away.back.split_once('?').unwrap().1;
    away.get(&world, &format!("{state}&code=jane")).expect(400);
    let shown = away.get(&world, "session_state=x").expect(400);
    assert!(words(&shown.text()).contains("not complete"));
    assert!(east.brought.lock().unwrap().is_empty());
}

#[test]
fn a_no_and_a_provider_that_is_down_lead_back_to_the_login_step() {
    let (world, _, live) = world();
    let mut away = depart(&world, &live);
    let to = away
        .post(&world, "error=access_denied")
        .expect(303)
        .location()
        .to_owned();
    away.browser.open(&to);
    assert_eq!(away.browser.step(), "login");
    assert!(away.browser.words().contains("You said no at East"));
    for _ in 0..2 {
        away = depart_again(away.link, away.browser);
        let to = away
            .post(&world, "error=server_error")
            .expect(303)
            .location()
            .to_owned();
        away.browser.open(&to);
        assert!(
            away.browser.words().contains("East does not answer"),
            "{}",
            away.browser.words()
        );
    }
    let away = depart_again(away.link, away.browser);
    let to = away
        .post(&world, "error=server_error")
        .expect(303)
        .location()
        .to_owned();
    let mut browser = away.browser;
    browser.open(&to);
    assert_eq!(world.status_with(&live.key, &away.link)["status"], "failed");
}

#[test]
fn what_the_providers_page_did_not_grant_is_not_the_connections() {
    let (world, east, live) = world();
    let says = |granted: &[&str]| {
        let granted = granted.iter().map(|name| (*name).to_owned()).collect();
        *east.granted.lock().unwrap() = Some(granted);
    };
    let mut away = depart(&world, &live);
    // The app cannot do without the profile.
    says(&["posts:read"]);
    let answer = away.post(&world, "code=jane").expect(303);
    away.browser.open(answer.location());
    assert_eq!(away.browser.step(), "login");
    assert!(away.browser.words().contains("You said no at East"));
    let away = depart_again(away.link, away.browser);
    says(&["posts:read", "profile:read", "more:read"]);
    away.post(&world, "code=jane").expect(303);
    let rows = world.database().rows("SELECT connection FROM connection");
    let connection: serde_json::Value = serde_json::from_str(&rows[0][0]).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        connection["permissions"],
        json!(["profile:read", "posts:read"])
    );
}

#[test]
fn nobody_is_sent_away_while_the_provider_is_down() {
    let (world, east, live) = world();
    let link = world.link_of(&live, &json!({}));
    let mut browser = Browser::at_login(&world, &link);
    east.departed.lock().unwrap().push("down".to_owned());
    browser.press("continue");
    assert_eq!(browser.step(), "login");
    assert!(
        browser.words().contains("East does not answer"),
        "{}",
        browser.words()
    );
}

#[test]
fn an_older_trip_and_one_that_took_too_long_bring_nothing() {
    let (world, east, live) = world();
    let first = depart(&world, &live);
    let mut browser = first.browser.clone();
    browser.reload();
    assert!(
        browser.words().contains("Finish at East"),
        "{}",
        browser.words()
    );
    let second = depart_again(first.link.clone(), browser);
    assert_ne!(first.back, second.back);
    assert!(
        first
            .post(&world, "code=old")
            .expect(303)
            .location()
            .starts_with("/f/")
    );
    assert!(east.brought.lock().unwrap().is_empty());
    world.pass(15 * MINUTE);
    assert!(
        second
            .get(&world, "code=late")
            .expect(303)
            .location()
            .starts_with("/f/")
    );
    second.post(&world, "code=late").expect(303);
    assert!(east.brought.lock().unwrap().is_empty());
    let third = depart_again(second.link, second.browser.clone().reload().clone());
    third.post(&world, "code=jane").expect(303);
    assert_eq!(*east.brought.lock().unwrap(), ["jane"]);
}

#[test]
fn an_app_with_pages_of_its_own_is_told_that_a_browser_is_needed() {
    let (world, _, _) = world();
    let developer = usual_app(&world, "live");
    let link = world.link_of(&developer, &json!({}));
    let target = format!("/v2/link/{}/whitelabel/login", link.secret());
    let request = Request::post(&target).header("apikey", &developer.key);
    let body = json!({ "username": "jane", "password": "x" });
    let told = world
        .send(&request.json(&body))
        .field_error("provider", "INVALID_VALUE");
    assert!(told.contains("hosted session"), "{told}");
}

#[test]
fn a_frame_opens_a_window_that_closes_while_the_frame_waits_for_it() {
    let (world, _, live) = world();
    let app = world.app(
        &live.org,
        ClientAppChange {
            app_type: Some("embed".to_owned()),
            name: Some("Embedding".to_owned()),
            environment: Some("live".to_owned()),
            allowed_origins: Some(vec!["https://shop.example.com".to_owned()]),
            permissions: Some(vec!["profile:read".to_owned()]),
            ..ClientAppChange::default()
        },
    );
    let embedding = Developer { app, ..live };
    let link = world.link_of(&embedding, &json!({}));
    let mut browser = Browser::at_login(&world, &link);
    let framed = Request::get(&browser.path()).header("sec-fetch-dest", "iframe");
    let html = world.send(&framed).expect(200).text();
    assert!(
        html.contains(r#"value="continue" formtarget="_blank""#),
        "{html}"
    );
    let wait = html.split("data-wait=\"").nth(1).unwrap();
    let wait = wait.split('"').next().unwrap().replace("&amp;", "&");
    let asks = || {
        let asked = Request::get(&wait).header("accept", "application/json");
        world.send(&asked).status
    };
    assert_eq!(asks(), 204, "nothing has happened");
    browser.fill("apart", "yes");
    let away = depart_again(link, browser);
    assert_eq!(asks(), 200, "the window has left");
    let done = away.post(&world, "code=jane").expect(303);
    assert_eq!(
        done.header("cross-origin-opener-policy"),
        Some("unsafe-none")
    );
    assert_eq!(done.location(), "/done");
    let closes = world.send(&Request::get("/done")).expect(200);
    assert_eq!(
        closes.header("cross-origin-opener-policy"),
        Some("unsafe-none")
    );
    assert!(words(&closes.text()).contains("You can close this window"));
    assert_eq!(
        world.status_with(&embedding.key, &away.link)["status"],
        "completed"
    );
}
