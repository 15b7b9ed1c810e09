//! What the store knows of a support bundle: numbers, and names of lists that are written here. No row's own text is in it,
//! so nothing of a person, a developer or a secret can be.

use serde_json::{Map, Value, json};

use super::CommandError;
use crate::{
    domain::{connection::ConnectionStatus, delivery::DeliveryState},
    flow::{Engine, Unavailable},
    store::{Figure, ReadError},
};

/// Leases that have one name for all; the others are named after a session or a connection.
const LEASES: [&str; 6] = ["audit", "events", "health", "rewrap", "upkeep", "webhooks"];

/// Stages of link sessions.
const STAGES: [&str; 10] = [
    "initialized",
    "authorization",
    "login",
    "verifying",
    "two_factor",
    "completed",
    "cancelled",
    "failed",
    "expired",
    "deleted",
];

/// What stands for a name that is in no list.
const OTHER: &str = "other";

impl Engine {
    pub(super) async fn support(&self) -> Result<Value, CommandError> {
        let store = &self.store;
        let failed = |error: ReadError| CommandError::from(Unavailable::from(error));
        let connections = store.connection_figures().await.map_err(failed)?;
        let sessions = store.session_figures().await.map_err(failed)?;
        let deliveries = store.delivery_figures().await.map_err(failed)?;
        let statuses = ConnectionStatus::ALL.map(ConnectionStatus::name);
        let states = [
            DeliveryState::Pending,
            DeliveryState::Delivered,
            DeliveryState::Failed,
        ]
        .map(DeliveryState::name);
        let vault = self.vault_status().await?;
        let rows = store.table_rows().await;
        Ok(json!({
            "madeAt": self.clock.now().to_string(),
            "engine": store.engine_name(),
            "engineVersion": version(&store.engine_version().await.map_err(failed)?),
            "databaseBytes": store.size().await.map_err(failed)?,
            "halted": store.halted().is_true(),
            "damaged": store.is_damaged(),
            "rows": rows.into_iter().map(|(table, rows)| (table.to_owned(), rows.into())).collect::<Map<_, _>>(),
            "connectionsByStatus": counted(&connections, &statuses, |one| &one.name),
            "connectionsByProvider": counted(&connections, &self.provider_ids(), |one| &one.second),
            "linkSessionsByStage": counted(&sessions, &STAGES, |one| &one.name),
            "deliveriesByState": counted(&deliveries, &states, |one| &one.name),
            "webhookEndpoints": self.endpoint_figures(),
            "leases": self.leases_shown().await.map_err(failed)?,
            "vault": {
                "currentVersion": vault.get("currentVersion"),
                "rowsLeft": vault.get("rowsLeft"),
                "keyFileFits": vault.get("problem").is_none_or(Value::is_null),
            },
        }))
    }

    fn endpoint_figures(&self) -> Value {
        let directory = self.directory();
        let endpoints = directory.endpoints.iter();
        let enabled = endpoints.filter(|(endpoint, _)| endpoint.enabled).count();
        json!({ "enabled": enabled, "disabled": directory.endpoints.len() - enabled })
    }

    /// Who holds what; nodes are told apart by numbers that each of them draws at its start.
    async fn leases_shown(&self) -> Result<Value, ReadError> {
        let held = self.store.leases().await?;
        let held = held.iter().map(|held| {
            json!({
                "name": listed(&held.name, &LEASES),
                "node": node(&held.holder),
                "until": held.until.to_string(),
            })
        });
        Ok(held.collect())
    }
}

/// A node's name, where it looks like one.
fn node(holder: &str) -> &str {
    let drawn = holder.len() <= 40 && holder.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if drawn { holder } else { OTHER }
}

/// `17.2` of `PostgreSQL 17.2 on …`: the rest may say who built it.
fn version(told: &str) -> String {
    let mut words = told.split_whitespace();
    let number = words.find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    let number = number.unwrap_or_default().chars();
    number
        .take_while(|letter| letter.is_ascii_digit() || *letter == '.')
        .collect()
}

/// A name, or a word for what is in no list.
fn listed<'a>(name: &str, known: &'a [impl AsRef<str>]) -> &'a str {
    let mut known = known.iter().map(AsRef::as_ref);
    known.find(|known| *known == name).unwrap_or(OTHER)
}

/// Counts by a name of a list; what is in none is counted together.
fn counted(
    figures: &[Figure],
    known: &[impl AsRef<str>],
    name: impl Fn(&Figure) -> &String,
) -> Value {
    let mut counts = Map::new();
    for figure in figures {
        let name = listed(name(figure), known);
        let before = counts.get(name).and_then(Value::as_i64).unwrap_or(0);
        counts.insert(name.to_owned(), (before + figure.count).into());
    }
    Value::Object(counts)
}
