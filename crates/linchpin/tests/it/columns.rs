//! Every column of the store has a class, and the list of classes is the one that the documentation shows.

use std::collections::BTreeMap;

use crate::support::World;

/// Where the list is.
const LIST: &str = include_str!("../../../../docs/operations/columns.md");

/// What a column can be.
const CLASSES: [&str; 5] = [
    "public",
    "internal",
    "personal",
    "secret-hashed",
    "secret-sealed",
];

/// The columns of a table that are listed under one class.
struct Listed {
    class: String,
    place: (String, String),
}

/// The rows of the list: `| table | class | column, column … | … |`.
fn listed() -> Vec<Listed> {
    let rows = LIST.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, table, class, columns, ..] = cells[..] else {
            panic!("{line}");
        };
        assert!(CLASSES.contains(&class), "{line}");
        let of = move |column: &str| Listed {
            class: class.to_owned(),
            place: (
                table.trim_matches('`').to_owned(),
                column.trim().trim_matches('`').to_owned(),
            ),
        };
        columns.split(',').map(of).collect::<Vec<_>>()
    })
    .collect()
}

fn classes() -> BTreeMap<(String, String), String> {
    let mut classes = BTreeMap::new();
    for Listed { class, place } in listed() {
        let twice = classes.insert(place.clone(), class);
        assert!(twice.is_none(), "{place:?} is listed twice");
    }
    classes
}

fn is_shared(world: &World) -> bool {
    world.engine().0.store.is_shared()
}

/// Every column of every table, without the partitions of the days.
fn columns(world: &World) -> Vec<(String, String)> {
    let sql = match is_shared(world) {
        false => {
            "SELECT tables.name, columns.name FROM sqlite_schema AS tables \
             JOIN pragma_table_xinfo(tables.name) AS columns \
             WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'"
        }
        true => {
            "SELECT class.relname, attribute.attname FROM pg_attribute AS attribute \
             JOIN pg_class AS class ON class.oid = attribute.attrelid \
             WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind IN ('r', 'p') \
             AND NOT class.relispartition AND attribute.attnum > 0 AND NOT attribute.attisdropped"
        }
    };
    let rows = world.database().rows(sql).into_iter();
    rows.map(|row| (row[0].clone(), row[1].clone())).collect()
}

#[test]
fn every_column_of_the_store_has_a_class_and_no_class_is_of_a_column_that_is_not_there() {
    let world = World::start();
    let there = columns(&world);
    assert!(there.len() > 100, "only {} columns found", there.len());
    let classes = classes();
    let unknown: Vec<_> = there
        .iter()
        .filter(|column| !classes.contains_key(column))
        .collect();
    assert!(
        unknown.is_empty(),
        "say in docs/operations/columns.md what these are: {unknown:?}"
    );
    // What only the other engine has is named as such.
    let gone: Vec<_> = classes
        .keys()
        .filter(|column| !there.contains(column) && column.0 != "commit_mark")
        .collect();
    assert!(gone.is_empty(), "these are not there any more: {gone:?}");
}

#[test]
fn what_is_secret_is_not_text() {
    // A secret is sealed or hashed bytes; text could be one that nobody has sealed.
    let world = World::start();
    for ((table, column), class) in classes() {
        if !class.starts_with("secret") {
            continue;
        }
        let sql = match is_shared(&world) {
            false => {
                format!("SELECT type FROM pragma_table_xinfo('{table}') WHERE name = '{column}'")
            }
            true => format!(
                "SELECT upper(data_type) FROM information_schema.columns WHERE table_name = '{table}' AND column_name = '{column}'"
            ),
        };
        let found = world.database().rows(&sql);
        assert!(
            ["BLOB", "BYTEA"].contains(&&*found[0][0]),
            "{table}.{column}"
        );
    }
}
