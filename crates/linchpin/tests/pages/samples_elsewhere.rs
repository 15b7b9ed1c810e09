//! A sample of every page of signing in on the provider's own page.

use linchpin::hosted::view::{ElsewhereView, LoginProblem, View};

use super::{Sample, live, sample, token, wait};

/// Every sample.
pub fn all() -> Vec<Sample> {
    let login = |underway, problem, waits: bool| {
        View::Elsewhere(ElsewhereView::Login {
            token: token(),
            underway,
            problem,
            wait: waits.then(wait),
            framed: waits,
            here: "/f/sample".to_owned(),
        })
    };
    let view = |view| View::Elsewhere(view);
    let parameters = vec![
        ("code".to_owned(), "c-1".to_owned()),
        ("state".to_owned(), "s-1".to_owned()),
    ];
    let to = "https://platform.example/sign-in?state=s-1".to_owned();
    vec![
        live("elsewhere-login", login(false, None, false)),
        live("elsewhere-framed", login(false, None, true)),
        live("elsewhere-underway", login(true, None, true)),
        live(
            "elsewhere-denied",
            login(false, Some(LoginProblem::Denied), false),
        ),
        live(
            "elsewhere-unavailable",
            login(false, Some(LoginProblem::ProviderUnavailable), false),
        ),
        live("elsewhere-leaving", view(ElsewhereView::Leaving { to })),
        live("elsewhere-back", view(ElsewhereView::Back { parameters })),
        sample("elsewhere-close", view(ElsewhereView::Close)),
        sample("elsewhere-other", view(ElsewhereView::OtherBrowser)),
        sample("elsewhere-stray", view(ElsewhereView::Stray)),
    ]
}
