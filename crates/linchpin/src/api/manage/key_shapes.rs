//! The shapes of API keys in the management API.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{api_key::ApiKey, key_record::KeyRecord, scope::Scope, time::Timestamp};

/// A key that is asked for.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct KeyRequest {
    /// What you call it.
    #[schema(min_length = 1, max_length = 80, example = "backend")]
    name: String,
    /// What it may be used for: scopes that the asking key has itself, and never `MANAGE`.
    #[schema(max_items = 4, example = json!(["LINK"]))]
    scopes: Vec<String>,
    /// The asking key's own environment; no other can be named.
    #[schema(nullable)]
    environment: Option<String>,
    /// From when on it opens nothing any more.
    #[schema(nullable, format = DateTime, example = "2027-01-31T10:00:00Z")]
    expires_at: Option<String>,
}

/// What a key is to become.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct KeyChangeRequest {
    /// What you call it.
    #[schema(nullable, min_length = 1, max_length = 80)]
    name: Option<String>,
}

/// An API key, without the key itself.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Key)]
pub struct KeyTold {
    /// What it is revoked by, `key_…`.
    id: String,
    /// What you call it.
    name: String,
    /// What it may be used for.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    /// `sandbox` or `live`.
    environment: &'static str,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// From when on it opens nothing any more; null for a key without end.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// When it was last used, as of a minute ago; null where it never was.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
}

impl KeyTold {
    /// What is told of a key that was last used then.
    pub fn of(key: &KeyRecord, last_used_at: Option<Timestamp>) -> Self {
        Self {
            id: key.id.as_str().to_owned(),
            name: key.name.clone(),
            scopes: key.scopes.iter().collect(),
            environment: key.environment.as_str(),
            created_at: key.created_at.to_string(),
            expires_at: key.expires_at.map(|at| at.to_string()),
            last_used_at: last_used_at.map(|at| at.to_string()),
        }
    }
}

/// A new API key with the key itself.
#[derive(Serialize, ToSchema)]
#[schema(as = NewKey)]
pub struct NewKeyTold {
    #[serde(flatten)]
    record: KeyTold,
    /// The key, `sk_…`, told this once.
    key: String,
}

impl NewKeyTold {
    /// What is told to whoever has made a key.
    pub fn of(record: &KeyRecord, key: &ApiKey) -> Self {
        Self {
            record: KeyTold::of(record, None),
            key: key.reveal().to_owned(),
        }
    }
}
