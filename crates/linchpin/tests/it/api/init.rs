//! `POST /v2/link/init`: what it answers, and every rule of its fields.

use serde_json::{Value, json};

use crate::support::{CALLBACK, HOUR, LOCAL_CALLBACK, MINUTE, Request, World, developer};

#[test]
fn the_example_of_the_documentation_answers_three_fields() {
    let world = World::start();
    let body = json!({
        "clientAppId": world.developer().app,
        "redirectUrl": CALLBACK,
        "clientReferenceId": "user_123"
    });
    let answer = world.init(&body).expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let told = answer.json();
    assert_eq!(told.as_object().unwrap().len(), 3, "{told}");
    assert_eq!(told["mode"], "hosted");
    assert_eq!(told["expiresAt"], "2026-01-31T11:00:00.000Z");
    let url = told["url"].as_str().unwrap();
    let secret = url.strip_prefix("https://link.example.com/cs_").unwrap();
    // 256 bits are 43 characters of base64.
    assert!(secret.len() >= 43, "{url}");
    let url_safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    assert!(secret.chars().all(url_safe), "{url}");
}

#[test]
fn every_session_has_a_secret_of_its_own() {
    let world = World::start();
    let mut secrets: Vec<String> = (0..20).map(|_| world.link().secret().to_owned()).collect();
    secrets.sort();
    secrets.dedup();
    assert_eq!(secrets.len(), 20);
}

#[test]
fn a_body_without_bytes_needs_no_content_type_and_equals_an_empty_object() {
    let world = World::start();
    let key = &world.developer().key;
    let request = Request::post("/v2/link/init").header("apikey", key);
    assert_eq!(world.send(&request).expect(200).json()["mode"], "hosted");
    assert_eq!(world.init(&json!({})).expect(200).json()["mode"], "hosted");
}

#[test]
fn a_field_that_is_null_counts_as_omitted() {
    let world = World::start();
    let all = json!({
        "clientAppId": null, "redirectUrl": null, "clientReferenceId": null, "connectionId": null,
        "geolocation": null, "mode": null, "origin": null, "options": null, "provider": null,
        "locale": null, "prefill": null, "metadata": null
    });
    world.init(&all).expect(200);
    let nested = json!({
        "geolocation": { "country": "US", "state": null, "city": null },
        "options": { "returnRawSession": null },
        "prefill": { "username": null }
    });
    world.init(&nested).expect(200);
}

#[test]
fn an_unknown_field_is_named_with_the_nearest_known_one() {
    let world = World::start();
    let message = world
        .init(&json!({ "redirectURL": CALLBACK }))
        .field_error("redirectURL", "UNKNOWN_FIELD");
    assert!(message.contains("did you mean redirectUrl?"), "{message}");
    let message = world
        .init(&json!({ "geolocation": { "country": "US", "City": "Oakland" } }))
        .field_error("geolocation.City", "UNKNOWN_FIELD");
    assert!(message.contains("city"), "{message}");
    world
        .init(&json!({ "options": { "rawSession": true } }))
        .field_error("options.rawSession", "UNKNOWN_FIELD");
    world
        .init(&json!({ "prefill": { "email": "a@fan.sandbox.com" } }))
        .field_error("prefill.email", "UNKNOWN_FIELD");
}

#[test]
fn a_reserved_code_challenge_is_refused_like_any_unknown_field() {
    let world = World::start();
    world
        .init(&json!({ "codeChallenge": "x" }))
        .field_error("codeChallenge", "UNKNOWN_FIELD");
}

#[test]
fn what_init_answers_cannot_be_set_by_asking() {
    let world = World::start();
    for field in [
        "url",
        "clientSecret",
        "expiresAt",
        "status",
        "id",
        "__proto__",
    ] {
        world
            .init(&json!({ field: "x" }))
            .field_error(field, "UNKNOWN_FIELD");
    }
}

#[test]
fn every_problem_of_a_body_is_told_at_once() {
    let world = World::start();
    let answer = world.init(&json!({
        "clientReferenceId": "",
        "locale": 7,
        "provder": "sandbox",
        "geolocation": { "state": "CA" }
    }));
    let body = answer.error(400, "BAD_REQUEST");
    let mut fields: Vec<_> = body["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| {
            assert!(!detail["message"].as_str().unwrap().is_empty());
            (
                detail["field"].as_str().unwrap(),
                detail["code"].as_str().unwrap(),
            )
        })
        .collect();
    fields.sort_unstable();
    let wanted = [
        ("clientReferenceId", "INVALID_VALUE"),
        ("geolocation.country", "REQUIRED"),
        ("locale", "INVALID_VALUE"),
        ("provder", "UNKNOWN_FIELD"),
    ];
    assert_eq!(fields, wanted);
}

#[track_caller]
fn refused(world: &World, body: &Value, field: &str) {
    let body = world.init(body);
    body.field_error(field, "INVALID_VALUE");
}

#[test]
fn a_field_of_another_type_is_refused_by_its_name() {
    let world = World::start();
    let strings = [
        "clientAppId",
        "redirectUrl",
        "clientReferenceId",
        "connectionId",
        "mode",
        "origin",
        "provider",
        "locale",
    ];
    for field in strings {
        for value in [json!(1), json!(true), json!([]), json!({})] {
            refused(&world, &json!({ field: value }), field);
        }
    }
    for field in ["geolocation", "options", "prefill", "metadata"] {
        for value in [json!(1), json!("x"), json!([])] {
            refused(&world, &json!({ field: value }), field);
        }
    }
    let options = json!({ "options": { "returnRawSession": "yes" } });
    refused(&world, &options, "options.returnRawSession");
    let prefill = json!({ "prefill": { "username": 1 } });
    refused(&world, &prefill, "prefill.username");
}

#[test]
fn a_client_app_id_has_its_pattern() {
    let world = World::start();
    for id in ["", "app_", "App_1", "app_1-2", "app_é", "xapp_1", "app_1\n"] {
        refused(&world, &json!({ "clientAppId": id }), "clientAppId");
    }
}

#[test]
fn an_unknown_client_app_is_not_found() {
    let world = World::start();
    world
        .init(&json!({ "clientAppId": "app_nobody" }))
        .error(404, "RESOURCE_NOT_FOUND");
}

#[test]
fn a_disabled_client_app_starts_no_session() {
    let world = World::start();
    let app = &world.developer().app;
    world.change_app(
        app,
        linchpin::domain::client_app_change::ClientAppChange {
            enabled: Some(false),
            ..Default::default()
        },
    );
    let answer = world.init(&json!({ "clientAppId": app }));
    assert!((400..500).contains(&answer.status), "{}", answer.text());
}

#[test]
fn a_redirect_url_must_be_registered_byte_for_byte() {
    let world = World::start();
    for url in [CALLBACK, LOCAL_CALLBACK] {
        world.init(&json!({ "redirectUrl": url })).expect(200);
    }
    let app = world.developer().app.clone();
    let near = [
        "https://shop.example.com/callback/",
        "https://shop.example.com/callback?",
        "https://shop.example.com/callback#",
        "https://shop.example.com/Callback",
        "https://SHOP.example.com/callback",
        "https://shop.example.com:443/callback",
        "https://shop.example.com/callback?x=1",
        "http://shop.example.com/callback",
        "https://shop.example.com/call%62ack",
        " https://shop.example.com/callback",
        "https://evil.example/callback",
        "//shop.example.com/callback",
        "/callback",
        "",
    ];
    for url in near {
        let body = json!({ "clientAppId": app, "redirectUrl": url });
        let answer = world.init(&body);
        answer.field_error("redirectUrl", "INVALID_VALUE");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(
            message.contains("Link is misconfigured"),
            "{url}: {message}"
        );
        assert!(message.contains("--redirect-uri"), "{url}: {message}");
        assert_eq!(answer.header("location"), None);
    }
}

#[test]
fn the_misconfiguration_is_what_the_message_begins_with() {
    let world = World::start();
    let app = &world.developer().app;
    let wrong = json!({ "clientAppId": app, "redirectUrl": "https://shop.example.com/other" });
    let body = world.init(&wrong).error(400, "BAD_REQUEST");
    let message = body["message"].as_str().unwrap();
    assert!(message.starts_with("Link is misconfigured"), "{message}");
}

#[test]
fn a_redirect_app_without_a_redirect_url_is_misconfigured() {
    let world = World::start();
    let mut settings = developer::redirect_app("Bare");
    settings.redirect_uris = None;
    let app = world.app(&world.developer().org, settings);
    let answer = world.init(&json!({ "clientAppId": app }));
    let body = answer.error(400, "BAD_REQUEST");
    let message = body["message"].as_str().unwrap();
    assert!(message.starts_with("Link is misconfigured"), "{message}");
}

#[test]
fn a_client_reference_has_1_to_255_characters_and_no_control_characters() {
    let world = World::start();
    // Characters, not bytes: each of these is four.
    let longest = "🦀".repeat(255);
    for reference in ["x", " ", "a b", "ünï/?&=#%+", longest.as_str()] {
        let body = json!({ "clientReferenceId": reference });
        world.init(&body).expect(200);
    }
    let longer = "x".repeat(256);
    for reference in ["", "a\nb", "\u{0}", "a\u{7f}", "\u{85}", longer.as_str()] {
        let body = json!({ "clientReferenceId": reference });
        refused(&world, &body, "clientReferenceId");
    }
}

#[test]
fn a_connection_id_begins_with_conn_and_an_unknown_one_is_no_error() {
    let world = World::start();
    let unknown = json!({ "connectionId": "conn_unknown" });
    world.init(&unknown).expect(200);
    for id in ["", "con_1", "CONN_1", "app_1"] {
        refused(&world, &json!({ "connectionId": id }), "connectionId");
    }
}

#[test]
fn any_well_formed_place_is_accepted_in_the_sandbox() {
    let world = World::start();
    for place in [
        json!({ "country": "US" }),
        json!({ "country": "us", "state": "ca" }),
        json!({ "country": "DE", "state": "BY", "city": "münchen" }),
    ] {
        world.init(&json!({ "geolocation": place })).expect(200);
    }
    for (place, field) in [
        (json!({ "country": "USA" }), "geolocation.country"),
        (json!({ "country": "U" }), "geolocation.country"),
        (json!({ "country": "1A" }), "geolocation.country"),
        (json!({ "country": "ZZ" }), "geolocation.country"),
        (json!({ "country": "US", "state": "" }), "geolocation.state"),
        (
            json!({ "country": "US", "state": "US-CA" }),
            "geolocation.state",
        ),
        (json!({ "country": "US", "city": "" }), "geolocation.city"),
    ] {
        refused(&world, &json!({ "geolocation": place }), field);
    }
    world
        .init(&json!({ "geolocation": {} }))
        .field_error("geolocation.country", "REQUIRED");
}

#[test]
fn live_traffic_leaves_from_nowhere_that_is_not_configured() {
    let world = World::start();
    let org = &world.developer().org;
    let key = world.key(org, "LINK", "live", None);
    let mut settings = developer::redirect_app("Live");
    settings.environment = Some("live".to_owned());
    settings.redirect_uris = Some(vec![CALLBACK.to_owned()]);
    world.app(org, settings);
    let body = json!({ "geolocation": { "country": "US" } });
    let answer = world.init_with(&key, &body);
    answer.field_error("geolocation", "GEOLOCATION_UNAVAILABLE");
}

#[test]
fn a_provider_must_be_one_that_the_app_offers() {
    let world = World::start();
    world.init(&json!({ "provider": "sandbox" })).expect(200);
    refused(&world, &json!({ "provider": "other" }), "provider");
    refused(&world, &json!({ "provider": "" }), "provider");
}

#[test]
fn a_locale_is_a_language_tag() {
    let world = World::start();
    for tag in ["en", "pt-BR", "zh-Hant-TW", "ar"] {
        world.init(&json!({ "locale": tag })).expect(200);
    }
    for tag in ["", "english language", "e", "en_", "../en"] {
        refused(&world, &json!({ "locale": tag }), "locale");
    }
}

#[test]
fn metadata_is_up_to_20_pairs_of_strings() {
    let world = World::start();
    let pairs = |count: usize| -> Value {
        (0..count)
            .map(|at| (format!("name{at}"), Value::from("value")))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    for count in [0, 1, 20] {
        world.init(&json!({ "metadata": pairs(count) })).expect(200);
    }
    let answer = world.init(&json!({ "metadata": pairs(21) }));
    answer.error(400, "BAD_REQUEST");
    for value in [json!(1), json!(true), json!({}), json!([])] {
        let answer = world.init(&json!({ "metadata": { "name": value } }));
        answer.error(400, "BAD_REQUEST");
    }
}

#[test]
fn a_session_lives_as_long_as_its_app_says() {
    let world = World::start();
    let org = &world.developer().org;
    for (minutes, expires) in [
        ("5", "2026-01-31T10:05:00.000Z"),
        ("360", "2026-01-31T16:00:00.000Z"),
    ] {
        let mut settings = developer::redirect_app("Timed");
        settings.session_minutes = Some(minutes.to_owned());
        let app = world.app(org, settings);
        let told = world
            .init(&json!({ "clientAppId": app }))
            .expect(200)
            .json();
        assert_eq!(told["expiresAt"], expires);
    }
    assert_eq!(HOUR, 60 * MINUTE);
}

#[test]
fn a_raw_session_may_be_asked_for_and_is_not_given_where_it_is_not_switched_on() {
    let world = World::start();
    let asked = json!({ "options": { "returnRawSession": true } });
    world.init(&asked).expect(200);
}

#[test]
fn a_whitelabel_app_is_answered_with_a_secret_and_has_no_page() {
    let world = World::start();
    let mut settings = developer::redirect_app("White");
    settings.app_type = Some("whitelabel".to_owned());
    let app = world.app(&world.developer().org, settings);
    let told = world
        .init(&json!({ "clientAppId": app }))
        .expect(200)
        .json();
    assert_eq!(told.as_object().unwrap().len(), 3, "{told}");
    assert_eq!(told["mode"], "whitelabel");
    let secret = told["clientSecret"].as_str().unwrap();
    assert!(secret.starts_with("cs_"), "{secret}");
    let unknown = world.get(&format!("/cs_{}", "A".repeat(54))).expect(404);
    for path in [format!("/{secret}"), format!("/s/{secret}")] {
        let page = world.get(&path).expect(404);
        assert_eq!(
            crate::support::browser::words(&page.text()),
            crate::support::browser::words(&unknown.text())
        );
    }
    let link = crate::support::Link { answer: told };
    assert_eq!(world.status(&link), "initialized");
}
