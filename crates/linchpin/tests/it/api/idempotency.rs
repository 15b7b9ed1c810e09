//! The same `Idempotency-Key` answers the same bytes and starts no second session.

use std::{collections::BTreeSet, sync::Mutex};

use linchpin::domain::client_app_change::ClientAppChange;

use crate::support::{Answer, HOUR, Request, World, answer::find};

fn init(world: &World, key: &str, idempotency: &str, body: &str) -> Answer {
    let request = Request::post("/v2/link/init")
        .header("apikey", key)
        .header("idempotency-key", idempotency)
        .body("application/json", body);
    world.send(&request)
}

fn sessions(world: &World) -> i64 {
    world.database().number("SELECT count(*) FROM link_session")
}

#[test]
fn the_same_request_answers_the_same_bytes_and_starts_one_session() {
    let world = World::start();
    let key = &world.developer().key;
    let first = init(&world, key, "order 1", "{}").expect(200);
    for _ in 0..3 {
        let again = init(&world, key, "order 1", "{}").expect(200);
        assert_eq!(again.body, first.body);
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_eq!(again.header("cache-control"), Some("no-store"));
        assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    }
    assert_eq!(sessions(&world), 1);
}

#[test]
fn the_same_key_with_any_other_body_is_a_mismatch() {
    let world = World::start();
    let key = &world.developer().key;
    init(&world, key, "k", "{}").expect(200);
    for body in ["{ }", "{}\n", r#"{"clientReferenceId":"x"}"#, "[", ""] {
        let answer = init(&world, key, "k", body);
        answer.error(422, "IDEMPOTENCY_MISMATCH");
    }
    assert_eq!(sessions(&world), 1);
}

#[test]
fn sixty_four_requests_at_once_have_one_effect() {
    let world = World::start();
    let key = world.developer().key.clone();
    let bodies = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                let answer = init(&world, &key, "parallel", "{}");
                if answer.status == 409 {
                    answer.error(409, "CONFLICT");
                    let wait = answer.header("retry-after").expect("Retry-After");
                    assert!(wait.parse::<u32>().is_ok(), "{wait}");
                } else {
                    bodies.lock().unwrap().insert(answer.expect(200).body);
                }
            });
        }
    });
    assert_eq!(bodies.lock().unwrap().len(), 1);
    assert_eq!(sessions(&world), 1);
}

#[test]
fn another_organisation_and_another_environment_have_keys_of_their_own() {
    let world = World::start();
    let other = world.developer_named("Other");
    let live = world.live_developer();
    let mut answers = BTreeSet::new();
    for key in [&world.developer().key, &other.key, &live.key] {
        let answer = init(&world, key, "shared", "{}").expect(200);
        answers.insert(answer.body);
    }
    assert_eq!(answers.len(), 3);
    assert_eq!(sessions(&world), 3);
}

#[test]
fn two_api_keys_of_one_environment_share_their_idempotency_keys() {
    let world = World::start();
    let developer = world.developer();
    let second = world.key(&developer.org, "LINK", "sandbox", None);
    let first = init(&world, &developer.key, "shared", "{}").expect(200);
    let again = init(&world, &second, "shared", "{}").expect(200);
    assert_eq!(first.body, again.body);
}

#[test]
fn after_an_error_the_key_is_free() {
    let world = World::start();
    let developer = world.developer();
    let body = r#"{"redirectUrl":"https://new.example.com/back"}"#;
    init(&world, &developer.key, "k", body).error(400, "BAD_REQUEST");
    init(&world, &developer.key, "k", "not json").error(400, "BAD_REQUEST");
    world.change_app(
        &developer.app,
        ClientAppChange {
            redirect_uris: Some(vec!["https://new.example.com/back".to_owned()]),
            ..ClientAppChange::default()
        },
    );
    init(&world, &developer.key, "k", body).expect(200);
}

#[test]
fn a_key_is_kept_for_24_hours_and_then_starts_a_new_session() {
    let world = World::start();
    let key = &world.developer().key;
    let first = init(&world, key, "daily", "{}").expect(200);
    world.pass(24 * HOUR - 1);
    let within = init(&world, key, "daily", "{}").expect(200);
    assert_eq!(within.body, first.body);
    world.pass(2);
    let after = init(&world, key, "daily", "{}").expect(200);
    assert_ne!(after.body, first.body);
    let again = init(&world, key, "daily", "{}").expect(200);
    assert_eq!(again.body, after.body);
}

#[test]
fn a_kept_answer_survives_a_restart_and_a_kill() {
    let mut world = World::start();
    let key = world.developer().key.clone();
    let first = init(&world, &key, "k", "{}").expect(200);
    world.restart();
    assert_eq!(init(&world, &key, "k", "{}").expect(200).body, first.body);
    let second = init(&world, &key, "k2", "{}").expect(200);
    world.kill();
    world.run();
    assert_eq!(init(&world, &key, "k2", "{}").expect(200).body, second.body);
    assert_eq!(sessions(&world), 2);
}

#[test]
fn no_secret_of_a_kept_answer_is_in_any_file() {
    let mut world = World::start();
    let key = world.developer().key.clone();
    let answer = init(&world, &key, "k", "{}").expect(200).json();
    let url = answer["url"].as_str().unwrap();
    let secret = url.rsplit('/').next().unwrap().to_owned();
    let search = |world: &World| {
        for (name, bytes) in world.stored() {
            for needle in [&secret[3..], &key[11..], &secret[14..], &key] {
                assert_eq!(find(&bytes, needle.as_bytes()), None, "{needle} in {name}");
            }
        }
    };
    search(&world);
    world.stop();
    search(&world);
}

#[test]
fn a_key_has_1_to_255_printable_characters() {
    let world = World::start();
    let key = &world.developer().key;
    let longest = "k".repeat(255);
    for good in ["a", "~", "with space inside", &longest] {
        init(&world, key, good, "{}").expect(200);
    }
    let longer = "k".repeat(256);
    for bad in ["", "ü", "a\tb", &longer] {
        init(&world, key, bad, "{}").error(400, "BAD_REQUEST");
    }
}
