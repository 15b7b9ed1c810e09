//! Sessions that end at the platform, and those that we end there.

use serde_json::json;

use super::{API, Platforms, SITE};
use crate::{
    support::{HOUR, Receiver, Request, receiver::Hit},
    webhooks::until,
};

#[test]
fn a_session_that_was_ended_at_the_platform_makes_the_connection_expired_and_is_told() {
    let Some(platforms) = Platforms::start("a session ended there") else {
        return;
    };
    let receiver = Receiver::start();
    platforms.deliver_to(&receiver);
    for (n, provider) in [SITE, API].into_iter().enumerate() {
        let account = platforms.site.account(provider == SITE);
        let tie = platforms.linked(provider, &account);
        account.operator("end_sessions");
        for request in [tie.call("GET", "/notes/"), tie.profile()] {
            let told = platforms.world.send(&request).error(401, "SESSION_EXPIRED");
            assert_eq!(told["actionRequired"], "relink_connection", "{provider}");
        }
        assert_eq!(tie.told(&platforms.world)["status"], "expired");
        // Its owner signs in again, on the same connection.
        account.operator("forget_attempts");
        let fields = json!({ "provider": provider, "connectionId": tie.id });
        let link = platforms.world.link_of(&platforms.developer, &fields);
        assert_eq!(platforms.finish(&link, &account).id, tie.id, "{provider}");
        platforms
            .world
            .send(&tie.call("GET", "/notes/"))
            .expect(200);
        // Nobody uses it, and it is found all the same.
        account.operator("end_sessions");
        platforms.world.pass(7 * HOUR);
        platforms.world.look_at_due();
        assert_eq!(tie.told(&platforms.world)["status"], "expired");
        let hits = receiver.wait_for(4 * (n + 1));
        let told = |hit: &Hit| (hit.kind(), hit.json()["data"]["connection"]["id"].clone());
        let of = |kind: &str| (kind.to_owned(), json!(tie.id));
        let wanted = ["created", "expired", "updated", "expired"];
        let wanted = wanted.map(|kind| of(&format!("connection.{kind}")));
        let came: Vec<_> = hits[4 * n..].iter().map(told).collect();
        assert_eq!(came, wanted, "{provider}");
    }
}

#[test]
fn a_token_that_the_platform_has_called_back_is_renewed_and_the_call_goes_through() {
    let Some(platforms) = Platforms::start("a token called back") else {
        return;
    };
    let account = platforms.site.account(false);
    let tie = platforms.linked(API, &account);
    for _ in 0..3 {
        account.operator("call_back_tokens");
        platforms
            .world
            .send(&tie.call("GET", "/notes/"))
            .expect(200);
        // The one before was given up when it was exchanged.
        assert_eq!(account.alive(), (0, 1));
    }
    assert_eq!(tie.told(&platforms.world)["status"], "active");
}

#[test]
fn a_token_that_is_about_to_run_out_is_renewed_when_it_is_looked_at_and_before_a_call() {
    let shortly = |file: String| file.replace("lasts = \"5m\"", "lasts = \"30s\"");
    let Some(platforms) = Platforms::start_with("a token that runs out", shortly) else {
        return;
    };
    let account = platforms.site.account(false);
    let tie = platforms.linked(API, &account);
    let made = || account.operator("look")["made"].as_u64().unwrap();
    assert_eq!(made(), 1);
    platforms.world.pass(7 * HOUR);
    platforms.world.look_at_due();
    assert_eq!((made(), account.alive()), (2, (0, 1)));
    assert_eq!(tie.told(&platforms.world)["status"], "active");
    // What changes something is never repeated, so that it has to be renewed before.
    let note = tie.call("POST", "/notes/").json(&json!({ "text": "x" }));
    platforms.world.send(&note).expect(201);
    assert_eq!((made(), account.alive()), (3, (0, 1)));
}

#[test]
fn a_renewal_whose_tokens_do_not_work_either_ends_the_connection() {
    let Some(platforms) = Platforms::start("a changed password") else {
        return;
    };
    let account = platforms.site.account(false);
    let tie = platforms.linked(API, &account);
    account.operator("change_password");
    platforms
        .world
        .send(&tie.call("GET", "/notes/"))
        .error(401, "SESSION_EXPIRED");
    assert_eq!(tie.told(&platforms.world)["status"], "expired");
}

#[test]
fn a_connection_that_is_removed_is_signed_out_at_the_platform() {
    let Some(platforms) = Platforms::start("signing out there") else {
        return;
    };
    for (provider, alive) in [(SITE, (1, 0)), (API, (0, 1))] {
        let account = platforms.site.account(provider == SITE);
        let tie = platforms.linked(provider, &account);
        assert_eq!(account.alive(), alive, "{provider}");
        let path = format!("/v2/account/connections/{}", tie.id);
        let remove = Request::new("DELETE", &path).header("apikey", &tie.key);
        platforms.world.send(&remove).expect(200);
        until("nothing of the account is left there", || {
            account.alive() == (0, 0)
        });
        platforms
            .world
            .send(&tie.profile())
            .error(401, "SESSION_NOT_PROVIDED");
    }
}
