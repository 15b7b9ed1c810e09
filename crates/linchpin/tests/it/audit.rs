//! The audit log: whatever is done to it afterwards is found.

use linchpin::flow::admin::{AuditCommand, Command, CommandError};

use crate::support::World;

/// A server whose log has some entries, all of them chained.
fn chained() -> World {
    let world = World::start();
    for name in ["one", "two", "three"] {
        world.developer_named(name);
    }
    chain(&world);
    world
}

fn chain(world: &World) {
    let (engine, runtime) = world.engine();
    // The server chains by itself as well; whoever comes first, nothing is left in the end.
    while world
        .database()
        .number("SELECT COUNT(*) FROM audit WHERE position IS NULL")
        > 0
    {
        runtime
            .block_on(engine.chain_audit())
            .expect("the store is there");
    }
}

fn verified(world: &World) -> Result<serde_json::Value, CommandError> {
    let (engine, runtime) = world.engine();
    let asked = AuditCommand::Verify { head: None };
    runtime.block_on(engine.command(Command::Audit { asked }))
}

#[test]
fn a_log_that_nobody_touched_is_right_and_has_every_command_in_it() {
    let world = chained();
    let told = verified(&world).expect("it is right");
    // Of each developer an organisation, a key and an app.
    assert_eq!(told["entries"], 12);
    let (position, chain) = told["head"].as_str().unwrap().split_once(':').unwrap();
    assert_eq!((position, chain.len()), ("12", 64));
    let actions = world
        .database()
        .rows("SELECT entry FROM audit ORDER BY position");
    for action in ["organisation.create", "key.create", "app.create"] {
        let count = actions.iter().filter(|row| row[0].contains(action)).count();
        assert_eq!(count, 4, "{action}");
    }
}

#[test]
fn every_kind_of_tampering_is_found() {
    let kinds = [
        (
            "a changed entry",
            "UPDATE audit SET entry = REPLACE(entry, 'operator', 'system') WHERE position = 5",
        ),
        (
            "a changed last entry",
            "UPDATE audit SET entry = REPLACE(entry, 'operator', 'system') WHERE position = 12",
        ),
        (
            "a changed code",
            "UPDATE audit SET code = chain WHERE position = 5",
        ),
        (
            "a changed chain",
            "UPDATE audit SET chain = code WHERE position = 5",
        ),
        ("a removed entry", "DELETE FROM audit WHERE position = 5"),
        (
            "a removed first entry",
            "DELETE FROM audit WHERE position = 1",
        ),
        ("a removed end", "DELETE FROM audit WHERE position > 9"),
        ("everything removed", "DELETE FROM audit"),
        (
            "a removed entry, the rest moved up",
            "DELETE FROM audit WHERE position = 12; UPDATE audit SET position = position - 1 WHERE position > 12; DELETE FROM audit WHERE position = 5; UPDATE audit SET position = 5 WHERE position = 6",
        ),
        (
            "two entries exchanged",
            "UPDATE audit SET position = 99 WHERE position = 5; UPDATE audit SET position = 5 WHERE position = 6; UPDATE audit SET position = 6 WHERE position = 99",
        ),
        (
            "another number",
            "UPDATE audit SET id = id + 1000000 WHERE position = 5",
        ),
        (
            "a copied entry",
            "INSERT INTO audit (id, at, entry, code, position, chain) SELECT id + 1000000, at, entry, code, 13, chain FROM audit WHERE position = 12",
        ),
        (
            "a forged entry that waits for the chain",
            "INSERT INTO audit (id, at, entry, code) SELECT id + 1000000, at, entry, code FROM audit WHERE position = 12",
        ),
        (
            "an entry taken out of the chain",
            "UPDATE audit SET position = NULL, chain = NULL WHERE position = 12",
        ),
        (
            "a moved head",
            "UPDATE store_fact SET number = 11 WHERE name = 'audit_head'",
        ),
    ];
    for (kind, sql) in kinds {
        let mut world = chained();
        world.stop();
        world.tamper(sql);
        world.run();
        let found = verified(&world);
        assert!(
            matches!(found, Err(CommandError::Tampered(_))),
            "{kind}: {found:?}"
        );
    }
}

#[test]
fn an_entry_that_cannot_be_written_takes_its_action_with_it() {
    let mut world = World::start();
    world.stop();
    world.tamper("DROP TABLE audit");
    world.run();
    let (engine, runtime) = world.engine();
    let before = engine.directory().organisations.len();
    let command = Command::OrgCreate {
        name: "Unseen".to_owned(),
    };
    let refused = runtime.block_on(engine.command(command));
    assert!(
        matches!(refused, Err(CommandError::Unavailable(_))),
        "{refused:?}"
    );
    assert_eq!(engine.directory().organisations.len(), before);
    let rows = world
        .database()
        .rows("SELECT id FROM organisation WHERE name = 'Unseen'");
    assert!(rows.is_empty());
}
