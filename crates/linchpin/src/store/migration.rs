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
    /// Its text for SQLite.
    pub sqlite: &'static str,
    /// Its text for PostgreSQL.
    pub postgres: &'static str,
}

/// Every migration, oldest first.
pub const MIGRATIONS: [Migration; 1] = [Migration {
    number: 1,
    name: "first",
    sqlite: include_str!("../../migrations/sqlite/0001_first.sql"),
    postgres: include_str!("../../migrations/postgres/0001_first.sql"),
}];

/// A migration that a store says it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its number.
    pub number: i64,
    /// SHA-256 of the text that ran.
    pub checksum: Vec<u8>,
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
