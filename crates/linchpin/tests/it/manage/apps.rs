//! `/v2/manage/apps`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{ask, deeds, problems};
use crate::support::World;

const CALLBACK: &str = "https://store.example.com/callback";

fn manager(world: &World) -> (String, String) {
    world.key_with_id(&world.developer().org, "LINK,MANAGE", "sandbox", None)
}

#[test]
fn an_app_is_made_used_changed_and_deleted() {
    let world = World::start();
    let (id, key) = manager(&world);
    let settings = json!({ "type": "redirect", "name": "Store", "redirectUris": [CALLBACK], "sessionMinutes": 30,
        "website": "https://store.example.com/" });
    let made = ask(&world, &key, "POST", "apps", &settings)
        .expect(201)
        .json();
    for (field, value) in settings.as_object().unwrap() {
        assert_eq!(made[field], *value, "{field}");
    }
    assert_eq!(made["environment"], "sandbox");
    assert_eq!(made["providers"], json!(["sandbox"]));
    assert_eq!(made["createdAt"], "2026-01-31T10:00:00.000Z");
    let path = format!("apps/{}", made["id"].as_str().unwrap());
    let init = || world.init_with(&key, &json!({ "clientAppId": made["id"] }));
    init().expect(200);

    let change = json!({ "enabled": false, "website": "", "name": null });
    let changed = ask(&world, &key, "PATCH", &path, &change)
        .expect(200)
        .json();
    assert_eq!(
        (&changed["enabled"], &changed["website"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(changed["name"], "Store");
    assert_eq!(
        ask(&world, &key, "GET", &path, &Value::Null)
            .expect(200)
            .json(),
        changed
    );
    assert_ne!(init().status, 200);

    let gone = ask(&world, &key, "DELETE", &path, &Value::Null)
        .expect(200)
        .json();
    assert_eq!(gone, json!({ "success": true }));
    ask(&world, &key, "GET", &path, &Value::Null).error(404, "RESOURCE_NOT_FOUND");
    ask(&world, &key, "DELETE", &path, &Value::Null).error(404, "RESOURCE_NOT_FOUND");
    let acts = ["app.create", "app.update", "app.delete"];
    let acts: Vec<_> = acts
        .map(|act| (act.to_owned(), format!("key:{id}")))
        .to_vec();
    assert_eq!(deeds(&world, &made["id"]), acts);
}

#[test]
fn every_problem_of_an_app_is_told_at_once_and_nothing_is_kept() {
    let world = World::start();
    let (_, key) = manager(&world);
    let post = |body: &Value| problems(&ask(&world, &key, "POST", "apps", body));
    assert_eq!(post(&json!({})), ["type", "name"]);
    let wrong = json!({ "type": 1, "sessionMinutes": 4, "redirectUris": "x", "enabled": "yes", "environment": "live",
        "secret": "x" });
    let mut found = post(&wrong);
    found.sort();
    assert_eq!(
        found,
        [
            "enabled",
            "environment",
            "redirectUris",
            "secret",
            "sessionMinutes",
            "type"
        ]
    );
    let wrong = json!({ "type": "page", "name": "", "redirectUris": ["http://example.com/", "x"], "accent": "red",
        "support": "nobody" });
    assert_eq!(
        post(&wrong),
        [
            "type",
            "name",
            "redirectUris",
            "redirectUris",
            "support",
            "accent"
        ]
    );
    let wrong = json!({ "type": "redirect", "name": "Shop", "providers": ["nowhere"] });
    assert!(post(&wrong).contains(&"providers".to_owned()));
    let list = ask(&world, &key, "GET", "apps", &Value::Null)
        .expect(200)
        .json();
    assert_eq!(list["list"].as_array().unwrap().len(), 1);
}

#[test]
fn the_environment_of_an_app_is_that_of_the_key() {
    let world = World::start();
    let (_, key) = manager(&world);
    let live = world.key(&world.developer().org, "MANAGE", "live", None);
    let settings = json!({ "type": "redirect", "name": "Store", "environment": "live", "redirectUris": [CALLBACK] });
    assert_eq!(
        problems(&ask(&world, &key, "POST", "apps", &settings)),
        ["environment"]
    );
    let made = ask(&world, &live, "POST", "apps", &settings)
        .expect(201)
        .json();
    assert_eq!(
        (&made["environment"], &made["providers"]),
        (&json!("live"), &Value::Null)
    );
    let path = format!("apps/{}", made["id"].as_str().unwrap());
    ask(&world, &key, "GET", &path, &Value::Null).error(404, "RESOURCE_NOT_FOUND");
    let change = json!({ "environment": "sandbox" });
    assert_eq!(
        problems(&ask(&world, &live, "PATCH", &path, &change)),
        ["environment"]
    );
}

#[test]
fn apps_are_listed_page_by_page() {
    let world = World::start();
    let (_, key) = manager(&world);
    for number in 0..11 {
        let settings = json!({ "type": "whitelabel", "name": format!("App {number}") });
        ask(&world, &key, "POST", "apps", &settings).expect(201);
    }
    let page = |query: &str| ask(&world, &key, "GET", &format!("apps{query}"), &Value::Null);
    let first = page("").expect(200).json();
    assert_eq!(first["list"].as_array().unwrap().len(), 10);
    assert_eq!(
        (&first["hasMore"], &first["nextOffset"]),
        (&json!(true), &json!(10))
    );
    let rest = page("?offset=10").expect(200).json();
    assert_eq!(rest["list"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&rest["hasMore"], rest.get("nextOffset")),
        (&json!(false), None)
    );
    assert_eq!(problems(&page("?limit=0&page=2")), ["page", "limit"]);
}

#[test]
fn a_logo_is_sent_as_base64_served_and_taken_away() {
    let world = World::start();
    let (_, key) = manager(&world);
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbaImage::new(8, 8)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let picture = STANDARD.encode(png.into_inner());
    let path = format!("apps/{}", world.developer().app);
    let set = |logo: &str| ask(&world, &key, "PATCH", &path, &json!({ "logo": logo }));
    let told = set(&picture).expect(200).json();
    let logo = world.get(&format!("/logo/{}.png", told["logo"].as_str().unwrap()));
    assert_eq!(logo.expect(200).header("content-type"), Some("image/png"));
    assert_eq!(problems(&set("not base64!")), ["logo"]);
    assert_eq!(problems(&set(&STANDARD.encode("<svg/>"))), ["logo"]);
    assert_eq!(set("").expect(200).json()["logo"], Value::Null);
}
