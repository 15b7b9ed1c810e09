//! The bodies and queries of the management API.

use serde_json::{Map, Value};

use crate::{
    api::{
        details::{DetailCode, Details},
        fields::Fields,
        page::Paging,
        query::Query,
    },
    domain::{
        client_app_change::ClientAppChange,
        delivery::DeliveryState,
        environment::Environment,
        event::EventKind,
        scope::{Scope, Scopes},
        time::Timestamp,
    },
    flow::{Caller, EndpointChange, admin::KeyWanted},
};

/// Kinds of events that a list may name.
const EVENTS_MAX: usize = 20;

/// Entries of a list of an app at most.
const LIST_MAX: usize = 100;
/// Characters of a key's name.
const NAME: std::ops::RangeInclusive<usize> = 1..=80;
/// The fields of an app.
const APP: [&str; 21] = [
    "type",
    "name",
    "environment",
    "redirectUris",
    "allowedOrigins",
    "providers",
    "permissions",
    "optionalPermissions",
    "sessionMinutes",
    "website",
    "privacyUrl",
    "termsUrl",
    "support",
    "accent",
    "logo",
    "redirectOnSuccess",
    "handOff",
    "oneReferencePerAccount",
    "dangerousRawSessions",
    "dangerousCustomProxy",
    "enabled",
];

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
    details.checked(change)
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
    let since = fields.parsed("since", found, moment);
    if !fields.says("since") {
        let message = "is required: a time such as 2027-01-31T10:00:00Z";
        found.add("since", DetailCode::Required, message);
    }
    details.checked(since.unwrap_or(Timestamp(0)))
}

/// Reads which deliveries are listed: of which state, how many, and how many are left out.
pub fn deliveries(text: Option<&str>) -> Result<(Option<DeliveryState>, Paging), Details> {
    let mut details = Details::default();
    let found = &mut details;
    let query = Query::parse(text, &["status", "limit", "offset"], found);
    let state = query.parsed("status", found, |text| {
        DeliveryState::parse(text).ok_or_else(|| "must be pending, delivered or failed".to_owned())
    });
    let paging = Paging {
        limit: query.limit(found),
        offset: query.offset(found),
    };
    details.checked((state, paging))
}

/// Reads what an app is to become, and its picture in base64. `environment` is that of the key.
pub fn app(
    object: &Map<String, Value>,
    environment: Environment,
) -> Result<(ClientAppChange, Option<String>), Details> {
    let mut details = Details::default();
    let found = &mut details;
    let fields = Fields::new(object, "", &APP, found);
    own_environment(&fields, environment, found);
    let text = |name: &str, found: &mut Details| fields.string(name, found).map(str::to_owned);
    let list = |name: &str, found: &mut Details| fields.strings(name, LIST_MAX, found);
    let logo = text("logo", found);
    // An empty text takes the logo away; any other is a picture.
    let (no_logo, picture) = match logo {
        Some(logo) if logo.is_empty() => (Some(logo), None),
        picture => (None, picture),
    };
    let minutes = fields.whole("sessionMinutes", 5..=360, found);
    let change = ClientAppChange {
        app_type: text("type", found),
        name: text("name", found),
        environment: Some(environment.as_str().to_owned()),
        redirect_uris: list("redirectUris", found),
        allowed_origins: list("allowedOrigins", found),
        providers: list("providers", found),
        permissions: list("permissions", found),
        optional_permissions: list("optionalPermissions", found),
        session_minutes: minutes.map(|minutes| minutes.to_string()),
        website: text("website", found),
        privacy_url: text("privacyUrl", found),
        terms_url: text("termsUrl", found),
        support: text("support", found),
        accent: text("accent", found),
        logo: no_logo,
        redirect_on_success: fields.boolean("redirectOnSuccess", found),
        hand_off: fields.boolean("handOff", found),
        one_reference_per_account: fields.boolean("oneReferencePerAccount", found),
        dangerous_raw_sessions: fields.boolean("dangerousRawSessions", found),
        dangerous_custom_proxy: fields.boolean("dangerousCustomProxy", found),
        enabled: fields.boolean("enabled", found),
    };
    details.checked((change, picture))
}

/// Reads which key is asked for by a key of this environment that has these scopes.
pub fn key(object: &Map<String, Value>, asking: &Caller) -> Result<KeyWanted, Details> {
    let mut details = Details::default();
    let found = &mut details;
    let known = &["name", "scopes", "environment", "expiresAt"];
    let fields = Fields::new(object, "", known, found);
    for (name, what) in [("name", "what you call it"), ("scopes", "what it may do")] {
        if !fields.says(name) {
            found.add(name, DetailCode::Required, format!("is required: {what}"));
        }
    }
    own_environment(&fields, asking.environment, found);
    let name = fields.text("name", NAME, found);
    let scopes = scopes(&fields, asking, found);
    let expires_at = fields.parsed("expiresAt", found, moment);
    match (name, scopes) {
        (Some(name), Some(scopes)) if details.is_empty() => Ok(KeyWanted {
            name,
            scopes,
            environment: asking.environment,
            expires_at,
        }),
        _ => Err(details),
    }
}

/// Reads what a key is to be called; `None` leaves it as it is.
pub fn key_name(object: &Map<String, Value>) -> Result<Option<String>, Details> {
    let mut details = Details::default();
    let found = &mut details;
    let fields = Fields::new(object, "", &["name"], found);
    let name = fields.text("name", NAME, found);
    details.checked(name)
}

/// The scopes that a key is to have: some of those that the asking one has, without MANAGE.
fn scopes(fields: &Fields<'_>, asking: &Caller, found: &mut Details) -> Option<Scopes> {
    let names = fields.strings("scopes", Scope::ALL.len(), found)?;
    let give = |scope: &Scope| asking.may(*scope) && *scope != Scope::Manage;
    let scopes: Option<Vec<Scope>> = names
        .iter()
        .map(|name| Scope::parse(name).filter(give))
        .collect();
    let scopes = scopes.and_then(Scopes::of);
    if scopes.is_none() {
        let given: Vec<&str> = Scope::ALL
            .iter()
            .filter(|s| give(s))
            .map(|s| s.as_str())
            .collect();
        let message = match given.as_slice() {
            [] => "cannot be given: the asking key has none besides MANAGE, and keys with MANAGE are made by `linchpin key create` only".to_owned(),
            given => format!(
                "must be one or more of those that the asking key has: {}; keys with MANAGE are made by `linchpin key create` only",
                given.join(", ")
            ),
        };
        found.add("scopes", DetailCode::InvalidValue, message);
    }
    scopes
}

/// A key makes and changes only what is in its own environment.
fn own_environment(fields: &Fields<'_>, own: Environment, found: &mut Details) {
    let named = fields.string("environment", found);
    if named.is_some_and(|named| named != own.as_str()) {
        let message = format!(
            "must be {own}, which is the key's own; leave it out, or use a key of the other environment"
        );
        found.add("environment", DetailCode::InvalidValue, message);
    }
}

fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse::<jiff::Timestamp>()
        .map(|time| Timestamp(time.as_millisecond()))
        .map_err(|_| "must be a time such as 2027-01-31T10:00:00Z".to_owned())
}
