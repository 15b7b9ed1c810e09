//! Moments, as the store and the wire write them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01 00:00 UTC, without leap seconds.
///
/// Printed as RFC 3339 in UTC with three decimals (`2026-01-31T10:00:00.000Z`).
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// One second in milliseconds.
pub const SECOND: i64 = 1_000;
/// One minute in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;

impl Timestamp {
    /// This many milliseconds later (earlier, where negative); stops at the ends of the range.
    #[must_use]
    pub fn plus(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Milliseconds from `earlier` to this moment; negative when `earlier` is later.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => write!(f, "{moment:.3}"),
            // Outside the years that RFC 3339 can write; nothing of ours gets there.
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_printed_with_milliseconds_in_utc() {
        assert_eq!(
            Timestamp(1_769_853_600_000).to_string(),
            "2026-01-31T10:00:00.000Z"
        );
        assert_eq!(
            Timestamp(1_769_853_600_007).to_string(),
            "2026-01-31T10:00:00.007Z"
        );
    }
}
