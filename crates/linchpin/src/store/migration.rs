//! The schema's history: numbered migrations, a text for each engine, each run once and recognised by its checksum.
//!
//! A migration only widens what the release before it can still work with; what that release needs is taken away
//! one release later. So old and new nodes run side by side while they are exchanged.

use sha2::{Digest as _, Sha256};

use super::OpenError;

/// One step of the schema.
#[derive(Debug)]
pub struct Migration {
    /// From 1, without gaps.
    pub number: i64,
    /// What it is about.
    pub name: &'static str,
    /// Its text for SQLite, which runs in one transaction.
    pub sqlite: &'static str,
    /// Its text for PostgreSQL, which [`steps`] reads.
    pub postgres: &'static str,
}

/// Every migration, oldest first.
pub const MIGRATIONS: [Migration; 4] = [
    Migration {
        number: 1,
        name: "first",
        sqlite: include_str!("../../migrations/sqlite/0001_first.sql"),
        postgres: include_str!("../../migrations/postgres/0001_first.sql"),
    },
    Migration {
        number: 2,
        name: "kept_answer_expires_at",
        sqlite: include_str!("../../migrations/sqlite/0002_kept_answer_expires_at.sql"),
        postgres: include_str!("../../migrations/postgres/0002_kept_answer_expires_at.sql"),
    },
    Migration {
        number: 3,
        name: "lease",
        sqlite: include_str!("../../migrations/sqlite/0003_lease.sql"),
        postgres: include_str!("../../migrations/postgres/0003_lease.sql"),
    },
    Migration {
        number: 4,
        name: "connections_that_live",
        sqlite: include_str!("../../migrations/sqlite/0004_connections_that_live.sql"),
        postgres: include_str!("../../migrations/postgres/0004_connections_that_live.sql"),
    },
];

/// A part of a migration on PostgreSQL. Where there are several, each must do no harm when it runs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Statements in one transaction. They lock tables, so they must be over at once.
    Transaction(&'static str),
    /// `CREATE INDEX CONCURRENTLY`, outside of any transaction.
    Index {
        /// The index, which is made anew where an earlier run has left half of one.
        name: &'static str,
        /// The statement.
        sql: &'static str,
    },
    /// A statement for a page of rows, with a transaction for each. `$1` is the key (`BYTEA`) of the last row of the
    /// page before, empty at the beginning; it answers that of its own page, and no row where there is nothing left.
    Pages(&'static str),
}

/// The steps of a text for PostgreSQL. Each begins with a line such as `-- step: transaction`, `-- step: index NAME` or
/// `-- step: pages`; a text without such lines is one transaction.
pub fn steps(text: &'static str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in text.split("-- step: ").skip(1) {
        let (kind, sql) = part.split_once('\n').unwrap_or((part, ""));
        let sql = sql.trim().trim_end_matches(';');
        steps.push(match kind.trim().split_once(' ') {
            Some(("index", name)) => Step::Index { name, sql },
            _ if kind.trim() == "pages" => Step::Pages(sql),
            _ => Step::Transaction(sql),
        });
    }
    match steps.is_empty() {
        true => vec![Step::Transaction(text)],
        false => steps,
    }
}

/// A migration that a store says it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its number.
    pub number: i64,
    /// SHA-256 of the text that ran.
    pub checksum: Vec<u8>,
}

/// A migration and whether a store has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// From 1.
    pub number: i64,
    /// What it is about; `None` for one that only a newer linchpin knows.
    pub name: Option<&'static str>,
    /// Whether the store has it.
    pub ran: bool,
}

/// Where a store stands in the schema's history.
#[derive(Debug)]
pub struct Standing {
    /// Every migration that is known here or to the store, oldest first.
    pub migrations: Vec<Listed>,
    /// Why this linchpin cannot bring the store up to date.
    pub refused: Option<OpenError>,
}

impl Standing {
    /// Where a store with these migrations stands.
    pub fn of(ran: &[Ran]) -> Self {
        let has = |number: i64| ran.iter().any(|ran| ran.number == number);
        let mut migrations: Vec<Listed> = MIGRATIONS
            .iter()
            .map(|migration| Listed {
                number: migration.number,
                name: Some(migration.name),
                ran: has(migration.number),
            })
            .collect();
        let known = migrations.len();
        let strange = |ran: &&Ran| {
            migrations
                .iter()
                .take(known)
                .all(|m| m.number != ran.number)
        };
        let strange: Vec<i64> = ran.iter().filter(strange).map(|ran| ran.number).collect();
        migrations.extend(strange.into_iter().map(|number| Listed {
            number,
            name: None,
            ran: true,
        }));
        Self {
            migrations,
            refused: missing(ran).err(),
        }
    }

    /// Whether the store has exactly what is known here.
    pub fn is_current(&self) -> bool {
        self.refused.is_none() && self.migrations.iter().all(|listed| listed.ran)
    }
}

/// The migrations that a store still lacks.
///
/// # Errors
///
/// [`OpenError::Newer`] for a store that has more than are known here, [`OpenError::OtherMigration`] for one that
/// has others.
pub fn missing(ran: &[Ran]) -> Result<Vec<&'static Migration>, OpenError> {
    let known = MIGRATIONS.last().map_or(0, |last| last.number);
    let found = ran.iter().map(|ran| ran.number).max().unwrap_or(0);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for migration in MIGRATIONS
        .iter()
        .filter(|migration| migration.number <= found)
    {
        let same = |ran: &&Ran| {
            ran.number == migration.number
                && [migration.sqlite, migration.postgres]
                    .iter()
                    .any(|text| Sha256::digest(text.as_bytes()).as_slice() == ran.checksum)
        };
        if !ran.iter().any(|ran| same(&ran)) {
            return Err(OpenError::OtherMigration(migration.number));
        }
    }
    Ok(MIGRATIONS
        .iter()
        .filter(|migration| migration.number > found)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_steps_is_one_transaction() {
        assert_eq!(steps("A; B;"), [Step::Transaction("A; B;")]);
    }

    #[test]
    fn a_text_is_read_step_by_step() {
        let text =
            "-- why\n\n-- step: transaction\nA; B;\n\n-- step: index i\nC;\n-- step: pages\nD\n";
        let wanted = [
            Step::Transaction("A; B"),
            Step::Index {
                name: "i",
                sql: "C",
            },
            Step::Pages("D"),
        ];
        assert_eq!(steps(text), wanted);
    }
}
