//! The hosted page as people use it, in browsers without scripts and without cookies.

mod scenarios;
