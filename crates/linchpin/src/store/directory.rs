//! Organisations, client apps, API keys and webhook endpoints: few rows, read on every request, so the whole of them is kept in memory.

use std::collections::HashMap;

use super::{Operation, ReadError, Store, WriteError, ledger::Fact, sessions::json};
use crate::domain::{
    client_app::ClientApp,
    environment::Environment,
    event::EventKind,
    key_record::KeyRecord,
    public_id::{AppId, EndpointId, OrganisationId},
    sealed::SealedKind,
    time::Timestamp,
    webhook_endpoint::WebhookEndpoint,
};

const ORGANISATIONS: &str = "SELECT id, name, created_at FROM organisation ORDER BY created_at, id";
const APPS: &str = "SELECT app, version FROM client_app ORDER BY created_at, id";
const KEYS: &str = "SELECT hash, record FROM api_key ORDER BY created_at, id";
const ENDPOINTS: &str = "SELECT endpoint, version FROM webhook_endpoint ORDER BY created_at, id";
const VERSION: &str = "SELECT number FROM store_fact WHERE name = 'directory'";
const LOGO: &str = "SELECT png FROM app_logo WHERE hash = $1";

/// Everything that a request is recognised by, as it was at one moment.
#[derive(Debug, Default)]
pub struct Directory {
    /// Every organisation, oldest first.
    pub organisations: Vec<Organisation>,
    /// Every client app with its version, oldest first.
    pub apps: Vec<(ClientApp, i64)>,
    /// Every key, oldest first.
    pub keys: Vec<KeyRecord>,
    /// Every webhook endpoint with its version, oldest first.
    pub endpoints: Vec<(WebhookEndpoint, i64)>,
    by_hash: HashMap<[u8; 32], usize>,
    by_app: HashMap<AppId, usize>,
}

/// An organisation: whom keys and apps belong to.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// `org_…`
    pub id: OrganisationId,
    /// 1 to 80 characters.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Directory {
    /// The key with this hash.
    pub fn key(&self, hash: &[u8; 32]) -> Option<&KeyRecord> {
        self.keys.get(*self.by_hash.get(hash)?)
    }

    /// The app of this id, whoever it belongs to.
    pub fn app(&self, id: &AppId) -> Option<&ClientApp> {
        self.apps.get(*self.by_app.get(id)?).map(|(app, _)| app)
    }

    /// The apps of an organisation in one environment, oldest first.
    pub fn apps_of<'a>(
        &'a self,
        organisation: &'a OrganisationId,
        environment: Environment,
    ) -> impl Iterator<Item = &'a ClientApp> {
        let apps = self.apps.iter().map(|(app, _)| app);
        apps.filter(move |app| app.organisation == *organisation && app.environment == environment)
    }

    /// The webhook endpoints of an organisation in one environment, oldest first.
    pub fn endpoints_of<'a>(
        &'a self,
        organisation: &'a OrganisationId,
        environment: Environment,
    ) -> impl Iterator<Item = &'a WebhookEndpoint> {
        let endpoints = self.endpoints.iter().map(|(endpoint, _)| endpoint);
        endpoints.filter(move |endpoint| {
            endpoint.organisation == *organisation && endpoint.environment == environment
        })
    }

    /// Where events of this kind go.
    pub fn takers<'a>(
        &'a self,
        organisation: &'a OrganisationId,
        environment: Environment,
        kind: EventKind,
    ) -> impl Iterator<Item = &'a EndpointId> {
        self.endpoints_of(organisation, environment)
            .filter(move |endpoint| endpoint.takes(kind))
            .map(|endpoint| &endpoint.id)
    }
}

impl Operation {
    /// Counts the directory's version up, by which other nodes learn that it has changed.
    pub(super) fn directory_changed(&mut self) {
        self.remember_time();
        self.any_rows(
            "INSERT INTO store_fact (name, number) VALUES ('directory', 1) \
             ON CONFLICT (name) DO UPDATE SET number = store_fact.number + 1",
            vec![],
        );
    }

    /// Keeps a new organisation.
    pub fn insert_organisation(&mut self, organisation: &Organisation) {
        let values = vec![
            organisation.id.as_str().to_owned().into(),
            organisation.name.clone().into(),
            organisation.created_at.into(),
        ];
        self.one_row(
            "INSERT INTO organisation (id, name, created_at) VALUES ($1, $2, $3)",
            values,
        );
        self.directory_changed();
    }

    /// Keeps a new client app.
    pub fn insert_app(&mut self, app: &ClientApp) -> Result<(), WriteError> {
        let values = vec![
            app.id.as_str().to_owned().into(),
            app.organisation.as_str().to_owned().into(),
            app.environment.as_str().into(),
            json(app)?,
            1.into(),
            app.created_at.into(),
        ];
        self.one_row(
            "INSERT INTO client_app (id, organisation_id, environment, app, version, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            values,
        );
        self.directory_changed();
        Ok(())
    }

    /// Keeps a changed client app. Refused with `Overtaken` where it has changed since `version` was read.
    pub fn save_app(&mut self, app: &ClientApp, version: i64) -> Result<(), WriteError> {
        self.facts.push(Fact::AppSaved {
            app: Box::new(app.clone()),
            version: version + 1,
        });
        let values = vec![
            json(app)?,
            (version + 1).into(),
            app.id.as_str().to_owned().into(),
            version.into(),
        ];
        self.one_row(
            "UPDATE client_app SET app = $1, version = $2 WHERE id = $3 AND version = $4",
            values,
        );
        self.directory_changed();
        Ok(())
    }

    /// Removes a client app.
    pub fn delete_app(&mut self, id: &AppId) {
        self.facts.push(Fact::AppDeleted { app: id.clone() });
        self.one_row(
            "DELETE FROM client_app WHERE id = $1",
            vec![id.as_str().to_owned().into()],
        );
        self.directory_changed();
    }

    /// Keeps a logo under its hash; the same picture again changes nothing.
    pub fn keep_logo(&mut self, hash: &str, png: Vec<u8>) {
        self.any_rows(
            "INSERT INTO app_logo (hash, png) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING",
            vec![hash.to_owned().into(), png.into()],
        );
    }

    /// Keeps a new webhook endpoint. Its secret is kept beside it, sealed.
    pub fn insert_endpoint(&mut self, endpoint: &WebhookEndpoint) -> Result<(), WriteError> {
        let values = vec![
            endpoint.id.as_str().to_owned().into(),
            endpoint.organisation.as_str().to_owned().into(),
            endpoint.environment.as_str().into(),
            json(endpoint)?,
            1.into(),
            endpoint.created_at.into(),
        ];
        self.one_row(
            "INSERT INTO webhook_endpoint (id, organisation_id, environment, endpoint, version, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            values,
        );
        self.directory_changed();
        Ok(())
    }

    /// Keeps a changed webhook endpoint. Refused with `Overtaken` where it has changed since `version` was read.
    pub fn save_endpoint(
        &mut self,
        endpoint: &WebhookEndpoint,
        version: i64,
    ) -> Result<(), WriteError> {
        let values = vec![
            json(endpoint)?,
            (version + 1).into(),
            endpoint.id.as_str().to_owned().into(),
            version.into(),
        ];
        self.one_row(
            "UPDATE webhook_endpoint SET endpoint = $1, version = $2 WHERE id = $3 AND version = $4",
            values,
        );
        self.directory_changed();
        Ok(())
    }

    /// Removes a webhook endpoint with its secrets and with everything that was on its way to it.
    pub fn delete_endpoint(&mut self, id: &EndpointId) {
        self.facts.push(Fact::EndpointDeleted {
            endpoint: id.clone(),
        });
        self.destroy_sealed(SealedKind::WebhookSecret, id.as_str());
        let id = || id.as_str().to_owned().into();
        self.one_row("DELETE FROM webhook_endpoint WHERE id = $1", vec![id()]);
        self.any_rows("DELETE FROM delivery WHERE endpoint_id = $1", vec![id()]);
        self.any_rows(
            "DELETE FROM delivery_attempt WHERE endpoint_id = $1",
            vec![id()],
        );
        self.directory_changed();
    }
}

impl Store {
    /// Counts up with every change of organisations, apps and keys.
    pub async fn directory_version(&self) -> Result<i64, ReadError> {
        let rows = self.read("store_fact", VERSION, vec![]).await?;
        let number = rows.into_iter().next().map(|mut row| row.int());
        Ok(number.transpose()?.unwrap_or(0))
    }

    /// Reads all organisations, apps, keys and endpoints.
    pub async fn directory(&self) -> Result<Directory, ReadError> {
        let mut directory = Directory::default();
        for mut row in self.read("organisation", ORGANISATIONS, vec![]).await? {
            let id = OrganisationId::parse(&row.text()?)
                .ok_or_else(|| row.corrupt("an organisation's id"))?;
            let name = row.text()?.into_owned();
            directory.organisations.push(Organisation {
                id,
                name,
                created_at: Timestamp(row.int()?),
            });
        }
        for mut row in self.read("client_app", APPS, vec![]).await? {
            let app: ClientApp = row.json()?;
            directory
                .by_app
                .insert(app.id.clone(), directory.apps.len());
            directory.apps.push((app, row.int()?));
        }
        for mut row in self.read("api_key", KEYS, vec![]).await? {
            let hash = row
                .bytes()?
                .try_into()
                .map_err(|_| row.corrupt("a hash of 32 bytes"))?;
            directory.by_hash.insert(hash, directory.keys.len());
            directory.keys.push(row.json()?);
        }
        for mut row in self.read("webhook_endpoint", ENDPOINTS, vec![]).await? {
            directory.endpoints.push((row.json()?, row.int()?));
        }
        Ok(directory)
    }

    /// The logo of this hash, a PNG.
    pub async fn logo(&self, hash: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let rows = self
            .read("app_logo", LOGO, vec![hash.to_owned().into()])
            .await?;
        Ok(rows
            .into_iter()
            .next()
            .map(|mut row| row.bytes())
            .transpose()?)
    }
}
