//! The providers built into Linchpin.

mod sandbox;

pub use sandbox::Sandbox;
