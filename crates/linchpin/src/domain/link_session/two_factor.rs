//! The transitions of the second factor.

use linchpin_provider::Challenge;

use super::{
    Attempt, CodeProblem, ErrorCode, Event, Refused, Stage, State, TwoFactor,
    transition::{checked, failed},
};
use crate::domain::{sealed::Sealed, second_factor::SecondFactor, time::Timestamp};

/// What follows at the second factor.
pub(super) fn at_two_factor(
    event: &Event,
    at: &TwoFactor,
    now: Timestamp,
    state: &mut State,
) -> Result<Stage, Refused> {
    let with = |factor: SecondFactor, problem| {
        Stage::TwoFactor(TwoFactor {
            factor,
            problem,
            ..at.clone()
        })
    };
    let stays = |problem| with(at.factor.clone(), Some(problem));
    let moves = |factor: Option<SecondFactor>| match factor {
        Some(factor) => Ok(with(factor, None)),
        None => Err(Refused::WrongStage),
    };
    let factor = &at.factor;
    match event {
        Event::CodeSubmitted { until } if factor.method.is_typed() => Ok(Stage::Verifying {
            attempt: Attempt::Code(TwoFactor {
                problem: None,
                ..at.clone()
            }),
            until: *until,
        }),
        Event::CodeExpired if factor.method.is_typed() => Ok(stays(CodeProblem::Expired)),
        Event::CodeSent => moves(factor.after_sending(now)),
        Event::CodeNotSent => Ok(stays(CodeProblem::CannotResend)),
        Event::Progressed { progress } => Ok(Stage::TwoFactor(TwoFactor {
            progress: Some(progress.clone()),
            ..at.clone()
        })),
        Event::MethodChosen { method } => moves(factor.after_choosing(*method, now)),
        Event::Broke => Ok(failed(ErrorCode::InternalError, now)),
        // An approval elsewhere is asked for again and again without a submit of its own.
        Event::Linked { .. }
        | Event::Declined
        | Event::Denied
        | Event::Locked
        | Event::DifferentAccount
        | Event::LinkedToAnotherUser
            if !factor.method.is_typed() =>
        {
            checked(event, &Attempt::Code(at.clone()), now, state)
        }
        _ => Err(Refused::WrongStage),
    }
}

/// What follows when the provider wants a second factor.
pub(super) fn second_factor(
    (challenge, progress): (&Challenge, &Option<Sealed>),
    attempt: &Attempt,
    now: Timestamp,
    state: &mut State,
) -> Result<Stage, Refused> {
    let mut factor = SecondFactor::begin(challenge.clone(), now).ok_or(Refused::WrongStage)?;
    // Asked for the same again, with another picture, say, the answer was not accepted: that must not give endless tries.
    let refused = match attempt {
        Attempt::Code(before) if factor.methods.contains(&before.factor.method) => {
            Some(&before.factor)
        }
        _ => None,
    };
    state.wrong_codes = state
        .wrong_codes
        .saturating_add(u8::from(refused.is_some()));
    factor.wrong_codes = state.wrong_codes;
    if refused.is_some() && factor.checks_left(factor.method) == 0 {
        return Ok(failed(ErrorCode::TwoFactorFailed, now));
    }
    let problem = refused.filter(|before| before.asks_as(&factor));
    let (consent, username) = match attempt {
        Attempt::Password(login) => (
            login.consent.clone(),
            login.username.clone().unwrap_or_default(),
        ),
        Attempt::Code(two_factor) => (two_factor.consent.clone(), two_factor.username.clone()),
        // Its own page asks for everything that it wants.
        Attempt::Elsewhere(_) => return Err(Refused::WrongStage),
    };
    Ok(Stage::TwoFactor(TwoFactor {
        consent,
        username,
        factor,
        problem: problem.map(|_| CodeProblem::Wrong),
        progress: progress.clone(),
    }))
}

/// What follows when a code or another answer was wrong.
pub(super) fn wrong_code(
    at: &TwoFactor,
    progress: Option<&Sealed>,
    now: Timestamp,
    state: &mut State,
) -> Stage {
    let mut factor = at.factor.clone();
    state.wrong_codes = state.wrong_codes.saturating_add(1);
    factor.wrong_codes = state.wrong_codes;
    if factor.checks_left(factor.method) == 0 {
        return failed(ErrorCode::TwoFactorFailed, now);
    }
    Stage::TwoFactor(TwoFactor {
        factor,
        problem: Some(CodeProblem::Wrong),
        progress: progress.or(at.progress.as_ref()).cloned(),
        ..at.clone()
    })
}
