//! The launch page: what opening the link shows, and the first action.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Extension, OriginalUri, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};

use super::{
    Pages, PathWord,
    answer::Asked,
    choices::Choices,
    flow::flow_path,
    form::{Action, StepForm},
    hand_off,
    messages::Message,
    show,
    view::View,
    word,
};
use crate::{
    domain::{
        client_app::AppType,
        link_session::{LinkSession, Outcome, Stage, Step},
        token::{LaunchToken, LinkSecret},
    },
    flow::{Engine, Launch, LaunchStep, Unavailable},
    http::ClientAddress,
};

/// `GET /cs_…`: shows, and writes nothing. Link previews, scanners and prefetching browsers come here, too.
pub async fn show(
    State(engine): State<Arc<Engine>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    secret: PathWord,
) -> Response {
    let secret = word(secret);
    // Any other word is as likely a mistyped route of the API, which the server answers in the API's shape.
    if !secret.starts_with(LinkSecret::PREFIX) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let choices = Choices::from_query(uri.query());
    let asked = Asked {
        engine: &engine,
        headers: &headers,
        choices,
        here: uri.path().to_owned(),
    };
    let Some(secret) = LinkSecret::parse(&secret) else {
        return asked.unknown();
    };
    match page(&asked, &secret).await {
        Ok(response) => response,
        Err(error) => asked.unavailable(&error),
    }
}

async fn page(asked: &Asked<'_>, secret: &LinkSecret) -> Result<Response, Unavailable> {
    Ok(match asked.engine.launch(secret).await? {
        Launch::Unknown => asked.unknown(),
        // A whitelabel app draws its own pages; its secret opens none of ours.
        Launch::Free(session)
        | Launch::InUse(session)
        | Launch::Ended(session)
        | Launch::Deleted(session)
            if session.request.app_type == AppType::Whitelabel =>
        {
            asked.unknown()
        }
        Launch::Ended(session) => ended(asked, &session),
        Launch::InUse(session) => in_use(asked, &session),
        Launch::Deleted(session) => asked.nothing(Some(&session)),
        Launch::Free(session) => {
            let token =
                LaunchToken::new(crate::flow::random()?).reveal(&asked.engine.keyring, session.id);
            let view = match asked.choices.leaving {
                true => View::Leave {
                    token,
                    back: asked.choices.with(&asked.here, false),
                },
                false => show::pre_login(asked.engine, &session, token),
            };
            asked.page(StatusCode::OK, Some(&session), &view)
        }
    })
}

/// Whoever has only the launch URL is told the same of every end.
fn ended(asked: &Asked<'_>, session: &LinkSession) -> Response {
    let expired = Outcome::Error(crate::domain::link_session::ErrorCode::SessionExpired);
    let reference = session.request.client_reference_id.as_deref();
    let back = asked
        .engine
        .registered_url(session)
        .map(|url| url.with_parameters(&expired.parameters(reference)));
    let view = View::Ended { back };
    let end = Some(Message::InvalidSession);
    asked.telling(StatusCode::GONE, Some(session), &view, end)
}

/// Somebody else goes on with it; an embedding app needs another URL.
fn in_use(asked: &Asked<'_>, session: &LinkSession) -> Response {
    let end = Some(Message::InvalidSession);
    asked.telling(StatusCode::CONFLICT, Some(session), &View::InUse, end)
}

/// `POST /cs_…`: the first action.
pub async fn act(
    State(pages): State<Pages>,
    OriginalUri(uri): OriginalUri,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
    secret: PathWord,
    body: Body,
) -> Response {
    let secret = word(secret);
    // Any other word is as likely a mistyped route of the API, which the server answers in the API's shape.
    if !secret.starts_with(LinkSecret::PREFIX) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let choices = Choices::from_query(uri.query());
    let asked = Asked {
        engine: &pages.engine,
        headers: &headers,
        choices,
        here: uri.path().to_owned(),
    };
    let form = match pages.posted(&asked, client, body).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    let Some(secret) = LinkSecret::parse(&secret) else {
        return asked.unknown();
    };
    match first(&asked, &secret, client, form).await {
        Ok(response) => response,
        Err(error) => asked.unavailable(&error),
    }
}

async fn first(
    asked: &Asked<'_>,
    secret: &LinkSecret,
    client: ClientAddress,
    form: StepForm,
) -> Result<Response, Unavailable> {
    let engine = asked.engine;
    let session = engine
        .session(secret)
        .await?
        .filter(|s| s.request.app_type != AppType::Whitelabel);
    let Some(session) = session else {
        return Ok(asked.unknown());
    };
    let Some(token) = LaunchToken::parse(&engine.keyring, session.id, &form.token) else {
        return Ok(asked.forbidden());
    };
    if session.state.owner.is_some() || session.is_over(engine.clock.now()) {
        return late(asked, session, &token).await;
    }
    let step = match form.action {
        Action::Cancel if !form.confirmed => {
            return Ok(asked.next(&asked.choices.with(&asked.here, true)));
        }
        Action::Cancel => engine.leave_launch(&session).await?,
        _ => {
            let chosen = form
                .provider
                .filter(|id| session.request.providers.contains(id));
            let only = session
                .request
                .providers
                .first()
                .filter(|_| session.request.providers.len() == 1);
            let Some(provider) = chosen.or_else(|| only.cloned()) else {
                return Ok(asked.next(&asked.choices.with(&asked.here, false)));
            };
            engine.begin(&session, &token, provider).await?
        }
    };
    Ok(match step {
        LaunchStep::Owned(flow) => {
            if form.action == Action::Phone {
                hand_off::begin(asked, &flow, client).await?;
            }
            asked.next(&asked.choices.with(&flow_path(&flow), false))
        }
        LaunchStep::Left(session) => asked.back_to_app(&session),
        LaunchStep::Late => match engine.session(secret).await? {
            Some(session) => return late(asked, session, &token).await,
            None => asked.unknown(),
        },
    })
}

/// Somebody has acted before, perhaps the same form a moment ago.
async fn late(
    asked: &Asked<'_>,
    session: LinkSession,
    token: &LaunchToken,
) -> Result<Response, Unavailable> {
    let engine = asked.engine;
    if let Some(flow) = engine.same_launch(&session, token) {
        return Ok(asked.next(&asked.choices.with(&flow_path(&flow), false)));
    }
    Ok(match &session.state.stage {
        // A second click on "cancel": what was done is what is told.
        Stage::Cancelled {
            step: Step::PreLogin,
            ..
        }
        | Stage::Expired { .. } => asked.back_to_app(&session),
        _ if session.ended_at().is_some() => ended(asked, &session),
        _ if session.is_over(engine.clock.now()) => {
            // Where the upkeep was faster, it has written the same.
            engine.expire(&session).await?;
            asked.back_to_app(&session)
        }
        _ => in_use(asked, &session),
    })
}
