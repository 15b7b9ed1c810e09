//! Render time of each page.

pub fn run() {}
