//! Several real `linchpin` processes on one PostgreSQL database, and what they do when a node, the database or the
//! network between them fails.
//!
//! Each test has a cluster of its own (`checks/postgres`), since it is stopped and crashed. `LINCHPIN_CHECK=long` makes
//! the runs long, `LINCHPIN_SEED=…` repeats one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "everything here is part of a test, and some of what is shared with the crash tests is not used here"
)]

#[path = "nodes/batches.rs"]
mod batches;
#[path = "crash/changes.rs"]
mod changes;
#[path = "nodes/chaos.rs"]
mod chaos;
#[path = "crash/client.rs"]
mod client;
#[path = "nodes/clocks.rs"]
mod clocks;
#[path = "nodes/cluster.rs"]
mod cluster;
#[path = "nodes/commit.rs"]
mod commit;
#[path = "nodes/conflicts.rs"]
mod conflicts;
#[path = "nodes/deliveries.rs"]
mod deliveries;
#[path = "nodes/encrypted.rs"]
mod encrypted;
#[path = "nodes/failover.rs"]
mod failover;
#[path = "nodes/gone.rs"]
mod gone;
#[path = "crash/impossible.rs"]
mod impossible;
#[path = "crash/ledger.rs"]
mod ledger;
#[path = "nodes/node.rs"]
mod node;
#[path = "nodes/partition.rs"]
mod partition;
#[path = "crash/person.rs"]
mod person;
#[path = "crash/process.rs"]
mod process;
#[path = "nodes/proxy.rs"]
mod proxy;
#[path = "it/support/receiver.rs"]
mod receiver;
#[path = "nodes/restarts.rs"]
mod restarts;
#[path = "crash/run.rs"]
mod run;
#[path = "nodes/same_moment.rs"]
mod same_moment;
#[path = "nodes/two_nodes.rs"]
mod two_nodes;
#[path = "nodes/wire.rs"]
mod wire;
