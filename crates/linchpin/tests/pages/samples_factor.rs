//! A sample of every page of a second factor.

use linchpin::hosted::view::{AskedAnswer, CodeMethod, CodeProblem, Resend, View, Way};

use super::{Sample, long_name, sample, token, wait};

/// Every sample.
pub fn all() -> Vec<Sample> {
    let phone = |sends_left, resend_in| CodeMethod::Phone {
        last_four: "1234".to_owned(),
        resend: Resend {
            sends_left,
            resend_in,
        },
    };
    let code = |method, another_way, problem| View::Code {
        token: token(),
        method,
        another_way,
        problem,
    };
    let mut samples = vec![
        sample("code-app", code(CodeMethod::App, false, None)),
        sample(
            "code-app-wrong",
            code(
                CodeMethod::App,
                true,
                Some(CodeProblem::Wrong { tries_left: 4 }),
            ),
        ),
        sample(
            "code-app-incomplete",
            code(CodeMethod::App, true, Some(CodeProblem::Incomplete)),
        ),
        sample(
            "code-app-interrupted",
            code(CodeMethod::App, true, Some(CodeProblem::Interrupted)),
        ),
        sample("code-phone", code(phone(2, 24), true, None)),
        sample("code-phone-now", code(phone(1, 0), false, None)),
        sample(
            "code-phone-wrong",
            code(
                phone(1, 0),
                true,
                Some(CodeProblem::Wrong { tries_left: 1 }),
            ),
        ),
        sample(
            "code-phone-expired",
            code(phone(1, 0), true, Some(CodeProblem::Expired)),
        ),
        sample(
            "code-phone-unavailable",
            code(phone(2, 0), true, Some(CodeProblem::ProviderUnavailable)),
        ),
        sample(
            "code-phone-used-up",
            code(phone(0, 0), true, Some(CodeProblem::CannotResend)),
        ),
    ];
    samples.extend(emailed());
    samples.extend(approvals());
    samples.extend(answers());
    samples
}

fn emailed() -> Vec<Sample> {
    let email = |sends_left, resend_in| CodeMethod::Email {
        hint: "j…@example.com".to_owned(),
        resend: Resend {
            sends_left,
            resend_in,
        },
    };
    let code = |method, another_way, problem| View::Code {
        token: token(),
        method,
        another_way,
        problem,
    };
    vec![
        sample("code-email", code(email(2, 24), true, None)),
        sample(
            "code-email-incomplete",
            code(email(1, 0), false, Some(CodeProblem::Incomplete)),
        ),
        sample(
            "code-email-used-up",
            code(email(0, 0), true, Some(CodeProblem::CannotResend)),
        ),
    ]
}

fn approvals() -> Vec<Sample> {
    let approval = |another_way| View::Approval {
        token: token(),
        wait: wait(),
        another_way,
        not_asked: false,
    };
    let not_asked = View::Approval {
        token: token(),
        wait: wait(),
        another_way: true,
        not_asked: true,
    };
    vec![
        sample("approval", approval(true)),
        sample("approval-only", approval(false)),
        sample("approval-not-asked", not_asked),
        sample("ways", ways()),
        long_name("ways-long-name", ways()),
    ]
}

/// Every way there is.
fn ways() -> View {
    View::Ways {
        token: token(),
        ways: vec![
            Way::App,
            Way::Phone("1234".to_owned()),
            Way::Email("j…@example.com".to_owned()),
            Way::Face,
            Way::ForceFace,
            Way::Question,
            Way::Shown,
        ],
        back: "/s/fl_sample?lang=en".to_owned(),
    }
}

/// What is answered in words.
fn answers() -> Vec<Sample> {
    let answer = |text: &str, picture: Option<&str>, problem| View::Answer {
        token: token(),
        asked: AskedAnswer {
            is_question: picture.is_none(),
            text: text.to_owned(),
            picture: picture.map(str::to_owned),
        },
        another_way: true,
        problem,
    };
    let picture = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGNkaGD4z8DAwMDEAAUAABEeAYBZyJ1dAAAAAElFTkSuQmCC";
    let colour = "What is your favourite colour?";
    let letters = "Which letters does the picture show?";
    vec![
        sample("question", answer(colour, None, None)),
        sample(
            "question-wrong",
            answer(colour, None, Some(CodeProblem::Wrong { tries_left: 1 })),
        ),
        sample(
            "question-incomplete",
            answer(colour, None, Some(CodeProblem::Incomplete)),
        ),
        sample(
            "question-not-started",
            answer("", None, Some(CodeProblem::CannotResend)),
        ),
        sample("shown", answer(letters, Some(picture), None)),
        long_name(
            "shown-long",
            answer(&"وما هي الحروف؟ ".repeat(30), Some(picture), None),
        ),
    ]
}
