//! Linchpin: account linking that you run yourself.
//!
//! One request goes through the rooms in this order and back: [`http`] → [`api`] or [`hosted`] →
//! [`flow`] → [`domain`] → [`store`]. Nothing imports upwards; `tests/tidy.rs` holds that.

pub mod api;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod egress;
pub mod flow;
pub mod hosted;
pub mod http;
pub mod metrics;
pub mod server;
pub mod store;
pub mod vault;
pub mod webhook;
