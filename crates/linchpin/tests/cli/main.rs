//! The command line, driven as people and their scripts drive it: the real binary, its output, files and sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod admin;
mod audit;
mod backup;
mod backup_postgres;
mod backup_repeated;
mod cluster;
mod connection;
mod connector;
#[path = "../crash/database.rs"]
mod database;
mod dev;
mod dumps;
#[path = "../crash/impossible.rs"]
mod impossible;
mod provider;
#[path = "../it/support/receiver.rs"]
mod receiver;
mod refusals;
mod resealing;
mod restored;
#[path = "../crash/run.rs"]
#[allow(dead_code, reason = "shared with the crash tests")]
mod run;
mod secrets;
#[path = "../it/support/seeded.rs"]
mod seeded;
mod serve;
mod support;
mod user;
mod vault;
mod vault_killed;
mod webhook;
