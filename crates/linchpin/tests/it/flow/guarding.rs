//! What a POST to the pages must bring, and what it cannot change.

use crate::support::{Browser, CALLBACK, PASSWORD, Request, World};

#[test]
fn a_made_up_token_is_forbidden_and_does_nothing() {
    let world = World::start();
    let link = world.link();
    let launch = Browser::at(&world, &link);
    let real = launch.form().token().to_owned();
    let mut flipped = real.clone();
    let first = flipped.remove(0);
    flipped.insert(0, if first == 'A' { 'B' } else { 'A' });
    let other = world.link();
    let foreign = Browser::at(&world, &other).form().token().to_owned();
    let tokens = ["", "x", &flipped, &foreign, &real[1..], "\u{0}"];
    for token in tokens {
        let form = [
            ("token", token),
            ("action", "continue"),
            ("provider", "sandbox"),
        ];
        let answer = world.send(&Request::post(link.url()).form(form));
        assert_eq!(answer.status, 403, "{token:?}");
    }
    let untokened = Request::post(link.url()).form([("action", "continue")]);
    world.send(&untokened).expect(403);
    assert!(world.database().events().is_empty());

    let browser = Browser::at_login(&world, &link);
    let before = world.database().dump();
    let step = browser.form().token().to_owned();
    let mut flipped = step.clone();
    let first = flipped.remove(0);
    flipped.insert(0, if first == 'A' { 'B' } else { 'A' });
    for token in ["", "x", &flipped, &real, &foreign] {
        let form = [
            ("token", token),
            ("action", "continue"),
            ("username", "ada@fan.sandbox.com"),
            ("password", PASSWORD),
        ];
        let answer = world.send(&Request::post(&browser.path()).form(form));
        assert_eq!(answer.status, 403, "{token:?}");
    }
    assert_eq!(world.database().dump(), before);
}

#[test]
fn the_step_token_of_another_session_is_made_up_here() {
    let world = World::start();
    let one = world.link();
    let one = Browser::at_login(&world, &one);
    let two = world.link();
    let two = Browser::at_login(&world, &two);
    let form = [
        ("token", two.form().token()),
        ("action", "cancel"),
        ("confirm", "yes"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let pairs = form.iter().map(|(n, v)| (n.as_str(), v.as_str()));
    world
        .send(&Request::post(&one.path()).form(pairs))
        .expect(403);
}

#[test]
fn a_spent_token_does_nothing_and_leads_to_where_the_flow_stands() {
    let world = World::start();
    let link = world.link();
    let authorization = Browser::at_authorization(&world, &link);
    let mut login = authorization.clone();
    login.press("continue");
    let spent = authorization.answer_to("continue").expect(303);
    assert_eq!(spent.location(), authorization.path());

    let wrong = {
        let mut browser = login.clone();
        browser
            .fill("username", "ada@fan.sandbox.com")
            .fill("password", "wrong");
        browser.submission("continue")
    };
    world.send(&wrong).expect(303);
    let before = world.database().dump();
    for _ in 0..10 {
        let again = world.send(&wrong).expect(303);
        assert_eq!(again.location(), login.path());
    }
    assert_eq!(world.database().dump(), before);
    // Cancelling with an old page is no cancelling either.
    let old = {
        let mut asked = authorization.clone();
        asked.fill("confirm", "yes");
        asked.submission("cancel")
    };
    world.send(&old).expect(303);
    assert_eq!(world.database().dump(), before);
    assert_eq!(world.status(&link), "invalid_credentials");
}

#[test]
fn a_post_from_another_site_is_forbidden() {
    let world = World::start();
    let link = world.link();
    let launch = Browser::at(&world, &link).submission("continue");
    let login = Browser::at_login(&world, &world.link()).submission("cancel");
    let before = world.database().dump();
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "https://evil.example"),
        ("origin", "http://link.example.com"),
        ("origin", "https://link.example.com.evil.example"),
        ("origin", "https://link.example.com:444"),
    ] {
        for request in [&launch, &login] {
            let answer = world.send(&request.clone().header(name, value));
            assert_eq!(answer.status, 403, "{name}: {value}");
        }
    }
    let mixed = launch
        .clone()
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://link.example.com");
    world.send(&mixed).expect(403);
    assert_eq!(world.database().dump(), before);
}

#[test]
fn a_post_from_our_page_works_whatever_the_browser_says_of_itself() {
    let world = World::start();
    let sets: [&[(&str, &str)]; 5] = [
        &[],
        &[("origin", "null")],
        &[("origin", "https://link.example.com")],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "same-origin"), ("origin", "null")],
    ];
    for headers in sets {
        let link = world.link();
        let mut request = Browser::at(&world, &link).submission("continue");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        world.send(&request).expect(303);
    }
}

#[test]
fn nothing_of_the_session_can_be_changed_from_the_browser() {
    let world = World::start();
    let link = world.link();
    let stored = |column: &str| {
        let sql = format!("SELECT {column} FROM link_session");
        world.database().rows(&sql)
    };
    let before = (
        stored("request"),
        stored("organisation_id"),
        stored("expires_at"),
    );
    let foreign = [
        ("redirect_url", "https://evil.example/"),
        ("redirectUrl", "https://evil.example/"),
        ("app_id", "app_evil"),
        ("clientAppId", "app_evil"),
        ("client_reference_id", "evil"),
        ("clientReferenceId", "evil"),
        ("embed_origin", "https://evil.example"),
        ("connection_id", "conn_evil"),
        ("next", "//evil.example"),
        ("return_to", "https://evil.example"),
    ];
    let query = "?redirect_url=https://evil.example/&client_reference_id=evil&next=//evil.example";
    let mut browser = Browser::new(&world);
    browser.open(&format!("{}{query}", link.url()));
    for _ in 0..2 {
        for (name, value) in foreign {
            browser.fill(name, value);
        }
        browser.press("continue");
    }
    assert_eq!(browser.step(), "login");
    for (name, value) in foreign {
        browser.fill(name, value);
    }
    browser.sign_in("ada@fan.sandbox.com", PASSWORD);
    let back = browser.return_link().unwrap();
    browser.open(&format!("{}{query}", back.split('?').next().unwrap()));
    let left = browser.left_to();
    assert!(
        left.starts_with(&format!("{CALLBACK}?status=success&connection_id=conn_")),
        "{left}"
    );
    assert!(left.ends_with("&client_reference_id=user_123"), "{left}");
    let after = (
        stored("request"),
        stored("organisation_id"),
        stored("expires_at"),
    );
    assert_eq!(before, after);
}

#[test]
fn a_permission_that_the_app_did_not_ask_for_is_not_granted() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_authorization(&world, &link);
    browser.fill("permission", "vault:read").press("continue");
    browser.sign_in("ada@fan.sandbox.com", PASSWORD);
    let rows = world.database().rows("SELECT connection FROM connection");
    assert!(!rows[0][0].contains("vault:read"), "{}", rows[0][0]);
}

#[test]
fn a_step_cannot_be_jumped() {
    let world = World::start();
    let link = world.link();
    let at = Browser::at_authorization(&world, &link);
    let token = at.form().token().to_owned();
    for action in ["resend", "another"] {
        let form = [("token", token.as_str()), ("action", action)];
        let answer = world
            .send(&Request::post(&at.path()).form(form))
            .expect(303);
        assert_eq!(answer.location(), at.path());
    }
    assert_eq!(world.database().events(), ["begun"]);
    // A code and a password at the permissions are not looked at.
    let form = [
        ("token", token.as_str()),
        ("action", "continue"),
        ("username", "ada@fan.sandbox.com"),
        ("password", PASSWORD),
        ("code", "123456"),
    ];
    world
        .send(&Request::post(&at.path()).form(form))
        .expect(303);
    assert_eq!(world.database().events(), ["begun", "allowed"]);
}

#[test]
fn what_is_no_form_is_forbidden() {
    let world = World::start();
    let link = world.link();
    let browser = Browser::at_login(&world, &link);
    let token = browser.form().token().to_owned();
    let body = format!("token={token}&action=cancel&confirm=yes");
    for content_type in [
        "text/plain",
        "application/json",
        "multipart/form-data; boundary=x",
    ] {
        let request = Request::post(&browser.path()).body(content_type, body.clone());
        world.send(&request).expect(403);
    }
    let unknown = format!("token={token}&action=destroy");
    let request = Request::post(&browser.path());
    let request = request.body("application/x-www-form-urlencoded", unknown);
    let answer = world.send(&request);
    assert!((400..500).contains(&answer.status));
    assert_eq!(world.status(&link), "initialized");
}

#[test]
fn language_and_theme_come_from_a_closed_list_and_lead_nowhere_else() {
    let world = World::start();
    let link = world.link();
    for value in [
        "//evil.example",
        "/\\evil.example",
        "\"><script>x</script>",
        "..%2f",
        "%0d%0ax: y",
    ] {
        let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        for name in ["lang", "theme", "leave", "next", "return_to"] {
            let mut browser = Browser::new(&world);
            browser.open(&format!("{}?{name}={encoded}", link.url()));
            assert_eq!(browser.status(), 200);
            assert!(!browser.html().contains("<script>x"), "{name}={value}");
            assert!(!browser.html().contains("evil.example"), "{name}={value}");
        }
    }
    let mut browser = Browser::new(&world);
    browser.open(&format!("{}?lang=ar&theme=dark", link.url()));
    assert!(browser.html().contains("dir=\"rtl\""));
    assert!(browser.html().contains("data-theme=\"dark\""));
    // What was chosen stays chosen.
    browser.press("continue");
    assert!(browser.html().contains("dir=\"rtl\""));
    assert!(browser.html().contains("data-theme=\"dark\""));
}
