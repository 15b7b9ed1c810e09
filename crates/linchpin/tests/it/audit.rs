//! The audit log: whatever is done to it afterwards is found.

use linchpin::flow::admin::{AuditCommand, Command, CommandError};
use serde_json::Value;

use crate::support::{SECOND, World};

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

fn verified(world: &World) -> Result<Value, CommandError> {
    asked(world, AuditCommand::Verify { head: None })
}

fn asked(world: &World, asked: AuditCommand) -> Result<Value, CommandError> {
    let (engine, runtime) = world.engine();
    runtime.block_on(engine.command(Command::Audit { asked }))
}

/// Whether the log still goes through a head that was told earlier.
fn compared(world: &World, head: &str) -> Result<Value, CommandError> {
    let head = Some(head.to_owned());
    asked(world, AuditCommand::Verify { head })
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

#[test]
fn a_cut_off_end_is_found_by_an_earlier_head_even_where_the_whole_database_is_put_back() {
    let mut world = chained();
    let head = asked(&world, AuditCommand::Head).unwrap()["head"].clone();
    let head = head.as_str().unwrap();
    assert_eq!(compared(&world, head).unwrap()["entries"], 12);
    world.developer_named("four");
    chain(&world);
    assert_eq!(compared(&world, head).unwrap()["entries"], 15);
    let later = asked(&world, AuditCommand::Head).unwrap()["head"].clone();

    // As it was when it had nine entries, all of them in order.
    world.stop();
    world.tamper(
        "UPDATE store_fact SET number = 9, bytes = (SELECT chain FROM audit WHERE position = 9) WHERE name = 'audit_head'; \
         DELETE FROM audit WHERE position > 9",
    );
    world.run();
    assert_eq!(verified(&world).unwrap()["entries"], 9);
    let cut = compared(&world, head);
    assert!(
        matches!(
            cut,
            Err(CommandError::CutOff {
                earlier: 12,
                end: 9
            })
        ),
        "{cut:?}"
    );

    // Others were written in their place. On PostgreSQL the process before holds the lease of the chain for 15 seconds.
    world.pass(16 * SECOND);
    world.developer_named("five");
    world.developer_named("six");
    chain(&world);
    assert_eq!(verified(&world).unwrap()["entries"], 15);
    for head in [head, later.as_str().unwrap()] {
        let cut = compared(&world, head);
        assert!(
            matches!(cut, Err(CommandError::CutOff { end: 15, .. })),
            "{cut:?}"
        );
    }
    for text in ["", "12", "12:xyz", "-1:00", "x:00"] {
        assert!(
            matches!(compared(&world, text), Err(CommandError::Fields(_))),
            "{text}"
        );
    }
}

#[test]
fn entries_are_listed_newest_first_and_exported_oldest_first() {
    let world = chained();
    let listed = asked(&world, AuditCommand::List { limit: 2 }).unwrap();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(
        (&listed[0]["position"], &listed[1]["position"]),
        (&12.into(), &11.into())
    );
    assert_eq!(listed[0]["action"], "app.create");
    assert_eq!(listed[0]["actor"], "operator");
    assert_eq!(listed[0]["at"], "2026-01-31T10:00:00.000Z");
    for limit in [0, 1_001] {
        let refused = asked(&world, AuditCommand::List { limit });
        assert!(matches!(refused, Err(CommandError::Fields(_))), "{limit}");
    }

    let exported = asked(&world, AuditCommand::Export { after: 0 }).unwrap();
    let exported = exported.as_array().unwrap();
    let positions: Vec<i64> = exported
        .iter()
        .map(|entry| entry["position"].as_i64().unwrap())
        .collect();
    assert_eq!(positions, (1..=12).collect::<Vec<i64>>());
    let head = asked(&world, AuditCommand::Head).unwrap();
    let last = format!("12:{}", exported[11]["chain"].as_str().unwrap());
    assert_eq!(head["head"], last);
    let rest = asked(&world, AuditCommand::Export { after: 10 }).unwrap();
    assert_eq!(rest.as_array().unwrap(), &exported[10..]);
    assert_eq!(
        asked(&world, AuditCommand::Export { after: 12 }).unwrap(),
        Value::Array(vec![])
    );
}
