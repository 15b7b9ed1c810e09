//! The HTTP server as raw bytes on real sockets see it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails; the lints know only functions marked as tests"
)]

#[path = "http_server/answers.rs"]
mod answers;
#[path = "http_server/framing.rs"]
mod framing;
#[path = "http_server/harness.rs"]
mod harness;
#[path = "http_server/limits.rs"]
mod limits;
#[path = "http_server/room.rs"]
mod room;
#[path = "http_server/shutdown.rs"]
mod shutdown;
#[path = "http_server/slow.rs"]
mod slow;
