//! Connections as calls need them, each with its sealed session: by one question, or none where nothing has changed since
//! the last one.

use std::sync::Arc;

use super::{Engine, ReadError, Store, row::Corrupt};
use crate::domain::{
    connection::Connection, environment::Environment, id::ConnectionId, public_id::OrganisationId,
    sealed::Sealed,
};

const USABLE: &str = "SELECT connection.connection, COALESCE(sealed.key_version, 0), sealed.wrapped_key, sealed.sealed \
    FROM connection LEFT JOIN sealed ON sealed.kind = 'session' AND sealed.owner = connection.id AND sealed.number = 1 \
    WHERE connection.id = $1";

/// A connection, and what its session is opened from.
#[derive(Debug)]
pub struct Usable {
    /// The connection.
    pub connection: Arc<Connection>,
    /// Its session, sealed; `None` where it has none any more.
    pub session: Option<Sealed>,
}

impl Store {
    /// The connection of this id with its session, where it belongs to the organisation and environment; as it is after
    /// the last commit.
    pub async fn usable(
        &self,
        id: &ConnectionId,
        organisation: &OrganisationId,
        environment: Environment,
    ) -> Result<Option<Arc<Usable>>, ReadError> {
        let found = match &self.inner.engine {
            Engine::Sqlite(sqlite) => match sqlite.remembered().of(id) {
                Ok(known) => Some(known),
                Err(seen) => {
                    let read = self.read_usable(id).await?;
                    if let Some(usable) = &read {
                        sqlite.remembered().keep(seen, usable);
                    }
                    read
                }
            },
            // Another node may change it at any time.
            Engine::Postgres(_) => self.read_usable(id).await?,
        };
        Ok(found.filter(|usable| {
            let connection = &usable.connection;
            connection.organisation == *organisation && connection.environment == environment
        }))
    }

    async fn read_usable(&self, id: &ConnectionId) -> Result<Option<Arc<Usable>>, ReadError> {
        let values = vec![id.as_str().to_owned().into()];
        let rows = self.read("connection", USABLE, values).await?;
        let usable = rows
            .into_iter()
            .next()
            .map(|mut row| -> Result<_, Corrupt> {
                let connection = Arc::new(row.json()?);
                let session = match row.int()? {
                    0 => None,
                    key_version => Some(Sealed {
                        key_version,
                        wrapped_key: row.bytes()?,
                        bytes: row.bytes()?,
                    }),
                };
                Ok(Arc::new(Usable {
                    connection,
                    session,
                }))
            });
        Ok(usable.transpose()?)
    }
}
