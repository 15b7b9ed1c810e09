//! What becomes of a store when its release or its engine changes: migrations, also while it is served, and the copy
//! from SQLite to PostgreSQL.
//!
//! `LINCHPIN_CHECK=long` adds the large store and the roll-out, which builds the release before.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "everything here is part of a test, and some of it is of other tests"
)]

#[path = "crash/client.rs"]
mod client;
#[path = "upgrade/cluster.rs"]
mod cluster;
#[path = "upgrade/copy.rs"]
mod copy;
#[path = "crash/ledger.rs"]
mod ledger;
#[path = "upgrade/migrate.rs"]
mod migrate;
#[path = "crash/person.rs"]
mod person;
#[path = "crash/process.rs"]
mod process;
#[path = "upgrade/rolling.rs"]
mod rolling;
#[path = "crash/run.rs"]
mod run;
