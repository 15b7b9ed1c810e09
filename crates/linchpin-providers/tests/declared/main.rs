//! Platforms that a file declares, against a small platform on a real socket.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, and says where"
)]

mod calling;
mod factors;
mod mistakes;
mod platform;
mod scenarios;
mod sessions;
mod signing_in;
