//! What a real `linchpin` process does when it is killed, starved, flooded, lied to by the clock or let down by the
//! disk.
//!
//! The tests take turns, so that no two of them load the machine at once. `LINCHPIN_CHECK=long` makes the runs long,
//! `LINCHPIN_SEED=…` repeats one, and a test that the machine does not allow says so by name (see `crash/run.rs`).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "everything here is part of a test"
)]

#[path = "crash/changes.rs"]
mod changes;
#[path = "crash/client.rs"]
mod client;
#[path = "crash/damage.rs"]
mod damage;
#[path = "crash/database.rs"]
mod database;
#[path = "crash/deliveries.rs"]
mod deliveries;
#[path = "crash/faults.rs"]
mod faults;
#[path = "crash/full_disk.rs"]
mod full_disk;
#[path = "crash/impossible.rs"]
mod impossible;
#[path = "crash/kills.rs"]
mod kills;
#[path = "crash/ledger.rs"]
mod ledger;
#[path = "crash/memory.rs"]
mod memory;
#[path = "crash/overload.rs"]
mod overload;
#[path = "crash/person.rs"]
mod person;
#[path = "crash/process.rs"]
mod process;
#[path = "it/support/receiver.rs"]
mod receiver;
#[path = "crash/renewals.rs"]
mod renewals;
#[path = "crash/restoring.rs"]
mod restoring;
#[path = "crash/rotating.rs"]
mod rotating;
#[path = "crash/run.rs"]
mod run;
#[path = "crash/secrets.rs"]
mod secrets;
#[path = "crash/shutdown.rs"]
mod shutdown;
#[path = "crash/soak.rs"]
mod soak;
#[path = "crash/wrong_clock.rs"]
mod wrong_clock;
