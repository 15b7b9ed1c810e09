//! `app create`, `app update`, `app delete`.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use linchpin_provider::Provider;
use serde_json::{Value, json};

use super::{CommandError, problem, shown::shown_app};
use crate::{
    domain::{
        app_fields::LogoRef,
        audit::{Action, Actor},
        client_app::ClientApp,
        client_app_change::{ClientAppChange, NewClientApp},
        field_problem::FieldProblem,
        logo,
        public_id::AppId,
    },
    flow::{Engine, Unavailable, audit::Deed, random},
    store::Operation,
};

impl Engine {
    pub(super) async fn app_create(
        &self,
        actor: &Actor,
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
        self.record_app(&mut operation, actor, &app, Action::AppCreate)?;
        self.carry_out(operation).await?;
        Ok(shown_app(&app))
    }

    pub(super) async fn app_update(
        &self,
        actor: &Actor,
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
        self.record_app(&mut operation, actor, &changed, Action::AppUpdate)?;
        self.carry_out(operation).await?;
        Ok(shown_app(&changed))
    }

    pub(super) async fn app_delete(&self, actor: &Actor, id: &str) -> Result<Value, CommandError> {
        let unknown = || CommandError::Unknown(format!("client app {id}"));
        let id = AppId::parse(id).ok_or_else(unknown)?;
        let directory = self.directory();
        let app = directory.app(&id).ok_or_else(unknown)?;
        let mut operation = Operation::new(self.clock.now());
        operation.delete_app(&app.id);
        self.record_app(&mut operation, actor, app, Action::AppDelete)?;
        self.carry_out(operation).await?;
        Ok(json!({ "id": app.id.as_str(), "deleted": true }))
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
