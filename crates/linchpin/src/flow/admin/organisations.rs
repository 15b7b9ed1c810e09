//! `org create`.

use serde_json::Value;

use super::{CommandError, named, shown::shown_organisation};
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
}
