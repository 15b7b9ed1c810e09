//! The embed library, as the server gives it to any page.

use crate::support::{Answer, Request, World};

#[track_caller]
fn is_for_every_origin(answer: &Answer) {
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        answer.header("cross-origin-resource-policy"),
        Some("cross-origin")
    );
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

#[test]
fn the_library_has_an_address_that_stays_and_one_that_names_its_content() {
    let world = World::start();
    let release = world.get("/embed.json").expect(200);
    is_for_every_origin(&release);
    let release = release.json();
    assert_eq!(release["version"], env!("CARGO_PKG_VERSION"));

    let named = world.get(release["url"].as_str().unwrap()).expect(200);
    is_for_every_origin(&named);
    let kept = named.header("cache-control").unwrap();
    assert!(kept.contains("immutable"), "{kept}");

    let latest = world.get("/embed.js").expect(200);
    is_for_every_origin(&latest);
    assert_eq!(latest.header("cache-control"), Some("public, max-age=300"));
    assert_eq!(latest.text(), named.text());
    assert!(
        latest
            .header("content-type")
            .unwrap()
            .starts_with("text/javascript")
    );

    let tag = latest.header("etag").unwrap();
    let again = world.send(&Request::get("/embed.js").header("if-none-match", tag));
    let again = again.expect(304);
    is_for_every_origin(&again);
    assert_eq!(again.text(), "");
    let other = Request::get("/embed.js").header("if-none-match", "\"0123456789ab\"");
    world.send(&other).expect(200);

    let zipped = world.send(&Request::get("/embed.js").header("accept-encoding", "br, gzip"));
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    world.get("/embed/0123456789ab.js").expect(404);
    world.get("/embed/").expect(404);
}
