//! From what a developer wrote about an app to an app, with all problems told at once.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    allowed_origin::AllowedOrigin,
    app_fields::{Accent, AppName, LogoRef, PermissionName, ProviderId, SessionMinutes},
    client_app::{AppType, ClientApp},
    environment::Environment,
    field_problem::FieldProblem,
    page_url::{PageUrl, SupportAddress},
    public_id::{AppId, OrganisationId},
    redirect_url::RedirectUrl,
    time::Timestamp,
};

/// How much of a refused entry a message shows, in characters.
const SHOWN_MAX: usize = 200;

/// Settings of an app as a developer wrote them; `None` where nothing was written.
///
/// An empty text takes an optional setting away; a list replaces the whole list, and `[]` or `[""]` empties it
/// (for providers: all of the environment).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "the fields are those of ClientApp, before they are checked"
)]
pub struct ClientAppChange {
    pub app_type: Option<String>,
    pub name: Option<String>,
    pub environment: Option<String>,
    pub redirect_uris: Option<Vec<String>>,
    pub allowed_origins: Option<Vec<String>>,
    pub providers: Option<Vec<String>>,
    pub permissions: Option<Vec<String>>,
    pub optional_permissions: Option<Vec<String>>,
    pub session_minutes: Option<String>,
    pub website: Option<String>,
    pub privacy_url: Option<String>,
    pub terms_url: Option<String>,
    pub support: Option<String>,
    pub accent: Option<String>,
    pub logo: Option<String>,
    pub redirect_on_success: Option<bool>,
    pub hand_off: Option<bool>,
    pub one_reference_per_account: Option<bool>,
    pub dangerous_raw_sessions: Option<bool>,
    pub dangerous_custom_proxy: Option<bool>,
    pub enabled: Option<bool>,
}

/// An app that is to be registered.
#[derive(Clone, Debug)]
pub struct NewClientApp {
    /// Its new identifier.
    pub id: AppId,
    /// Whose app it becomes.
    pub organisation: OrganisationId,
    /// Now.
    pub created_at: Timestamp,
    /// What the developer wrote: `app_type` and `name` are required, the rest has defaults.
    pub settings: ClientAppChange,
}

impl NewClientApp {
    /// Checks every field.
    ///
    /// # Errors
    ///
    /// All problems of all fields.
    pub fn check(self) -> Result<ClientApp, Vec<FieldProblem>> {
        let mut check = Check::default();
        let environment = self.settings.environment.as_deref().unwrap_or("sandbox");
        let environment = Environment::parse(environment).unwrap_or_else(|| {
            check.note("environment", "must be `sandbox` or `live`");
            // The rules of the sandbox are the widest, so what they refuse is wrong anyway.
            Environment::Sandbox
        });
        if self.settings.app_type.is_none() {
            check.note("type", "is required: `redirect`, `embed` or `whitelabel`");
        }
        if self.settings.name.is_none() {
            check.note("name", "is required");
        }
        let app = defaults(self.id, self.organisation, environment, self.created_at);
        check.apply(app, &self.settings)
    }
}

impl ClientApp {
    /// The app after `change`. The environment stays: naming the other one is a problem.
    ///
    /// # Errors
    ///
    /// All problems of all fields.
    pub fn changed(&self, change: &ClientAppChange) -> Result<ClientApp, Vec<FieldProblem>> {
        let mut check = Check::default();
        let old = self.environment;
        if change
            .environment
            .as_deref()
            .is_some_and(|new| new != old.as_str())
        {
            let rule = format!("cannot change, this app is in {old}: create another app there");
            check.note("environment", rule);
        }
        check.apply(self.clone(), change)
    }
}

/// An app that says nothing but where it lives. Its type and name stand in for those that the developer must write.
fn defaults(
    id: AppId,
    organisation: OrganisationId,
    environment: Environment,
    created_at: Timestamp,
) -> ClientApp {
    ClientApp {
        id,
        organisation,
        app_type: AppType::Redirect,
        name: AppName::unnamed(),
        environment,
        redirect_uris: Vec::new(),
        allowed_origins: Vec::new(),
        providers: match environment {
            Environment::Sandbox => Some(vec![ProviderId::sandbox()]),
            Environment::Live => None,
        },
        permissions: vec![PermissionName::profile()],
        optional_permissions: Vec::new(),
        session_minutes: SessionMinutes::DEFAULT,
        website: None,
        privacy_url: None,
        terms_url: None,
        support: None,
        accent: None,
        logo: None,
        redirect_on_success: false,
        hand_off: true,
        one_reference_per_account: false,
        dangerous_raw_sessions: false,
        dangerous_custom_proxy: false,
        enabled: true,
        created_at,
    }
}

/// Puts what was written in its place and collects the problems.
#[derive(Default)]
struct Check {
    problems: Vec<FieldProblem>,
}

impl Check {
    fn apply(
        mut self,
        mut app: ClientApp,
        written: &ClientAppChange,
    ) -> Result<ClientApp, Vec<FieldProblem>> {
        self.text(
            "type",
            &mut app.app_type,
            written.app_type.as_deref(),
            parse_type,
        );
        self.text(
            "name",
            &mut app.name,
            written.name.as_deref(),
            AppName::parse,
        );
        self.addresses(&mut app, written);
        self.providers(&mut app, written.providers.as_deref());
        self.permissions(&mut app, written);
        let minutes = written.session_minutes.as_deref();
        self.text(
            "sessionMinutes",
            &mut app.session_minutes,
            minutes,
            SessionMinutes::parse,
        );
        self.appearance(&mut app, written);
        switch(&mut app.redirect_on_success, written.redirect_on_success);
        switch(&mut app.hand_off, written.hand_off);
        switch(
            &mut app.one_reference_per_account,
            written.one_reference_per_account,
        );
        switch(
            &mut app.dangerous_raw_sessions,
            written.dangerous_raw_sessions,
        );
        switch(
            &mut app.dangerous_custom_proxy,
            written.dangerous_custom_proxy,
        );
        switch(&mut app.enabled, written.enabled);
        if self.problems.is_empty() {
            Ok(app)
        } else {
            Err(self.problems)
        }
    }

    fn addresses(&mut self, app: &mut ClientApp, written: &ClientAppChange) {
        let environment = app.environment;
        let uris = written.redirect_uris.as_deref();
        self.list("redirectUris", &mut app.redirect_uris, uris, |text| {
            RedirectUrl::register(text, environment)
        });
        let origins = written.allowed_origins.as_deref();
        self.list(
            "allowedOrigins",
            &mut app.allowed_origins,
            origins,
            |text| AllowedOrigin::register(text, environment),
        );
    }

    fn appearance(&mut self, app: &mut ClientApp, written: &ClientAppChange) {
        self.optional(
            "website",
            &mut app.website,
            written.website.as_deref(),
            PageUrl::parse,
        );
        let privacy = written.privacy_url.as_deref();
        self.optional("privacyUrl", &mut app.privacy_url, privacy, PageUrl::parse);
        let terms = written.terms_url.as_deref();
        self.optional("termsUrl", &mut app.terms_url, terms, PageUrl::parse);
        let support = written.support.as_deref();
        self.optional("support", &mut app.support, support, SupportAddress::parse);
        self.optional(
            "accent",
            &mut app.accent,
            written.accent.as_deref(),
            Accent::parse,
        );
        self.optional(
            "logo",
            &mut app.logo,
            written.logo.as_deref(),
            LogoRef::parse,
        );
    }

    fn text<T, E: fmt::Display>(
        &mut self,
        field: &'static str,
        place: &mut T,
        written: Option<&str>,
        parse: fn(&str) -> Result<T, E>,
    ) {
        match written.map(parse) {
            None => {}
            Some(Ok(value)) => *place = value,
            Some(Err(rule)) => self.note(field, rule.to_string()),
        }
    }

    fn optional<T, E: fmt::Display>(
        &mut self,
        field: &'static str,
        place: &mut Option<T>,
        written: Option<&str>,
        parse: fn(&str) -> Result<T, E>,
    ) {
        match written {
            None => {}
            Some("") => *place = None,
            Some(text) => match parse(text) {
                Ok(value) => *place = Some(value),
                Err(rule) => self.note(field, rule.to_string()),
            },
        }
    }

    fn list<T: PartialEq, E: fmt::Display>(
        &mut self,
        field: &'static str,
        place: &mut Vec<T>,
        written: Option<&[String]>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) {
        let Some(written) = written else { return };
        place.clear();
        if is_emptied(written) {
            return;
        }
        for text in written {
            let shown: String = text.chars().take(SHOWN_MAX).collect();
            match parse(text) {
                Err(rule) => self.note(field, format!("{shown:?}: {rule}")),
                Ok(entry) if place.contains(&entry) => {
                    self.note(field, format!("{shown:?} is listed twice: list it once"));
                }
                Ok(entry) => place.push(entry),
            }
        }
    }

    fn providers(&mut self, app: &mut ClientApp, written: Option<&[String]>) {
        let Some(written) = written else { return };
        let mut providers = Vec::new();
        self.list(
            "providers",
            &mut providers,
            Some(written),
            ProviderId::parse,
        );
        app.providers = (!is_emptied(written)).then_some(providers);
    }

    fn permissions(&mut self, app: &mut ClientApp, written: &ClientAppChange) {
        let (required, optional) = (&mut app.permissions, &mut app.optional_permissions);
        self.list(
            "permissions",
            required,
            written.permissions.as_deref(),
            PermissionName::parse,
        );
        let field = "optionalPermissions";
        self.list(
            field,
            optional,
            written.optional_permissions.as_deref(),
            PermissionName::parse,
        );
        for name in optional.iter().filter(|name| required.contains(name)) {
            let rule = format!("`{name}` is a required permission too: list it in one of the two");
            self.note(field, rule);
        }
    }

    fn note(&mut self, field: &'static str, message: impl Into<String>) {
        self.problems.push(FieldProblem::new(field, message));
    }
}

fn switch(place: &mut bool, written: Option<bool>) {
    *place = written.unwrap_or(*place);
}

fn is_emptied(written: &[String]) -> bool {
    matches!(written, [] | [_]) && written.iter().all(String::is_empty)
}

fn parse_type(text: &str) -> Result<AppType, &'static str> {
    AppType::parse(text).ok_or("must be `redirect`, `embed` or `whitelabel`")
}

#[cfg(test)]
mod tests;
