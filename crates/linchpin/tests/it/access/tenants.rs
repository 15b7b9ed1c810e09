//! Two developers, two environments: nothing of one is used by the other.

use super::{Tie, bare, uses};
use crate::support::{Browser, World};

#[test]
fn the_connection_of_somebody_else_is_answered_like_one_that_never_was() {
    let world = World::start();
    let own = Tie::sandbox(&world, "jane@creator.sandbox.com", &[]);
    let live = Tie::live(&world);
    let key = world.developer_named("Other").key;
    let with = |id: &str| Tie {
        key: key.clone(),
        id: id.to_owned(),
    };
    let requests = |tie: &Tie| [tie.profile(), tie.call("POST", "/echo")];
    let nobody = requests(&with("conn_00000000000000000000")).map(|r| bare(&world.send(&r)));
    assert_eq!(nobody[0].0, 401);
    assert_eq!(nobody[0].2["type"], "SESSION_NOT_PROVIDED");
    for id in [
        own.id.as_str(),
        &live.id,
        "conn_",
        "conn_../x",
        "nobody",
        &"conn_a".repeat(40),
    ] {
        let answers = requests(&with(id)).map(|request| bare(&world.send(&request)));
        assert_eq!(answers, nobody, "{id}");
    }
    // Nor does the other environment of the same organisation have it.
    let crossed = Tie {
        key: own.key.clone(),
        id: live.id.clone(),
    };
    world
        .send(&crossed.profile())
        .error(401, "SESSION_NOT_PROVIDED");
    assert!(uses(&world).is_empty());
}

#[test]
fn the_requests_of_others_take_nothing_from_the_limit_of_a_connection() {
    let world = World::start();
    let own = Tie::sandbox(&world, "jane@creator.sandbox.com", &[]);
    let foreign = Tie {
        key: world.developer_named("Other").key,
        id: own.id.clone(),
    };
    for _ in 0..5 {
        let answer = world.send(&foreign.profile());
        assert_eq!(answer.header("x-ratelimit-remaining"), None);
    }
    let answer = world.send(&own.profile()).expect(200);
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("89"));
}

#[test]
fn what_the_user_granted_on_the_page_is_what_can_be_called() {
    let world = World::start();
    let link = world.link();
    Browser::signed_in_as(&world, &link, "jane@fan.sandbox.com");
    let told = world.told(&link);
    let tie = Tie {
        key: world.developer().key.clone(),
        id: told["data"]["id"].as_str().unwrap().to_owned(),
    };
    world.send(&tie.call("GET", "/users/me")).expect(200);
    world.send(&tie.call("GET", "/posts")).expect(200);
    for (method, path, permission) in [
        ("GET", "/vault", "vault:read"),
        ("POST", "/posts", "posts:write"),
    ] {
        let told = world.send(&tie.call(method, path)).error(403, "FORBIDDEN");
        assert!(told["error"].as_str().unwrap().contains(permission));
    }
}
