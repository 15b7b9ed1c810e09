//! The second factor: what each of its templates is given.

use askama::Template;

use super::outside;
use super::shell::Shell;
use super::write;
use crate::hosted::texts::{Markup, unsteered};
use crate::hosted::view::{self, AskedAnswer, CodeMethod, CodeProblem, Frame, View, Way};

/// The HTML document of a page of a second factor.
pub(super) fn page(frame: &Frame, view: &View) -> String {
    match view {
        View::Code {
            token,
            method,
            another_way,
            problem,
        } => write(&code(frame, token, method, *another_way, problem.as_ref())),
        View::Answer {
            token,
            asked,
            another_way,
            problem,
        } => write(&answer(frame, token, asked, *another_way, problem.as_ref())),
        View::Approval {
            token,
            wait,
            another_way,
            not_asked,
        } => write(&approval(frame, token, wait, (*another_way, *not_asked))),
        View::Ways { token, ways, back } => write(&choice(frame, token, ways, back)),
        // The other pages are not for here.
        _ => String::new(),
    }
}

/// What the page says about sending the code once more.
enum Resend {
    /// No more codes may be sent.
    UsedUp(Markup),
    /// So many more, the next at once.
    Now(Markup),
    /// So many more, the next in so many seconds, and how the page says so.
    Later(Markup, u32, Markup),
}

/// Where an error stands: at the field, or above the form.
#[derive(Default)]
struct Errors {
    field: Option<Markup>,
    form: Option<Markup>,
}

/// The messages that speak of the way by which a code comes.
struct Texts {
    title: &'static str,
    incomplete: &'static str,
    cannot_send: &'static str,
    used_up: &'static str,
    left: &'static str,
    next: &'static str,
}

const TEXTED: Texts = Texts {
    title: "code-phone-title",
    incomplete: "code-incomplete",
    cannot_send: "code-cannot-resend",
    used_up: "no-more-texts",
    left: "resends-left",
    next: "resend-in",
};

const EMAILED: Texts = Texts {
    title: "code-email-title",
    incomplete: "code-email-incomplete",
    cannot_send: "code-email-cannot-resend",
    used_up: "no-more-emails",
    left: "emails-left",
    next: "next-email-in",
};

/// An app sends nothing; what it cannot is be started.
const OF_APP: Texts = Texts {
    title: "code-app-title",
    cannot_send: "way-cannot-start",
    ..TEXTED
};

/// A code to type.
#[derive(Template)]
#[template(path = "code.html")]
struct Code<'a> {
    s: Shell<'a>,
    token: &'a str,
    title: &'static str,
    lead: Markup,
    /// Whether it is known to have digits only.
    is_number: bool,
    another_way: bool,
    resend: Option<Resend>,
    errors: Errors,
}

fn code<'a>(
    frame: &'a Frame,
    token: &'a str,
    method: &'a CodeMethod,
    another_way: bool,
    problem: Option<&CodeProblem>,
) -> Code<'a> {
    let texts = match method {
        CodeMethod::App => OF_APP,
        CodeMethod::Phone { .. } => TEXTED,
        CodeMethod::Email { .. } => EMAILED,
    };
    let s = Shell::new(frame, "2fa", texts.title);
    let (lead, again) = match method {
        CodeMethod::App => (s.words.html("code-app-lead"), None),
        CodeMethod::Phone { last_four, resend } => {
            let lead = s.words.valued("code-phone-lead", "digits", last_four);
            (lead, Some(resend))
        }
        CodeMethod::Email { hint, resend } => {
            let lead = s.words.valued("code-email-lead", "hint", hint);
            (lead, Some(resend))
        }
    };
    let mut errors = errors(&s, problem, "code-wrong", texts.incomplete);
    if problem == Some(&CodeProblem::CannotResend) {
        errors.form = Some(s.words.html(texts.cannot_send));
    }
    Code {
        resend: again.map(|again| resend(&s, &texts, *again)),
        s,
        token,
        title: texts.title,
        lead,
        is_number: !matches!(method, CodeMethod::Email { .. }),
        another_way,
        errors,
    }
}

fn errors(
    s: &Shell<'_>,
    problem: Option<&CodeProblem>,
    wrong: &'static str,
    incomplete: &'static str,
) -> Errors {
    let mut errors = Errors::default();
    match problem {
        None => {}
        Some(CodeProblem::Wrong { tries_left }) => {
            errors.field = Some(s.words.counted(wrong, *tries_left));
        }
        Some(CodeProblem::Expired) => errors.field = Some(s.words.html("code-expired")),
        Some(CodeProblem::Incomplete) => errors.field = Some(s.words.html(incomplete)),
        Some(CodeProblem::CannotResend) => errors.form = Some(s.words.html("way-cannot-start")),
        Some(CodeProblem::ProviderUnavailable) => {
            errors.form = Some(s.words.html("provider-unavailable"));
        }
        Some(CodeProblem::Interrupted) => errors.form = Some(s.words.html("interrupted")),
    }
    errors
}

fn resend(s: &Shell<'_>, texts: &Texts, resend: view::Resend) -> Resend {
    let left = s.words.counted(texts.left, resend.sends_left);
    match (resend.sends_left, resend.resend_in) {
        (0, _) => Resend::UsedUp(s.words.html(texts.used_up)),
        (_, 0) => Resend::Now(left),
        (_, seconds) => {
            let when = s.words.valued(texts.next, "time", &outside::clock(seconds));
            Resend::Later(left, seconds, when)
        }
    }
}

/// An answer in words.
#[derive(Template)]
#[template(path = "answer.html")]
struct Answer<'a> {
    s: Shell<'a>,
    token: &'a str,
    title: &'static str,
    lead: &'static str,
    note: &'static str,
    /// The question, which is the field's label.
    label: Markup,
    /// Address of a picture, and what stands for it.
    picture: Option<(&'a str, String)>,
    another_way: bool,
    errors: Errors,
}

fn answer<'a>(
    frame: &'a Frame,
    token: &'a str,
    asked: &'a AskedAnswer,
    another_way: bool,
    problem: Option<&CodeProblem>,
) -> Answer<'a> {
    let (title, lead, note) = match asked.is_question {
        true => ("question-title", "question-lead", "question-note"),
        false => ("shown-title", "shown-lead", "shown-note"),
    };
    let s = Shell::new(frame, "2fa", title);
    let label = match asked.text.trim() {
        "" => s.words.html("answer"),
        text => s.words.name(text),
    };
    let picture = asked.picture.as_deref();
    let picture = picture.filter(|picture| picture.starts_with("data:image/"));
    Answer {
        errors: errors(&s, problem, "answer-wrong", "answer-incomplete"),
        picture: picture.map(|picture| (picture, unsteered(&asked.text))),
        s,
        token,
        title,
        lead,
        note,
        label,
        another_way,
    }
}

/// An approval on another device.
#[derive(Template)]
#[template(path = "approval.html")]
struct Approval<'a> {
    s: Shell<'a>,
    token: &'a str,
    wait: &'a str,
    another_way: bool,
    not_asked: bool,
}

fn approval<'a>(
    frame: &'a Frame,
    token: &'a str,
    wait: &'a str,
    (another_way, not_asked): (bool, bool),
) -> Approval<'a> {
    let mut s = Shell::new(frame, "2fa", "approval-title");
    if !not_asked {
        s.refresh = Some((2, wait));
        s.wait = Some(wait);
    }
    Approval {
        s,
        token,
        wait,
        another_way,
        not_asked,
    }
}

/// Which way to use.
#[derive(Template)]
#[template(path = "ways.html")]
struct Ways<'a> {
    s: Shell<'a>,
    token: &'a str,
    /// The name of each, and the words for it.
    buttons: Vec<(&'static str, Markup)>,
    back: &'a str,
}

fn choice<'a>(frame: &'a Frame, token: &'a str, ways: &'a [Way], back: &'a str) -> Ways<'a> {
    let s = Shell::new(frame, "2fa", "ways-title");
    let ways = ways.iter().map(|way| match way {
        Way::App => ("app", s.words.html("way-app")),
        Way::Phone(digits) => ("phone", s.words.valued("way-phone", "digits", digits)),
        Way::Email(hint) => ("email", s.words.valued("way-email", "hint", hint)),
        Way::Face => ("face", s.words.html("way-approval")),
        Way::ForceFace => ("forceFace", s.words.html("way-approval")),
        Way::Question => ("question", s.words.html("way-question")),
        Way::Shown => ("shown", s.words.html("way-shown")),
    });
    Ways {
        buttons: ways.collect(),
        s,
        token,
        back,
    }
}
