//! The login step of a provider with a page of its own, and the way there.

use axum::{
    http::{StatusCode, header},
    response::Response,
};

use super::{
    answer::Asked,
    form::StepForm,
    show,
    trip_cookie::TripCookie,
    view::{ElsewhereView, Embedding, View},
};
use crate::{
    domain::{
        link_session::{Elsewhere, LinkSession, Login, Stage},
        time::Timestamp,
        token::FlowSecret,
    },
    flow::Engine,
};

/// The parameter that tells `{flow}/wait` which version of the session the page shows.
const AT: &str = "at";

/// The login step of a session whose provider has a page of its own; `None` at any other step.
pub fn login<'a>(engine: &Engine, session: &'a LinkSession) -> Option<&'a Login> {
    match &session.state.stage {
        Stage::Elsewhere(Elsewhere { login, .. }) => Some(login),
        Stage::Login(login) if engine.signs_in_elsewhere(&login.consent.provider) => Some(login),
        _ => None,
    }
}

/// Its page. A provider's page is not framed, so that a framed button opens a window, and the frame waits for it.
pub fn page(asked: &Asked<'_>, session: &LinkSession, login: &Login, token: String) -> View {
    let underway = matches!(session.state.stage, Stage::Elsewhere(_));
    let waits = underway || asked.embedding(session).is_some();
    let wait = asked.choices.with(&format!("{}/wait", asked.here), false);
    let joint = if wait.contains('?') { '&' } else { '?' };
    let destination = asked.headers.get("sec-fetch-dest");
    View::Elsewhere(ElsewhereView::Login {
        token,
        underway,
        problem: show::login_problem(session, login),
        wait: waits.then(|| format!("{wait}{joint}{AT}={}", session.version)),
        framed: destination.is_some_and(|to| to == "iframe"),
        here: asked.choices.with(&asked.here, false),
    })
}

/// Whether the page that asks shows the session as it is still, and it is at this step.
pub fn keeps_waiting(engine: &Engine, query: Option<&str>, session: &LinkSession) -> bool {
    let mut parameters = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let same = parameters.any(|(name, value)| name == AT && value == session.version.to_string());
    same && login(engine, session).is_some()
}

/// Sends the browser to the provider's own page, knowing by a cookie which flow it drives.
///
/// Not by a redirect: Chromium holds `form-action` against those of a form, and a list of every provider's hosts there
/// would let a stolen page post to them.
pub fn send_off(
    asked: &Asked<'_>,
    session: &LinkSession,
    flow: FlowSecret,
    form: &StepForm,
    to: String,
    until: Timestamp,
) -> Response {
    let cookie = TripCookie {
        flow,
        apart: form.apart,
        choices: asked.choices.clone(),
    };
    let mut response = match asked.is_script() {
        true => asked.next(&to),
        false => {
            let view = View::Elsewhere(ElsewhereView::Leaving { to });
            let mut frame = show::frame(asked, Some(session));
            if form.apart {
                // Whoever opened this window is a page of ours, which has nothing to be told.
                frame.embedding = Some(Embedding::default());
            }
            asked.html(StatusCode::OK, Some(session), &frame, &view)
        }
    };
    if let Some(cookie) = cookie.header(asked.engine, until) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
