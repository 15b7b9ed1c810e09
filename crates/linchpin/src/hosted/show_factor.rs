//! From where a second factor stands to what its page shows.

use linchpin_provider::Method;

use super::view::{AskedAnswer, CodeMethod, CodeProblem, Resend, View, Way};
use crate::domain::{
    link_session::{self as session, TwoFactor},
    second_factor::{SecondFactor, SentCodes},
    time::Timestamp,
};

/// The page of the way in use.
pub fn page(two_factor: &TwoFactor, now: Timestamp, token: String, wait: String) -> View {
    let factor = &two_factor.factor;
    let another_way = !factor.others().is_empty();
    let problem = two_factor
        .problem
        .map(|problem| problem_of(problem, factor));
    let method = match factor.method {
        Method::Face | Method::ForceFace => {
            return View::Approval {
                token,
                wait,
                another_way,
                not_asked: problem == Some(CodeProblem::CannotResend),
            };
        }
        Method::Question | Method::Shown => {
            return View::Answer {
                token,
                asked: asked(factor),
                another_way,
                problem,
            };
        }
        Method::App => CodeMethod::App,
        Method::Phone => CodeMethod::Phone {
            last_four: hint(factor, Method::Phone),
            resend: resend(factor, Method::Phone, now),
        },
        Method::Email => CodeMethod::Email {
            hint: hint(factor, Method::Email),
            resend: resend(factor, Method::Email, now),
        },
    };
    View::Code {
        token,
        method,
        another_way,
        problem,
    }
}

/// The page with the ways to choose from; `None` where there is no choice.
pub fn ways(factor: &SecondFactor, token: String, back: String) -> Option<View> {
    let others = factor.others();
    let ways = others.iter().map(|way| match way {
        Method::App => Way::App,
        Method::Phone => Way::Phone(hint(factor, *way)),
        Method::Email => Way::Email(hint(factor, *way)),
        Method::Face => Way::Face,
        Method::ForceFace => Way::ForceFace,
        Method::Question => Way::Question,
        Method::Shown => Way::Shown,
    });
    (others.len() > 1).then(|| View::Ways {
        token,
        ways: ways.collect(),
        back,
    })
}

/// The same page, where what was typed cannot be an answer.
pub fn incomplete(two_factor: &TwoFactor, now: Timestamp, token: String) -> View {
    let mut view = page(two_factor, now, token, String::new());
    if let View::Code { problem, .. } | View::Answer { problem, .. } = &mut view {
        *problem = Some(CodeProblem::Incomplete);
    }
    view
}

fn problem_of(problem: session::CodeProblem, factor: &SecondFactor) -> CodeProblem {
    use session::CodeProblem as Was;
    match problem {
        Was::Wrong => CodeProblem::Wrong {
            tries_left: factor.checks_left(factor.method),
        },
        Was::Unavailable => CodeProblem::ProviderUnavailable,
        Was::Expired => CodeProblem::Expired,
        Was::CannotResend => CodeProblem::CannotResend,
        Was::Interrupted => CodeProblem::Interrupted,
    }
}

fn asked(factor: &SecondFactor) -> AskedAnswer {
    let prompt = factor.prompt.clone();
    let (text, picture) = prompt.map(|asked| (asked.text, asked.picture)).unzip();
    AskedAnswer {
        is_question: factor.method == Method::Question,
        text: text.unwrap_or_default(),
        picture: picture.flatten(),
    }
}

fn hint(factor: &SecondFactor, way: Method) -> String {
    let codes = factor.sent(way);
    codes
        .map(|codes| codes.rules.hint.clone())
        .unwrap_or_default()
}

/// Nothing may be sent where the provider gave no rules for it.
fn resend(factor: &SecondFactor, way: Method, now: Timestamp) -> Resend {
    let codes = factor.sent(way);
    Resend {
        sends_left: codes.map_or(0, |codes| codes.sends_left),
        resend_in: codes.map_or(0, |codes: &SentCodes| codes.resend_in(now)),
    }
}
