//! What arrives: every change once, in order, with the same body whenever it is sent.

use serde_json::json;

use super::{ask, deliveries, manager, register, until, with_receiver};
use crate::{
    account,
    support::{Browser, Receiver, World, receiver::reply},
};

#[test]
fn a_linked_connection_is_told_with_its_profile() {
    let receiver = Receiver::start();
    let (world, ..) = with_receiver(&receiver);
    let link = world.link();
    Browser::signed_in_as(&world, &link, "ada@creator.sandbox.com");
    let hits = receiver.wait_for(1);
    let id = &world.told(&link)["data"]["id"];
    let body = hits[0].json();
    assert_eq!(body["id"], hits[0].id());
    assert_eq!(
        (&body["type"], &body["eventType"]),
        (&json!("connection.created"), &json!("connection.created"))
    );
    assert_eq!(body["live"], false);
    assert_eq!(body["data"]["clientReferenceId"], "user_123");
    let told = &body["data"]["connection"];
    assert_eq!((&told["id"], &told["sequence"]), (id, &json!(1)));
    assert_eq!(told["status"], "active");
    assert_eq!(told["userData"]["name"], "Ada");
    assert_eq!(told["platformUserId"], told["userData"]["userId"]);
    assert_eq!(hits[0].header("content-type"), "application/json");
    assert_eq!(hits[0].path, "/hooks");
}

#[test]
fn the_life_of_a_connection_arrives_in_order_and_each_event_once() {
    let receiver = Receiver::start();
    let (world, key, endpoint) = with_receiver(&receiver);
    let id = account::imported(&world, "ada@fan.sandbox.com");
    let path = format!("/v2/account/connections/{id}");
    let invalidate = account::ask(&world, "POST", &format!("{path}/invalidate"));
    world.send(&invalidate).expect(200);
    world
        .send(&account::ask(&world, "DELETE", &path))
        .expect(200);
    let hits = receiver.wait_for(3);
    let told: Vec<_> = hits
        .iter()
        .map(|hit| {
            (
                hit.kind(),
                hit.json()["data"]["connection"]["sequence"].clone(),
            )
        })
        .collect();
    let wanted = [
        "connection.created",
        "connection.expired",
        "connection.disconnected",
    ];
    let wanted: Vec<_> = (1..)
        .zip(wanted)
        .map(|(n, kind)| (kind.to_owned(), json!(n)))
        .collect();
    assert_eq!(told, wanted);
    for hit in &hits[1..] {
        let connection = &hit.json()["data"]["connection"];
        assert!(connection.get("userData").is_none(), "{connection}");
    }
    until("all are delivered", || {
        let all = deliveries(&world, &key, &endpoint);
        all.len() == 3 && all.iter().all(|one| one["status"] == "delivered")
    });
    assert_eq!(receiver.hits().len(), 3);
}

#[test]
fn only_what_was_asked_for_is_sent_and_only_of_the_own_organisation_and_environment() {
    let (mine, others) = (Receiver::start(), Receiver::start());
    let (world, key, endpoint) = with_receiver(&mine);
    let other = world.developer_named("Other");
    let other_key = world.key(&other.org, "MANAGE", "sandbox", None);
    register(&world, &other_key, &others);
    let live_key = world.key(&world.developer().org, "MANAGE", "live", None);
    register(&world, &live_key, &others);
    super::ask_with(
        &world,
        &key,
        "PATCH",
        &endpoint,
        "",
        &json!({ "events": ["connection.expired"] }),
    )
    .expect(200);
    let id = account::imported(&world, "ada@fan.sandbox.com");
    let path = format!("/v2/account/connections/{id}/invalidate");
    world.send(&account::ask(&world, "POST", &path)).expect(200);
    let hits = mine.wait_for(1);
    assert_eq!(hits[0].kind(), "connection.expired");
    assert!(others.hits().is_empty());
}

#[test]
fn what_was_told_while_nothing_ran_is_sent_after_the_start() {
    let receiver = Receiver::with(|_, n| reply(if n == 0 { 500 } else { 200 }, &[], ""));
    let (mut world, key, endpoint) = with_receiver(&receiver);
    account::imported(&world, "ada@fan.sandbox.com");
    receiver.wait_for(1);
    until("the attempt is written", || {
        deliveries(&world, &key, &endpoint)[0]["attemptCount"] == 1
    });
    world.kill();
    // On a shared store another node goes on only when the lease of the one that is gone is over.
    world.pass(31_000);
    world.run();
    let hits = receiver.wait_for(2);
    assert_eq!(hits[0].id(), hits[1].id());
    assert_eq!(hits[0].body, hits[1].body);
    assert!(hits[1].header("webhook-timestamp") > hits[0].header("webhook-timestamp"));
}

#[test]
fn a_test_event_is_sent_at_once_and_its_outcome_told() {
    let receiver = Receiver::with(|_, _| reply(418, &[], "short and stout"));
    let (world, key, endpoint) = with_receiver(&receiver);
    let told = ask(&world, &key, "POST", &endpoint, "/test")
        .expect(200)
        .json();
    assert_eq!(
        (&told["statusCode"], &told["response"]),
        (&json!(418), &json!("short and stout"))
    );
    let hits = receiver.wait_for(1);
    assert_eq!(hits[0].kind(), "webhook.test");
    assert_eq!(hits[0].id(), told["eventId"]);
    assert!(deliveries(&world, &key, &endpoint).is_empty());
}

#[test]
fn an_endpoint_that_hangs_does_not_hold_up_another() {
    let slow = Receiver::with(|_, _| {
        crate::support::receiver::Reply::Silence(std::time::Duration::from_secs(20))
    });
    let fast = Receiver::start();
    let world = World::start();
    let key = manager(&world);
    register(&world, &key, &slow);
    register(&world, &key, &fast);
    for n in 0..100 {
        account::imported(&world, &format!("u{n}@fan.sandbox.com"));
    }
    fast.wait_for(100);
}

#[test]
fn as_many_endpoints_that_hang_as_would_take_all_places_do_not_hold_up_another() {
    let slow = Receiver::with(|_, _| {
        crate::support::receiver::Reply::Silence(std::time::Duration::from_mins(2))
    });
    let fast = Receiver::start();
    // However slow the machine is, no place is given back while this goes on.
    let world = World::patient(std::time::Duration::from_mins(2));
    let key = manager(&world);
    // 19 times 64 are more than the 1,024 places that all endpoints share.
    for _ in 0..19 {
        register(&world, &key, &slow);
    }
    for n in 0..70 {
        account::imported(&world, &format!("u{n}@fan.sandbox.com"));
    }
    slow.wait_for(1_024);
    register(&world, &key, &fast);
    for n in 70..140 {
        account::imported(&world, &format!("u{n}@fan.sandbox.com"));
    }
    fast.wait_for(70);
    // No place has been given back yet: what the 19 have are the shared ones and four each.
    let taken = slow.hits().len();
    assert!(taken <= 1_024 + 19 * 4, "{taken}");
}

#[test]
fn how_a_link_session_ends_is_told_to_those_who_ask_for_it_and_to_nobody_else() {
    let (asked, not) = (Receiver::start(), Receiver::start());
    let (world, key, _) = with_receiver(&not);
    let kinds = [
        "link.completed",
        "link.cancelled",
        "link.failed",
        "link.expired",
    ];
    let body = json!({ "url": asked.url, "events": kinds });
    let request = crate::support::Request::post("/v2/manage/webhooks").header("apikey", &key);
    world.send(&request.json(&body)).expect(201);
    let link = world.link();
    Browser::signed_in_as(&world, &link, "ada@creator.sandbox.com");
    let cancelled = world.link();
    Browser::at_login(&world, &cancelled).leave();
    let failed = world.link();
    Browser::at_login(&world, &failed).sign_in("ada@locked.sandbox.com", crate::support::PASSWORD);
    world.link();
    world.pass(2 * crate::support::HOUR);
    world.sweep();
    let hits = asked.wait_for(4);
    let mut told: Vec<String> = hits.iter().map(|hit| hit.kind()).collect();
    told.sort_unstable();
    let mut wanted: Vec<String> = kinds.iter().map(|&kind| kind.to_owned()).collect();
    wanted.sort_unstable();
    assert_eq!(told, wanted);
    for hit in &hits {
        let data = &hit.json()["data"];
        assert!(data.get("connection").is_none(), "{data}");
        assert_eq!(data["clientReferenceId"], "user_123");
        assert!(data["link"]["id"].as_str().unwrap().starts_with("ls_"));
        let completed = hit.kind() == "link.completed";
        assert_eq!(data["link"]["connectionId"].is_string(), completed);
        assert_eq!(
            data["link"]["errorCode"].is_string(),
            hit.kind() == "link.failed"
        );
    }
    let others: Vec<String> = not.hits().iter().map(|hit| hit.kind()).collect();
    assert_eq!(others, ["connection.created"]);
}
