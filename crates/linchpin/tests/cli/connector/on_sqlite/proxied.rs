//! Connectors behind an outbound proxy: their platform has a name that only the proxy knows.

use std::path::Path;

use super::super::{
    Connector, assert_kept,
    proxy::{INSIDE, Proxy},
    python, typescript,
};
use crate::support::Room;

fn assert_goes_through(room: &Room, program: &str, file: &Path, code: &str, path: &str) {
    let behind = Connector::start(room, program, file);
    let proxy = Proxy::start(&behind.platform);
    let names = [("NOTEBOOK_URL", INSIDE), ("GALLERY_URL", INSIDE)];
    let connector = Connector::start_with(room, program, file, &names);
    let verify =
        |proxy: &str| connector.verify_with(code, path, &behind.platform, &["--proxy", proxy]);
    assert_kept(&verify(&proxy.url));
    assert!(proxy.asked(INSIDE) > 10);
    let (said, _) = verify(&proxy.url.replace("pass", "guess"));
    assert!(said.contains("the answer is Unavailable"), "{said}");
}

#[test]
fn the_connector_in_python_goes_through_the_proxy_that_it_is_told() {
    let file = python().join("connector.py");
    assert_goes_through(&Room::new(), "python3", &file, "246810", "/notes");
}

#[test]
fn the_connector_in_typescript_goes_through_the_proxy_that_it_is_told() {
    let room = Room::new();
    if let Some(file) = typescript(&room) {
        assert_goes_through(&room, "node", &file, "135790", "/pictures");
    }
}
