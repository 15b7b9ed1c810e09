//! Connections and their history.

use super::{Operation, ReadError, Store, WriteError, ledger::Fact, sessions::json};
use crate::domain::{
    connection::Connection,
    environment::Environment,
    id::{ConnectionId, SessionId},
    public_id::OrganisationId,
};

const INSERT: &str = "INSERT INTO connection \
    (id, organisation_id, environment, provider, account_id, status, connection, version, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const SAVE: &str = "UPDATE connection SET status = $1, connection = $2, version = $3, updated_at = $4 \
    WHERE id = $5 AND version = $6";

const REMEMBER: &str = "INSERT INTO connection_history (connection_id, version, at, event, session_id, detail) \
    VALUES ($1, $2, $3, $4, $5, $6)";

const DELETE: &str = "DELETE FROM connection WHERE id = $1 AND version = $2";

const FORGET: &str = "DELETE FROM connection_history WHERE connection_id = $1";

const BY_ID: &str =
    "SELECT connection FROM connection WHERE id = $1 AND organisation_id = $2 AND environment = $3";

const ANY: &str = "SELECT connection FROM connection WHERE id = $1";

const BY_ACCOUNT: &str = "SELECT connection FROM connection \
    WHERE organisation_id = $1 AND environment = $2 AND provider = $3 AND account_id = $4";

/// What the history of a connection says of one change.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    permissions: &'a [String],
    client_reference_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_client_reference_id: Option<&'a str>,
}

impl Operation {
    /// Keeps a new connection. Refused with `Exists` where the account has one already.
    pub fn insert_connection(
        &mut self,
        connection: &Connection,
        session: Option<SessionId>,
    ) -> Result<(), WriteError> {
        self.add_row(
            INSERT,
            vec![
                connection.id.as_str().to_owned().into(),
                connection.organisation.as_str().to_owned().into(),
                connection.environment.as_str().into(),
                connection.provider.clone().into(),
                connection.account.id.clone().into(),
                connection.status.name().into(),
                json(connection)?,
                connection.version.into(),
                connection.created_at.into(),
                connection.updated_at.into(),
            ],
        );
        self.remember_connection(connection, "created", session, None)
    }

    /// Keeps a changed connection, with what the change is called in the history. Refused with `Overtaken` where it
    /// has changed since it was read.
    pub fn save_connection(
        &mut self,
        connection: &Connection,
        before: &Connection,
        change: &'static str,
        session: Option<SessionId>,
    ) -> Result<(), WriteError> {
        self.save_unremembered(connection, before)?;
        let changed = before.client_reference_id != connection.client_reference_id;
        let previous = before.client_reference_id.as_deref().filter(|_| changed);
        self.remember_connection(connection, change, session, previous)
    }

    /// The same for a change that the history need not tell: it was looked whether the session is alive.
    pub fn save_unremembered(
        &mut self,
        connection: &Connection,
        before: &Connection,
    ) -> Result<(), WriteError> {
        self.changes_connection(&connection.id);
        self.one_row(
            SAVE,
            vec![
                connection.status.name().into(),
                json(connection)?,
                connection.version.into(),
                connection.updated_at.into(),
                connection.id.as_str().to_owned().into(),
                before.version.into(),
            ],
        );
        Ok(())
    }

    /// Removes a connection with its history. Refused with `Overtaken` where it has changed since it was read.
    pub fn delete_connection(&mut self, connection: &Connection) {
        let id = || connection.id.as_str().to_owned().into();
        self.facts.push(Fact::ConnectionEnded {
            connection: connection.id.clone(),
            removed: true,
        });
        self.changes_connection(&connection.id);
        self.one_row(DELETE, vec![id(), connection.version.into()]);
        self.any_rows(FORGET, vec![id()]);
    }

    /// Says that the session of a connection is gone, which a restored backup must not bring back.
    pub fn session_is_gone(&mut self, connection: &Connection) {
        self.facts.push(Fact::ConnectionEnded {
            connection: connection.id.clone(),
            removed: false,
        });
    }

    fn remember_connection(
        &mut self,
        connection: &Connection,
        event: &'static str,
        session: Option<SessionId>,
        previous: Option<&str>,
    ) -> Result<(), WriteError> {
        let detail = Detail {
            permissions: &connection.permissions,
            client_reference_id: connection.client_reference_id.as_deref(),
            previous_client_reference_id: previous,
        };
        self.add_row(
            REMEMBER,
            vec![
                connection.id.as_str().to_owned().into(),
                connection.version.into(),
                connection.updated_at.into(),
                event.into(),
                session.map(SessionId::number).into(),
                json(&detail)?,
            ],
        );
        Ok(())
    }
}

impl Store {
    /// The connection of this id, where it belongs to the organisation and environment.
    pub async fn connection(
        &self,
        id: &ConnectionId,
        organisation: &OrganisationId,
        environment: Environment,
    ) -> Result<Option<Connection>, ReadError> {
        let values = vec![
            id.as_str().to_owned().into(),
            organisation.as_str().to_owned().into(),
            environment.as_str().into(),
        ];
        self.one_connection(BY_ID, values).await
    }

    /// The connection of this id, whoever it belongs to: for those whom something else than a key of its organisation
    /// lets at it.
    pub async fn any_connection(&self, id: &ConnectionId) -> Result<Option<Connection>, ReadError> {
        self.one_connection(ANY, vec![id.as_str().to_owned().into()])
            .await
    }

    /// The connection of this provider account, where the organisation has one in the environment.
    pub async fn connection_of_account(
        &self,
        organisation: &OrganisationId,
        environment: Environment,
        provider: &str,
        account: &str,
    ) -> Result<Option<Connection>, ReadError> {
        let values = vec![
            organisation.as_str().to_owned().into(),
            environment.as_str().into(),
            provider.to_owned().into(),
            account.to_owned().into(),
        ];
        self.one_connection(BY_ACCOUNT, values).await
    }

    async fn one_connection(
        &self,
        sql: &'static str,
        values: Vec<super::Value>,
    ) -> Result<Option<Connection>, ReadError> {
        let rows = self.read("connection", sql, values).await?;
        rows.into_iter()
            .next()
            .map(|mut row| row.json())
            .transpose()
            .map_err(ReadError::from)
    }
}
