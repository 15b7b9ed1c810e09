//! What can be set about a connection, and the defaults that an organisation has for new ones.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{geolocation::Geolocation, time::MINUTE};

/// How often connections are looked at, in minutes, where nothing is said: every six hours.
pub const EVERY_MINUTES: u32 = 360;

/// Settings of one connection, or the defaults for new ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConnectionSettings {
    /// Whether and how often it is looked whether the session is alive.
    pub health_check: HealthCheck,
    /// Where its traffic leaves from; `None` is from here.
    pub egress: Option<Geolocation>,
    /// Up to 20 pairs of the developer's.
    pub metadata: BTreeMap<String, String>,
}

/// Looking whether a connection's session is alive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HealthCheck {
    /// Whether it is looked at all.
    pub enabled: bool,
    /// Minutes between two looks, 5 to 10,080 (a week).
    pub every_minutes: u32,
}

impl Default for HealthCheck {
    fn default() -> Self {
        Self {
            enabled: true,
            every_minutes: EVERY_MINUTES,
        }
    }
}

impl HealthCheck {
    /// Minutes between two looks at least.
    pub const LEAST: u32 = 5;
    /// Minutes between two looks at most.
    pub const MOST: u32 = 10_080;

    /// Milliseconds to the next look: between half of the time and all of it, as `random` says, so that connections that
    /// were made together are not looked at together for ever.
    pub fn wait(&self, random: u32) -> i64 {
        let every = i64::from(self.every_minutes) * MINUTE;
        let half = every / 2;
        half + i64::from(random).rem_euclid(half.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_look_comes_after_half_of_the_time_and_before_all_of_it() {
        let check = HealthCheck::default();
        let waits: Vec<i64> = (0..1_000_u32)
            .map(|n| check.wait(n.wrapping_mul(4_294_967)))
            .collect();
        assert!(
            waits
                .iter()
                .all(|wait| (180 * MINUTE..360 * MINUTE).contains(wait))
        );
        assert!(waits.iter().max().unwrap() - waits.iter().min().unwrap() > 170 * MINUTE);
    }
}
