//! The proxy that an app names at sign-in, as it is kept: sealed, with the session and then with the connection, told to
//! nobody, and gone with them. What leaves through it is proven over real proxies, in `egress`.

use linchpin::{
    domain::{client_app_change::ClientAppChange, sealed::SealedKind},
    flow::admin::{AuditCommand, Command, UserCommand},
    store::{OlderRow, Operation, SealedRow},
};
use serde_json::{Value, json};

use super::{Session, usual_app};
use crate::support::{CODE, HOUR, PASSWORD, Request, World};

const URL: &str = "socks5://canary-user:canary-pass@93.184.216.34:1080";

/// A live session of an app that may name proxies of its own.
fn allowed(world: &World) -> Session<'_> {
    let session = Session::of(world, &usual_app(world, "live"));
    session.set_app(ClientAppChange {
        dangerous_custom_proxy: Some(true),
        ..ClientAppChange::default()
    });
    session
}

fn log_in(session: &Session<'_>, username: &str) {
    let login = json!({
        "username": username, "password": PASSWORD, "wait": 20, "proxy": { "url": URL },
    });
    session.login_with(&login).expect(200);
}

/// The kinds of what is sealed in rows of their own.
fn kinds(world: &World) -> Vec<String> {
    let rows = world
        .database()
        .rows("SELECT kind FROM sealed ORDER BY kind");
    rows.concat()
}

/// Whether the state of the only session that was opened last holds a proxy.
fn state_holds_one(world: &World) -> bool {
    let rows = world
        .database()
        .rows("SELECT state FROM link_session ORDER BY id DESC LIMIT 1");
    let state: Value = serde_json::from_str(&rows[0][0]).unwrap();
    state.get("proxy").is_some()
}

fn ask(session: &Session<'_>, method: &str, path: &str) -> Request {
    Request::new(method, path).header("apikey", &session.key)
}

/// The connection that a session has made.
fn made(session: &Session<'_>) -> String {
    let told = session.told();
    assert_eq!(told["status"], "completed", "{told}");
    told["data"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn it_is_sealed_with_the_session_then_with_the_connection_and_gone_with_each() {
    let world = World::start();
    let session = allowed(&world);
    log_in(&session, "code@north");
    assert_eq!(session.status(), "awaiting_2fa");
    assert!(state_holds_one(&world));
    assert!(kinds(&world).is_empty());
    session.code(CODE).expect(200);
    let connection = made(&session);
    assert!(!state_holds_one(&world));
    assert_eq!(kinds(&world), ["proxy", "session"]);
    // It has to be signed in to again, and leaves through the same then.
    let path = format!("/v2/account/connections/{connection}");
    let invalidate = ask(&session, "POST", &format!("{path}/invalidate"));
    world.send(&invalidate).expect(200);
    assert_eq!(kinds(&world), ["proxy"]);
    world.send(&ask(&session, "DELETE", &path)).expect(200);
    assert!(kinds(&world).is_empty());

    // A session that nobody finishes.
    let left = allowed(&world);
    log_in(&left, "code@north");
    assert!(state_holds_one(&world));
    world.pass(25 * HOUR);
    world.sweep();
    assert!(!state_holds_one(&world));
}

#[test]
fn a_new_master_key_wraps_it_as_everything_that_is_sealed_and_it_can_be_sealed_anew() {
    let world = World::start();
    let session = allowed(&world);
    log_in(&session, "ada@north");
    let connection = made(&session);
    let (engine, runtime) = world.engine();
    let older = runtime.block_on(engine.store.older_keys(2, &OlderRow::default(), 10));
    let found = older.unwrap().into_iter().find_map(|older| {
        let place = older.place?;
        (place.kind == SealedKind::Proxy).then_some((place, older.key))
    });
    let (place, key) = found.expect("it is among those that a rotation wraps anew");
    assert_eq!(place.owner, connection);
    runtime.block_on(engine.vault.rewrap(&place, &key)).unwrap();
    let rows = runtime.block_on(engine.store.sealed_rows(&SealedRow::default(), 10));
    let resealed = rows.unwrap().into_iter().filter_map(|row| {
        let again = runtime.block_on(engine.vault.reseal(&row.place?, &row.sealed));
        again.ok()
    });
    assert_eq!(resealed.count(), 2);
}

#[test]
fn nobody_is_told_it() {
    let world = World::start();
    let session = allowed(&world);
    log_in(&session, "code@north");
    let org = None;
    let export = |reference: &str| {
        let asked = UserCommand::Export {
            org: org.clone(),
            environment: "live".to_owned(),
            reference: reference.to_owned(),
        };
        world.command(Command::User { asked }).to_string()
    };
    let mut told = vec![session.told().to_string(), export("user_123")];
    session.code(CODE).expect(200);
    let connection = made(&session);
    let path = format!("/v2/account/connections/{connection}");
    for path in [
        "/v2/account/connections".to_owned(),
        path.clone(),
        format!("{path}/settings"),
    ] {
        let answer = world.send(&ask(&session, "GET", &path)).expect(200);
        told.push(answer.text());
    }
    told.push(session.told().to_string());
    told.push(export("user_123"));
    let audit = AuditCommand::Export { after: 0 };
    told.push(world.command(Command::Audit { asked: audit }).to_string());
    let app = Command::AppShow {
        id: session.app.clone(),
    };
    told.push(world.command(app).to_string());
    let events = world.database().rows("SELECT told FROM event");
    assert!(!events.is_empty());
    told.extend(events.concat());
    for text in &told {
        assert!(!text.contains("canary"), "{text}");
        assert!(!text.contains("93.184.216.34"), "{text}");
    }
    for (place, bytes) in world.stored() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("canary-pass"), "it is in {place}");
    }
    // An erased user's goes as well.
    assert_eq!(kinds(&world), ["proxy", "session"]);
    let asked = UserCommand::Erase {
        org: None,
        environment: "live".to_owned(),
        reference: "user_123".to_owned(),
    };
    world.command(Command::User { asked });
    assert!(kinds(&world).is_empty());
}

#[test]
fn a_connection_whose_proxy_is_not_allowed_any_more_cannot_be_called_and_one_whose_proxy_is_lost_neither()
 {
    let world = World::start();
    let session = allowed(&world);
    log_in(&session, "ada@north");
    let connection = made(&session);
    let call = || {
        let request = ask(&session, "GET", "/v2/access/self");
        world.send(&request.header("x-connection-id", &connection))
    };
    call().expect(200);
    let switch = |on| {
        session.set_app(ClientAppChange {
            dangerous_custom_proxy: Some(on),
            ..ClientAppChange::default()
        });
    };
    switch(false);
    let told = call().error(403, "FORBIDDEN").to_string();
    assert!(told.contains("linchpin app update"), "{told}");
    assert!(!told.contains("canary"), "{told}");
    switch(true);
    call().expect(200);
    let (engine, runtime) = world.engine();
    let mut operation = Operation::new(engine.clock.now());
    operation.destroy_sealed(SealedKind::Proxy, &connection);
    runtime.block_on(engine.store.write(operation)).unwrap();
    call().error(502, "PROXY_ERROR");
}
