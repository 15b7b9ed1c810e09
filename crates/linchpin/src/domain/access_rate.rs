//! How often a connection may be used.

/// How often one connection may be used: so many calls a minute, and some more at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessRate {
    /// Calls that are earned back in a minute, 1 or more.
    pub a_minute: u32,
    /// Calls at once after a pause, 1 or more.
    pub burst: u32,
}

impl Default for AccessRate {
    fn default() -> Self {
        Self {
            a_minute: 60,
            burst: 90,
        }
    }
}
