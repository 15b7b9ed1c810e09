//! `connection invalidate`: every connection of an app or of a provider, in steps.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{CommandError, problem};
use crate::{
    domain::{
        audit::{Action, Actor},
        environment::Environment,
        public_id::{AppId, OrganisationId},
    },
    flow::{Among, Engine, Of, Reached, Unavailable, audit::Deed},
    store::{Operation, Unended},
};

/// What can be asked for about connections.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum ConnectionCommand {
    /// `connection invalidate`: one step.
    Invalidate {
        /// Those that this app linked: `app_…`. Either this or a provider.
        app: Option<String>,
        /// Those of this provider.
        provider: Option<String>,
        /// Of one organisation only.
        org: Option<String>,
        /// What the step before has answered; `None` begins.
        reached: Option<Reached>,
    },
}

impl Engine {
    pub(super) async fn connection_command(
        &self,
        actor: &Actor,
        command: ConnectionCommand,
    ) -> Result<Value, CommandError> {
        let ConnectionCommand::Invalidate {
            app,
            provider,
            org,
            reached,
        } = command;
        let organisation = org.map(|org| self.organisation(Some(org))).transpose()?;
        let among = Among {
            of: of(app, provider)?,
            organisation,
        };
        let reached = match reached {
            Some(reached) => reached,
            None => {
                let begun = Reached::nothing(self.clock.now());
                self.check_provider(&among.of, &begun).await?;
                self.begin_to_end(actor, &among).await?;
                begun
            }
        };
        let reached = self.end_some(actor, &among, reached).await?;
        if reached.is_over && reached.ended == 0 {
            self.check_app(&among.of)?;
        }
        Ok(json!(reached))
    }

    /// Writes that connections are going to be ended, before the first one is.
    async fn begin_to_end(&self, actor: &Actor, among: &Among) -> Result<(), CommandError> {
        let whose = self.whose(among);
        let object = match &among.of {
            Of::App(app) => app.as_str(),
            Of::Provider(provider) => provider,
        };
        let deed = Deed {
            whose: whose
                .as_ref()
                .map(|(organisation, environment)| (organisation, *environment)),
            action: Action::ConnectionExpireAll,
            object,
            detail: &[],
        };
        let mut operation = Operation::new(self.clock.now());
        self.record(&mut operation, actor, &deed)?;
        self.carry_out(operation).await
    }

    /// Whose connections are ended; `None` where they may be everybody's.
    fn whose(&self, among: &Among) -> Option<(OrganisationId, Environment)> {
        match &among.of {
            Of::App(app) => {
                let (app, _) = self.app_of(None, app.as_str()).ok()?;
                Some((app.organisation, app.environment))
            }
            Of::Provider(provider) => {
                let environment = match provider.as_str() {
                    "sandbox" => Environment::Sandbox,
                    _ => Environment::Live,
                };
                let organisation = among.organisation.clone()?;
                Some((organisation, environment))
            }
        }
    }

    /// Refuses the name of a provider that nothing has, so that a slip is not written down. One of before may still have
    /// connections.
    async fn check_provider(&self, of: &Of, begun: &Reached) -> Result<(), CommandError> {
        let Of::Provider(provider) = of else {
            return Ok(());
        };
        if self.provider(provider).is_some() {
            return Ok(());
        }
        let which = Unended {
            since: begun.begun,
            provider: Some(provider),
            organisation: None,
        };
        let some = self.store.unended_connections(&which, "", 1).await;
        match some.map_err(Unavailable::from)?.is_empty() {
            true => Err(CommandError::Unknown(format!(
                "provider {provider}, and no connection of one"
            ))),
            false => Ok(()),
        }
    }

    /// Refuses an app that is not there, so that a slip does not look like success. One that was deleted may still have
    /// connections, so this is asked only where there were none.
    fn check_app(&self, of: &Of) -> Result<(), CommandError> {
        match of {
            Of::App(app) => self.app_of(None, app.as_str()).map(drop),
            Of::Provider(_) => Ok(()),
        }
    }
}

fn of(app: Option<String>, provider: Option<String>) -> Result<Of, CommandError> {
    match (app, provider) {
        (Some(app), None) => AppId::parse(&app)
            .map(Of::App)
            .ok_or_else(|| problem("app", "must be `app_…`, as `linchpin app list` tells it")),
        (None, Some(provider)) => Ok(Of::Provider(provider)),
        _ => Err(problem("app", "or a provider is to be named, and not both")),
    }
}
