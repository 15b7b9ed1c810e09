//! What an operator asks for on the command line: organisations, client apps and keys.
//!
//! A [`Command`] travels as JSON, over the control socket where a server runs. When it is answered, the change is on
//! the disk and in force.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Engine, Unavailable, random};
use crate::{
    domain::{
        api_key::ApiKey,
        client_app::ClientApp,
        client_app_change::{ClientAppChange, NewClientApp},
        environment::Environment,
        field_problem::FieldProblem,
        key_record::KeyRecord,
        keyring::Purpose,
        logo,
        public_id::{AppId, KeyId, OrganisationId},
        scope::Scopes,
        time::Timestamp,
    },
    store::{Operation, Organisation, Refusal, WriteError},
};

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
    /// Somebody else changed it at the same moment.
    #[error(
        "it was changed by somebody else at the same moment; look at it and repeat the command"
    )]
    Overtaken,
    /// The store could not be asked or written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Engine {
    /// Carries a command out and answers with what `--json` prints.
    pub async fn command(&self, command: Command) -> Result<Value, CommandError> {
        match command {
            Command::OrgCreate { name } => self.org_create(&name).await,
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
            } => self.app_create(org, settings, logo).await,
            Command::AppList { org } => {
                let org = org.map(|org| self.organisation(Some(org))).transpose()?;
                let directory = self.directory();
                let apps = directory.apps.iter().map(|(app, _)| app);
                Ok(apps
                    .filter(|app| org.as_ref().is_none_or(|org| app.organisation == *org))
                    .map(shown_app)
                    .collect())
            }
            Command::AppShow { id } => {
                let directory = self.directory();
                let app = AppId::parse(&id).and_then(|id| directory.app(&id).map(shown_app));
                app.ok_or_else(|| CommandError::Unknown(format!("client app {id}")))
            }
            Command::AppUpdate { id, settings, logo } => self.app_update(&id, settings, logo).await,
            Command::AppDelete { id } => self.app_delete(&id).await,
            Command::KeyCreate {
                org,
                name,
                scope,
                environment,
                expires,
            } => {
                let organisation = self.organisation(org)?;
                let wanted = key_wanted(&name, &scope, &environment, expires.as_deref())?;
                self.key_create(organisation, wanted).await
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
            Command::KeyRevoke { id } => self.key_revoke(&id).await,
        }
    }

    async fn org_create(&self, name: &str) -> Result<Value, CommandError> {
        let name = named(name)?;
        let organisation = Organisation {
            id: OrganisationId::new(random()?),
            name,
            created_at: self.clock.now(),
        };
        let mut operation = Operation::new(organisation.created_at);
        operation.insert_organisation(&organisation);
        self.carry_out(operation).await?;
        Ok(shown_organisation(&organisation))
    }

    async fn app_create(
        &self,
        org: Option<String>,
        mut settings: ClientAppChange,
        logo: Option<String>,
    ) -> Result<Value, CommandError> {
        let organisation = self.organisation(org)?;
        let now = self.clock.now();
        let mut operation = Operation::new(now);
        keep_logo(&mut operation, &mut settings, logo).await?;
        let new = NewClientApp {
            id: AppId::new(random()?),
            organisation,
            created_at: now,
            settings,
        };
        let app = new.check().map_err(CommandError::Fields)?;
        self.check_offered(&app)?;
        operation.insert_app(&app).map_err(Unavailable::from)?;
        self.carry_out(operation).await?;
        Ok(shown_app(&app))
    }

    async fn app_update(
        &self,
        id: &str,
        mut settings: ClientAppChange,
        logo: Option<String>,
    ) -> Result<Value, CommandError> {
        let directory = self.directory();
        let known = directory.apps.iter().find(|(app, _)| app.id.as_str() == id);
        let (app, version) =
            known.ok_or_else(|| CommandError::Unknown(format!("client app {id}")))?;
        let mut operation = Operation::new(self.clock.now());
        keep_logo(&mut operation, &mut settings, logo).await?;
        let changed = app.changed(&settings).map_err(CommandError::Fields)?;
        self.check_offered(&changed)?;
        operation
            .save_app(&changed, *version)
            .map_err(Unavailable::from)?;
        self.carry_out(operation).await?;
        Ok(shown_app(&changed))
    }

    async fn app_delete(&self, id: &str) -> Result<Value, CommandError> {
        let unknown = || CommandError::Unknown(format!("client app {id}"));
        let app = AppId::parse(id)
            .filter(|id| self.directory().app(id).is_some())
            .ok_or_else(unknown)?;
        let mut operation = Operation::new(self.clock.now());
        operation.delete_app(&app);
        self.carry_out(operation).await?;
        Ok(json!({ "id": app.as_str(), "deleted": true }))
    }

    async fn key_create(
        &self,
        organisation: OrganisationId,
        wanted: KeyWanted,
    ) -> Result<Value, CommandError> {
        let KeyWanted {
            name,
            scopes,
            environment,
            expires_at,
        } = wanted;
        let created_at = self.clock.now();
        let id = KeyId::new(random()?);
        let key = ApiKey::mint(environment, random()?);
        let record = KeyRecord {
            id,
            organisation,
            environment,
            name,
            scopes,
            created_at,
            expires_at,
            revoked_at: None,
        };
        let hash = self
            .keyring
            .mac(Purpose::ApiKey, &[key.reveal().as_bytes()]);
        let mut operation = Operation::new(created_at);
        operation
            .insert_key(&record, hash)
            .map_err(Unavailable::from)?;
        self.carry_out(operation).await?;
        let mut shown = shown_key(&record);
        // The one time that the key is shown.
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("key".to_owned(), key.reveal().into());
        }
        Ok(shown)
    }

    async fn key_revoke(&self, id: &str) -> Result<Value, CommandError> {
        let directory = self.directory();
        let known = directory.keys.iter().find(|key| key.id.as_str() == id);
        let known = known.ok_or_else(|| CommandError::Unknown(format!("key {id}")))?;
        if known.revoked_at.is_some() {
            return Ok(shown_key(known));
        }
        let revoked = KeyRecord {
            revoked_at: Some(self.clock.now()),
            ..known.clone()
        };
        let mut operation = Operation::new(self.clock.now());
        operation
            .revoke_key(&known.id, &revoked)
            .map_err(Unavailable::from)?;
        self.carry_out(operation).await?;
        Ok(shown_key(&revoked))
    }

    /// Writes a change and puts it in force.
    async fn carry_out(&self, operation: Operation) -> Result<(), CommandError> {
        match self.store.write(operation).await {
            Ok(()) => Ok(self.reload().await?),
            Err(WriteError::Refused(Refusal::Overtaken | Refusal::Exists)) => {
                Err(CommandError::Overtaken)
            }
            Err(error) => Err(Unavailable::Write(error).into()),
        }
    }

    /// The organisation that was named, or the only one.
    fn organisation(&self, named: Option<String>) -> Result<OrganisationId, CommandError> {
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

    /// That the providers of an app are there and offer what it asks for.
    fn check_offered(&self, app: &ClientApp) -> Result<(), CommandError> {
        let mut problems = Vec::new();
        for id in app
            .providers
            .iter()
            .flatten()
            .filter(|id| self.provider(id.as_str()).is_none())
        {
            problems.push(FieldProblem::new(
                "providers",
                format!("there is no provider {id}"),
            ));
        }
        let offered: Vec<_> = self
            .providers_of(app)
            .iter()
            .filter_map(|id| self.provider(id))
            .cloned()
            .collect();
        let lists = [
            ("permissions", &app.permissions),
            ("optionalPermissions", &app.optional_permissions),
        ];
        for (field, name) in lists
            .iter()
            .flat_map(|(field, names)| names.iter().map(move |name| (*field, name)))
        {
            let offers = |p: &std::sync::Arc<dyn linchpin_provider::Provider>| {
                p.describe().permission(name.as_str()).is_some()
            };
            if !offered.is_empty() && !offered.iter().any(offers) {
                problems.push(FieldProblem::new(
                    field,
                    format!("no provider of the app offers {name}"),
                ));
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(CommandError::Fields(problems))
        }
    }
}

/// A key that was asked for, field by field checked.
struct KeyWanted {
    name: String,
    scopes: Scopes,
    environment: Environment,
    expires_at: Option<Timestamp>,
}

fn key_wanted(
    name: &str,
    scope: &str,
    environment: &str,
    expires: Option<&str>,
) -> Result<KeyWanted, CommandError> {
    Ok(KeyWanted {
        name: named(name)?,
        scopes: Scopes::parse(scope).map_err(|error| problem("scope", error.to_string()))?,
        environment: Environment::parse(environment)
            .ok_or_else(|| problem("environment", "must be `sandbox` or `live`"))?,
        expires_at: expires.map(moment).transpose()?,
    })
}

/// An RFC 3339 time, or the first moment of a date in UTC.
fn moment(text: &str) -> Result<Timestamp, CommandError> {
    let time = text
        .parse::<jiff::Timestamp>()
        .or_else(|_| format!("{text}T00:00:00Z").parse::<jiff::Timestamp>());
    let time = time.map_err(|_| {
        problem(
            "expires",
            "must be a date (2027-01-31) or a time (2027-01-31T10:00:00Z)",
        )
    })?;
    Ok(Timestamp(time.as_millisecond()))
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

/// Keeps the picture that was sent along and names it in the settings.
async fn keep_logo(
    operation: &mut Operation,
    settings: &mut ClientAppChange,
    picture: Option<String>,
) -> Result<(), CommandError> {
    use base64::Engine as _;
    let Some(picture) = picture else {
        return Ok(());
    };
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(picture)
        .map_err(|_| problem("logo", "must be sent as base64"))?;
    // Decoding a picture takes milliseconds, which no other request should wait for.
    let encoded = tokio::task::spawn_blocking(move || logo::re_encode(&bytes)).await;
    let png = encoded
        .map_err(|_| problem("logo", "cannot be read as a picture"))?
        .map_err(|error| problem("logo", error.to_string()))?;
    let reference = crate::domain::app_fields::LogoRef::of(&png);
    operation.keep_logo(reference.as_str(), png);
    settings.logo = Some(reference.as_str().to_owned());
    Ok(())
}

fn problem(field: &'static str, message: impl Into<String>) -> CommandError {
    CommandError::Fields(vec![FieldProblem::new(field, message)])
}

fn shown_organisation(organisation: &Organisation) -> Value {
    json!({
        "id": organisation.id.as_str(),
        "name": organisation.name,
        "createdAt": organisation.created_at.to_string(),
    })
}

fn shown_app(app: &ClientApp) -> Value {
    with_times(
        serde_json::to_value(app).unwrap_or_default(),
        &[("createdAt", Some(app.created_at))],
    )
}

fn shown_key(key: &KeyRecord) -> Value {
    let times = [
        ("createdAt", Some(key.created_at)),
        ("expiresAt", key.expires_at),
        ("revokedAt", key.revoked_at),
    ];
    with_times(serde_json::to_value(key).unwrap_or_default(), &times)
}

/// Writes times as people and other programs read them.
fn with_times(mut shown: Value, times: &[(&str, Option<Timestamp>)]) -> Value {
    if let Some(fields) = shown.as_object_mut() {
        for (name, at) in times {
            fields.insert((*name).to_owned(), at.map(|at| at.to_string()).into());
        }
    }
    shown
}
