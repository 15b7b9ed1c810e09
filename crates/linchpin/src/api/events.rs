//! `/v2/events`: what webhooks carry, as a list and as a stream.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{RawQuery, State},
    http::{HeaderMap, header},
    response::{
        IntoResponse as _, Response,
        sse::{self, KeepAlive, Sse},
    },
    routing::get,
};
use futures_util::Stream;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::watch;
use utoipa::ToSchema;

use super::{
    ApiError, DetailCode, Details, Kind,
    auth::{Account, By},
    error::ErrorBody,
    fields::check_text,
    query::Query,
};
use crate::{
    domain::{
        event::{Event, EventId, EventKind},
        id::ConnectionId,
    },
    flow::{Caller, Engine, History},
};

/// Time between two comments that keep a stream open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Events of a stream that are read at once.
const STREAM_PAGE: i64 = 100;

/// The routes.
pub fn routes() -> Router<Arc<Engine>> {
    Router::new().route("/v2/events", get(list))
}

/// A page of events, oldest first.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventPage {
    /// The events, each with the body that webhooks carry.
    #[schema(value_type = Vec<Object>)]
    list: Vec<Box<RawValue>>,
    /// Whether there are more.
    has_more: bool,
    /// What to ask for next: the last event of the page, or `after` as it was.
    next_after: Option<String>,
}

/// Events, oldest first, as webhooks carry them. They are kept for 30 days.
///
/// With `Accept: text/event-stream` they are streamed as they come about: `id:` is the event's id, `event:` its type,
/// `data:` the body. `Last-Event-ID` goes on behind an event.
#[utoipa::path(
    get, path = "/v2/events", operation_id = "listEvents", tag = "Events",
    security(("apikey" = []), ("bearer" = [])),
    params(
        ("after" = Option<String>, Query, pattern = "^evt_[0-9a-f]{16}$", description = "Only those after this event."),
        ("type" = Option<String>, Query, description = "Only of this type, such as `connection.expired`."),
        ("connectionId" = Option<String>, Query, min_length = 1, max_length = 255, description = "Only of this connection."),
        ("limit" = Option<usize>, Query, minimum = 1, description = "How many, 10 where nothing is said; over 100 counts as 100. A stream has no limit.")
    ),
    responses(
        (status = 200, description = "A page, or a stream.", content((EventPage = "application/json"), (String = "text/event-stream"))),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        By<Account>
    )
)]
pub(in crate::api) async fn list(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Account>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let wanted = wanted(query.as_deref(), &headers)?;
    if wants_stream(&headers) {
        return stream(engine, caller, wanted).await;
    }
    let page = engine.history(&caller, &wanted).await?;
    let page = page.ok_or_else(unknown)?;
    let last = page.list.last().map(|event| event.id);
    let page = EventPage {
        list: page.list.iter().filter_map(raw).collect(),
        has_more: page.has_more,
        next_after: last.or(wanted.after).map(|event| event.to_string()),
    };
    Ok(Json(page).into_response())
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    accept.is_some_and(|accept| {
        accept
            .to_str()
            .is_ok_and(|text| text.contains("text/event-stream"))
    })
}

fn wanted(query: Option<&str>, headers: &HeaderMap) -> Result<History, Details> {
    let mut details = Details::default();
    let found = &mut details;
    let query = Query::parse(query, &["after", "type", "connectionId", "limit"], found);
    let event = |text: &str| {
        EventId::parse(text)
            .ok_or_else(|| "must be an event's id, such as evt_00000c4e1f2a3b4c".to_owned())
    };
    // A stream that was cut off says where it was.
    let resumed = headers
        .get("last-event-id")
        .filter(|_| wants_stream(headers));
    let resumed = resumed
        .and_then(|id| id.to_str().ok())
        .and_then(EventId::parse);
    let history = History {
        after: query.parsed("after", found, event),
        kind: query.parsed("type", found, |text| {
            EventKind::parse(text).ok_or_else(|| {
                let known: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.name()).collect();
                format!("must be one of these: {}", known.join(", "))
            })
        }),
        connection: query.parsed("connectionId", found, |text| {
            check_text(text, &(1..=255)).map(|()| ConnectionId::from_text(text))
        }),
        limit: query.limit(found),
    };
    match details.is_empty() {
        true => Ok(History {
            after: resumed.or(history.after),
            ..history
        }),
        false => Err(details),
    }
}

fn unknown() -> ApiError {
    ApiError::fields(Details::one(
        "after",
        DetailCode::InvalidValue,
        "names no event of the last 30 days; leave it out to begin with the oldest one",
    ))
}

fn raw(event: &Event) -> Option<Box<RawValue>> {
    let text = String::from_utf8(event.body()).ok()?;
    RawValue::from_string(text).ok()
}

/// Where a stream stands.
struct Streaming {
    engine: Arc<Engine>,
    caller: Caller,
    wanted: History,
    position: i64,
    read: std::collections::VecDeque<Event>,
    placed: watch::Receiver<u64>,
    ending: watch::Receiver<bool>,
}

/// Streams events until the client leaves or the server ends.
async fn stream(
    engine: Arc<Engine>,
    caller: Caller,
    wanted: History,
) -> Result<Response, ApiError> {
    let Some(seat) = engine.stream_seat() else {
        let message = "too many streams are open on this server; close some, or ask for pages";
        return Err(ApiError::new(Kind::RateLimitExceeded, message).retry_after(5));
    };
    let position = engine.position_of(&caller, wanted.after).await?;
    let streaming = Streaming {
        position: position.ok_or_else(unknown)?,
        placed: engine.placed.subscribe(),
        ending: engine.ending.subscribe(),
        wanted: History {
            limit: STREAM_PAGE,
            ..wanted
        },
        engine,
        caller,
        read: std::collections::VecDeque::new(),
    };
    let events = futures_util::stream::unfold((streaming, seat), |(mut streaming, seat)| async {
        let event = streaming.next().await?;
        Some((Ok::<_, Infallible>(event), (streaming, seat)))
    });
    Ok(kept_open(events))
}

fn kept_open(
    events: impl Stream<Item = Result<sse::Event, Infallible>> + Send + 'static,
) -> Response {
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("still here"))
        .into_response();
    // Proxies that collect answers before they hand them on must not.
    response
        .headers_mut()
        .insert("x-accel-buffering", header::HeaderValue::from_static("no"));
    response
}

impl Streaming {
    /// The next event, however long it takes. `None` at the end of the server, of the key, or of the store's patience: the
    /// client comes back with `Last-Event-ID`.
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            if let Some(event) = self.read.pop_front() {
                let body = String::from_utf8(event.body()).ok()?;
                let told = sse::Event::default().id(event.id.to_string());
                return Some(told.event(event.kind.name()).data(body));
            }
            self.placed.mark_unchanged();
            if *self.ending.borrow() || !self.engine.still_knows(&self.caller) {
                return None;
            }
            let (engine, caller) = (&self.engine, &self.caller);
            let page = engine.history_behind(caller, &self.wanted, self.position);
            let page = page.await.ok()?;
            self.position = page.position;
            self.read.extend(page.list);
            if self.read.is_empty() {
                tokio::select! {
                    _ = self.placed.changed() => {}
                    _ = self.ending.wait_for(|ending| *ending) => return None,
                }
            }
        }
    }
}
