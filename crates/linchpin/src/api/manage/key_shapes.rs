//! The shapes of API keys in the management API.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Part;
use crate::domain::{
    api_key::ApiKey, key_record::KeyRecord, public_id::KeyId, scope::Scope, time::Timestamp,
};

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

/// A page of API keys, oldest first. Those that are revoked are not among them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyPage {
    list: Vec<KeyTold>,
    /// Whether there are more.
    has_more: bool,
    /// The `offset` of the next page, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_offset: Option<i64>,
}

impl KeyPage {
    /// A page of these, which were last used then.
    pub fn of(all: &[KeyRecord], used: &HashMap<KeyId, Timestamp>, page: (i64, i64)) -> Self {
        let part = Part::of(all, page);
        let told = |key: &KeyRecord| KeyTold::of(key, used.get(&key.id).copied());
        Self {
            list: part.list.iter().map(told).collect(),
            has_more: part.next_offset.is_some(),
            next_offset: part.next_offset,
        }
    }
}
