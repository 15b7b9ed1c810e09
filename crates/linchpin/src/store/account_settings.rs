//! An organisation's defaults for new connections.

use super::{Operation, ReadError, Store, WriteError, row::Corrupt, sessions::json};
use crate::domain::{
    connection_settings::ConnectionSettings, environment::Environment, public_id::OrganisationId,
};

const SETTINGS: &str = "SELECT settings, version FROM account_settings WHERE organisation_id = $1 AND environment = $2";

const FIRST: &str = "INSERT INTO account_settings (organisation_id, environment, settings, version) VALUES ($1, $2, $3, $4)";

const SAVE: &str = "UPDATE account_settings SET settings = $1, version = $2 \
    WHERE organisation_id = $3 AND environment = $4 AND version = $5";

impl Operation {
    /// Keeps the defaults. Refused with `Overtaken` or `Exists` where they have changed since `version` was read;
    /// version 0 is those that were never set.
    pub fn save_settings(
        &mut self,
        organisation: &OrganisationId,
        environment: Environment,
        settings: &ConnectionSettings,
        version: i64,
    ) -> Result<(), WriteError> {
        let whose = [
            organisation.as_str().to_owned().into(),
            environment.as_str().into(),
        ];
        if version == 0 {
            let values = whose.into_iter().chain([json(settings)?, 1.into()]);
            self.one_row(FIRST, values.collect());
        } else {
            let values = [json(settings)?, (version + 1).into()].into_iter();
            self.one_row(SAVE, values.chain(whose).chain([version.into()]).collect());
        }
        Ok(())
    }
}

impl Store {
    /// The defaults of an organisation in an environment, and their version; 0 where they were never set.
    pub async fn account_settings(
        &self,
        organisation: &OrganisationId,
        environment: Environment,
    ) -> Result<(ConnectionSettings, i64), ReadError> {
        let values = vec![
            organisation.as_str().to_owned().into(),
            environment.as_str().into(),
        ];
        let rows = self.read("account_settings", SETTINGS, values).await?;
        let found = rows
            .into_iter()
            .next()
            .map(|mut row| Ok::<_, Corrupt>((row.json()?, row.int()?)));
        Ok(found.transpose()?.unwrap_or_default())
    }
}
