//! The hosted page as people use it, in browsers without scripts and without cookies.

mod crash;
mod elsewhere;
mod embedding;
mod expiry;
mod factors;
mod guarding;
pub mod hand_off;
mod launch;
mod leaving;
pub mod own_link;
mod provider;
mod relinking;
mod retention;
mod returning;
mod scenarios;
mod twice;
