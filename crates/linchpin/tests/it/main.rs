//! The server as a whole, over real HTTP, on a store in a temporary directory and with a clock that is stepped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, and says where"
)]

mod access;
mod account;
mod api;
mod audit;
mod canary;
mod columns;
mod embed_library;
mod events;
mod flow;
mod headers;
mod manage;
mod platforms;
#[path = "../crash/run.rs"]
#[allow(dead_code, reason = "shared with the crash tests")]
mod run;
mod subject;
mod support;
mod webhooks;
mod whitelabel;
