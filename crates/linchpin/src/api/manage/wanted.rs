//! The bodies and queries of the management API.

use serde_json::{Map, Value};

use crate::{
    api::{
        details::{DetailCode, Details},
        fields::Fields,
        query::Query,
    },
    domain::{delivery::DeliveryState, event::EventKind, time::Timestamp},
    flow::EndpointChange,
};

/// Kinds of events that a list may name.
const EVENTS_MAX: usize = 20;

/// Reads what an endpoint is to become.
pub fn endpoint(object: &Map<String, Value>) -> Result<EndpointChange, Details> {
    let mut details = Details::default();
    let found = &mut details;
    let fields = Fields::new(object, "", &["url", "events", "enabled"], found);
    let change = EndpointChange {
        url: fields.string("url", found).map(str::to_owned),
        events: events(&fields, found),
        enabled: fields.boolean("enabled", found),
    };
    checked(change, details)
}

fn events(fields: &Fields<'_>, found: &mut Details) -> Option<Vec<EventKind>> {
    let names = fields.strings("events", EVENTS_MAX, found)?;
    let kinds: Option<Vec<EventKind>> = names.iter().map(|name| EventKind::parse(name)).collect();
    if kinds.is_none() {
        let known: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.name()).collect();
        let message = format!("must be a list of these: {}", known.join(", "));
        found.add("events", DetailCode::InvalidValue, message);
    }
    kinds
}

/// Reads from when on is sent again.
pub fn since(object: &Map<String, Value>) -> Result<Timestamp, Details> {
    let mut details = Details::default();
    let found = &mut details;
    let fields = Fields::new(object, "", &["since"], found);
    let since = fields.parsed("since", found, |text| {
        text.parse::<jiff::Timestamp>()
            .map(|time| Timestamp(time.as_millisecond()))
            .map_err(|_| "must be a time such as 2027-01-31T10:00:00Z".to_owned())
    });
    if !fields.says("since") {
        let message = "is required: a time such as 2027-01-31T10:00:00Z";
        found.add("since", DetailCode::Required, message);
    }
    checked(since.unwrap_or(Timestamp(0)), details)
}

/// Reads which deliveries are listed: of which state, how many, and how many are left out.
pub fn deliveries(text: Option<&str>) -> Result<(Option<DeliveryState>, (i64, i64)), Details> {
    let mut details = Details::default();
    let found = &mut details;
    let query = Query::parse(text, &["status", "limit", "offset"], found);
    let state = query.parsed("status", found, |text| {
        DeliveryState::parse(text).ok_or_else(|| "must be pending, delivered or failed".to_owned())
    });
    let page = (query.limit(found), query.offset(found));
    checked((state, page), details)
}

fn checked<T>(wanted: T, details: Details) -> Result<T, Details> {
    match details.is_empty() {
        true => Ok(wanted),
        false => Err(details),
    }
}
