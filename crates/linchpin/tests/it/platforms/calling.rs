//! Calls through a connection.

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{API, Platforms, SITE};
use crate::{
    access::Tie,
    support::{Browser, database::hexadecimal},
};

#[test]
fn calls_read_write_upload_and_download_with_the_session_of_the_account() {
    let Some(platforms) = Platforms::start("calls") else {
        return;
    };
    let send = |request| platforms.world.send(&request);
    for provider in [SITE, API] {
        let account = platforms.site.account(false);
        let tie = platforms.linked(provider, &account);
        let told = send(tie.call("GET", "/notes/?since=a%20b&x")).expect(200);
        let read = json!({ "notes": [], "query": { "since": "a b", "x": "" } });
        assert_eq!(told.json(), read, "{provider}");
        for (text, number) in [("Zoë 🦀", 1), ("again", 2)] {
            let request = tie.call("POST", "/notes/").json(&json!({ "text": text }));
            let told = send(request).expect(201).json();
            assert_eq!(
                told,
                json!({ "number": number, "text": text }),
                "{provider}"
            );
        }
        let told = send(tie.call("GET", "/notes/")).expect(200).json();
        assert_eq!(told["notes"], json!(["Zoë 🦀", "again"]), "{provider}");

        let picture: Vec<u8> = (0..3 * 1024 * 1024_u32).map(|n| (n % 251) as u8).collect();
        let request = tie.call("POST", "/files/");
        let (kind, body) = multipart(&picture);
        let told = send(request.body(kind, body)).expect(201).json();
        let digest = hexadecimal(&Sha256::digest(&picture));
        let file = json!({ "name": "a b.png", "length": picture.len(), "sha256": digest });
        let whole = json!({ "fields": { "title": "Łódź" }, "files": { "picture": file } });
        assert_eq!(told, whole, "{provider}");

        let length = 8 * 1024 * 1024;
        let answer = send(tie.call("GET", &format!("/files/{length}/"))).expect(200);
        assert_eq!(
            answer.header("content-type"),
            Some("application/octet-stream")
        );
        assert_eq!(answer.body.len(), length, "{provider}");
        assert!(answer.body.iter().all(|byte| *byte == b'x'), "{provider}");
    }
}

/// A form with a field and a file, as browsers send it.
fn multipart(file: &[u8]) -> (&'static str, Vec<u8>) {
    let head = "--edge\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nŁódź\r\n--edge\r\n\
        content-disposition: form-data; name=\"picture\"; filename=\"a b.png\"\r\n\
        content-type: image/png\r\n\r\n";
    let body = [head.as_bytes(), file, b"\r\n--edge--\r\n"].concat();
    ("multipart/form-data; boundary=edge", body)
}

#[test]
fn what_no_pattern_covers_and_what_was_not_granted_reaches_nobody() {
    let Some(platforms) = Platforms::start("what is not covered") else {
        return;
    };
    for provider in [SITE, API] {
        let account = platforms.site.account(false);
        let link = platforms.begin(provider);
        let mut browser = Browser::at_authorization(&platforms.world, &link);
        browser.untick("notes:write").press("continue");
        browser.sign_in(account.text("username"), account.text("password"));
        let told = platforms.told(&link);
        let tie = Tie {
            key: platforms.developer.key.clone(),
            id: told["data"]["id"].as_str().unwrap().to_owned(),
        };
        let write = tie.call("POST", "/notes/").json(&json!({ "text": "x" }));
        let refused = platforms.world.send(&write).error(403, "FORBIDDEN");
        let message = refused["error"].as_str().unwrap();
        assert!(message.contains("notes:write"), "{provider}: {message}");
        for path in [
            "/account/login/",
            "/api/token/",
            "/account/logout/",
            "/profile",
        ] {
            let answer = platforms.world.send(&tie.call("GET", path));
            answer.error(403, "FORBIDDEN");
        }
        let told = platforms
            .world
            .send(&tie.call("GET", "/notes/"))
            .expect(200)
            .json();
        assert_eq!(told["notes"], json!([]), "{provider}");
    }
}
