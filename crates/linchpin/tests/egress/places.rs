//! Link sessions and connections leave from the place that was asked for, and from nowhere else.

use std::{net::IpAddr, sync::atomic::Ordering};

use linchpin::{domain::client_app_change::ClientAppChange, egress::Rules};
use serde_json::{Value, json};

use crate::{
    authority::Authority,
    listener::Listener,
    names::Names,
    network::within,
    outbound::Outbound,
    support::{Answer, Developer, Link, Request, World, upstream::PLATFORM, world::BEGIN},
};

const AT: &str = "93.184.216.34";
const GERMANY: &str = r#"{"country":"DE"}"#;

/// A server with outbound proxies, its developer, and a platform to which every request is a connection.
pub struct Scene {
    pub world: World,
    pub developer: Developer,
    pub platform: Listener,
    pub names: Names,
    _authority: Authority,
}

impl Scene {
    pub fn of(proxies: &[&Outbound]) -> Self {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set(PLATFORM, &[AT]);
        let certificate = authority.certificate(&format!("DNS:{PLATFORM}"));
        let platform = Listener::with((AT, 443), Some(certificate), |wire, notes| {
            if notes.request(wire).is_some() {
                let head = b"HTTP/1.1 200 OK\r\nconnection: close\r\n";
                wire.write_all(head).unwrap();
                wire.write_all(b"content-length: 2\r\n\r\nok").unwrap();
            }
        });
        let rules = Rules {
            ca_file: Some(authority.file()),
            proxies: proxies.iter().map(|proxy| proxy.proxy()).collect(),
            ..Rules::strict()
        };
        let world = World::start_with(BEGIN, rules);
        world.upstream().travels.store(true, Ordering::SeqCst);
        Self {
            developer: developer(&world),
            world,
            platform,
            names,
            _authority: authority,
        }
    }

    /// Links an account; the connection's id.
    fn link(&self, user: &str, fields: &Value, geo: Option<&str>) -> String {
        let proxy = geo.map_or(
            Value::Null,
            |country| json!({ "geo": { "country": country } }),
        );
        self.link_through(user, fields, &proxy)
    }

    /// The same, which leaves as `proxy` of the login says.
    pub fn link_through(&self, user: &str, fields: &Value, proxy: &Value) -> String {
        let link = self.world.link_of(&self.developer, fields);
        self.log_in(&link, user, proxy).expect(200);
        let told = self.world.status_with(&self.developer.key, &link);
        let id = told["data"]["id"].as_str().map(str::to_owned);
        id.unwrap_or_else(|| panic!("{told}"))
    }

    /// Submits a username and a password, and waits for what comes of it.
    pub fn log_in(&self, link: &Link, user: &str, proxy: &Value) -> Answer {
        let path = format!("/v2/link/{}/whitelabel/login", link.secret());
        let mut body = json!({ "username": user, "password": "good", "wait": 20 });
        if !proxy.is_null() {
            body["proxy"] = proxy.clone();
        }
        self.send(Request::post(&path).json(&body))
    }

    pub fn call(&self, connection: &str) -> Answer {
        let request = Request::get("/v2/access/proxy/posts");
        self.send(request.header("x-connection-id", connection))
    }

    /// Where a connection leaves from.
    fn egress(&self, connection: &str) -> String {
        let path = format!("/v2/account/connections/{connection}/settings");
        let settings = self.send(Request::get(&path)).expect(200).json();
        settings["egress"].to_string()
    }

    fn set(&self, path: &str, egress: &Value) -> Answer {
        self.send(Request::new("PATCH", path).json(&json!({ "egress": egress })))
    }

    pub fn send(&self, request: Request) -> Answer {
        self.world
            .send(&request.header("apikey", &self.developer.key))
    }

    pub fn assert_seen_from(&self, source: IpAddr) {
        assert_eq!(self.platform.sources(), [source]);
    }
}

/// A whitelabel app of the live environment.
fn developer(world: &World) -> Developer {
    let org = world.developer().org.clone();
    let key = world.key(&org, "LINK,ACCOUNT,ACCESS", "live", None);
    let app = world.app(
        &org,
        ClientAppChange {
            app_type: Some("whitelabel".to_owned()),
            name: Some("Own pages".to_owned()),
            environment: Some("live".to_owned()),
            permissions: Some(vec!["posts:read".to_owned()]),
            ..ClientAppChange::default()
        },
    );
    Developer { org, key, app }
}

/// Accounts that are linked from the United States until each proxy of it was used; their connections.
fn americans(scene: &Scene, proxies: &[Outbound; 2]) -> Vec<String> {
    let american = json!({ "geolocation": { "country": "US", "city": "Austin" } });
    let (mut used, mut connections) = (Vec::new(), Vec::new());
    let all = |used: &[IpAddr]| proxies.iter().all(|proxy| used.contains(&proxy.source));
    // Each is drawn anew; forty times the same would be one in a million millions.
    for number in 0..40 {
        if all(&used) {
            break;
        }
        let connection = scene.link(&format!("user-{number}"), &american, None);
        let linked_from = scene.platform.sources();
        scene.call(&connection).expect(200);
        assert_eq!(scene.platform.sources(), linked_from);
        used.extend(linked_from);
        connections.push(connection);
    }
    let known = |source: &IpAddr| proxies.iter().any(|proxy| proxy.source == *source);
    assert!(all(&used) && used.iter().all(known), "{used:?}");
    connections
}

#[test]
fn a_session_and_its_connection_leave_from_their_country_through_one_proxy_and_never_directly() {
    within(|| {
        let mut us = [
            Outbound::microsocks("us-1", "US", "10.7.0.2:1080", "93.184.217.1"),
            Outbound::tinyproxy("us-2", "US", "10.7.0.3:8888", "93.184.217.2"),
        ];
        let de = Outbound::tinyproxy("de", "DE", "10.7.0.4:8888", "93.184.218.1");
        let scene = Scene::of(&[&us[0], &us[1], &de]);
        let german = json!({ "geolocation": { "country": "de" } });
        let connection = scene.link("ada", &german, None);
        scene.assert_seen_from(de.source);
        scene.call(&connection).expect(200);
        scene.assert_seen_from(de.source);
        assert_eq!(scene.egress(&connection), GERMANY);
        let connections = americans(&scene, &us);
        // Signed in to again, a connection leaves from where it is tied to.
        let again = json!({ "connectionId": connection });
        assert_eq!(scene.link("ada", &again, None), connection);
        scene.assert_seen_from(de.source);

        us[0].stop();
        for connection in &connections {
            scene.call(connection).expect(200);
        }
        scene.assert_seen_from(us[1].source);
        us[1].stop();
        let before = scene.platform.connections().len();
        let told = |id: &String| scene.call(id).error(502, "PROXY_ERROR").to_string();
        let told: Vec<String> = connections.iter().map(told).collect();
        let last = told.last().unwrap();
        assert!(
            last.contains("no outbound proxy in the connection's country"),
            "{last}"
        );
        assert_eq!(scene.platform.connections().len(), before);
    });
}

#[test]
fn a_place_that_no_proxy_is_in_is_refused_with_those_that_there_are() {
    within(|| {
        let de = Outbound::microsocks("de", "DE", "10.7.0.4:1080", "93.184.218.1");
        let scene = Scene::of(&[&de]);
        let connection = scene.link("ada", &json!({}), None);
        let france = json!({ "country": "FR" });
        let of_connection = format!("/v2/account/connections/{connection}/settings");
        for path in ["/v2/account/settings", &of_connection] {
            let told = scene
                .set(path, &france)
                .field_error("egress", "GEOLOCATION_UNAVAILABLE");
            assert!(told.contains("but in: DE;"), "{told}");
        }
        let init = json!({ "clientAppId": scene.developer.app, "geolocation": france });
        let told = scene.world.init_with(&scene.developer.key, &init);
        let told = told.field_error("geolocation", "GEOLOCATION_UNAVAILABLE");
        assert!(told.contains("but in: DE;"), "{told}");
        let link = scene.world.link_of(&scene.developer, &json!({}));
        let path = format!("/v2/link/{}/whitelabel/login", link.secret());
        let login = json!({ "username": "ada", "password": "good", "proxy": { "geo": france } });
        let told = scene.send(Request::post(&path).json(&login));
        told.field_error("proxy.geo", "GEOLOCATION_UNAVAILABLE");
        assert_eq!(scene.platform.requests().len(), 1);
    });
}

#[test]
fn the_organisations_place_holds_for_what_names_none_and_that_of_a_sign_in_before_all() {
    within(|| {
        let de = Outbound::microsocks("de", "DE", "10.7.0.4:1080", "93.184.218.1");
        let scene = Scene::of(&[&de]);
        let here: IpAddr = AT.parse().unwrap();
        // Where nobody has said anything, it leaves directly: from the platform's own address in this network.
        scene.link("ada", &json!({}), None);
        scene.assert_seen_from(here);
        // An app with pages of its own says it at sign-in.
        let connection = scene.link("joe", &json!({}), Some("DE"));
        scene.assert_seen_from(de.source);
        assert_eq!(scene.egress(&connection), GERMANY);

        let germany = json!({ "country": "DE" });
        scene.set("/v2/account/settings", &germany).expect(200);
        let connection = scene.link("bo", &json!({}), None);
        let import = Request::post("/v2/account/connections/import");
        scene
            .send(import.json(&json!({ "accessToken": "cy" })))
            .expect(200);
        scene.assert_seen_from(de.source);
        // What a connection is set to holds from then on, also when it is signed in to again.
        let path = format!("/v2/account/connections/{connection}/settings");
        scene.set(&path, &Value::Null).expect(200);
        scene.call(&connection).expect(200);
        scene.link("bo", &json!({ "connectionId": connection }), None);
        scene.assert_seen_from(here);
        scene.set(&path, &germany).expect(200);
        scene.call(&connection).expect(200);
        scene.assert_seen_from(de.source);
    });
}
