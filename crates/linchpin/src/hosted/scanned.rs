//! A code of a hand-off, opened on a phone: who asks, where the first screen is, and which phrase stands there.

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
    flow::flow_path,
    form::Action,
    hand_off::phrase,
    show,
    view::{HandOffView, Screen, View},
    word,
};
use crate::{
    domain::{
        client_network::ClientNetwork,
        link_session::{LinkSession, Offer},
        token::{HandOffCode, HandOffToken},
    },
    flow::{Chosen, Engine, Unavailable},
    http::ClientAddress,
};

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
    let form = match pages.posted(&asked, client, body).await {
        Ok(form) => form,
        Err(refused) => return refused,
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
