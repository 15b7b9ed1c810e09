//! The transitions of a link session, every one of them.
//!
//! ```text
//! initialized ─ begun ─> authorization ─ allowed ─> login ─ password ─> verifying ─┬─> two_factor ─ code ─> verifying
//!       └───── begun, nothing new to ask; by app ───^ │                            ├─> login (attempts left)
//!                                                     └ departed ─> elsewhere ─ arrived ─> verifying
//!                                                                                  └─> completed
//! any of them ─> cancelled | failed | expired | deleted
//! ```

use super::elsewhere::{at_elsewhere, departed};
use super::two_factor::{at_two_factor, second_factor, wrong_code};
use super::{
    Attempt, CodeProblem, Consent, ErrorCode, Event, LinkSession, Login, LoginProblem, Owner,
    Refused, Stage, State, Transition, TwoFactor, UNAVAILABLE_MAX, WRONG_PASSWORDS_MAX,
};
use crate::domain::{client_app::AppType, time::Timestamp};

impl LinkSession {
    /// What follows when `event` happens at `now`.
    ///
    /// From `expires_at` on everything but the end is [`Refused::TooLate`], with one exception: an attempt that
    /// was submitted in time may still be answered for as long as nobody has put it back.
    pub fn apply(&self, event: &Event, now: Timestamp) -> Result<Transition, Refused> {
        let mut state = self.state.clone();
        state.stage = self.next_stage(event, now, &mut state)?;
        let mut session = Self {
            state,
            version: self.version + 1,
            ..self.clone()
        };
        if session.ended_at().is_some() {
            session.state.proxy = None;
        }
        Ok(Transition {
            session,
            event: event.name(),
            from: self.state.stage.name(),
        })
    }

    fn next_stage(
        &self,
        event: &Event,
        now: Timestamp,
        state: &mut State,
    ) -> Result<Stage, Refused> {
        match event {
            Event::Deleted => return self.deleted(now, state),
            Event::TimePassed => return self.time_passed(now),
            Event::Cancelled => return self.cancelled(now),
            Event::Restored => return self.restored(now),
            _ => {}
        }
        if self.ended_at().is_some() {
            return Err(Refused::Over);
        }
        if now >= self.deadline() {
            return Err(Refused::TooLate);
        }
        if let Event::HandOff(event) = event {
            return self.hand_off_moved(event, now, state);
        }
        match &self.state.stage {
            Stage::Initialized => match event {
                Event::BegunByApp { provider } => self.begun_by_app(provider),
                _ => self.begun(event, now, state),
            },
            Stage::Authorization { provider } => self.allowed(event, provider),
            Stage::Login(login) => at_login(event, login, now, state),
            Stage::Elsewhere(at) => at_elsewhere(event, at, now, state),
            Stage::Verifying { attempt, .. } => checked(event, attempt, now, state),
            Stage::TwoFactor(two_factor) => at_two_factor(event, two_factor, now, state),
            Stage::Completed { .. }
            | Stage::Cancelled { .. }
            | Stage::Failed { .. }
            | Stage::Expired { .. }
            | Stage::Deleted { .. } => Err(Refused::Over),
        }
    }

    /// Until when the session can change other than by ending.
    fn deadline(&self) -> Timestamp {
        match &self.state.stage {
            // The outcome of an attempt made in time counts. Losing the check must be possible after that, too.
            Stage::Verifying { .. } => Timestamp(i64::MAX),
            _ => self.expires_at,
        }
    }

    fn deleted(&self, now: Timestamp, state: &mut State) -> Result<Stage, Refused> {
        if self.state.deleted {
            return Err(Refused::Over);
        }
        state.deleted = true;
        // What has ended keeps its end: an outcome that was told does not change.
        Ok(if self.ended_at().is_some() {
            self.state.stage.clone()
        } else {
            Stage::Deleted { at: now }
        })
    }

    fn time_passed(&self, now: Timestamp) -> Result<Stage, Refused> {
        let due = match &self.state.stage {
            Stage::Verifying { until, .. } => (*until).max(self.expires_at),
            _ => self.expires_at,
        };
        match (self.ended_at(), now >= due) {
            (Some(_), _) => Err(Refused::Over),
            (None, false) => Err(Refused::TooEarly),
            (None, true) => Ok(Stage::Expired { at: now }),
        }
    }

    /// Ends whatever is open, also before its time and in the middle of a check.
    fn restored(&self, now: Timestamp) -> Result<Stage, Refused> {
        match self.ended_at() {
            Some(_) => Err(Refused::Over),
            None => Ok(Stage::Expired { at: now }),
        }
    }

    fn cancelled(&self, now: Timestamp) -> Result<Stage, Refused> {
        let step = self.step().ok_or(Refused::Over)?;
        if now >= self.expires_at {
            return Err(Refused::TooLate);
        }
        Ok(Stage::Cancelled { step, at: now })
    }

    fn begun(&self, event: &Event, now: Timestamp, state: &mut State) -> Result<Stage, Refused> {
        let Event::Begun {
            flow_hash,
            provider,
        } = event
        else {
            return Err(Refused::WrongStage);
        };
        if !self.request.providers.contains(provider) {
            return Err(Refused::WrongStage);
        }
        state.owner = Some(Owner {
            flow_hash: *flow_hash,
            since: now,
        });
        Ok(match self.request.granted_without_asking() {
            Some(granted) => self.first_login(Consent {
                provider: provider.clone(),
                granted,
            }),
            None => Stage::Authorization {
                provider: provider.clone(),
            },
        })
    }

    /// Nobody owns it then: what opens its pages is never made.
    fn begun_by_app(&self, provider: &String) -> Result<Stage, Refused> {
        let is_whitelabel = self.request.app_type == AppType::Whitelabel;
        if !is_whitelabel || !self.request.providers.contains(provider) {
            return Err(Refused::WrongStage);
        }
        Ok(self.first_login(Consent {
            provider: provider.clone(),
            granted: self.request.asked().cloned().collect(),
        }))
    }

    fn allowed(&self, event: &Event, provider: &str) -> Result<Stage, Refused> {
        let Event::Allowed { optional } = event else {
            return Err(Refused::WrongStage);
        };
        let granted = self.request.granted_with(optional);
        Ok(self.first_login(Consent {
            provider: provider.to_owned(),
            granted,
        }))
    }

    fn first_login(&self, consent: Consent) -> Stage {
        Stage::Login(Login {
            consent,
            username: self.request.prefill_username.clone(),
            problem: None,
        })
    }
}

pub(super) fn at_login(
    event: &Event,
    login: &Login,
    now: Timestamp,
    state: &mut State,
) -> Result<Stage, Refused> {
    match event {
        Event::PlaceChosen { place } => {
            state.place = Some(place.clone());
            state.proxy = None;
            Ok(Stage::Login(login.clone()))
        }
        Event::ProxyChosen { proxy } => {
            state.proxy = Some(proxy.clone());
            Ok(Stage::Login(login.clone()))
        }
        Event::PasswordSubmitted { username, until } => {
            let login = Login {
                username: Some(username.clone()),
                problem: None,
                ..login.clone()
            };
            Ok(Stage::Verifying {
                attempt: Attempt::Password(login),
                until: *until,
            })
        }
        Event::NotDeparted => {
            let attempt = Attempt::Elsewhere(login.clone());
            checked(&Event::Unavailable, &attempt, now, state)
        }
        Event::Broke => Ok(failed(ErrorCode::InternalError, now)),
        _ => departed(event, login).ok_or(Refused::WrongStage),
    }
}

/// What follows from the outcome of a check.
pub(super) fn checked(
    event: &Event,
    attempt: &Attempt,
    now: Timestamp,
    state: &mut State,
) -> Result<Stage, Refused> {
    let unavailable_before = std::mem::take(&mut state.unavailable);
    match event {
        Event::Linked { connection } => Ok(Stage::Completed {
            connection: connection.clone(),
            at: now,
        }),
        Event::SecondFactorWanted {
            challenge,
            progress,
        } => second_factor((challenge, progress), attempt, now, state),
        Event::WrongPassword { unknown_domain } => {
            state.wrong_passwords += 1;
            let problem = if *unknown_domain {
                LoginProblem::UnknownDomain
            } else {
                LoginProblem::Wrong
            };
            Ok(match state.wrong_passwords < WRONG_PASSWORDS_MAX {
                true => back_to_login(attempt, problem),
                false => failed(ErrorCode::InvalidCredentials, now),
            })
        }
        Event::WrongCode { progress } => match attempt {
            Attempt::Code(two_factor) => Ok(wrong_code(two_factor, progress.as_ref(), now, state)),
            Attempt::Password(_) | Attempt::Elsewhere(_) => Err(Refused::WrongStage),
        },
        Event::Declined => Ok(back_to_login(attempt, LoginProblem::Declined)),
        Event::Denied => Ok(back_to_login(attempt, LoginProblem::Denied)),
        Event::Locked => Ok(failed(ErrorCode::AccountLocked, now)),
        Event::DifferentAccount => Ok(back_to_login(attempt, LoginProblem::DifferentAccount)),
        Event::LinkedToAnotherUser => Ok(back_to_login(attempt, LoginProblem::LinkedToAnotherUser)),
        Event::Unavailable => {
            state.unavailable = unavailable_before + 1;
            Ok(match state.unavailable < UNAVAILABLE_MAX {
                true => back(attempt, LoginProblem::Unavailable, CodeProblem::Unavailable),
                false => failed(ErrorCode::ProviderUnavailable, now),
            })
        }
        Event::CheckLost => {
            state.unavailable = unavailable_before;
            Ok(back(
                attempt,
                LoginProblem::Interrupted,
                CodeProblem::Interrupted,
            ))
        }
        Event::Broke => Ok(failed(ErrorCode::InternalError, now)),
        Event::Begun { .. }
        | Event::BegunByApp { .. }
        | Event::PlaceChosen { .. }
        | Event::ProxyChosen { .. }
        | Event::Allowed { .. }
        | Event::PasswordSubmitted { .. }
        | Event::CodeSubmitted { .. }
        | Event::CodeExpired
        | Event::CodeSent
        | Event::CodeNotSent
        | Event::Progressed { .. }
        | Event::MethodChosen { .. }
        | Event::Cancelled
        | Event::TimePassed
        | Event::Restored
        | Event::HandOff(_)
        | Event::Departed { .. }
        | Event::NotDeparted
        | Event::Arrived { .. }
        | Event::Deleted => Err(Refused::WrongStage),
    }
}

pub(super) fn failed(error: ErrorCode, at: Timestamp) -> Stage {
    Stage::Failed { error, at }
}

fn back(attempt: &Attempt, login: LoginProblem, code: CodeProblem) -> Stage {
    match attempt {
        Attempt::Password(_) | Attempt::Elsewhere(_) => back_to_login(attempt, login),
        Attempt::Code(at) => Stage::TwoFactor(TwoFactor {
            problem: Some(code),
            ..at.clone()
        }),
    }
}

fn back_to_login(attempt: &Attempt, problem: LoginProblem) -> Stage {
    let (consent, username) = match attempt {
        Attempt::Password(login) | Attempt::Elsewhere(login) => {
            (login.consent.clone(), login.username.clone())
        }
        Attempt::Code(two_factor) => (
            two_factor.consent.clone(),
            Some(two_factor.username.clone()),
        ),
    };
    Stage::Login(Login {
        consent,
        username,
        problem: Some(problem),
    })
}

impl Event {
    /// The event's name, as the history writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Begun { .. } => "begun",
            Self::BegunByApp { .. } => "begun_by_app",
            Self::PlaceChosen { .. } => "place_chosen",
            Self::ProxyChosen { .. } => "proxy_chosen",
            Self::Allowed { .. } => "allowed",
            Self::PasswordSubmitted { .. } => "password_submitted",
            Self::CodeSubmitted { .. } => "code_submitted",
            Self::Linked { .. } => "linked",
            Self::SecondFactorWanted { .. } => "second_factor_wanted",
            Self::WrongPassword { .. } => "wrong_password",
            Self::WrongCode { .. } => "wrong_code",
            Self::CodeExpired => "code_expired",
            Self::Declined => "declined",
            Self::Locked => "locked",
            Self::Unavailable => "unavailable",
            Self::DifferentAccount => "different_account",
            Self::LinkedToAnotherUser => "linked_to_another_user",
            Self::CheckLost => "check_lost",
            Self::CodeSent => "code_sent",
            Self::CodeNotSent => "code_not_sent",
            Self::Progressed { .. } => "progressed",
            Self::MethodChosen { .. } => "method_chosen",
            Self::Cancelled => "cancelled",
            Self::TimePassed => "time_passed",
            Self::Restored => "restored",
            Self::Deleted => "deleted",
            Self::Broke => "broke",
            Self::HandOff(event) => event.name(),
            Self::Departed { .. } => "departed",
            Self::NotDeparted => "not_departed",
            Self::Arrived { .. } => "arrived",
            Self::Denied => "denied",
        }
    }
}
