//! Second factors of the sandbox: what is asked, and what is right.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use linchpin_provider::{Challenge, CodeRules, Method, Prompt, Reply};

/// The code of every account that asks for one, wherever it comes from.
pub(super) const CODE: &str = "123456";

/// The answer to the security question, in any case.
pub(super) const ANSWER: &str = "blue";

/// What the picture shows, in any case.
pub(super) const SHOWN: &str = "tulip7";

const PICTURE: &[u8] = include_bytes!("challenge.png");

/// How long after it was asked for an approval elsewhere is granted.
const APPROVAL: Duration = Duration::from_secs(3);

/// What becomes of a reply.
pub(super) enum Judged {
    Right,
    Wrong,
    NotYet,
    /// The account has no such second factor.
    NotOffered,
}

/// Whether a reply proves a second factor of these ways.
pub(super) fn judged(ways: &[Method], reply: &Reply) -> Judged {
    match reply {
        Reply::Code { method, code } if method.is_typed() && ways.contains(method) => {
            match is_right(*method, code.reveal()) {
                true => Judged::Right,
                false => Judged::Wrong,
            }
        }
        Reply::Approval { waited } if ways.iter().any(|way| !way.is_typed()) => {
            match *waited >= APPROVAL {
                true => Judged::Right,
                false => Judged::NotYet,
            }
        }
        Reply::Code { .. } | Reply::Approval { .. } => Judged::NotOffered,
    }
}

fn is_right(way: Method, typed: &str) -> bool {
    match way {
        Method::Question => typed.eq_ignore_ascii_case(ANSWER),
        Method::Shown => typed.eq_ignore_ascii_case(SHOWN),
        _ => typed == CODE,
    }
}

/// What an account with these ways is asked for.
pub(super) fn challenge(ways: &[Method]) -> Challenge {
    let rules = |way, hint: &str| {
        ways.contains(&way).then(|| CodeRules {
            sends: 3,
            checks: 3,
            hint: hint.to_owned(),
            resend_after: 0,
            code_life: 600,
        })
    };
    Challenge {
        methods: ways.to_vec(),
        phone: rules(Method::Phone, "1234"),
        email: rules(Method::Email, "j…@example.com"),
        prompt: ways.iter().find_map(|way| prompt(*way)),
    }
}

fn prompt(way: Method) -> Option<Prompt> {
    match way {
        Method::Question => Some(Prompt {
            text: "What is your favourite colour?".to_owned(),
            picture: None,
        }),
        Method::Shown => Some(Prompt {
            text: "Which letters and digit does the picture show?".to_owned(),
            picture: Some(format!(
                "data:image/png;base64,{}",
                STANDARD.encode(PICTURE)
            )),
        }),
        _ => None,
    }
}
