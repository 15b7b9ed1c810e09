//! Connections by what they are found by: pages of an organisation's, and those that are due for a look.

use super::{ReadError, Store, Value, row::Row};
use crate::domain::{
    connection::{Connection, ConnectionStatus},
    environment::Environment,
    public_id::OrganisationId,
    time::Timestamp,
};

/// One text a way to look, so that each goes along an index of its own; what is left is filtered on the way.
macro_rules! page {
    ($condition:literal) => {
        concat!(
            "SELECT connection FROM connection WHERE organisation_id = $1 AND environment = $2 AND ",
            $condition,
            " AND (CAST($4 AS TEXT) IS NULL OR provider = $4) AND (CAST($5 AS BIGINT) IS NULL OR imported = $5) \
             AND (CAST($6 AS TEXT) IS NULL OR status = $6) ORDER BY created_at DESC, id DESC LIMIT $7 OFFSET $8"
        )
    };
}

const ALL: &str = page!("(CAST($3 AS TEXT) IS NULL)");
const OF_REFERENCE: &str = page!("client_reference_id = $3");
const OF_STATUS: &str = page!("status = $3");

const DUE: &str = "SELECT connection FROM connection WHERE provider = $1 AND next_check_at <= $2 \
    ORDER BY next_check_at LIMIT $3";

/// In the order of their ids, so that whoever goes through all of them meets each once.
const UNENDED: &str = "SELECT id, connection FROM connection WHERE id > $1 AND status <> 'expired' AND created_at <= $2 \
    AND (CAST($3 AS TEXT) IS NULL OR provider = $3) AND (CAST($4 AS TEXT) IS NULL OR organisation_id = $4) \
    ORDER BY id LIMIT $5";

/// Which connections are gone through to be ended.
#[derive(Debug, Clone)]
pub struct Unended<'a> {
    /// Those that existed then.
    pub since: Timestamp,
    /// Of this provider.
    pub provider: Option<&'a str>,
    /// Of this organisation.
    pub organisation: Option<&'a OrganisationId>,
}

/// Which connections are listed.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Of this status.
    pub status: Option<ConnectionStatus>,
    /// Imported ones, or linked ones.
    pub imported: Option<bool>,
    /// Of this user of the developer's.
    pub client_reference_id: Option<String>,
    /// Of this provider.
    pub provider: Option<String>,
    /// How many at most.
    pub limit: i64,
    /// How many newer ones are left out.
    pub offset: i64,
}

impl Store {
    /// A page of an organisation's connections, newest first.
    pub async fn connections(
        &self,
        organisation: &OrganisationId,
        environment: Environment,
        listing: &Listing,
    ) -> Result<Vec<Connection>, ReadError> {
        let status = listing.status.map(ConnectionStatus::name);
        let (sql, key, status): (_, Value, Value) = match (&listing.client_reference_id, status) {
            (Some(reference), status) => (OF_REFERENCE, reference.clone().into(), status.into()),
            (None, Some(status)) => (OF_STATUS, status.into(), Value::Null),
            (None, None) => (ALL, Value::Null, Value::Null),
        };
        let values = vec![
            organisation.as_str().to_owned().into(),
            environment.as_str().into(),
            key,
            listing.provider.clone().into(),
            listing.imported.map(i64::from).into(),
            status,
            listing.limit.into(),
            listing.offset.into(),
        ];
        let rows = self.read("connection", sql, values).await?;
        rows.into_iter()
            .map(|mut row| row.json().map_err(ReadError::from))
            .collect()
    }

    /// Connections that are not over, of those with ids after `after`; at most `limit`, each with its id, in the order of
    /// the ids.
    ///
    /// One that cannot be read is named in the log and `None`.
    pub async fn unended_connections(
        &self,
        which: &Unended<'_>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<(String, Option<Connection>)>, ReadError> {
        let values = vec![
            after.to_owned().into(),
            which.since.into(),
            which.provider.map(str::to_owned).into(),
            which.organisation.map(|id| id.as_str().to_owned()).into(),
            limit.into(),
        ];
        let rows = self.read("connection", UNENDED, values).await?;
        rows.into_iter()
            .map(|mut row| {
                let id = row.text()?.into_owned();
                let read = row.json().inspect_err(
                    |corrupt| tracing::error!(id, %corrupt, "see docs/operations/damage.md"),
                );
                Ok((id, read.ok()))
            })
            .collect()
    }

    /// Connections at a provider that are due for a look at `now`, longest overdue first.
    ///
    /// One that cannot be read is named in the log and left out.
    pub async fn due_connections(
        &self,
        provider: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Connection>, ReadError> {
        let values = vec![
            provider.to_owned().into(),
            now.into(),
            i64::from(limit).into(),
        ];
        let rows = self.read("connection", DUE, values).await?;
        let readable = rows.into_iter().filter_map(|mut row: Row| {
            let read = row.json();
            read.inspect_err(|corrupt| tracing::error!(%corrupt, "see docs/operations/damage.md"))
                .ok()
        });
        Ok(readable.collect())
    }
}
