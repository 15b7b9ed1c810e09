//! What is deleted is gone from the disk, too.

use super::{ask, imported};
use crate::support::World;

/// Enough that pages of the database are given back and put together.
const CONNECTIONS: usize = 60;

#[test]
fn the_keys_of_sessions_that_ended_are_in_no_file_once_the_server_has_stopped() {
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
        let file = stored
            .iter()
            .find(|(_, file)| file.windows(bytes.len()).any(|window| window == bytes));
        file.map(|(name, _)| name.clone())
    };
    for row in rows {
        let (owner, secrets) = row.split_first().unwrap();
        for secret in secrets {
            let file = found(secret);
            assert_eq!(file.is_some(), kept.contains(owner), "{owner} in {file:?}");
        }
    }
}
