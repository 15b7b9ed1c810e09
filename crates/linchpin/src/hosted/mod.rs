//! The hosted pages of a link session.

pub mod texts;
pub mod view;
