//! Rotations of the vault's key that are cut off.

use std::{thread, time::Duration};

use serde_json::Value;

use crate::{
    support::{Room, Running},
    vault::{import, imported, open_all, rotate, status, wait_until_all_is_wrapped_anew, wrapped},
};

#[test]
fn a_rotation_that_is_killed_goes_on_with_the_next_start() {
    match std::env::var("LINCHPIN_CHECK").as_deref() {
        Ok("long") => killed(5_000, 20),
        _ => killed(300, 3),
    }
}

/// Kills the server at random points of rotations, with connections that are imported meanwhile.
fn killed(connections: usize, kills: usize) {
    let room = Room::new();
    let data = room.data();
    let mut server = Running::dev(&room, &[]);
    let mut ids: Vec<String> = (0..connections)
        .map(|n| imported(&server.ready(), n))
        .collect();
    for kill in 0..kills {
        let version = i64::try_from(kill).unwrap() + 2;
        assert_eq!(rotate(&data)["currentVersion"], version);
        let ready = server.ready();
        let after = getrandom::u32().unwrap() % 2_500;
        let imported = thread::scope(|scope| {
            let first = connections + kill * 100_000;
            let importing = scope.spawn({
                let ready = &ready;
                move || {
                    let answers = (first..).map_while(|n| import(ready, n).ok());
                    let taken = answers.take_while(|answer| answer.status == 200);
                    // The last answer may be cut off.
                    let made = taken.map_while(|answer| {
                        let made: Value = serde_json::from_str(&answer.body).ok()?;
                        Some(made["id"].as_str()?.to_owned())
                    });
                    made.collect::<Vec<_>>()
                }
            });
            thread::sleep(Duration::from_millis(after.into()));
            server.signal("KILL");
            importing.join().unwrap()
        });
        ids.extend(imported);
        drop(server);
        server = Running::dev(&room, &[]);
    }
    wait_until_all_is_wrapped_anew(&data);
    let told = status(&data);
    let versions = i64::try_from(kills).unwrap() + 1;
    assert_eq!(told["currentVersion"], versions);
    assert!(wrapped(&told, versions) >= i64::try_from(ids.len()).unwrap());
    assert!(
        (1..versions).all(|version| wrapped(&told, version) == 0),
        "{told}"
    );
    server.stop();
    open_all(&data, &ids);
}
