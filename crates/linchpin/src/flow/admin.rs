//! What an operator asks for on the command line: organisations, client apps and keys.
//!
//! A [`Command`] travels as JSON, over the control socket where a server runs. When it is answered, the change is on
//! the disk and in force.

mod apps;
mod audit;
mod connections;
mod keys;
mod organisations;
mod shown;
mod support;
mod user;
mod vault;
mod webhooks;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::{
    audit::AuditCommand, connections::ConnectionCommand, keys::KeyWanted, user::UserCommand,
    webhooks::WebhookCommand,
};
use self::{
    keys::key_wanted,
    shown::{shown_app, shown_key, shown_new_key, shown_organisation},
};
use super::{Engine, Unavailable};
use crate::{
    domain::{audit::Actor, client_app_change::ClientAppChange, field_problem::FieldProblem},
    store::{Operation, Refusal, WriteError},
};

/// Tries to put a written change in force while the store is busy, and the time between them.
const RELOADS: u32 = 20;
const BETWEEN_RELOADS: Duration = Duration::from_millis(100);

/// One command.
#[derive(Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    /// `org create`
    OrgCreate {
        /// 1 to 80 characters.
        name: String,
    },
    /// `org list`
    OrgList,
    /// `app create`
    AppCreate {
        /// Whose app it becomes; may be left out where there is one organisation.
        org: Option<String>,
        /// What was written.
        settings: ClientAppChange,
        /// The picture's bytes, base64.
        logo: Option<String>,
    },
    /// `app list`
    AppList {
        /// Of one organisation only.
        org: Option<String>,
    },
    /// `app show`
    AppShow {
        /// `app_…`
        id: String,
    },
    /// `app update`
    AppUpdate {
        /// `app_…`
        id: String,
        /// What was written.
        settings: ClientAppChange,
        /// The picture's bytes, base64.
        logo: Option<String>,
    },
    /// `app delete`
    AppDelete {
        /// `app_…`
        id: String,
    },
    /// `key create`
    KeyCreate {
        /// Whose key it becomes; may be left out where there is one organisation.
        org: Option<String>,
        /// 1 to 80 characters.
        name: String,
        /// `LINK,ACCOUNT,ACCESS`
        scope: String,
        /// `sandbox` or `live`.
        environment: String,
        /// From when on it opens nothing any more: an RFC 3339 time or a date.
        expires: Option<String>,
    },
    /// `key list`
    KeyList {
        /// Of one organisation only.
        org: Option<String>,
    },
    /// `key revoke`
    KeyRevoke {
        /// `key_…`
        id: String,
    },
    /// `audit …`
    Audit {
        /// What about it.
        asked: AuditCommand,
    },
    /// `connection …`
    Connection {
        /// What about them.
        asked: ConnectionCommand,
    },
    /// `webhook …`
    Webhook {
        /// What about them.
        asked: WebhookCommand,
    },
    /// `user …`
    User {
        /// What about them.
        asked: UserCommand,
    },
    /// `support-bundle`: what of it the store knows.
    Support,
    /// `vault status`
    VaultStatus,
    /// `vault rotate`, once the version is in the key file.
    VaultRotate {
        /// The version of the master key that becomes current.
        version: i64,
    },
    /// `vault retire`, before the version is taken out of the key file.
    VaultRetire {
        /// The version of the master key.
        version: i64,
    },
    /// `vault reseal`
    VaultReseal,
}

impl Command {
    /// Whether it can take something away, which a restored backup must not bring back.
    pub fn takes_away(&self) -> bool {
        matches!(
            self,
            Self::AppUpdate { .. }
                | Self::AppDelete { .. }
                | Self::KeyRevoke { .. }
                | Self::Connection { .. }
                | Self::Webhook {
                    asked: WebhookCommand::Delete { .. }
                }
                | Self::User {
                    asked: UserCommand::Erase { .. }
                }
        )
    }
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Something that was written cannot be; every problem at once.
    #[error("{}", .0.iter().map(|p| format!("{}: {}", p.field, p.message)).collect::<Vec<_>>().join("\n"))]
    Fields(Vec<FieldProblem>),
    /// There is no such thing.
    #[error("there is no {0}")]
    Unknown(String),
    /// The audit log is not as it was written.
    #[error(
        "the audit log is not as it was written from its entry {0} on: something there was changed, removed or put elsewhere. See docs/operations/audit.md"
    )]
    Tampered(i64),
    /// The audit log is right by itself, and not the one that an earlier head is of.
    #[error(
        "the audit log does not go through the head that was given, of its entry {earlier}: it ends at {end}, or was written anew from an earlier entry on. The end was cut off, or an older copy of the database was put back. See docs/operations/audit.md"
    )]
    CutOff {
        /// Position of the head that was given.
        earlier: i64,
        /// Position of the last entry that there is.
        end: i64,
    },
    /// Somebody else changed it at the same moment.
    #[error(
        "it was changed by somebody else at the same moment; look at it and repeat the command"
    )]
    Overtaken,
    /// A version of the master key cannot be rotated to or taken out.
    #[error("version {version} of the master key {why}")]
    Key {
        /// The version.
        version: i64,
        /// Why not, and what to do.
        why: String,
    },
    /// The store could not be asked or written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Engine {
    /// Carries a command of the command line out and answers with what `--json` prints.
    pub async fn command(&self, command: Command) -> Result<Value, CommandError> {
        self.command_as(&Actor::Operator, command).await
    }

    /// The same for whoever may give it.
    pub async fn command_as(&self, actor: &Actor, command: Command) -> Result<Value, CommandError> {
        match command {
            Command::OrgCreate { name } => self.org_create(actor, &name).await,
            Command::OrgList => Ok(self
                .directory()
                .organisations
                .iter()
                .map(shown_organisation)
                .collect()),
            Command::AppCreate {
                org,
                settings,
                logo,
            } => {
                let organisation = self.organisation(org)?;
                let made = self.app_create(actor, organisation, settings, logo);
                Ok(shown_app(&made.await?))
            }
            Command::AppList { org } => {
                let org = org.map(|org| self.organisation(Some(org))).transpose()?;
                let directory = self.directory();
                let apps = directory.apps.iter().map(|(app, _)| app);
                Ok(apps
                    .filter(|app| org.as_ref().is_none_or(|org| app.organisation == *org))
                    .map(shown_app)
                    .collect())
            }
            Command::AppShow { id } => Ok(shown_app(&self.app_of(None, &id)?.0)),
            Command::AppUpdate { id, settings, logo } => {
                let changed = self.app_update(actor, None, &id, (settings, logo)).await?;
                Ok(shown_app(&changed))
            }
            Command::AppDelete { id } => {
                let gone = self.app_delete(actor, None, &id).await?;
                Ok(json!({ "id": gone.id.as_str(), "deleted": true }))
            }
            Command::KeyCreate {
                org,
                name,
                scope,
                environment,
                expires,
            } => {
                let organisation = self.organisation(org)?;
                let wanted = key_wanted(&name, &scope, &environment, expires.as_deref())?;
                let (record, key) = self.key_create(actor, organisation, wanted).await?;
                Ok(shown_new_key(&record, &key))
            }
            Command::KeyList { org } => {
                let org = org.map(|org| self.organisation(Some(org))).transpose()?;
                let directory = self.directory();
                let keys = directory.keys.iter();
                Ok(keys
                    .filter(|key| org.as_ref().is_none_or(|org| key.organisation == *org))
                    .map(shown_key)
                    .collect())
            }
            Command::KeyRevoke { id } => Ok(shown_key(&self.key_revoke(actor, None, &id).await?)),
            Command::Audit { asked } => self.audit(asked).await,
            Command::Connection { asked } => self.connection_command(actor, asked).await,
            Command::Webhook { asked } => self.webhook(actor, asked).await,
            Command::User { asked } => self.user(actor, asked).await,
            Command::Support => self.support().await,
            Command::VaultStatus => self.vault_status().await,
            Command::VaultRotate { version } => self.vault_rotate(actor, version).await,
            Command::VaultRetire { version } => self.vault_retire(actor, version).await,
            Command::VaultReseal => self.vault_reseal(actor).await,
        }
    }

    /// Writes a change and puts it in force.
    pub(super) async fn carry_out(&self, operation: Operation) -> Result<(), CommandError> {
        let written = self.store.write(operation).await;
        // After a refusal, too: then it was decided on something that is not so any more.
        self.put_in_force().await?;
        match written {
            Ok(()) => Ok(()),
            Err(WriteError::Refused(Refusal::Overtaken | Refusal::Exists)) => {
                Err(CommandError::Overtaken)
            }
            Err(error) => Err(Unavailable::Write(error).into()),
        }
    }

    async fn put_in_force(&self) -> Result<(), Unavailable> {
        for _ in 0..RELOADS {
            if self.reload().await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_RELOADS).await;
        }
        self.reload().await
    }
}

fn named(name: &str) -> Result<String, CommandError> {
    let fits = (1..=80).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    let message = "must be 1 to 80 characters without control characters";
    if fits {
        Ok(name.to_owned())
    } else {
        Err(problem("name", message))
    }
}

pub(super) fn problem(field: &'static str, message: impl Into<String>) -> CommandError {
    CommandError::Fields(vec![FieldProblem::new(field, message)])
}
