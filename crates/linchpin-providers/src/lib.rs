//! The providers of Linchpin: the sandbox, and platforms that a file declares.

mod answer;
mod api;
pub mod connector;
mod file;
mod http;
mod oauth;
mod sandbox;
mod wiped;

pub use file::{LENGTH_MAX, Problem, Secrets, read, read_declared};
pub use http::{Declared, Watch, word};
pub use sandbox::Sandbox;
