//! Signing in, and what second factors are asked for on the way.

use linchpin_provider::{Answer, Challenge, Import, Method, Pending};

use super::{
    Declared,
    factor::Factor,
    means::{Means, Part},
    run::{End, Run},
    state::State,
};
use crate::api::Jar;

impl Declared {
    /// What becomes of requests that sign in.
    pub(super) async fn answer(&self, run: Run<'_>, end: End, state: State) -> Answer {
        match end {
            End::Done => match run
                .first_account(state)
                .await
                .and_then(|kept| kept.signed_in())
            {
                Some(signed_in) => Answer::SignedIn(signed_in),
                None => Answer::Unavailable,
            },
            End::Factor(methods) => self.challenge(run, methods, state).await,
            End::Means(Means::WrongCredentials) => Answer::WrongCredentials {
                unknown_domain: false,
            },
            End::Means(Means::WrongCode) => Answer::WrongCode {
                progress: state.progress(),
            },
            End::Means(Means::Declined) => Answer::Declined,
            End::Means(Means::NotYet) => Answer::NotYet,
            End::Means(Means::Locked) => Answer::Locked,
            End::Means(_) | End::Failed(_) => Answer::Unavailable,
        }
    }

    /// Asks for a second factor, the usual one begun.
    async fn challenge(&self, run: Run<'_>, methods: Vec<Method>, mut state: State) -> Answer {
        let usual = methods.first().and_then(|method| self.plan.factor(*method));
        let Some(usual) = usual else {
            return Answer::Unavailable;
        };
        match run.all(&usual.begin, Part::Begin, &mut state).await {
            End::Done => {}
            End::Means(Means::Declined) => return Answer::Declined,
            End::Means(Means::Locked) => return Answer::Locked,
            End::Means(_) | End::Factor(_) | End::Failed(_) => return Answer::Unavailable,
        }
        state.asked = Some(usual.method);
        let mut challenge = Challenge::default();
        for method in methods {
            let Some(factor) = self.plan.factor(method) else {
                continue;
            };
            let scope = run.scope(&state);
            match method {
                Method::Phone => challenge.phone = factor.code_rules(scope),
                Method::Email => challenge.email = factor.code_rules(scope),
                Method::Question | Method::Shown => match factor.prompt(scope) {
                    Some(prompt) => challenge.prompt = Some(prompt),
                    // What is not there to be asked cannot be offered.
                    None => continue,
                },
                Method::App | Method::Face | Method::ForceFace => {}
            }
            challenge.methods.push(method);
        }
        state.offered.clone_from(&challenge.methods);
        match state.progress() {
            Some(progress) if !challenge.methods.is_empty() => Answer::SecondFactor {
                challenge,
                progress,
            },
            _ => Answer::Unavailable,
        }
    }

    /// What a sign-in that waits for a second factor knows; `None` where the account does not offer this one.
    pub(super) fn waiting(&self, pending: &Pending, method: Method) -> Option<(&Factor, State)> {
        let state = State::read(pending)?;
        let offered = state.offered.contains(&method);
        Some((self.plan.factor(method).filter(|_| offered)?, state))
    }

    /// The state that a session of elsewhere is.
    pub(super) fn imported(&self, import: Import) -> Option<(State, Option<i64>)> {
        let rules = &self.plan.import;
        let mut state = State::default();
        match import {
            Import::Cookie { cookie, user_agent } if rules.cookies => {
                state.jar = Jar::of_header(cookie.reveal(), self.plan.api.base());
                state.user_agent = Some(user_agent).filter(|agent| !agent.is_empty());
                Some((state, None))
            }
            Import::Token {
                access_token,
                refresh_token,
                expires_at,
            } => {
                let name = rules.access_token.clone()?;
                state.taken.insert(name, access_token.reveal().to_owned());
                if let (Some(name), Some(token)) = (&rules.refresh_token, refresh_token) {
                    state.taken.insert(name.clone(), token.reveal().to_owned());
                }
                Some((state, expires_at))
            }
            Import::Cookie { .. } => None,
        }
    }
}
