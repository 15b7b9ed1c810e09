//! Proxies that an app with pages of its own names at sign-in: what is linked through one leaves through it ever after, or
//! not at all.

use std::{net::IpAddr, time::Duration};

use linchpin::domain::client_app_change::ClientAppChange;
use serde_json::{Value, json};

use crate::{
    listener::Listener,
    network::within,
    outbound::{CREDENTIALS, Outbound},
    places::Scene,
    support::{HOUR, Request},
};

const OWN: &str = "proxy.example.net";
const NO_GEO: Value = Value::Null;

fn socks() -> Outbound {
    Outbound::microsocks("own", "US", "93.184.219.2:1080", "93.184.217.1")
}

fn http() -> Outbound {
    Outbound::tinyproxy("own", "US", "93.184.219.3:8888", "93.184.217.2")
}

/// A scene whose app may name proxies of its own.
fn allowed(proxies: &[&Outbound]) -> Scene {
    let scene = Scene::of(proxies);
    allow(&scene, true);
    scene
}

fn allow(scene: &Scene, allowed: bool) {
    let change = ClientAppChange {
        dangerous_custom_proxy: Some(allowed),
        ..ClientAppChange::default()
    };
    scene.world.change_app(&scene.developer.app, change);
}

fn through(url: &str) -> Value {
    json!({ "url": url })
}

/// How the second factor of a session is answered.
fn answer_code(scene: &Scene, secret: &str) -> crate::support::Answer {
    let path = format!("/v2/link/{secret}/whitelabel/2fa/code");
    scene.send(Request::post(&path).json(&json!({ "code": "123456" })))
}

/// How many connections the platform has seen.
fn seen(scene: &Scene) -> usize {
    scene.platform.connections().len()
}

fn remove(scene: &Scene, connection: &str) {
    let path = format!("/v2/account/connections/{connection}");
    let signed_out = || scene.world.upstream().signed_out.lock().unwrap().len();
    let before = signed_out();
    scene.send(Request::new("DELETE", &path)).expect(200);
    // The sign-out follows in the background.
    for _ in 0..500 {
        if signed_out() > before {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("nobody was signed out");
}

#[test]
fn whatever_is_linked_through_a_proxy_of_ones_own_leaves_through_it_from_sign_in_to_sign_out() {
    within(|| {
        let scene = allowed(&[]);
        for (own, user) in [(socks(), "code@one"), (http(), "code@two")] {
            let link = scene.world.link_of(&scene.developer, &json!({}));
            scene.log_in(&link, user, &through(&own.url())).expect(200);
            scene.assert_seen_from(own.source);
            let done = answer_code(&scene, link.secret()).expect(200).json();
            assert_eq!(done["status"], "completed");
            scene.assert_seen_from(own.source);
            let connection = done["connection"]["id"].as_str().unwrap().to_owned();
            for _ in 0..3 {
                scene.call(&connection).expect(200);
                scene.assert_seen_from(own.source);
            }
            // A look at its health.
            scene.world.pass(48 * HOUR);
            scene.world.look_at_due();
            scene.assert_seen_from(own.source);
            // Signed in to again, it need not be named again.
            let again = json!({ "connectionId": connection });
            let link = scene.world.link_of(&scene.developer, &again);
            scene.log_in(&link, user, &NO_GEO).expect(200);
            answer_code(&scene, link.secret()).expect(200);
            scene.assert_seen_from(own.source);
            scene.call(&connection).expect(200);
            remove(&scene, &connection);
            scene.assert_seen_from(own.source);
        }
        let requests = scene.platform.requests();
        for path in ["/look", "/sign-out"] {
            let of_path = requests.iter().filter(|head| head.contains(path));
            assert_eq!(of_path.count(), 2, "{path}");
        }
    });
}

#[test]
fn another_proxy_that_is_named_takes_its_place_and_those_of_the_operator_never_do() {
    within(|| {
        let de = Outbound::microsocks("de", "DE", "10.7.0.4:1080", "93.184.218.1");
        let (first, second) = (socks(), http());
        let scene = allowed(&[&de]);
        let german = json!({ "geolocation": { "country": "DE" } });
        let connection = scene.link_through("ada", &german, &through(&first.url()));
        scene.assert_seen_from(first.source);
        let path = format!("/v2/account/connections/{connection}/settings");
        let egress = json!({ "egress": { "country": "DE" } });
        scene
            .send(Request::new("PATCH", &path).json(&egress))
            .expect(200);
        scene.call(&connection).expect(200);
        scene.assert_seen_from(first.source);

        let again = json!({ "connectionId": connection });
        let link = scene.world.link_of(&scene.developer, &again);
        let germany = json!({ "geo": { "country": "DE" } });
        let told = scene.log_in(&link, "ada", &germany);
        told.field_error("proxy.geo", "INVALID_VALUE");
        let both = json!({ "geo": { "country": "DE" }, "url": second.url() });
        let told = scene.log_in(&link, "ada", &both);
        told.field_error("proxy.geo", "INVALID_VALUE");
        scene
            .log_in(&link, "ada", &through(&second.url()))
            .expect(200);
        scene.call(&connection).expect(200);
        scene.assert_seen_from(second.source);
        // An account that another session finds again keeps its proxy.
        assert_eq!(scene.link_through("ada", &german, &NO_GEO), connection);
        scene.assert_seen_from(de.source);
        scene.call(&connection).expect(200);
        scene.assert_seen_from(second.source);
    });
}

#[test]
fn while_such_a_proxy_is_down_nothing_leaves_and_nobody_else_suffers() {
    within(|| {
        let mut own = socks();
        let scene = allowed(&[]);
        let link = |user| scene.link_through(user, &json!({}), &through(&own.url()));
        let connections = ["ada", "ben", "cleo"].map(link);
        let other = scene.link_through("bob", &json!({}), &NO_GEO);
        own.stop();
        let before = seen(&scene);
        // Often enough, and by enough of them, for a provider that does not answer to be left alone.
        for connection in connections.iter().cycle().take(30) {
            let told = scene.call(connection).error(502, "PROXY_ERROR").to_string();
            assert!(
                told.contains("named for the connection by proxy.url"),
                "{told}"
            );
            assert!(!told.contains("hunter2"), "{told}");
        }
        for user in 0..5 {
            let link = scene.world.link_of(&scene.developer, &json!({}));
            scene
                .log_in(&link, &format!("user-{user}"), &through(&own.url()))
                .expect(200);
            let told = scene.world.status_with(&scene.developer.key, &link);
            assert_ne!(told["status"], "completed", "{told}");
        }
        assert_eq!(seen(&scene), before);
        scene.call(&other).expect(200);
        scene.platform.sources();
        // One that does not accept its credentials is no better.
        own = socks();
        scene.call(&connections[0]).expect(200);
        scene.assert_seen_from(own.source);
        let wrong = own.url().replace("hunter2", "hunter3");
        let link = scene.world.link_of(&scene.developer, &json!({}));
        scene.log_in(&link, "cy", &through(&wrong)).expect(200);
        let told = scene.world.status_with(&scene.developer.key, &link);
        assert_ne!(told["status"], "completed", "{told}");
        assert_eq!(scene.platform.sources(), [] as [IpAddr; 0]);
    });
}

#[test]
fn such_a_proxy_is_never_at_a_private_address_whatever_its_name_leads_to() {
    within(|| {
        let inside = Listener::closing(("::", 8_080));
        let scene = allowed(&[]);
        scene.names.set("inside.example.net", &["10.7.0.9"]);
        let both = ["93.184.219.2", "fd00::9"];
        scene.names.set("both.example.net", &both[..1]);
        scene.names.set("mapped.example.net", &["127.0.0.1"]);
        let link = scene.world.link_of(&scene.developer, &json!({}));
        for host in [
            "10.7.0.9",
            "127.1",
            "[::1]",
            "[::ffff:10.7.0.9]",
            "localhost",
            "inside.example.net",
            "mapped.example.net",
            "unknown.example.net",
        ] {
            for scheme in ["http", "https", "socks5", "socks5h"] {
                let url = format!("{scheme}://{CREDENTIALS}@{host}:8080");
                let told = scene.log_in(&link, "ada", &through(&url));
                let told = told.field_error("proxy.url", "INVALID_VALUE");
                assert!(!told.contains("hunter2"), "{told}");
            }
        }
        scene.names.set("both.example.net", &both);
        let told = scene.log_in(&link, "ada", &through("http://both.example.net:8080"));
        told.field_error("proxy.url", "INVALID_VALUE");
        assert!(inside.connections().is_empty());
        assert_eq!(seen(&scene), 0);
    });
}

#[test]
fn a_name_of_such_a_proxy_that_moves_to_a_private_address_is_not_followed_there() {
    within(|| {
        let own = socks();
        let scene = allowed(&[]);
        scene.names.set(OWN, &["93.184.219.2"]);
        let inside = Listener::closing(("10.7.0.9", 1_080));
        let named = format!("socks5://{CREDENTIALS}@{OWN}:1080");
        let connection = scene.link_through("ada", &json!({}), &through(&named));
        scene.assert_seen_from(own.source);
        let before = seen(&scene);
        for moved in [&["10.7.0.9"][..], &["93.184.219.2", "10.7.0.9"]] {
            scene.names.set(OWN, moved);
            // Longer than an address is gone by without another question.
            std::thread::sleep(Duration::from_millis(5_200));
            scene.call(&connection).error(502, "PROXY_ERROR");
        }
        assert_eq!(seen(&scene), before);
        assert!(inside.connections().is_empty());
    });
}

#[test]
fn what_the_operator_does_not_allow_any_more_is_refused_and_nothing_is_sent() {
    within(|| {
        let own = socks();
        let scene = Scene::of(&[]);
        let link = scene.world.link_of(&scene.developer, &json!({}));
        let told = scene.log_in(&link, "code@north", &through(&own.url()));
        let told = told.field_error("proxy.url", "INVALID_VALUE");
        assert!(told.contains("--dangerous-custom-proxy=true"), "{told}");
        assert_eq!(seen(&scene), 0);

        allow(&scene, true);
        let connection = scene.link_through("ada", &json!({}), &through(&own.url()));
        scene
            .log_in(&link, "code@north", &through(&own.url()))
            .expect(200);
        let before = seen(&scene);
        allow(&scene, false);
        let told = scene.call(&connection).error(403, "FORBIDDEN").to_string();
        assert!(told.contains("--dangerous-custom-proxy=true"), "{told}");
        // A sign-in that is under way, a look, and one that begins anew.
        let told = answer_code(&scene, link.secret()).expect(200).json();
        assert_eq!(told["success"], false);
        scene.world.pass(48 * HOUR);
        scene.world.look_at_due();
        let again = json!({ "connectionId": connection });
        let reconnect = scene.world.link_of(&scene.developer, &again);
        scene.log_in(&reconnect, "ada", &NO_GEO).expect(200);
        assert_eq!(seen(&scene), before);

        allow(&scene, true);
        scene.platform.sources();
        scene.call(&connection).expect(200);
        scene.assert_seen_from(own.source);
    });
}
