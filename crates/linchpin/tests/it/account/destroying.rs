//! What is deleted is gone from the disk, too.

use super::{ask, imported};
use crate::support::World;

/// Enough that pages of the database are given back and put together.
const CONNECTIONS: usize = 60;
/// Where SQLite moves rows from one page to another, a copy of a row can stay behind in the space that is free. That is
/// one row of a thousand here.
const COPIES_MAX: usize = 2;

#[test]
fn the_keys_of_sessions_that_ended_are_overwritten_in_the_file() {
    let mut world = World::start();
    let ids: Vec<String> = (0..CONNECTIONS)
        .map(|n| imported(&world, &format!("u{n}@fan.sandbox.com")))
        .collect();
    let rows = world
        .database()
        .rows("SELECT owner, wrapped_key, sealed FROM sealed WHERE kind = 'session'");
    assert_eq!(rows.len(), CONNECTIONS);
    let (ended, kept) = ids.split_at(CONNECTIONS * 2 / 3);
    for id in ended {
        let path = format!("/v2/account/connections/{id}");
        world.send(&ask(&world, "DELETE", &path)).expect(200);
    }
    world.stop();
    let stored = world.stored();
    let found = |hexadecimal: &str| {
        let bytes: Vec<u8> = (0..hexadecimal.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).unwrap())
            .collect();
        let mut files = stored.iter().map(|(_, file)| file);
        files.any(|file| file.windows(bytes.len()).any(|window| window == bytes))
    };
    let mut copies = 0;
    for row in rows {
        let (owner, secrets) = row.split_first().unwrap();
        let all = secrets.iter().all(|secret| found(secret));
        let any = secrets.iter().any(|secret| found(secret));
        match kept.contains(owner) {
            true => assert!(all, "{owner} is not there"),
            false => copies += usize::from(any),
        }
    }
    assert!(copies <= COPIES_MAX, "{copies} of {} are left", ended.len());
}
