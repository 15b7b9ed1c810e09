//! A circuit breaker: where a provider does not answer, nobody is sent there for a while, and then one tries first.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Failures in a row that open the breaker.
const FAILURES: u32 = 10;
/// How many connections and sign-ins they must be of: no single caller is to close a provider to everybody else.
const ASKERS: usize = 3;
/// Time within which they must lie.
const WINDOW: Duration = Duration::from_mins(1);
/// For how long it is open at first, and at most: each trial that fails doubles it.
const OPEN_FIRST: Duration = Duration::from_secs(5);
const OPEN_MAX: Duration = Duration::from_mins(1);
/// When others may ask again while one tries.
const TRIAL: Duration = Duration::from_secs(1);

/// The breaker of one provider.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Failures since the last answer.
    failures: u32,
    /// Whose they were, as many as have to be told apart.
    askers: HashSet<String>,
    /// When the first of them was.
    since: Option<Instant>,
    open: Option<Open>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    until: Instant,
    lasts: Duration,
    /// Whether somebody tries.
    tried: bool,
}

/// The leave to ask a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// The breaker is closed.
    Usual,
    /// It is open, and this one tries whether it can be closed.
    Trial,
}

impl Breaker {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When to come again, where nobody is let through now.
    pub(super) fn refuses(&self, now: Instant) -> Option<Duration> {
        let open = self.state().open?;
        match (open.until > now, open.tried) {
            (true, _) => Some(open.until - now),
            (false, true) => Some(TRIAL),
            (false, false) => None,
        }
    }

    /// Lets one ask, or says when to come again.
    pub(super) fn admit(&self, now: Instant) -> Result<Leave, Duration> {
        let mut state = self.state();
        let Some(open) = &mut state.open else {
            return Ok(Leave::Usual);
        };
        if open.until > now {
            return Err(open.until - now);
        }
        match std::mem::replace(&mut open.tried, true) {
            true => Err(TRIAL),
            false => Ok(Leave::Trial),
        }
    }

    /// The provider has answered.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        if state.failures > 0 || state.open.is_some() {
            *state = State::default();
        }
    }

    /// It could not be reached or did not answer in time. Says whether the breaker has opened by that.
    pub(super) fn failed(&self, leave: Leave, asker: &str, now: Instant) -> bool {
        let mut state = self.state();
        if let Some(open) = &mut state.open {
            // What began before it opened says nothing new.
            if leave == Leave::Trial {
                let lasts = (open.lasts * 2).min(OPEN_MAX);
                *open = Open {
                    until: now + lasts,
                    lasts,
                    tried: false,
                };
            }
            return false;
        }
        let since = *state.since.get_or_insert(now);
        if now.saturating_duration_since(since) > WINDOW {
            *state = State {
                since: Some(now),
                ..State::default()
            };
        }
        state.failures += 1;
        if state.askers.len() < ASKERS && !state.askers.contains(asker) {
            state.askers.insert(asker.to_owned());
        }
        let opens = state.failures >= FAILURES && state.askers.len() >= ASKERS;
        if opens {
            state.open = Some(Open {
                until: now + OPEN_FIRST,
                lasts: OPEN_FIRST,
                tried: false,
            });
        }
        opens
    }

    /// A trial was given up before it came to anything; another may try.
    pub(super) fn gave_up(&self) {
        if let Some(open) = &mut self.state().open {
            open.tried = false;
        }
    }

    /// Whether it is open.
    pub(super) fn is_open(&self) -> bool {
        self.state().open.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(now: Instant) -> Breaker {
        let breaker = Breaker::default();
        for n in 0..FAILURES {
            let asker = (n % 3).to_string();
            assert_eq!(breaker.admit(now), Ok(Leave::Usual));
            let opens = breaker.failed(Leave::Usual, &asker, now);
            assert_eq!(opens, n + 1 == FAILURES);
        }
        breaker
    }

    #[test]
    fn ten_failures_in_a_row_open_it_and_one_trial_closes_it() {
        let now = Instant::now();
        let breaker = opened(now);
        assert_eq!(breaker.admit(now), Err(OPEN_FIRST));
        let later = now + OPEN_FIRST;
        assert_eq!(breaker.admit(later), Ok(Leave::Trial));
        assert_eq!(breaker.admit(later), Err(TRIAL), "one tries");
        breaker.answered();
        assert_eq!(breaker.admit(later), Ok(Leave::Usual));
        assert!(!breaker.is_open());
    }

    #[test]
    fn a_trial_that_fails_doubles_the_time_and_one_that_is_given_up_lets_another_try() {
        let now = Instant::now();
        let breaker = opened(now);
        let later = now + OPEN_FIRST;
        assert_eq!(breaker.admit(later), Ok(Leave::Trial));
        breaker.gave_up();
        assert_eq!(breaker.admit(later), Ok(Leave::Trial));
        breaker.failed(Leave::Trial, "a", later);
        assert_eq!(breaker.admit(later), Err(2 * OPEN_FIRST));
        // What began earlier and fails late changes nothing.
        breaker.failed(Leave::Usual, "b", later);
        assert_eq!(breaker.admit(later + 2 * OPEN_FIRST), Ok(Leave::Trial));
    }

    #[test]
    fn one_caller_opens_it_for_nobody_and_an_answer_in_between_begins_anew() {
        let now = Instant::now();
        let breaker = Breaker::default();
        for _ in 0..100 {
            assert!(!breaker.failed(Leave::Usual, "a", now));
        }
        assert!(!breaker.failed(Leave::Usual, "b", now));
        breaker.answered();
        assert!(!breaker.failed(Leave::Usual, "c", now));
        assert!(!breaker.is_open());
    }

    #[test]
    fn failures_that_lie_far_apart_are_not_in_a_row() {
        let mut now = Instant::now();
        let breaker = Breaker::default();
        for n in 0..30 {
            assert!(!breaker.failed(Leave::Usual, &n.to_string(), now));
            now += WINDOW / 5;
        }
    }
}
