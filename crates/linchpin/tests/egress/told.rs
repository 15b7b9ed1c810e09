//! What is told of a receiver that is not gone to, so that nobody can look at what is inside by it.

use std::time::{Duration, Instant};

use linchpin::egress::Rules;
use serde_json::{Value, json};

use crate::{
    listener::{Listener, reaches},
    names::Names,
    network::within,
    support::{Request, World},
};

/// What a test event to this URL comes to, but for what differs each time, and how long that took.
fn told(world: &World, key: &str, url: &str) -> (Value, Duration) {
    let register = Request::post("/v2/manage/webhooks").header("apikey", key);
    let made = world.send(&register.json(&json!({ "url": url })));
    let endpoint = made.expect(201).json();
    let path = format!(
        "/v2/manage/webhooks/{}/test",
        endpoint["id"].as_str().unwrap()
    );
    let begun = Instant::now();
    let answer = world.send(&Request::post(&path).header("apikey", key));
    let took = begun.elapsed();
    let mut told = answer.expect(200).json();
    let fields = told.as_object_mut().unwrap();
    for own in ["eventId", "latencyMs", "at"] {
        fields.remove(own);
    }
    (told, took)
}

#[test]
fn a_forbidden_address_an_unknown_name_and_a_refused_connection_look_the_same() {
    within(|| {
        let names = Names::serve();
        names.set("listening.example.com", &["10.0.0.5"]);
        names.set("silent.example.com", &["10.0.0.6"]);
        names.set("mixed.example.com", &["10.0.0.5", "93.184.216.34"]);
        names.set("refused.example.com", &["93.184.216.34"]);
        names.set("empty.example.com", &[]);
        let listener = Listener::answering(("10.0.0.5", 443), None);
        assert!(reaches("10.0.0.5".parse().unwrap(), 443));
        listener.forget();
        let world = World::start_under(Rules::strict());
        let key = world.key(&world.developer().org, "MANAGE", "sandbox", None);
        let mut all = Vec::new();
        for host in [
            "listening",
            "silent",
            "mixed",
            "refused",
            "empty",
            "unknown",
        ] {
            let url = format!("https://{host}.example.com/");
            let (told, took) = told(&world, &key, &url);
            assert!(took < Duration::from_secs(1), "{host}: {took:?}");
            all.push((host, told));
        }
        for (host, told) in &all {
            assert_eq!(told, &all[0].1, "{host}");
            let text = told.to_string();
            assert!(text.contains("could not be reached"), "{host}: {text}");
            assert!(!text.contains("10.0") && !text.contains("93."), "{text}");
        }
        assert!(listener.connections().is_empty());
    });
}
