//! Link sessions and their history.

use super::{Corrupt, Operation, ReadError, Store, Value, WriteError, ledger::Fact, row::Row};
use crate::domain::{
    client_app::AppType,
    id::SessionId,
    link_session::{LinkSession, Transition},
    public_id::AppId,
    time::Timestamp,
    token::SecretHash,
};

const INSERT: &str = "INSERT INTO link_session \
    (id, organisation_id, environment, app_id, client_reference_id, secret_hash, request, stage, state, version, \
    created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

const SAVE: &str = "UPDATE link_session SET stage = $1, state = $2, version = $3, ended_at = $4 \
    WHERE id = $5 AND version = $6";

const REMEMBER: &str = "INSERT INTO link_session_history (session_id, version, at, event, from_stage, to_stage) \
    VALUES ($1, $2, $3, $4, $5, $6)";

const BY_ID: &str = "SELECT secret_hash, id, request, state, version, created_at, expires_at \
    FROM link_session WHERE id = $1";

const OVERDUE: &str = "SELECT secret_hash, id, request, state, version, created_at, expires_at \
    FROM link_session WHERE ended_at IS NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2";

const BUSY: &str = "SELECT secret_hash, id, request, state, version, created_at, expires_at \
    FROM link_session WHERE stage IN ('verifying', 'two_factor') AND id > $1 ORDER BY id LIMIT $2";

const OPEN_OF_APP: &str = "SELECT COUNT(*), COUNT(CASE WHEN client_reference_id = $1 THEN 1 END) \
    FROM link_session WHERE ended_at IS NULL AND expires_at > $2 AND app_id = $3";

/// A session that was found, with the hash that its secret must have.
#[derive(Debug)]
pub struct Made {
    /// The session.
    pub session: LinkSession,
    /// Hash of its link secret.
    pub secret_hash: SecretHash,
}

impl Operation {
    /// Keeps a new session. Refused with `Exists` where another node drew the same id.
    pub fn insert_session(
        &mut self,
        session: &LinkSession,
        secret: &SecretHash,
    ) -> Result<(), WriteError> {
        let request = &session.request;
        self.belongs_to(&request.organisation);
        self.add_row(
            INSERT,
            vec![
                session.id.number().into(),
                request.organisation.as_str().to_owned().into(),
                request.environment.as_str().into(),
                request.app.as_str().to_owned().into(),
                request.client_reference_id.clone().into(),
                secret.bytes().to_vec().into(),
                json(request)?,
                session.state.stage.name().into(),
                json(&session.state)?,
                session.version.into(),
                session.created_at.into(),
                session.expires_at.into(),
            ],
        );
        Ok(())
    }

    /// Keeps a transition and remembers it in the history. Refused with `Overtaken` where the session has changed
    /// since it was read.
    pub fn save_session(
        &mut self,
        transition: &Transition,
        at: Timestamp,
    ) -> Result<(), WriteError> {
        let session = &transition.session;
        self.belongs_to(&session.request.organisation);
        let id = session.id.number();
        // Nobody waits for what becomes of a session that has a page.
        if session.request.app_type == AppType::Whitelabel {
            self.announce_session(session.id);
        }
        if session.state.deleted {
            self.facts.push(Fact::SessionDeleted { session: id });
        }
        self.one_row(
            SAVE,
            vec![
                session.state.stage.name().into(),
                json(&session.state)?,
                session.version.into(),
                session.ended_at().into(),
                id.into(),
                (session.version - 1).into(),
            ],
        );
        self.add_row(
            REMEMBER,
            vec![
                id.into(),
                session.version.into(),
                at.into(),
                transition.event.into(),
                transition.from.into(),
                session.state.stage.name().into(),
            ],
        );
        Ok(())
    }
}

impl Store {
    /// The session of this id.
    pub async fn session(&self, id: SessionId) -> Result<Option<Made>, ReadError> {
        let rows = self
            .read("link_session", BY_ID, vec![id.number().into()])
            .await?;
        rows.into_iter()
            .next()
            .map(made)
            .transpose()
            .map_err(ReadError::from)
    }

    /// How many open sessions an app has at `now`: in all, and for one client reference.
    ///
    /// Reads every open session, so it is asked only where an operator has set a limit.
    pub async fn open_sessions(
        &self,
        app: &AppId,
        reference: Option<&str>,
        now: Timestamp,
    ) -> Result<(i64, i64), ReadError> {
        let reference = reference.map(str::to_owned);
        let values = vec![reference.into(), now.into(), app.as_str().to_owned().into()];
        let rows = self.read("link_session", OPEN_OF_APP, values).await?;
        let counts = rows
            .into_iter()
            .next()
            .map(|mut row| Ok((row.int()?, row.int()?)));
        counts.transpose().map(Option::unwrap_or_default)
    }

    /// Open sessions whose time was over at `now`, longest overdue first.
    pub async fn overdue_sessions(
        &self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<Made>, ReadError> {
        let rows = self
            .read("link_session", OVERDUE, vec![now.into(), limit.into()])
            .await?;
        Ok(readable(rows))
    }

    /// How many sessions are open, also those that cannot be read.
    pub(super) async fn count_open(&self) -> Result<i64, ReadError> {
        let sql = "SELECT COUNT(*) FROM link_session WHERE ended_at IS NULL";
        let rows = self.read("link_session", sql, vec![]).await?;
        let count = rows.into_iter().next().map(|mut row| row.int());
        Ok(count.transpose()?.unwrap_or_default())
    }

    /// Sessions that something goes on for (a check, an approval elsewhere), after `after` in the order of ids.
    pub async fn busy_sessions(
        &self,
        after: SessionId,
        limit: i64,
    ) -> Result<Vec<Made>, ReadError> {
        let rows = self
            .read(
                "link_session",
                BUSY,
                vec![after.number().into(), limit.into()],
            )
            .await?;
        Ok(readable(rows))
    }
}

/// The sessions of many rows. One that cannot be read is named in the log and must not keep the others waiting.
fn readable(rows: Vec<Row>) -> Vec<Made> {
    let readable = rows.into_iter().filter_map(|row| {
        let read = made(row);
        read.inspect_err(|corrupt| tracing::error!(%corrupt, "see docs/operations/damage.md"))
            .ok()
    });
    readable.collect()
}

pub(super) fn made(mut row: Row) -> Result<Made, Corrupt> {
    let hash = row.bytes()?;
    let secret_hash =
        SecretHash::from_bytes(&hash).ok_or_else(|| row.corrupt("a hash of 32 bytes"))?;
    let session = LinkSession {
        id: SessionId::from_number(row.int()?),
        request: row.json()?,
        state: row.json()?,
        version: row.int()?,
        created_at: Timestamp(row.int()?),
        expires_at: Timestamp(row.int()?),
    };
    Ok(Made {
        session,
        secret_hash,
    })
}

/// Writes a domain value as JSON. Nothing of ours fails at that.
pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<Value, WriteError> {
    serde_json::to_string(value)
        .map(Value::from)
        .map_err(|error| WriteError::Failed(error.to_string()))
}
