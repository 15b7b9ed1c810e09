//! The pages of signing in on the provider's own page.

use askama::Template;

use super::notices::{self, Icon};
use super::outside;
use super::shell::Shell;
use super::write;
use crate::hosted::assets;
use crate::hosted::texts::Markup;
use crate::hosted::view::{ElsewhereView, Frame, LoginProblem};

/// Seconds after which a page without scripts looks again: the user reads and types in the other window meanwhile.
const LOOK_AGAIN: u8 = 3;

/// The document of a view.
pub(super) fn page(frame: &Frame, view: &ElsewhereView) -> String {
    match view {
        ElsewhereView::Login { .. } => write(&login(frame, view)),
        ElsewhereView::Leaving { to } => write(&Leaving {
            s: Shell::new(frame, "login", "elsewhere-leaving-title"),
            to: outside::link(to),
        }),
        ElsewhereView::Back { parameters } => {
            let mut s = Shell::new(frame, "login", "elsewhere-back-title");
            s.script = assets::back_path();
            write(&Back { s, parameters })
        }
        ElsewhereView::Close => {
            let (title, sentence) = ("elsewhere-close-title", "elsewhere-close-lead");
            let mut notice = notices::notice(frame, Icon::Lock, title, sentence);
            notice.s.step = "login";
            notice.s.script = assets::back_path();
            write(&notice)
        }
        ElsewhereView::OtherBrowser => {
            let (title, sentence) = ("elsewhere-other-title", "elsewhere-other-lead");
            write(&notices::notice(frame, Icon::Lock, title, sentence))
        }
        ElsewhereView::Stray => {
            let (title, sentence) = ("elsewhere-stray-title", "elsewhere-stray-lead");
            write(&notices::notice(frame, Icon::Clock, title, sentence))
        }
    }
}

/// The way to the provider's own page.
#[derive(Template)]
#[template(path = "elsewhere.html")]
struct Login<'a> {
    s: Shell<'a>,
    view: &'a ElsewhereView,
    title: &'static str,
    lead: &'static str,
    go: &'static str,
    error: Option<Markup>,
}

fn login<'a>(frame: &'a Frame, view: &'a ElsewhereView) -> Login<'a> {
    let (underway, problem) = match view {
        ElsewhereView::Login {
            underway, problem, ..
        } => (*underway, problem.as_ref()),
        _ => (false, None),
    };
    let [title, lead, go] = match underway {
        false => ["elsewhere-title", "elsewhere-lead", "elsewhere-go"],
        true => [
            "elsewhere-underway-title",
            "elsewhere-underway-lead",
            "elsewhere-again",
        ],
    };
    let mut s = Shell::new(frame, "login", title);
    if let ElsewhereView::Login {
        wait: Some(wait), ..
    } = view
    {
        s.wait = Some(wait);
        s.refresh = underway.then_some((LOOK_AGAIN, wait));
    }
    let error = match problem {
        None | Some(LoginProblem::WrongPassword { .. } | LoginProblem::Incomplete) => None,
        Some(LoginProblem::Denied) => Some("elsewhere-denied"),
        Some(LoginProblem::Declined) => Some("declined"),
        Some(LoginProblem::DifferentAccount) => Some("login-different-account"),
        Some(LoginProblem::LinkedToAnotherUser) => Some("login-linked-to-another-user"),
        Some(LoginProblem::ProviderUnavailable) => Some("provider-unavailable"),
        Some(LoginProblem::Interrupted) => Some("interrupted"),
    };
    Login {
        error: error.map(|key| s.words.html(key)),
        s,
        view,
        title,
        lead,
        go,
    }
}

/// The browser leaves; with scripts and without.
#[derive(Template)]
#[template(path = "elsewhere_leaving.html")]
struct Leaving<'a> {
    s: Shell<'a>,
    to: Option<&'a str>,
}

/// The browser is back.
#[derive(Template)]
#[template(path = "elsewhere_back.html")]
struct Back<'a> {
    s: Shell<'a>,
    parameters: &'a [(String, String)],
}
