//! The body of `POST /v2/link/init`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    details::{DetailCode, Details},
    fields::{Fields, check_text},
};
use crate::{
    domain::{choose_app::ModeHint, geolocation::Geolocation, id::ConnectionId, public_id::AppId},
    flow::Wanted,
};

/// Every field that init knows.
pub const FIELDS: [&str; 12] = [
    "clientAppId",
    "redirectUrl",
    "clientReferenceId",
    "connectionId",
    "geolocation",
    "mode",
    "origin",
    "options",
    "provider",
    "locale",
    "prefill",
    "metadata",
];

/// Pairs of metadata at most.
const METADATA_MAX: usize = 20;

/// Reads the body; finds every problem in it.
pub fn wanted(object: &Map<String, Value>) -> Result<Wanted, Details> {
    let mut details = Details::default();
    let found = &mut details;
    let fields = Fields::new(object, "", &FIELDS, found);
    let raw = fields.object("options", found).and_then(|options| {
        Fields::new(options, "options.", &["returnRawSession"], found)
            .boolean("returnRawSession", found)
    });
    let wanted = Wanted {
        app: fields.parsed("clientAppId", found, |text| {
            AppId::parse(text).ok_or_else(|| {
                "must be the id of a client app: app_ followed by letters and digits".into()
            })
        }),
        redirect_url: fields.string("redirectUrl", found).map(str::to_owned),
        client_reference_id: fields.text("clientReferenceId", 1..=255, found),
        connection: fields.parsed("connectionId", found, connection_id),
        geolocation: geolocation(&fields, "geolocation", "geolocation.", found),
        mode: fields.parsed("mode", found, |text| {
            ModeHint::parse(text)
                .ok_or_else(|| "must be redirect, embed, hosted or whitelabel".into())
        }),
        origin: fields.string("origin", found).map(str::to_owned),
        provider: fields.text("provider", 1..=64, found),
        locale: fields.parsed("locale", found, locale),
        prefill_username: fields.object("prefill", found).and_then(|prefill| {
            Fields::new(prefill, "prefill.", &["username"], found).text("username", 1..=255, found)
        }),
        metadata: metadata(&fields, found),
        return_raw_session: raw == Some(true),
    };
    if details.is_empty() {
        Ok(wanted)
    } else {
        Err(details)
    }
}

fn connection_id(text: &str) -> Result<ConnectionId, String> {
    if !text.starts_with(ConnectionId::PREFIX) {
        return Err("must be the id of a connection: it starts with conn_".to_owned());
    }
    check_text(text, &(1..=255)).map(|()| ConnectionId::from_text(text))
}

fn locale(text: &str) -> Result<String, String> {
    let well_formed = text.len() <= 35 && text.parse::<unic_langid::LanguageIdentifier>().is_ok();
    let message = "must be a language tag (BCP 47) such as en or pt-BR";
    if well_formed {
        Ok(text.to_owned())
    } else {
        Err(message.to_owned())
    }
}

/// A place: the object `name`, whose fields are named `path` and their own name in messages.
pub(super) fn geolocation(
    fields: &Fields<'_>,
    name: &str,
    path: &'static str,
    details: &mut Details,
) -> Option<Geolocation> {
    let object = fields.object(name, details)?;
    let inner = Fields::new(object, path, &["country", "state", "city"], details);
    let state = inner.string("state", details);
    let city = inner.string("city", details);
    if object.get("country").is_none_or(Value::is_null) {
        let message = "required: two letters (ISO 3166-1), such as US";
        details.add(&inner.path("country"), DetailCode::Required, message);
        return None;
    }
    let country = inner.string("country", details)?;
    match Geolocation::check(Some(country), state, city) {
        Ok(geolocation) => Some(geolocation),
        Err(problems) => {
            for problem in problems {
                let field = problem.field.trim_start_matches("geolocation.");
                details.add(
                    &inner.path(field),
                    DetailCode::InvalidValue,
                    problem.message,
                );
            }
            None
        }
    }
}

/// The object `metadata`.
pub(super) fn metadata(fields: &Fields<'_>, details: &mut Details) -> BTreeMap<String, String> {
    let mut pairs = BTreeMap::new();
    let Some(object) = fields.object("metadata", details) else {
        return pairs;
    };
    if object.len() > METADATA_MAX {
        details.add(
            "metadata",
            DetailCode::InvalidValue,
            format!("must have at most {METADATA_MAX} pairs"),
        );
    }
    for (name, value) in object.iter().take(METADATA_MAX) {
        if let Err(message) = check_text(name, &(1..=64)) {
            details.add(
                "metadata",
                DetailCode::InvalidValue,
                format!("each name {message}"),
            );
            continue;
        }
        let checked = value
            .as_str()
            .map(|text| (text, check_text(text, &(0..=512))));
        match checked {
            Some((text, Ok(()))) => drop(pairs.insert(name.clone(), text.to_owned())),
            Some((_, Err(message))) => details.add(
                &format!("metadata.{name}"),
                DetailCode::InvalidValue,
                message,
            ),
            None => details.add(
                &format!("metadata.{name}"),
                DetailCode::InvalidValue,
                "must be a string",
            ),
        }
    }
    pairs
}
