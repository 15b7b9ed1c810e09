//! The hosted pages of a link session.

pub mod accent;
pub mod assets;
pub mod render;
pub mod texts;
pub mod view;
