//! How a page answers: with itself, or with where to go next.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{
    choices::Choices,
    messages::Message,
    render,
    show::frame,
    view::{Embedding, Frame, View},
};
use crate::{
    domain::{
        allowed_origin::AllowedOrigin, client_app::AppType, environment::Environment,
        link_session::LinkSession,
    },
    flow::{Engine, Unavailable},
};

pub const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// A pop-up has to reach the page that opened it.
pub fn reachable() -> HeaderValue {
    HeaderValue::from_static("unsafe-none")
}

/// One request to a page, with what every answer to it needs.
pub struct Asked<'a> {
    pub engine: &'a Engine,
    pub headers: &'a HeaderMap,
    pub choices: Choices,
    /// Path of the page that was asked for, without query.
    pub here: String,
}

impl Asked<'_> {
    /// A page.
    pub fn page(&self, status: StatusCode, session: Option<&LinkSession>, view: &View) -> Response {
        self.telling(status, session, view, None)
    }

    /// A page with which a session ends, for the page that embeds it.
    pub fn telling(
        &self,
        status: StatusCode,
        session: Option<&LinkSession>,
        view: &View,
        end: Option<Message>,
    ) -> Response {
        let mut frame = frame(self, session);
        if let (Some(embedding), Some(session)) = (&mut frame.embedding, session) {
            embedding.told = told(session, view, end);
        }
        self.html(status, session, &frame, view)
    }

    /// How the page talks to the one around it; `None` where the app embeds no pages.
    pub fn embedding(&self, session: &LinkSession) -> Option<Embedding> {
        let directory = self.engine.directory();
        let app = directory
            .app(&session.request.app)
            .filter(|app| app.app_type == AppType::Embed)?;
        let origins = app.allowed_origins.iter().map(AllowedOrigin::as_str);
        let kept = self.choices.embedding().into_iter();
        Some(Embedding {
            origins: origins.collect::<Vec<_>>().join(" "),
            told: String::new(),
            embedded: self.choices.embedded,
            kept: kept.map(|(name, value)| (name, value.to_owned())).collect(),
        })
    }

    /// A page in a frame of its own; `session` says who may frame it, and nobody may without one.
    pub fn html(
        &self,
        status: StatusCode,
        session: Option<&LinkSession>,
        frame: &Frame,
        view: &View,
    ) -> Response {
        let mut response = (status, render::page(frame, view)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        if frame.embedding.is_some() {
            headers.insert(OPENER_POLICY, reachable());
        }
        if let Ok(policy) = HeaderValue::from_str(&self.policy(session)) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }

    /// The content security policy: nothing but our own, and a form may end at the session's redirect URL, since
    /// Chromium applies `form-action` to the redirects that follow a submit.
    fn policy(&self, session: Option<&LinkSession>) -> String {
        let back = session
            .and_then(|session| self.engine.registered_url(session))
            .map(|url| url.origin());
        let form_action = match back {
            // The grammar of a policy has no IPv6 addresses; only loopback has one here.
            Some(origin) if origin.contains('[') => " http:".to_owned(),
            Some(origin) => format!(" {origin}"),
            None => String::new(),
        };
        let frame_ancestors = session
            .and_then(|session| self.ancestors(session))
            .unwrap_or_else(|| "'none'".to_owned());
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             form-action 'self'{form_action}; base-uri 'none'; frame-ancestors {frame_ancestors}"
        )
    }

    /// Who may frame the page: the Allowed Origins of an embed app.
    fn ancestors(&self, session: &LinkSession) -> Option<String> {
        let directory = self.engine.directory();
        let app = directory
            .app(&session.request.app)
            .filter(|app| app.app_type == AppType::Embed)?;
        let origins = app
            .allowed_origins
            .iter()
            .map(|origin| format!(" {origin}"));
        Some(
            std::iter::once("'self'".to_owned())
                .chain(origins)
                .collect(),
        )
    }

    /// Where to go next, for a form 303 and for the script a JSON answer.
    pub fn next(&self, to: &str) -> Response {
        if self.is_script() {
            let body = serde_json::json!({ "next": to }).to_string();
            return ([(header::CONTENT_TYPE, "application/json")], body).into_response();
        }
        match HeaderValue::from_str(to) {
            Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
            // Nothing that cannot stand in a header gets this far; were it to, nobody is sent anywhere.
            Err(_) => self.page(StatusCode::NOT_FOUND, None, &View::Unknown),
        }
    }

    /// Whether the page's script asks.
    pub fn is_script(&self) -> bool {
        self.headers
            .get(header::ACCEPT)
            .is_some_and(|accept| accept == "application/json")
    }

    /// Where an ended session sends the user; the ended page where there is nowhere to go.
    pub fn back_to_app(&self, session: &LinkSession) -> Response {
        match self.engine.way_back(session) {
            // The page around it leads on, once it is told.
            Some(_) if self.embeds(session) => self.ended(session, None),
            Some(url) => self.next(&url),
            None => self.ended(session, None),
        }
    }

    /// Whether the page stands in a page of the app.
    fn embeds(&self, session: &LinkSession) -> bool {
        self.choices.embedded && self.embedding(session).is_some()
    }

    /// The end of a session without a connection, to whoever drove it.
    pub fn ended(&self, session: &LinkSession, back: Option<String>) -> Response {
        let view = View::Ended { back };
        let end = Some(Message::end(session));
        self.telling(StatusCode::GONE, Some(session), &view, end)
    }

    /// No such session, or deleted.
    pub fn unknown(&self) -> Response {
        self.nothing(None)
    }

    /// The same words; a deleted session still says who may frame them, and hears that it is gone.
    pub fn nothing(&self, deleted: Option<&LinkSession>) -> Response {
        let mut frame = frame(self, None);
        let embedding = match deleted {
            Some(session) => self.embedding(session),
            // A page that was loaded before knows whom to tell.
            None => self.choices.embedded.then(Embedding::default),
        };
        frame.embedding = embedding.map(|embedding| Embedding {
            told: written(&[Message::InvalidSession]),
            ..embedding
        });
        self.html(StatusCode::NOT_FOUND, deleted, &frame, &View::Unknown)
    }

    /// The form was not one of ours.
    pub fn forbidden(&self) -> Response {
        self.page(StatusCode::FORBIDDEN, None, &View::Forbidden)
    }

    /// The store could not be asked or written.
    pub fn unavailable(&self, error: &Unavailable) -> Response {
        tracing::error!(%error, "a page could not be served");
        let mut response = self.page(StatusCode::SERVICE_UNAVAILABLE, None, &View::Unavailable);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        response
    }
}

/// What a page tells the one around it: the sandbox's scenarios where there are any, and how the session ended.
fn told(session: &LinkSession, view: &View, end: Option<Message>) -> String {
    let screen = match view {
        View::Done { .. } => Some("success"),
        View::Ended { .. } | View::InUse => Some("error"),
        _ => None,
    };
    let sandbox = session.request.environment == Environment::Sandbox;
    let info = sandbox.then(|| Message::sandbox_info(session, screen));
    let messages: Vec<_> = info.into_iter().chain(end).collect();
    written(&messages)
}

fn written(messages: &[Message]) -> String {
    serde_json::to_string(messages).unwrap_or_default()
}
