//! `org create`, and which organisation a command is about.

use serde_json::Value;

use super::{CommandError, named, problem, shown::shown_organisation};
use crate::{
    domain::{
        audit::{Action, Actor},
        public_id::OrganisationId,
    },
    flow::{Engine, audit::Deed, random},
    store::{Operation, Organisation},
};

impl Engine {
    pub(super) async fn org_create(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<Value, CommandError> {
        let name = named(name)?;
        let organisation = Organisation {
            id: OrganisationId::new(random()?),
            name,
            created_at: self.clock.now(),
        };
        let mut operation = Operation::new(organisation.created_at);
        operation.insert_organisation(&organisation);
        let action = Action::OrganisationCreate;
        let deed = Deed {
            whose: None,
            action,
            object: organisation.id.as_str(),
            detail: &[],
        };
        self.record(&mut operation, actor, &deed)?;
        self.carry_out(operation).await?;
        Ok(shown_organisation(&organisation))
    }

    /// The organisation that was named, or the only one.
    pub(super) fn organisation(
        &self,
        named: Option<String>,
    ) -> Result<OrganisationId, CommandError> {
        let directory = self.directory();
        match (named, directory.organisations.as_slice()) {
            (Some(named), all) => {
                let known = all
                    .iter()
                    .find(|organisation| organisation.id.as_str() == named);
                known
                    .map(|o| o.id.clone())
                    .ok_or_else(|| CommandError::Unknown(format!("organisation {named}")))
            }
            (None, [only]) => Ok(only.id.clone()),
            (None, []) => Err(CommandError::Unknown(
                "organisation yet; make one with `linchpin org create --name N`".to_owned(),
            )),
            (None, many) => Err(problem(
                "org",
                format!(
                    "there are {} organisations; name one with --org",
                    many.len()
                ),
            )),
        }
    }
}
