//! Going on on a phone, at the flow URLs: what the first screen and the phone show and may do while a hand-off stands.

use axum::{http::StatusCode, response::Response};

use super::{
    answer::Asked,
    flow::onwards,
    form::{Action, StepForm},
    show,
    texts::Locale,
    view::{HandOffView, Phrase, View, WhyOver},
};
use crate::{
    domain::{
        link_session::{HandOff, HandOffStands, LinkSession, Offer, Stage},
        time::SECOND,
        token::{FlowSecret, Phrases, StepToken},
    },
    flow::{Driven, Engine, Seat, Unavailable},
    http::ClientAddress,
};

/// The parameter that tells `{flow}/wait` which state of the hand-off the page shows.
const SINCE: &str = "since";

/// What a flow URL shows in place of the step: on the first screen while a hand-off stands, on the phone wherever the
/// rest is not for it.
pub async fn instead(
    asked: &Asked<'_>,
    session: &LinkSession,
    seat: Seat,
) -> Result<Option<Response>, Unavailable> {
    let Some(hand_off) = &session.state.hand_off else {
        return Ok(None);
    };
    let over = session.is_over(asked.engine.clock.now());
    let (status, view) = match seat {
        Seat::Owner if over || asked.choices.leaving || !hand_off.is_shown() => return Ok(None),
        Seat::Owner => (StatusCode::OK, on_first_screen(asked, session, hand_off)),
        Seat::Phone if !hand_off.is_taken() => (StatusCode::OK, HandOffView::TakenBack),
        Seat::Phone if over => on_phone(asked, session).await?,
        Seat::Phone => return Ok(None),
    };
    Ok(Some(asked.page(
        status,
        Some(session),
        &View::HandOff(view),
    )))
}

fn on_first_screen(asked: &Asked<'_>, session: &LinkSession, hand_off: &HandOff) -> HandOffView {
    let engine = asked.engine;
    let token = StepToken {
        version: session.version,
    }
    .reveal(&engine.keyring, session.id);
    let wait = wait(asked, hand_off);
    if let Some((offer, code, phrases)) = engine.offered(session) {
        let left = offer.until.since(engine.clock.now());
        return HandOffView::Code {
            token,
            wait,
            link: format!("{}/h/{}", engine.settings.urls.link, code.reveal()),
            phrase: phrase(phrases.right(), offer),
            // Rounded up: a page that is loaded again at nought must not show the same code.
            seconds_left: u32::try_from((left + SECOND - 1) / SECOND).unwrap_or(0),
        };
    }
    let why = match hand_off.stands {
        HandOffStands::Taken { .. } => return HandOffView::Waiting { token, wait },
        HandOffStands::WrongPhrase => WhyOver::WrongPhrase,
        _ => WhyOver::Late,
    };
    HandOffView::Over {
        token,
        why,
        again: engine.may_hand_off(session),
    }
}

/// The end, as the phone tells it: it never leads to the app, which only the first browser goes back to.
async fn on_phone(
    asked: &Asked<'_>,
    session: &LinkSession,
) -> Result<(StatusCode, HandOffView), Unavailable> {
    let Stage::Completed { connection, .. } = &session.state.stage else {
        return Ok((StatusCode::GONE, HandOffView::Ended));
    };
    let request = &session.request;
    let connection = asked
        .engine
        .store
        .connection(connection, &request.organisation, request.environment)
        .await?;
    Ok(match connection {
        Some(connection) => {
            let account = show::account(connection.account);
            (StatusCode::OK, HandOffView::Done { account })
        }
        None => (StatusCode::GONE, HandOffView::Ended),
    })
}

fn wait(asked: &Asked<'_>, hand_off: &HandOff) -> String {
    let path = asked.choices.with(&format!("{}/wait", asked.here), false);
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}{SINCE}={}", hand_off.since_version)
}

/// Whether a page at a flow URL is to ask again, where a hand-off says so; `None` where it says nothing.
pub fn keeps_waiting(
    engine: &Engine,
    query: Option<&str>,
    session: &LinkSession,
    seat: Seat,
) -> Option<bool> {
    let hand_off = session.state.hand_off.as_ref()?;
    match seat {
        Seat::Phone if hand_off.is_taken() => None,
        Seat::Phone => Some(false),
        Seat::Owner if !hand_off.is_shown() => None,
        Seat::Owner => {
            let mut parameters = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
            let same = parameters
                .any(|(name, value)| name == SINCE && value == hand_off.since_version.to_string());
            let open = hand_off.is_taken() || engine.offered(session).is_some();
            Some(same && open)
        }
    }
}

/// A step at a flow URL, where it is one of the hand-off or stands against one; `None` for any other.
pub async fn step(
    asked: &Asked<'_>,
    session: &LinkSession,
    seat: Seat,
    client: ClientAddress,
    form: &StepForm,
) -> Result<Option<Response>, Unavailable> {
    let engine = asked.engine;
    let token = StepToken::parse(&engine.keyring, session.id, &form.token);
    let over = session.is_over(engine.clock.now());
    let Some(token) = token.filter(|_| !over) else {
        return Ok(None);
    };
    let stands = session.state.hand_off.as_ref();
    let shown = stands.filter(|hand_off| hand_off.is_shown());
    let driven = match (seat, form.action, shown) {
        (Seat::Phone, Action::Phone | Action::Here, _) => Driven::Nothing,
        (Seat::Phone, ..) if stands.is_some_and(HandOff::is_taken) => return Ok(None),
        (Seat::Phone, ..) => Driven::Nothing,
        // The phone's steps raise the version while this page stays as it is: it is out of date only when the
        // hand-off has changed.
        (Seat::Owner, _, Some(hand_off)) if token.version < hand_off.since_version => {
            Driven::Nothing
        }
        (Seat::Owner, Action::Cancel, Some(_)) if !form.confirmed => {
            return Ok(Some(asked.next(&asked.choices.with(&asked.here, true))));
        }
        (Seat::Owner, Action::Cancel, Some(_)) => engine.leave_phone(session).await?,
        (Seat::Owner, Action::Here, Some(_)) => engine.end_hand_off(session).await?,
        (Seat::Owner, Action::Phone, _) if shown.is_some() || token.version == session.version => {
            offer(asked, session, client).await?
        }
        (Seat::Owner, Action::Phone | Action::Here, _) | (Seat::Owner, _, Some(_)) => {
            Driven::Nothing
        }
        (Seat::Owner, _, None) => return Ok(None),
    };
    Ok(Some(match driven {
        Driven::Taken(session) => onwards(asked, &session, seat),
        Driven::Nothing | Driven::Checking(_) => {
            asked.next(&asked.choices.with(&asked.here, false))
        }
    }))
}

/// Shows a code at once in a flow that has just begun.
pub async fn begin(
    asked: &Asked<'_>,
    flow: &FlowSecret,
    client: ClientAddress,
) -> Result<(), Unavailable> {
    if let Some((session, Seat::Owner)) = asked.engine.flow_session(flow).await? {
        offer(asked, &session, client).await?;
    }
    Ok(())
}

async fn offer(
    asked: &Asked<'_>,
    session: &LinkSession,
    client: ClientAddress,
) -> Result<Driven, Unavailable> {
    let language = show::locale(asked, Some(session)).tag();
    asked
        .engine
        .offer_hand_off(session, language, client.0)
        .await
}

/// A phrase of the list, in the language that the first screen shows it in.
pub fn phrase(place: usize, offer: &Offer) -> Phrase {
    Phrase {
        place: place % Phrases::LIST,
        locale: Locale::from_tag(&offer.language).unwrap_or_default(),
    }
}
