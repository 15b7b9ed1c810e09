//! Going on on a phone: the code on the first screen, and what the phone shows that has it.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Extension, OriginalUri, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{
    Pages, PathWord,
    answer::Asked,
    choices::Choices,
    flow::{flow_path, onwards},
    form::{Action, StepForm},
    guard, show,
    texts::Locale,
    view::{HandOffView, Phrase, Screen, View, WhyOver},
    word,
};
use crate::{
    domain::{
        client_network::ClientNetwork,
        link_session::{HandOff, HandOffStands, LinkSession, Offer, Stage},
        time::SECOND,
        token::{FlowSecret, HandOffCode, HandOffToken, Phrases, StepToken},
    },
    flow::{Chosen, Driven, Engine, Seat, Unavailable},
    http::ClientAddress,
};

/// The parameter that tells `{flow}/wait` which state of the hand-off the page shows.
const SINCE: &str = "since";

/// `GET /h/…`: names the app and asks for the phrase; writes nothing, for previews and scanners come here, too.
pub async fn ask(
    State(engine): State<Arc<Engine>>,
    OriginalUri(uri): OriginalUri,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
    code: PathWord,
) -> Response {
    let asked = Asked {
        engine: &engine,
        headers: &headers,
        choices: Choices::from_query(uri.query()),
        here: uri.path().to_owned(),
    };
    let Some(code) = HandOffCode::parse(&word(code)) else {
        return no_longer(&asked);
    };
    match question(&asked, &code, client).await {
        Ok(response) => response,
        Err(error) => asked.unavailable(&error),
    }
}

async fn question(
    asked: &Asked<'_>,
    code: &HandOffCode,
    client: ClientAddress,
) -> Result<Response, Unavailable> {
    let engine = asked.engine;
    let session = engine.offering(code).await?;
    let shown = session
        .as_ref()
        .and_then(|session| Some((session, engine.offered(session)?)));
    let Some((session, (offer, _, phrases))) = shown else {
        return Ok(no_longer(asked));
    };
    let nonce = crate::flow::random()?;
    let view = HandOffView::Ask {
        token: HandOffToken::new(nonce).reveal(&engine.keyring, code),
        phrases: phrases.shown.map(|place| phrase(place, offer)),
        screen: screen(asked, session, offer, client),
    };
    Ok(asked.page(StatusCode::OK, Some(session), &View::HandOff(view)))
}

/// `POST /h/…`: a phrase was chosen.
pub async fn choose(
    State(pages): State<Pages>,
    OriginalUri(uri): OriginalUri,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
    code: PathWord,
    body: Body,
) -> Response {
    let engine = &pages.engine;
    let asked = Asked {
        engine,
        headers: &headers,
        choices: Choices::from_query(uri.query()),
        here: uri.path().to_owned(),
    };
    if let Some(refused) = pages.too_many(&asked, client) {
        return refused;
    }
    if !guard::from_our_page(engine, &headers) {
        return asked.forbidden();
    }
    let Some(form) = StepForm::read(&headers, body).await else {
        return asked.forbidden();
    };
    let Some(code) = HandOffCode::parse(&word(code)) else {
        return no_longer(&asked);
    };
    let Some(token) = HandOffToken::parse(&engine.keyring, &code, &form.token) else {
        return asked.forbidden();
    };
    let chosen = match form.action {
        Action::Phrase(chosen) => Some(chosen),
        _ => None,
    };
    match engine.choose_phrase(&code, &token, chosen).await {
        Ok(Chosen::Taken(flow)) => asked.next(&asked.choices.with(&flow_path(&flow), false)),
        Ok(Chosen::Wrong) => asked.page(
            StatusCode::GONE,
            None,
            &View::HandOff(HandOffView::WrongPhrase),
        ),
        Ok(Chosen::Late) => no_longer(&asked),
        Err(error) => asked.unavailable(&error),
    }
}

/// Old, used and made-up codes are told apart by nothing.
fn no_longer(asked: &Asked<'_>) -> Response {
    let view = View::HandOff(HandOffView::NoLonger);
    asked.page(StatusCode::GONE, None, &view)
}

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
            let account = show::account(connection);
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

fn phrase(place: usize, offer: &Offer) -> Phrase {
    Phrase {
        place: place % Phrases::LIST,
        locale: Locale::from_tag(&offer.language).unwrap_or_default(),
    }
}

fn screen(
    asked: &Asked<'_>,
    session: &LinkSession,
    offer: &Offer,
    client: ClientAddress,
) -> Screen {
    let Some(network) = offer.from else {
        return Screen::Private;
    };
    let locale = show::locale(asked, Some(session));
    let regions = asked.engine.settings.regions.as_ref();
    let region = regions.and_then(|regions| regions.of(&network, locale.tag()));
    let (country, city) = region.map_or((None, None), |region| (Some(region.country), region.city));
    Screen::Public {
        network: network.to_string(),
        country,
        city,
        shared: ClientNetwork::of(client.0) == Some(network),
    }
}
