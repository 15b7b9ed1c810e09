//! Taking over sessions that were made elsewhere.

use std::{collections::BTreeMap, sync::Arc};

use linchpin_provider::{Client, Import, Imported, Provider, SignedIn};

use super::{
    Caller, Engine, NoTurn, Turn, Unavailable,
    clients::{Leaves, name_of},
    random, random_number,
};
use crate::{
    domain::{
        audit::Action,
        connection::{Connection, Origin, Owner},
        environment::Environment,
        event::EventKind,
        id::ConnectionId,
    },
    store::{Operation, WriteError},
};

/// Times that it is decided anew when somebody else made or changed the account's connection at the same moment.
const TRIES_MAX: usize = 64;

/// What is to be taken over.
pub struct Takeover {
    /// The provider's id; `None` is the only one of the environment.
    pub provider: Option<String>,
    /// The session.
    pub import: Import,
    /// What it may be used for; `None` is what the organisation's apps may ask for.
    pub permissions: Option<Vec<String>>,
    /// The developer's own id of the user.
    pub client_reference_id: Option<String>,
}

/// Why a session is not taken over.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A field cannot be satisfied.
    #[error("{field}: {message}")]
    Field {
        /// Its name.
        field: &'static str,
        /// What is wrong and what to do.
        message: String,
    },
    /// There is no such connection.
    #[error("there is no such connection")]
    Unknown,
    /// The account has an active connection already, or the session is of another account than the connection's.
    #[error("{message}")]
    Conflict {
        /// The connection that stands against it.
        connection: ConnectionId,
        /// What is the matter.
        message: &'static str,
    },
    /// The provider cannot answer at the moment.
    #[error("the provider does not answer")]
    ProviderUnavailable,
    /// The store could not be asked or written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<WriteError> for ImportError {
    fn from(error: WriteError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<crate::store::ReadError> for ImportError {
    fn from(error: crate::store::ReadError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl Engine {
    /// What the caller's apps may ask for: the permissions of all that are enabled, in the order in which they come.
    pub fn permissions_of(&self, caller: &Caller) -> Vec<String> {
        let directory = self.directory();
        let mut permissions: Vec<String> = Vec::new();
        let apps = directory.apps_of(&caller.organisation, caller.environment);
        for app in apps.filter(|app| app.enabled) {
            for name in app.permissions.iter().chain(&app.optional_permissions) {
                if !permissions.iter().any(|known| known == name.as_str()) {
                    permissions.push(name.to_string());
                }
            }
        }
        permissions
    }

    /// Takes a session over: checks it with the provider, and makes a connection of it or renews the expired one of the
    /// same account.
    pub async fn import(
        self: &Arc<Self>,
        caller: &Caller,
        takeover: Takeover,
    ) -> Result<Connection, ImportError> {
        let provider = self.importing(caller.environment, takeover.provider.as_deref())?;
        let permissions = match takeover.permissions {
            Some(permissions) => permissions,
            None => self.permissions_of(caller),
        };
        let offered = |name: &&String| provider.describe().permission(name.as_str()).is_none();
        if let Some(unknown) = permissions.iter().find(offered) {
            return Err(ImportError::Field {
                field: "permissions",
                message: format!("{} does not offer {unknown}", provider.describe().id),
            });
        }
        // Drawn before it is known whether it becomes one: its traffic leaves as that of the connection will.
        let new = ConnectionId::new(random()?);
        let place = self.usual_place(caller).await?;
        let leaves = Leaves {
            environment: caller.environment,
            place: place.as_ref(),
            pinned: None,
            seed: new.as_str(),
        };
        let client = self.client_leaving(&provider, new.as_str(), |provider| {
            self.exit(leaves, provider)
        });
        let turn = self
            .turn(provider.as_ref(), caller.organisation.as_str())
            .await;
        let signed_in = taken_over(turn, &provider, &client, takeover.import).await?;
        for _ in 0..TRIES_MAX {
            let origin = Origin {
                app: None,
                asked: permissions.clone(),
                granted: permissions.clone(),
                client_reference_id: takeover.client_reference_id.as_deref(),
                metadata: &BTreeMap::new(),
            };
            if let Some(connection) = self
                .take_session(caller, (&provider, &new), origin, &signed_in)
                .await?
            {
                return Ok(connection);
            }
        }
        Err(Unavailable::Write(WriteError::Busy).into())
    }

    /// `None` where somebody else was faster.
    async fn take_session(
        &self,
        caller: &Caller,
        (provider, new): (&Arc<dyn Provider>, &ConnectionId),
        origin: Origin<'_>,
        signed_in: &SignedIn,
    ) -> Result<Option<Connection>, ImportError> {
        let owner = Owner {
            organisation: &caller.organisation,
            environment: caller.environment,
            provider: &provider.describe().id,
        };
        let account = &signed_in.account;
        let known = self
            .store
            .connection_of_account(
                owner.organisation,
                owner.environment,
                owner.provider,
                &account.id,
            )
            .await?;
        if let Some(known) = known {
            if known.is_active() {
                return Err(ImportError::Conflict {
                    connection: known.id,
                    message: "the account has an active connection already; use it, or invalidate it first",
                });
            }
            let renewed = known.renewed(origin, account.clone(), self.clock.now());
            return self.put(caller, renewed, &known, signed_in).await;
        }
        let now = self.clock.now();
        let mut settings = self
            .store
            .account_settings(owner.organisation, owner.environment)
            .await?
            .0;
        // Whether the provider minds that its session is looked at, only whoever made the session can know.
        settings.health_check.enabled = false;
        let (id, account) = (new.clone(), account.clone());
        let mut connection = Connection::new(id, &owner, origin, account, settings, now);
        connection.exit = name_of(self.exit_of(&connection));
        let mut operation = Operation::new(now);
        self.seal_session(&mut operation, &connection, &signed_in.session)
            .await?;
        self.record_of(
            &mut operation,
            &caller.actor(),
            &connection,
            Action::ConnectionImport,
            &[],
        )?;
        let kind = EventKind::ConnectionCreated;
        self.tell(&mut operation, &mut connection, kind, None)?;
        operation.insert_connection(&connection, None)?;
        Ok(self.written(operation).await?.then_some(connection))
    }

    /// Puts another session into an imported connection.
    pub async fn import_again(
        self: &Arc<Self>,
        caller: &Caller,
        id: &ConnectionId,
        import: Import,
    ) -> Result<Connection, ImportError> {
        let known = self.connection(caller, id).await?;
        let known = known.ok_or(ImportError::Unknown)?;
        if !known.imported {
            return Err(ImportError::Field {
                field: "",
                message: "the connection was not imported but linked by its user, who signs in again with POST /v2/link/init and connectionId".to_owned(),
            });
        }
        let provider = self.importing(caller.environment, Some(&known.provider))?;
        let client = self.client_of(&known, &provider).await?;
        let turn = self
            .turn(provider.as_ref(), caller.organisation.as_str())
            .await;
        let signed_in = taken_over(turn, &provider, &client, import).await?;
        if signed_in.account.id != known.account.id {
            return Err(ImportError::Conflict {
                connection: known.id,
                message: "the session belongs to another account than the connection",
            });
        }
        for _ in 0..TRIES_MAX {
            let known = self.connection(caller, id).await?;
            let known = known.ok_or(ImportError::Unknown)?;
            let origin = Origin {
                app: None,
                asked: known.asked.clone(),
                granted: known.permissions.clone(),
                client_reference_id: None,
                metadata: &BTreeMap::new(),
            };
            let renewed = known.renewed(origin, signed_in.account.clone(), self.clock.now());
            if let Some(connection) = self.put(caller, renewed, &known, &signed_in).await? {
                return Ok(connection);
            }
        }
        Err(Unavailable::Write(WriteError::Busy).into())
    }

    async fn put(
        &self,
        caller: &Caller,
        mut renewed: Connection,
        known: &Connection,
        signed_in: &SignedIn,
    ) -> Result<Option<Connection>, ImportError> {
        let now = self.clock.now();
        let mut operation = Operation::new(now);
        renewed.plan_check(random_number()?, now);
        self.seal_session(&mut operation, &renewed, &signed_in.session)
            .await?;
        let actor = caller.actor();
        self.record_of(
            &mut operation,
            &actor,
            &renewed,
            Action::ConnectionImport,
            &[],
        )?;
        let kind = EventKind::ConnectionUpdated;
        self.tell(&mut operation, &mut renewed, kind, Some(known))?;
        operation.save_connection(&renewed, known, "imported", None)?;
        Ok(self.written(operation).await?.then_some(renewed))
    }

    /// The provider that a session is taken over from.
    fn importing(
        &self,
        environment: Environment,
        wanted: Option<&str>,
    ) -> Result<Arc<dyn Provider>, ImportError> {
        let here = self.providers_in(environment);
        let ids = || {
            let ids: Vec<_> = here
                .iter()
                .map(|found| found.describe().id.as_str())
                .collect();
            match ids.is_empty() {
                true => "none".to_owned(),
                false => ids.join(", "),
            }
        };
        let problem = |message: String| ImportError::Field {
            field: "provider",
            message,
        };
        match (wanted, here.as_slice()) {
            (None, [only]) => Ok(Arc::clone(only)),
            (None, _) => Err(problem(format!("name one of: {}", ids()))),
            (Some(wanted), all) => {
                let found = all.iter().find(|found| found.describe().id == wanted);
                found.map(Arc::clone).ok_or_else(|| {
                    problem(format!(
                        "there is no such provider in this environment; there are: {}",
                        ids()
                    ))
                })
            }
        }
    }
}

/// Asks the provider whether the session works.
async fn taken_over(
    turn: Result<Turn, NoTurn>,
    provider: &Arc<dyn Provider>,
    client: &Client,
    import: Import,
) -> Result<SignedIn, ImportError> {
    let field = match import {
        Import::Cookie { .. } => "cookie",
        Import::Token { .. } => "accessToken",
    };
    let problem = |message: String| Err(ImportError::Field { field, message });
    let Ok(_turn) = turn else {
        return Err(ImportError::ProviderUnavailable);
    };
    let asked = tokio::time::timeout(provider.deadline(), provider.import(client, import)).await;
    match asked.unwrap_or(Imported::Unavailable) {
        Imported::Taken(signed_in) => Ok(signed_in),
        Imported::Dead => problem(
            "the session does not work at the provider; sign in there again and send the new one"
                .to_owned(),
        ),
        Imported::NotOffered => problem(format!(
            "{} does not take over sessions of this kind",
            provider.describe().id
        )),
        Imported::Unavailable => Err(ImportError::ProviderUnavailable),
    }
}
