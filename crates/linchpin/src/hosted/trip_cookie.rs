//! The one cookie that the pages set: it lets a provider's answer be taken from nobody but the browser that departed.
//!
//! A provider sends browsers back to the same address each time, which names no flow. So the browser has to know by itself
//! which flow it drives, for as long as it is away.

use axum::http::{HeaderMap, HeaderValue, header};

use super::choices::Choices;
use crate::{
    domain::{id::SessionId, time::Timestamp, token::FlowSecret},
    flow::Engine,
};

/// What a browser knows of its trip.
pub struct TripCookie {
    /// The flow that it drives.
    pub flow: FlowSecret,
    /// Whether it departed in a window of its own, beside the page that goes on.
    pub apart: bool,
    /// Language and theme of the page, and where that stands.
    pub choices: Choices,
}

impl TripCookie {
    /// The `Set-Cookie` header of a trip that may last until then.
    pub fn header(&self, engine: &Engine, until: Timestamp) -> Option<HeaderValue> {
        let name = name(engine, self.flow.session());
        let flow = self.flow.reveal();
        let query = self.choices.with("", false);
        let apart = u8::from(self.apart);
        let seconds = until.since(engine.clock.now()).max(0) / 1_000 + 1;
        let query = query.trim_start_matches('?');
        set(
            engine,
            &format!("{name}={flow}.{apart}.{query}; Max-Age={seconds}"),
        )
    }

    /// The `Set-Cookie` header that takes it back.
    pub fn gone(&self, engine: &Engine) -> Option<HeaderValue> {
        let name = name(engine, self.flow.session());
        set(engine, &format!("{name}=; Max-Age=0"))
    }

    /// What the browser that asks knows of a session's trip; `None` where it knows nothing, or has been told twice.
    pub fn read(engine: &Engine, headers: &HeaderMap, session: SessionId) -> Option<Self> {
        let name = name(engine, session);
        let texts = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let pairs = texts.flat_map(|text| text.split(';'));
        let mut values = pairs.filter_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        });
        let value = values.next().filter(|_| values.next().is_none())?;
        let mut parts = value.splitn(3, '.');
        let flow = FlowSecret::parse(parts.next()?)?;
        let apart = parts.next()? == "1";
        let choices = Choices::from_query(parts.next());
        (flow.session() == session).then_some(Self {
            flow,
            apart,
            choices,
        })
    }
}

fn set(engine: &Engine, cookie: &str) -> Option<HeaderValue> {
    let scope = match is_secure(engine) {
        // What the prefix demands: no other host of the same site can put a cookie of its own in its place.
        true => "Path=/; Secure",
        false => "Path=/back",
    };
    let cookie = format!("{cookie}; {scope}; HttpOnly; SameSite=Lax");
    let mut value = HeaderValue::from_str(&cookie).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Each session has a cookie of its own, so that two that a person links at once do not lose each other's.
fn name(engine: &Engine, session: SessionId) -> String {
    let prefix = if is_secure(engine) { "__Host-" } else { "" };
    format!("{prefix}linchpin-trip-{session}")
}

fn is_secure(engine: &Engine) -> bool {
    engine.settings.urls.link.starts_with("https://")
}
