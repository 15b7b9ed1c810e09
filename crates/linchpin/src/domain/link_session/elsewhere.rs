//! Signing in on the provider's own page: a trip begins, the browser comes back, or nobody ever does.

use serde::{Deserialize, Serialize};

use super::{Attempt, Event, Login, Refused, Stage, State, transition::at_login};
use crate::domain::{
    sealed::Sealed,
    time::{MINUTE, Timestamp},
};

/// For how long a browser may be away, in milliseconds; the session's own time may be over before.
pub const TRIP_LIFE: i64 = 15 * MINUTE;

/// A browser is at the provider's own page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// The login step that it left from.
    pub login: Login,
    /// Which trip; the answer of another one is not taken.
    pub trip: i64,
    /// Until when it may come back.
    pub until: Timestamp,
    /// What the provider keeps until then, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Sealed>,
}

/// A trip that begins, in place of any before it.
pub(super) fn departed(event: &Event, login: &Login) -> Option<Stage> {
    let Event::Departed {
        trip,
        until,
        progress,
    } = event
    else {
        return None;
    };
    Some(Stage::Elsewhere(Elsewhere {
        login: Login {
            problem: None,
            ..login.clone()
        },
        trip: *trip,
        until: *until,
        progress: progress.clone(),
    }))
}

/// Whoever presses the button once more begins another trip.
pub(super) fn at_elsewhere(
    event: &Event,
    at: &Elsewhere,
    now: Timestamp,
    state: &mut State,
) -> Result<Stage, Refused> {
    match event {
        Event::Departed { .. } | Event::NotDeparted | Event::Broke => {
            at_login(event, &at.login, now, state)
        }
        _ => arrived(event, at, now),
    }
}

/// The browser is back, once for each trip.
fn arrived(event: &Event, at: &Elsewhere, now: Timestamp) -> Result<Stage, Refused> {
    match event {
        Event::Arrived { trip, .. } if *trip != at.trip => Err(Refused::WrongStage),
        Event::Arrived { .. } if now >= at.until => Err(Refused::TooLate),
        Event::Arrived { until, .. } => Ok(Stage::Verifying {
            attempt: Attempt::Elsewhere(at.login.clone()),
            until: *until,
        }),
        _ => Err(Refused::WrongStage),
    }
}
