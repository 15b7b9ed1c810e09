//! `/back/{provider}`: where a provider sends browsers back to, after they signed in on its own page.
//!
//! The address that a provider calls writes nothing, like every other GET: it shows a form that sends itself. Whoever has
//! not departed from here is shown nothing of the session: an answer that was begun by another browser would link one
//! person's account to another person's session (RFC 9700, 4.7).

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Extension, OriginalUri, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use linchpin_provider::Secret;

use super::{
    MOMENT, Pages, PathWord,
    answer::{Asked, OPENER_POLICY, reachable},
    choices::Choices,
    flow::flow_path,
    form,
    show::frame,
    trip_cookie::TripCookie,
    view::{ElsewhereView, Embedding, View},
    word,
};
use crate::{
    domain::{
        link_session::{HandOff, LinkSession},
        token::TripState,
    },
    flow::{Driven, Engine, Seat, Unavailable},
    http::ClientAddress,
};

/// Where a window that has done its part ends up.
const DONE: &str = "/done";
/// Parameters of an answer that are looked at.
const PARAMETERS_MAX: usize = 24;

type Parameters = Vec<(String, Secret)>;

/// Who has come back.
enum Returned {
    /// The browser that departed, with what it knows of its trip.
    Here(Box<(LinkSession, Seat, TripState, TripCookie)>),
    /// Another one.
    OtherBrowser,
    /// Whoever it is, the provider of this address has not sent it.
    Stray,
}

/// `GET /back/{provider}`: shows, and writes nothing.
pub async fn show(
    State(engine): State<Arc<Engine>>,
    path: PathWord,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let query = uri.query().unwrap_or_default();
    let parameters = url::form_urlencoded::parse(query.as_bytes()).take(PARAMETERS_MAX);
    let parameters: Parameters = parameters
        .map(|(name, value)| (name.into_owned(), Secret::new(value.into_owned())))
        .collect();
    let returned = returned(&engine, &headers, &parameters, &word(path)).await;
    let (asked, returned) = asked(&engine, &headers, uri.path(), returned);
    let here = match returned {
        Ok(here) => here,
        Err(refused) => return refused,
    };
    let (session, seat, state, cookie) = *here;
    if !drives(&session, seat) || !engine.awaits(&session, state.trip) {
        return onwards(&asked, &session, &cookie);
    }
    if !["code", "error"].iter().any(|name| has(&parameters, name)) {
        return stray(&asked);
    }
    let parameters = parameters.into_iter();
    let view = View::Elsewhere(ElsewhereView::Back {
        parameters: parameters
            .map(|(name, value)| (name, value.reveal().to_owned()))
            .collect(),
    });
    asked.page(StatusCode::OK, Some(&session), &view)
}

/// `POST /back/{provider}`: what the browser has brought goes to the provider, once.
pub async fn act(
    State(pages): State<Pages>,
    Extension(client): Extension<ClientAddress>,
    path: PathWord,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let engine = &pages.engine;
    let stranger = Asked {
        engine,
        headers: &headers,
        choices: Choices::default(),
        here: uri.path().to_owned(),
    };
    if let Some(refused) = pages.refused(&stranger, client) {
        return refused;
    }
    let Some(mut parameters) = form::pairs(&headers, body).await else {
        return stranger.forbidden();
    };
    parameters.truncate(PARAMETERS_MAX);
    let returned = returned(engine, &headers, &parameters, &word(path)).await;
    let (asked, returned) = asked(engine, &headers, uri.path(), returned);
    let here = match returned {
        Ok(here) => here,
        Err(refused) => return refused,
    };
    let (session, seat, state, cookie) = *here;
    if drives(&session, seat) && engine.awaits(&session, state.trip) {
        match engine.arrive(&session, state.trip, parameters).await {
            Ok(Driven::Checking(over)) => {
                // Where it takes longer, the page says so.
                let _ = tokio::time::timeout(MOMENT, over).await;
                return taken_back(onwards(&asked, &session, &cookie), &cookie, engine);
            }
            Ok(Driven::Taken(_) | Driven::Nothing) => {}
            Err(error) => return asked.unavailable(&error),
        }
    }
    onwards(&asked, &session, &cookie)
}

/// `GET /done`: the page that was left beside this window goes on.
pub async fn done(
    State(engine): State<Arc<Engine>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let asked = Asked {
        engine: &engine,
        headers: &headers,
        choices: Choices::from_query(uri.query()),
        here: DONE.to_owned(),
    };
    let mut frame = frame(&asked, None);
    // The window stays one that its opener may close.
    frame.embedding = Some(Embedding::default());
    asked.html(
        StatusCode::OK,
        None,
        &frame,
        &View::Elsewhere(ElsewhereView::Close),
    )
}

async fn returned(
    engine: &Engine,
    headers: &HeaderMap,
    parameters: &Parameters,
    provider: &str,
) -> Result<Returned, Unavailable> {
    let mut states = parameters.iter().filter(|(name, _)| name == "state");
    let state = match (states.next(), states.next()) {
        (Some((_, state)), None) => TripState::parse(&engine.keyring, state.reveal()),
        _ => None,
    };
    let Some(state) = state else {
        return Ok(Returned::Stray);
    };
    let Some(cookie) = TripCookie::read(engine, headers, state.session) else {
        return Ok(Returned::OtherBrowser);
    };
    Ok(match engine.flow_session(&cookie.flow).await? {
        Some((session, _)) if engine.is_at_another(&session, provider) => Returned::Stray,
        Some((session, seat)) => Returned::Here(Box::new((session, seat, state, cookie))),
        None => Returned::OtherBrowser,
    })
}

type Here = Box<(LinkSession, Seat, TripState, TripCookie)>;

/// How to answer, and whom; the refusal where it is nobody.
fn asked<'a>(
    engine: &'a Engine,
    headers: &'a HeaderMap,
    here: &str,
    returned: Result<Returned, Unavailable>,
) -> (Asked<'a>, Result<Here, Response>) {
    let choices = match &returned {
        Ok(Returned::Here(here)) => here.3.choices.clone(),
        _ => Choices::default(),
    };
    let asked = Asked {
        engine,
        headers,
        choices,
        here: here.to_owned(),
    };
    let other = View::Elsewhere(ElsewhereView::OtherBrowser);
    let here = match returned {
        Ok(Returned::Here(here)) => Ok(here),
        Ok(Returned::OtherBrowser) => Err(asked.page(StatusCode::FORBIDDEN, None, &other)),
        Ok(Returned::Stray) => Err(stray(&asked)),
        Err(error) => Err(asked.unavailable(&error)),
    };
    (asked, here)
}

fn stray(asked: &Asked<'_>) -> Response {
    let view = View::Elsewhere(ElsewhereView::Stray);
    asked.page(StatusCode::BAD_REQUEST, None, &view)
}

fn has(parameters: &Parameters, name: &str) -> bool {
    parameters.iter().any(|(key, _)| key == name)
}

/// The trip is over, and with it what the browser had to know; a trip that is not keeps its cookie.
fn taken_back(mut response: Response, cookie: &TripCookie, engine: &Engine) -> Response {
    if let Some(gone) = cookie.gone(engine) {
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    response
}

/// Whether it is this browser's turn: not while a phone goes on, and not once the phone does no more.
fn drives(session: &LinkSession, seat: Seat) -> bool {
    let hand_off = session.state.hand_off.as_ref();
    match seat {
        Seat::Owner => !hand_off.is_some_and(HandOff::is_shown),
        Seat::Phone => hand_off.is_some_and(HandOff::is_taken),
    }
}

/// The page where the flow stands, which tells what has become of it; a window of its own has nothing to tell.
fn onwards(asked: &Asked<'_>, session: &LinkSession, cookie: &TripCookie) -> Response {
    let to = match cookie.apart {
        true => DONE.to_owned(),
        false => flow_path(&cookie.flow),
    };
    let mut response = asked.next(&asked.choices.with(&to, false));
    if asked.embedding(session).is_some() {
        // A redirect cuts a window off from the page that opened it as well as a page does.
        response.headers_mut().insert(OPENER_POLICY, reachable());
    }
    response
}
