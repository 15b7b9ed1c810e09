//! Registering, changing and deleting client apps, from the command line and by API.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use linchpin_provider::Provider;

use super::{CommandError, problem};
use crate::{
    domain::{
        app_fields::LogoRef,
        audit::{Action, Actor},
        client_app::ClientApp,
        client_app_change::{ClientAppChange, NewClientApp},
        field_problem::FieldProblem,
        logo,
        public_id::{AppId, OrganisationId},
    },
    flow::{Engine, Owner, Unavailable, audit::Deed, random},
    store::Operation,
};

/// An app that is not there, or that the asker must not know of. With an owner the text is the same for every id.
fn unknown(owner: Option<&Owner>, id: &str) -> CommandError {
    CommandError::Unknown(match owner {
        Some(_) => "client app of this id in this environment".to_owned(),
        None => format!("client app {id}"),
    })
}

impl Engine {
    /// Registers an app of this organisation. `logo` is a picture's bytes in base64.
    ///
    /// # Errors
    ///
    /// [`CommandError::Fields`] with every problem of the settings.
    pub async fn app_create(
        &self,
        actor: &Actor,
        organisation: OrganisationId,
        mut settings: ClientAppChange,
        logo: Option<String>,
    ) -> Result<ClientApp, CommandError> {
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
        warn_of_danger(None, &app);
        operation.insert_app(&app).map_err(Unavailable::from)?;
        self.record_app(&mut operation, actor, &app, Action::AppCreate)?;
        self.carry_out(operation).await?;
        Ok(app)
    }

    /// The app of this id with its version; any other than the owner's does not exist. Without an owner it is that of
    /// anybody.
    ///
    /// # Errors
    ///
    /// [`CommandError::Unknown`].
    pub fn app_of(
        &self,
        owner: Option<&Owner>,
        id: &str,
    ) -> Result<(ClientApp, i64), CommandError> {
        let directory = self.directory();
        let mut apps = directory.apps.iter();
        let known = apps.find(|(app, _)| {
            app.id.as_str() == id
                && owner.is_none_or(|owner| {
                    app.organisation == owner.organisation && app.environment == owner.environment
                })
        });
        known.cloned().ok_or_else(|| unknown(owner, id))
    }

    /// Changes an app, as [`Engine::app_of`] finds it.
    ///
    /// # Errors
    ///
    /// [`CommandError::Fields`] with every problem of the settings, [`CommandError::Unknown`],
    /// [`CommandError::Overtaken`].
    pub async fn app_update(
        &self,
        actor: &Actor,
        owner: Option<&Owner>,
        id: &str,
        (mut settings, logo): (ClientAppChange, Option<String>),
    ) -> Result<ClientApp, CommandError> {
        let (app, version) = self.app_of(owner, id)?;
        let mut operation = Operation::new(self.clock.now());
        keep_logo(&mut operation, &mut settings, logo).await?;
        let changed = app.changed(&settings).map_err(CommandError::Fields)?;
        self.check_offered(&changed)?;
        warn_of_danger(Some(&app), &changed);
        operation
            .save_app(&changed, version)
            .map_err(Unavailable::from)?;
        self.record_app(&mut operation, actor, &changed, Action::AppUpdate)?;
        self.carry_out(operation).await?;
        Ok(changed)
    }

    /// Deletes an app, as [`Engine::app_of`] finds it. Its sessions can no longer be finished.
    ///
    /// # Errors
    ///
    /// [`CommandError::Unknown`], also where somebody else was faster.
    pub async fn app_delete(
        &self,
        actor: &Actor,
        owner: Option<&Owner>,
        id: &str,
    ) -> Result<ClientApp, CommandError> {
        let (app, _) = self.app_of(owner, id)?;
        let mut operation = Operation::new(self.clock.now());
        operation.delete_app(&app.id);
        self.record_app(&mut operation, actor, &app, Action::AppDelete)?;
        match self.carry_out(operation).await {
            Err(CommandError::Overtaken) => Err(unknown(owner, id)),
            Err(error) => Err(error),
            Ok(()) => Ok(app),
        }
    }

    fn record_app(
        &self,
        operation: &mut Operation,
        actor: &Actor,
        app: &ClientApp,
        action: Action,
    ) -> Result<(), Unavailable> {
        let whose = (&app.organisation, app.environment);
        let deed = Deed {
            whose: Some(whose),
            action,
            object: app.id.as_str(),
            detail: &[],
        };
        self.record(operation, actor, &deed)
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
            .collect();
        let lists = [
            ("permissions", &app.permissions),
            ("optionalPermissions", &app.optional_permissions),
        ];
        for (field, name) in lists
            .iter()
            .flat_map(|(field, names)| names.iter().map(move |name| (*field, name)))
        {
            let offers = |p: &Arc<dyn Provider>| p.describe().permission(name.as_str()).is_some();
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

/// Says in the log that a dangerous switch is being switched on.
fn warn_of_danger(before: Option<&ClientApp>, app: &ClientApp) {
    let had = |switch: fn(&ClientApp) -> bool| before.is_some_and(switch);
    if app.dangerous_raw_sessions && !had(|app| app.dangerous_raw_sessions) {
        tracing::warn!(app = %app.id, "dangerous_raw_sessions is being switched on for a client app");
    }
    if app.dangerous_custom_proxy && !had(|app| app.dangerous_custom_proxy) {
        tracing::warn!(app = %app.id, "dangerous_custom_proxy is being switched on for a client app");
    }
}

/// Keeps the picture that was sent along and names it in the settings.
async fn keep_logo(
    operation: &mut Operation,
    settings: &mut ClientAppChange,
    picture: Option<String>,
) -> Result<(), CommandError> {
    let Some(picture) = picture else {
        return Ok(());
    };
    let bytes = STANDARD
        .decode(picture)
        .map_err(|_| problem("logo", "must be sent as base64"))?;
    // Decoding a picture takes milliseconds, which no other request should wait for.
    let encoded = tokio::task::spawn_blocking(move || logo::re_encode(&bytes)).await;
    let png = encoded
        .map_err(|_| problem("logo", "cannot be read as a picture"))?
        .map_err(|error| problem("logo", error.to_string()))?;
    let reference = LogoRef::of(&png);
    operation.keep_logo(reference.as_str(), png);
    settings.logo = Some(reference.as_str().to_owned());
    Ok(())
}
