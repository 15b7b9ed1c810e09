//! The end user's own page of a connection: what is connected, to whom, with which permissions, and its end.
//!
//! Whoever has the link may do all of this, and nobody else. No page of it can be framed.

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
    form::{Action, StepForm},
    show,
    view::{Frame, Standing, View},
    word,
};
use crate::{
    domain::{
        connection::{Connection, ConnectionStatus, ExpiredReason},
        connection_secret::{ConnectionSecret, DisconnectToken},
        environment::Environment,
        public_id::AppId,
    },
    flow::{Engine, Unavailable},
    http::ClientAddress,
};

/// `GET /c/…`
pub async fn show(
    State(engine): State<Arc<Engine>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    secret: PathWord,
) -> Response {
    let asked = Asked {
        engine: &engine,
        headers: &headers,
        choices: Choices::from_query(uri.query()),
        here: uri.path().to_owned(),
    };
    page(&asked, &word(secret))
        .await
        .unwrap_or_else(|error| asked.unavailable(&error))
}

async fn page(asked: &Asked<'_>, secret: &str) -> Result<Response, Unavailable> {
    let engine = asked.engine;
    let Some(secret) = ConnectionSecret::parse(&engine.keyring, secret) else {
        return Ok(nothing_here(asked));
    };
    let Some(connection) = engine.own_connection(&secret).await? else {
        return Ok(nothing_here(asked));
    };
    let names = DisconnectToken {
        app: connection.app.clone(),
        provider: connection.provider.clone(),
    };
    let mut frame = frame(asked, &names);
    frame.sandbox = connection.environment == Environment::Sandbox;
    let view = if asked.choices.leaving {
        View::Disconnect {
            token: names.reveal(&engine.keyring, &secret),
            back: asked.choices.with(&asked.here, false),
        }
    } else {
        seen(asked, connection)
    };
    Ok(asked.html(StatusCode::OK, None, &frame, &view))
}

fn seen(asked: &Asked<'_>, connection: Connection) -> View {
    let granted = connection.permissions.iter();
    View::Connection {
        permissions: show::permissions(asked.engine, &connection.provider, granted),
        standing: standing(&connection),
        since: day(&connection),
        account: show::account(connection.account),
        end: asked.choices.with(&asked.here, true),
    }
}

fn standing(connection: &Connection) -> Standing {
    let ended = connection.expired.map(|expired| expired.reason);
    match (connection.status, ended) {
        (ConnectionStatus::Active, _) => Standing::Active,
        (_, Some(ExpiredReason::Invalidated)) => Standing::EndedByApp,
        (ConnectionStatus::Expired | ConnectionStatus::Awaiting2fa, _) => Standing::SignInAgain,
    }
}

fn day(connection: &Connection) -> String {
    let moment = connection.created_at.to_string();
    moment.split('T').next().unwrap_or_default().to_owned()
}

/// `POST /c/…`: disconnects, once it was asked whether to. Sent again it shows the same page.
pub async fn act(
    State(pages): State<Pages>,
    OriginalUri(uri): OriginalUri,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
    secret: PathWord,
    body: Body,
) -> Response {
    let asked = Asked {
        engine: &pages.engine,
        headers: &headers,
        choices: Choices::from_query(uri.query()),
        here: uri.path().to_owned(),
    };
    let form = match pages.posted(&asked, client, body).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    disconnect(&pages.engine, &asked, &word(secret), &form)
        .await
        .unwrap_or_else(|error| asked.unavailable(&error))
}

async fn disconnect(
    engine: &Arc<Engine>,
    asked: &Asked<'_>,
    secret: &str,
    form: &StepForm,
) -> Result<Response, Unavailable> {
    let Some(secret) = ConnectionSecret::parse(&engine.keyring, secret) else {
        return Ok(nothing_here(asked));
    };
    let Some(names) = DisconnectToken::parse(&engine.keyring, &secret, &form.token) else {
        return Ok(asked.forbidden());
    };
    if form.action != Action::Disconnect || !form.confirmed {
        return Ok(asked.next(&asked.choices.with(&asked.here, true)));
    }
    engine.disconnect_own(&secret).await?;
    Ok(asked.html(
        StatusCode::OK,
        None,
        &frame(asked, &names),
        &View::Disconnected,
    ))
}

/// What stands around the page of a connection; also where only its names are left.
fn frame(asked: &Asked<'_>, names: &DisconnectToken) -> Frame {
    let app = |id: &AppId| asked.engine.directory().app(id).map(show::face);
    let provider = asked.engine.provider(&names.provider);
    let name = provider.map_or_else(
        || names.provider.clone(),
        |known| known.describe().name.clone(),
    );
    Frame {
        app: names.app.as_ref().and_then(app),
        provider: Some(name),
        ..show::frame(asked, None)
    }
}

fn nothing_here(asked: &Asked<'_>) -> Response {
    asked.page(StatusCode::NOT_FOUND, None, &View::NoConnection)
}
