//! A clock that jumps: what has expired stays expired.

use std::{fs, path::Path, thread, time::Duration};

use crate::{
    kills::promised_on,
    ledger::status_on,
    process::{Linchpin, Start},
    run::{skip, turn},
};

/// Where Debian's package puts the library, by machine.
const LIBRARIES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
];

#[test]
fn an_expired_session_stays_dead_when_the_clock_is_set_back() {
    let _turn = turn();
    let Some(library) = LIBRARIES.into_iter().find(|path| Path::new(path).exists()) else {
        return skip(
            "an_expired_session_stays_dead_when_the_clock_is_set_back",
            "libfaketime is not installed",
        );
    };
    let home = tempfile::tempdir().unwrap();
    let clock = home.path().join("clock");
    let start = |offset: &str| -> Linchpin {
        fs::write(&clock, offset).unwrap();
        Start::on(home.path().join("data"))
            .with("LD_PRELOAD", library)
            .with("FAKETIME_TIMESTAMP_FILE", &clock)
            .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .with("FAKETIME_NO_CACHE", "1")
            .go()
    };
    let server = start("+0");
    let old = promised_on(&server);
    assert_eq!(status_on(&server, &old.secret), "initialized");
    server.kill();

    let server = start("+2h");
    assert_eq!(status_on(&server, &old.secret), "not_found");
    assert_eq!(server.client().get(&old.path(), &[]).unwrap().status, 410);
    let late = promised_on(&server);
    server.stop();

    let server = start("+0");
    assert_eq!(
        status_on(&server, &old.secret),
        "not_found",
        "two hours back revived it"
    );
    assert_eq!(server.client().get(&old.path(), &[]).unwrap().status, 410);
    assert_eq!(status_on(&server, &late.secret), "initialized");
    let next = promised_on(&server);
    assert!(
        next.expires_at >= late.expires_at,
        "time went back: {}",
        next.expires_at
    );

    // The same while it runs: three hours on, then back.
    fs::write(&clock, "+5h").unwrap();
    thread::sleep(Duration::from_millis(50));
    assert_eq!(status_on(&server, &next.secret), "not_found");
    fs::write(&clock, "+0").unwrap();
    assert_eq!(status_on(&server, &next.secret), "not_found");
    assert_eq!(
        status_on(&server, &promised_on(&server).secret),
        "initialized"
    );
    server.stop();
}
