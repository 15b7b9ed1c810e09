//! The flow URL: the page of the step where the session stands, and the steps.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Extension, OriginalUri, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use linchpin_provider::Method;

use super::{
    MOMENT, Pages, PathWord,
    answer::Asked,
    choices::Choices,
    elsewhere,
    form::{Action, StepForm},
    hand_off,
    messages::Message,
    show, show_factor,
    view::{LoginProblem, View},
    word,
};
use crate::{
    domain::{
        link_session::{Elsewhere, LinkSession, Stage, TwoFactor},
        second_factor::can_answer,
        token::{FlowSecret, StepToken},
    },
    flow::{Driven, Engine, Leaves, Seat, Unavailable},
    http::ClientAddress,
};

/// Path of a flow.
pub fn flow_path(flow: &FlowSecret) -> String {
    format!("/f/{}", flow.reveal())
}

/// `GET /f/…`: the page of the step, whatever was asked for before: reload and back are always right.
pub async fn show(
    State(engine): State<Arc<Engine>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    flow: PathWord,
) -> Response {
    let flow = word(flow);
    let choices = Choices::from_query(uri.query());
    let asked = Asked {
        engine: &engine,
        headers: &headers,
        choices,
        here: uri.path().to_owned(),
    };
    match found(&engine, &flow).await {
        Ok(Some((session, seat))) => page(&asked, &session, seat)
            .await
            .unwrap_or_else(|error| asked.unavailable(&error)),
        Ok(None) => asked.unknown(),
        Err(error) => asked.unavailable(&error),
    }
}

async fn found(engine: &Engine, flow: &str) -> Result<Option<(LinkSession, Seat)>, Unavailable> {
    match FlowSecret::parse(flow) {
        Some(secret) => engine.flow_session(&secret).await,
        None => Ok(None),
    }
}

async fn page(
    asked: &Asked<'_>,
    session: &LinkSession,
    seat: Seat,
) -> Result<Response, Unavailable> {
    if let Some(response) = hand_off::instead(asked, session, seat).await? {
        return Ok(response);
    }
    let engine = asked.engine;
    let back = format!("{}/return", asked.here);
    if let Stage::Completed { connection, .. } = &session.state.stage {
        let request = &session.request;
        let connection = engine
            .store
            .connection(connection, &request.organisation, request.environment)
            .await?;
        if let Some(connection) = connection {
            let (id, account) = (connection.id.as_str(), &connection.account);
            let made = Message::success(engine, session, id, account);
            let view = show::done(engine, connection, back);
            return Ok(asked.telling(StatusCode::OK, Some(session), &view, Some(made)));
        }
    }
    if session.is_over(engine.clock.now()) {
        let back = engine.registered_url(session).map(|_| back);
        return Ok(asked.ended(session, back));
    }
    let token = StepToken {
        version: session.version,
    }
    .reveal(&engine.keyring, session.id);
    let wait = asked.choices.with(&format!("{}/wait", asked.here), false);
    let elsewhere = elsewhere::login(engine, session);
    let view = match &session.state.stage {
        _ if asked.choices.leaving => View::Leave {
            token,
            back: asked.choices.with(&asked.here, false),
        },
        Stage::Authorization { provider } => show::authorization(engine, session, provider, token),
        Stage::Login(login) | Stage::Elsewhere(Elsewhere { login, .. }) => match elsewhere {
            Some(login) => elsewhere::page(asked, session, login, token),
            None => show::login(engine, session, login, token),
        },
        Stage::TwoFactor(two_factor) => second_factor(asked, two_factor, token, wait),
        Stage::Verifying { .. } => View::Checking { token, wait },
        // Owned sessions are past this, and ended ones were shown above.
        Stage::Initialized
        | Stage::Completed { .. }
        | Stage::Cancelled { .. }
        | Stage::Failed { .. }
        | Stage::Expired { .. }
        | Stage::Deleted { .. } => return Ok(asked.unknown()),
    };
    Ok(asked.page(StatusCode::OK, Some(session), &view))
}

/// The page of the way in use, or the one to choose another way on.
fn second_factor(asked: &Asked<'_>, two_factor: &TwoFactor, token: String, wait: String) -> View {
    let back = asked.choices.with(&asked.here, false);
    let ways = show_factor::ways(&two_factor.factor, token.clone(), back);
    match ways.filter(|_| asked.choices.choosing) {
        Some(view) => view,
        None => show_factor::page(two_factor, asked.engine.clock.now(), token, wait),
    }
}

/// `GET /f/…/wait`: what a step became that took longer than a moment. 204 tells the script to ask again.
pub async fn wait(
    State(engine): State<Arc<Engine>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    flow: PathWord,
) -> Response {
    let flow = word(flow);
    let choices = Choices::from_query(uri.query());
    let asked = Asked {
        engine: &engine,
        headers: &headers,
        choices,
        here: format!("/f/{flow}"),
    };
    match found(&engine, &flow).await {
        Ok(Some((session, seat)))
            if !session.is_over(engine.clock.now())
                && hand_off::keeps_waiting(&engine, uri.query(), &session, seat)
                    .unwrap_or_else(|| {
                        is_waiting(&session)
                            || elsewhere::keeps_waiting(&engine, uri.query(), &session)
                    }) =>
        {
            if asked.is_script() {
                return StatusCode::NO_CONTENT.into_response();
            }
            page(&asked, &session, seat)
                .await
                .unwrap_or_else(|error| asked.unavailable(&error))
        }
        Ok(Some((session, seat))) => onwards(&asked, &session, seat),
        Ok(None) => asked.unknown(),
        Err(error) => asked.unavailable(&error),
    }
}

fn is_waiting(session: &LinkSession) -> bool {
    match &session.state.stage {
        Stage::Verifying { .. } => true,
        Stage::TwoFactor(two_factor) => !two_factor.factor.method.is_typed(),
        _ => false,
    }
}

/// `GET /f/…/return`: back to the app.
pub async fn go_back(
    State(engine): State<Arc<Engine>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    flow: PathWord,
) -> Response {
    let flow = word(flow);
    let choices = Choices::from_query(uri.query());
    let asked = Asked {
        engine: &engine,
        headers: &headers,
        choices,
        here: format!("/f/{flow}"),
    };
    match found(&engine, &flow).await {
        Ok(Some((_, Seat::Phone))) => asked.next(&asked.choices.with(&asked.here, false)),
        Ok(Some((session, Seat::Owner))) => match engine.way_back(&session) {
            Some(url) => asked.next(&url),
            None if session.is_over(engine.clock.now()) => asked.back_to_app(&session),
            None => asked.next(&asked.choices.with(&asked.here, false)),
        },
        Ok(None) => asked.unknown(),
        Err(error) => asked.unavailable(&error),
    }
}

/// `POST /f/…`: a step.
pub async fn act(
    State(pages): State<Pages>,
    OriginalUri(uri): OriginalUri,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
    flow: PathWord,
    body: Body,
) -> Response {
    let flow = word(flow);
    let choices = Choices::from_query(uri.query());
    let engine = &pages.engine;
    let asked = Asked {
        engine,
        headers: &headers,
        choices,
        here: uri.path().to_owned(),
    };
    let form = match pages.posted(&asked, client, body).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    let done = async {
        let Some((session, seat)) = found(engine, &flow).await? else {
            return Ok(asked.unknown());
        };
        match hand_off::step(&asked, &session, seat, client, &form).await? {
            Some(response) => Ok(response),
            None => step(engine, &asked, (session, seat), &flow, form).await,
        }
    };
    done.await.unwrap_or_else(|error| asked.unavailable(&error))
}

async fn step(
    engine: &Arc<Engine>,
    asked: &Asked<'_>,
    (session, seat): (LinkSession, Seat),
    flow: &str,
    form: StepForm,
) -> Result<Response, Unavailable> {
    let Some(token) = StepToken::parse(&engine.keyring, session.id, &form.token) else {
        return Ok(asked.forbidden());
    };
    if session.ended_at().is_none() && session.is_over(engine.clock.now()) {
        return match engine.expire(&session).await? {
            Some(expired) => Ok(onwards(asked, &expired, seat)),
            // The upkeep was faster, or whoever deleted it.
            None => reloaded(engine, asked, flow).await,
        };
    }
    // A token that was spent does nothing: what it did is what the page shows.
    if token.version != session.version {
        return Ok(onwards(asked, &session, seat));
    }
    if let Some(view) = incomplete(asked, &session, &form) {
        return Ok(asked.page(StatusCode::UNPROCESSABLE_ENTITY, Some(&session), &view));
    }
    let driven = match (form.action, &session.state.stage) {
        (Action::Cancel, _) if !form.confirmed => {
            return Ok(asked.next(&asked.choices.with(&asked.here, true)));
        }
        (Action::Cancel, _) => engine.leave(&session).await?,
        (Action::Continue, Stage::Authorization { .. }) => {
            engine.allow(&session, form.permissions).await?
        }
        (Action::Continue, Stage::Login(_) | Stage::Elsewhere(_))
            if elsewhere::login(engine, &session).is_some() =>
        {
            let locale = show::locale(asked, Some(&session)).tag();
            match (
                engine.depart(&session, locale).await?,
                FlowSecret::parse(flow),
            ) {
                (Leaves::For(to, until), Some(secret)) => {
                    let left = elsewhere::send_off(asked, &session, secret, &form, to, until);
                    return Ok(left);
                }
                (Leaves::For(..), None) => Driven::Nothing,
                (Leaves::Stays(driven), _) => driven,
            }
        }
        (Action::Continue, Stage::Login(_)) => {
            engine
                .submit_password(&session, form.username, form.password)
                .await?
        }
        (Action::Continue, Stage::TwoFactor(_)) => engine.submit_code(&session, &form.code).await?,
        (Action::Resend, Stage::TwoFactor(_)) => engine.resend(&session).await?,
        (Action::Another, Stage::TwoFactor(at)) if at.factor.others().len() > 1 => {
            return Ok(asked.next(&asked.choices.with_ways(&asked.here)));
        }
        (Action::Another | Action::Way(_), Stage::TwoFactor(at)) => {
            match other_way(form.action, at) {
                Some(way) => engine.choose_way(way, &session).await?,
                None => Driven::Nothing,
            }
        }
        _ => Driven::Nothing,
    };
    match driven {
        Driven::Taken(session) => Ok(onwards(asked, &session, seat)),
        Driven::Nothing => reloaded(engine, asked, flow).await,
        Driven::Checking(over) => {
            let in_time = tokio::time::timeout(MOMENT, over).await.is_ok();
            if !in_time {
                return Ok(asked.next(&asked.choices.with(&format!("/f/{flow}/wait"), false)));
            }
            reloaded(engine, asked, flow).await
        }
    }
}

/// The way that is chosen, where it may be: the one that the button names, or the only other one.
fn other_way(action: Action, at: &TwoFactor) -> Option<Method> {
    let others = at.factor.others();
    match action {
        Action::Way(way) => others.into_iter().find(|other| *other == way),
        _ => others.first().copied(),
    }
}

/// Where the flow stands after something else than this request may have moved it.
async fn reloaded(engine: &Engine, asked: &Asked<'_>, flow: &str) -> Result<Response, Unavailable> {
    Ok(found(engine, flow).await?.map_or_else(
        || asked.unknown(),
        |(session, seat)| onwards(asked, &session, seat),
    ))
}

/// Where a step leads: to the app once the session has ended without a connection, else to the flow's page. A phone is
/// never led to the app.
pub fn onwards(asked: &Asked<'_>, session: &LinkSession, seat: Seat) -> Response {
    match &session.state.stage {
        _ if seat == Seat::Phone => asked.next(&asked.choices.with(&asked.here, false)),
        Stage::Cancelled { .. } | Stage::Failed { .. } | Stage::Expired { .. } => {
            asked.back_to_app(session)
        }
        _ => asked.next(&asked.choices.with(&asked.here, false)),
    }
}

/// The page again where something is missing that needs no provider to see.
fn incomplete(asked: &Asked<'_>, session: &LinkSession, form: &StepForm) -> Option<View> {
    if form.action != Action::Continue {
        return None;
    }
    let token = form.token.clone();
    match &session.state.stage {
        Stage::Login(login)
            if !form.has_credentials() && elsewhere::login(asked.engine, session).is_none() =>
        {
            let username = form.username.chars().take(255).collect();
            Some(View::Login {
                token,
                username,
                by_email: show::takes_emails(asked.engine, &login.consent.provider),
                problem: Some(LoginProblem::Incomplete),
            })
        }
        Stage::TwoFactor(two_factor) => {
            let method = two_factor.factor.method;
            let is_answered = !method.is_typed() || can_answer(method, form.code.reveal());
            let now = asked.engine.clock.now();
            (!is_answered).then(|| show_factor::incomplete(two_factor, now, token))
        }
        _ => None,
    }
}
