//! The bodies and queries of the account API.

use linchpin_provider::{Import, Secret};
use serde_json::{Map, Value};

use crate::{
    api::{
        details::{DetailCode, Details, no_egress},
        fields::{Fields, check_text},
        init::{geolocation, metadata},
        query::Query,
    },
    domain::{
        connection::ConnectionStatus,
        connection_settings::{ConnectionSettings, HealthCheck},
        geolocation::Geolocation,
    },
    flow::Takeover,
    store::Listing,
};

/// Reads the query of a listing.
pub fn listing(text: Option<&str>) -> Result<Listing, Details> {
    let mut details = Details::default();
    let found = &mut details;
    let known = [
        "status",
        "imported",
        "clientReferenceId",
        "provider",
        "limit",
        "offset",
    ];
    let query = Query::parse(text, &known, found);
    let listing = Listing {
        status: query.parsed("status", found, |text| {
            ConnectionStatus::parse(text)
                .ok_or_else(|| "must be active, expired or awaiting_2fa".to_owned())
        }),
        imported: query.boolean("imported", found),
        client_reference_id: query.parsed("clientReferenceId", found, |text| {
            check_text(text, &(1..=255)).map(|()| text.to_owned())
        }),
        provider: query.parsed("provider", found, |text| {
            check_text(text, &(1..=64)).map(|()| text.to_owned())
        }),
        limit: query.limit(found),
        offset: query.offset(found),
    };
    details.checked(listing)
}

/// Where traffic is to leave from.
enum Egress {
    AsItIs,
    FromHere,
    From(Geolocation),
}

/// What settings are to become, field by field.
pub struct SettingsChange {
    enabled: Option<bool>,
    every_minutes: Option<u32>,
    egress: Egress,
    metadata: Option<std::collections::BTreeMap<String, String>>,
}

impl SettingsChange {
    /// The settings with the change.
    pub fn applied(&self, mut settings: ConnectionSettings) -> ConnectionSettings {
        if let Some(enabled) = self.enabled {
            settings.health_check.enabled = enabled;
        }
        if let Some(minutes) = self.every_minutes {
            settings.health_check.every_minutes = minutes;
        }
        match &self.egress {
            Egress::AsItIs => {}
            Egress::FromHere => settings.egress = None,
            Egress::From(place) => settings.egress = Some(place.clone()),
        }
        if let Some(metadata) = &self.metadata {
            settings.metadata.clone_from(metadata);
        }
        settings
    }
}

/// Reads what settings are to become; `check_place` fails with the places that traffic can leave from instead.
pub fn settings(
    object: &Map<String, Value>,
    check_place: impl FnOnce(&Geolocation) -> Result<(), String>,
) -> Result<SettingsChange, Details> {
    let mut details = Details::default();
    let found = &mut details;
    // Named, so that whoever used it elsewhere learns that it is not offered rather than that it is misspelt.
    let mut known = object.clone();
    if known.remove("vaultPlus").is_some() {
        let message = "is not offered here; leave it out";
        found.add("vaultPlus", DetailCode::UnknownField, message);
    }
    let fields = Fields::new(&known, "", &["healthCheck", "egress", "metadata"], found);
    let (mut enabled, mut every_minutes) = (None, None);
    if let Some(health) = fields.object("healthCheck", found) {
        let inner = Fields::new(health, "healthCheck.", &["enabled", "everyMinutes"], found);
        enabled = inner.boolean("enabled", found);
        let range = i64::from(HealthCheck::LEAST)..=i64::from(HealthCheck::MOST);
        let minutes = inner.whole("everyMinutes", range, found);
        every_minutes = minutes.and_then(|minutes| u32::try_from(minutes).ok());
    }
    let place = geolocation(&fields, "egress", "egress.", found);
    if let Some(Err(places)) = place.as_ref().map(check_place) {
        let message = no_egress(&places);
        found.add("egress", DetailCode::GeolocationUnavailable, message);
    }
    let change = SettingsChange {
        enabled,
        every_minutes,
        // Here null says something: from the server itself.
        egress: match place {
            Some(place) => Egress::From(place),
            None if fields.has("egress") => Egress::FromHere,
            None => Egress::AsItIs,
        },
        metadata: fields.says("metadata").then(|| metadata(&fields, found)),
    };
    details.checked(change)
}

/// Reads an import.
pub fn import(object: &Map<String, Value>) -> Result<Takeover, Details> {
    const FIELDS: [&str; 8] = [
        "cookie",
        "userAgent",
        "accessToken",
        "refreshToken",
        "expiresAt",
        "permissions",
        "clientReferenceId",
        "provider",
    ];
    let mut details = Details::default();
    let found = &mut details;
    let fields = Fields::new(object, "", &FIELDS, found);
    let import = session(&fields, found);
    let permissions = fields.strings("permissions", 100, found);
    let client_reference_id = fields.text("clientReferenceId", 1..=255, found);
    let provider = fields.text("provider", 1..=64, found);
    match import {
        Some(import) if details.is_empty() => Ok(Takeover {
            provider,
            import,
            permissions,
            client_reference_id,
        }),
        _ => Err(details),
    }
}

/// Reads another session for an imported connection.
pub fn import_again(object: &Map<String, Value>) -> Result<Import, Details> {
    const FIELDS: [&str; 5] = [
        "cookie",
        "userAgent",
        "accessToken",
        "refreshToken",
        "expiresAt",
    ];
    let mut details = Details::default();
    let found = &mut details;
    let fields = Fields::new(object, "", &FIELDS, found);
    match session(&fields, found) {
        Some(import) if details.is_empty() => Ok(import),
        _ => Err(details),
    }
}

/// The session: a cookie with the browser's name, or tokens; not both. Where it is missing, that is a problem.
fn session(fields: &Fields<'_>, found: &mut Details) -> Option<Import> {
    let secret = |name: &str, most: usize, found: &mut Details| {
        fields.text(name, 1..=most, found).map(Secret::new)
    };
    let cookie = secret("cookie", 32_768, found);
    let user_agent = fields.text("userAgent", 1..=512, found);
    let access_token = secret("accessToken", 16_384, found);
    let refresh_token = secret("refreshToken", 16_384, found);
    let expires_at = fields.parsed("expiresAt", found, |text| {
        let at = text.parse::<jiff::Timestamp>();
        at.map(|at| at.as_millisecond())
            .map_err(|_| "must be a time (RFC 3339), such as 2027-01-31T10:00:00Z".to_owned())
    });
    match (cookie, access_token) {
        (Some(_), Some(_)) => {
            let message = "send either a cookie or an accessToken, not both";
            found.add("accessToken", DetailCode::InvalidValue, message);
            None
        }
        (Some(cookie), None) => {
            if user_agent.is_none() && !fields.says("userAgent") {
                let message = "required with cookie: the User-Agent of the browser that the session was made in";
                found.add("userAgent", DetailCode::Required, message);
            }
            Some(Import::Cookie {
                cookie,
                user_agent: user_agent?,
            })
        }
        (None, Some(access_token)) => Some(Import::Token {
            access_token,
            refresh_token,
            expires_at,
        }),
        (None, None) => {
            if found.is_empty() {
                let message = "required: the session, as cookie with userAgent or as accessToken";
                found.add("cookie", DetailCode::Required, message);
            }
            None
        }
    }
}
