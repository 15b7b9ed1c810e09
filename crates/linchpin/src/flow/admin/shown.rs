//! What `--json` prints of organisations, apps and keys.

use serde_json::{Value, json};

use crate::{
    domain::{api_key::ApiKey, client_app::ClientApp, key_record::KeyRecord, time::Timestamp},
    store::Organisation,
};

pub(super) fn shown_organisation(organisation: &Organisation) -> Value {
    json!({
        "id": organisation.id.as_str(),
        "name": organisation.name,
        "createdAt": organisation.created_at.to_string(),
    })
}

pub(super) fn shown_app(app: &ClientApp) -> Value {
    with_times(
        serde_json::to_value(app).unwrap_or_default(),
        &[("createdAt", Some(app.created_at))],
    )
}

pub(super) fn shown_key(key: &KeyRecord) -> Value {
    let times = [
        ("createdAt", Some(key.created_at)),
        ("expiresAt", key.expires_at),
        ("revokedAt", key.revoked_at),
    ];
    with_times(serde_json::to_value(key).unwrap_or_default(), &times)
}

/// A key that was just made, with itself: the one time that it is shown.
pub(super) fn shown_new_key(record: &KeyRecord, key: &ApiKey) -> Value {
    let mut shown = shown_key(record);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("key".to_owned(), key.reveal().into());
    }
    shown
}

/// Writes times as people and other programs read them.
fn with_times(mut shown: Value, times: &[(&str, Option<Timestamp>)]) -> Value {
    if let Some(fields) = shown.as_object_mut() {
        for (name, at) in times {
            fields.insert((*name).to_owned(), at.map(|at| at.to_string()).into());
        }
    }
    shown
}
