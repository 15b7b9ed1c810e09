//! When a delivery that failed is attempted again.

use super::time::{HOUR, MINUTE, SECOND, Timestamp};

/// The usual times between attempts, in milliseconds: the example of the Standard Webhooks specification, 75 hours and a
/// half in all.
const USUAL: [i64; 9] = [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];

/// The longest that a receiver can have us wait.
const ASKED_MAX: i64 = 24 * HOUR;
/// The least after an answer that says that the receiver has too much to do, or after none in time.
const RELIEF: i64 = MINUTE;

/// The times between attempts; the first attempt is made at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule(Vec<i64>);

impl Default for RetrySchedule {
    fn default() -> Self {
        Self(USUAL.to_vec())
    }
}

/// What a failed attempt says about the next one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// How long the receiver asked us to wait, in milliseconds.
    pub retry_after: Option<i64>,
    /// Whether it has too much to do: it said so, or did not answer in time.
    pub overloaded: bool,
}

impl RetrySchedule {
    /// A schedule of these times in milliseconds; 1 to 20 of them.
    pub fn of(pauses: Vec<i64>) -> Self {
        Self(pauses)
    }

    /// The times between attempts, in milliseconds.
    pub fn pauses(&self) -> &[i64] {
        &self.0
    }

    /// When to try again after attempt number `attempt`, from 1, that ended at `now`. `None` after the last one.
    ///
    /// `random` moves it by up to 20 % either way, so that what failed together does not come back together. A receiver
    /// that asks for more time gets up to 24 hours of it.
    pub fn next(&self, attempt: i64, now: Timestamp, wish: Wish, random: u32) -> Option<Timestamp> {
        let at = usize::try_from(attempt.checked_sub(1)?).ok()?;
        let pause = *self.0.get(at)?;
        // From -20 % to +20 %.
        let moved = i64::from(random % 4_001) - 2_000;
        let mut pause = pause + pause.saturating_mul(moved) / 10_000;
        if wish.overloaded {
            pause = pause.max(RELIEF.min(self.longest()));
        }
        if let Some(asked) = wish.retry_after {
            pause = pause.max(asked.clamp(0, ASKED_MAX));
        }
        Some(now.plus(pause))
    }

    fn longest(&self) -> i64 {
        self.0.iter().copied().max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn pause(attempt: i64, wish: Wish, random: u32) -> Option<i64> {
        let next = RetrySchedule::default().next(attempt, NOW, wish, random);
        next.map(|at| at.0 - NOW.0)
    }

    #[test]
    fn the_usual_schedule_goes_on_for_more_than_three_days() {
        let whole: i64 = USUAL.iter().sum();
        assert!(whole > 72 * HOUR);
        for (at, usual) in (1..).zip(USUAL) {
            assert_eq!(pause(at, Wish::default(), 2_000), Some(usual));
        }
        assert_eq!(pause(10, Wish::default(), 0), None);
        assert_eq!(pause(0, Wish::default(), 0), None);
    }

    #[test]
    fn each_time_is_moved_by_up_to_a_fifth_either_way_evenly() {
        let usual = 5 * MINUTE;
        let mut fifths = [0_u32; 5];
        for random in 0..4_001 {
            let moved = pause(2, Wish::default(), random).unwrap() - usual;
            assert!(moved.abs() <= usual / 5, "{moved}");
            let fifth = (moved + usual / 5) * 5 / (2 * usual / 5 + 1);
            fifths[usize::try_from(fifth).unwrap()] += 1;
        }
        assert!(
            fifths.iter().all(|count| (790..=810).contains(count)),
            "{fifths:?}"
        );
    }

    #[test]
    fn a_receiver_with_too_much_to_do_gets_a_minute_and_one_that_asks_for_more_gets_it() {
        let overloaded = Wish {
            overloaded: true,
            ..Wish::default()
        };
        assert_eq!(pause(1, overloaded, 2_000), Some(MINUTE));
        assert_eq!(pause(2, overloaded, 2_000), Some(5 * MINUTE));
        let asked = |retry_after| Wish {
            retry_after: Some(retry_after),
            overloaded: false,
        };
        assert_eq!(pause(1, asked(HOUR), 2_000), Some(HOUR));
        assert_eq!(pause(1, asked(1), 2_000), Some(5 * SECOND));
        assert_eq!(pause(1, asked(-5), 2_000), Some(5 * SECOND));
        assert_eq!(pause(1, asked(i64::MAX), 2_000), Some(24 * HOUR));
    }
}
