//! From what a developer wrote about an app to an app, with all problems told at once.

use std::fmt;

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

/// Settings of an app as a developer wrote them; `None` where nothing was written.
///
/// An empty text takes an optional setting away; a list replaces the whole list, and `[]` or `[""]` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// All problems, in the order of the fields.
    pub fn check(self) -> Result<ClientApp, Vec<FieldProblem>> {
        let identity = (self.id, self.organisation, self.created_at);
        checked(None, &self.settings, identity)
    }
}

impl ClientApp {
    /// The app after `change`. The environment stays: naming another one is a problem.
    ///
    /// # Errors
    ///
    /// All problems, in the order of the fields.
    pub fn changed(&self, change: &ClientAppChange) -> Result<ClientApp, Vec<FieldProblem>> {
        let identity = (self.id.clone(), self.organisation.clone(), self.created_at);
        checked(Some(self), change, identity)
    }
}

type Identity = (AppId, OrganisationId, Timestamp);

/// What was `written`, over what `old` has, over the defaults.
fn checked(
    old: Option<&ClientApp>,
    written: &ClientAppChange,
    (id, organisation, created_at): Identity,
) -> Result<ClientApp, Vec<FieldProblem>> {
    let mut check = Check {
        old,
        problems: Vec::new(),
    };
    let app_type = check.required("type", &written.app_type, |app| &app.app_type, parse_type);
    let name = check.required("name", &written.name, |app| &app.name, AppName::parse);
    let environment = check.environment(&written.environment);
    let redirect_uris = check
        .list(
            "redirectUris",
            &written.redirect_uris,
            |app| Some(&app.redirect_uris),
            |text| RedirectUrl::register(text, environment),
        )
        .unwrap_or_default();
    let allowed_origins = check
        .list(
            "allowedOrigins",
            &written.allowed_origins,
            |app| Some(&app.allowed_origins),
            |text| AllowedOrigin::register(text, environment),
        )
        .unwrap_or_default();
    let providers = check.providers(&written.providers, environment);
    let (permissions, optional_permissions) = check.permissions(written);
    let session_minutes = check
        .optional(
            "sessionMinutes",
            &written.session_minutes,
            |app| Some(&app.session_minutes),
            SessionMinutes::parse,
        )
        .unwrap_or(SessionMinutes::DEFAULT);
    let website = check.optional(
        "website",
        &written.website,
        |app| app.website.as_ref(),
        PageUrl::parse,
    );
    let privacy_url = check.optional(
        "privacyUrl",
        &written.privacy_url,
        |app| app.privacy_url.as_ref(),
        PageUrl::parse,
    );
    let terms_url = check.optional(
        "termsUrl",
        &written.terms_url,
        |app| app.terms_url.as_ref(),
        PageUrl::parse,
    );
    let support = check.optional(
        "support",
        &written.support,
        |app| app.support.as_ref(),
        SupportAddress::parse,
    );
    let accent = check.optional(
        "accent",
        &written.accent,
        |app| app.accent.as_ref(),
        Accent::parse,
    );
    let logo = check.optional(
        "logo",
        &written.logo,
        |app| app.logo.as_ref(),
        LogoRef::parse,
    );
    let (Some(app_type), Some(name), true) = (app_type, name, check.problems.is_empty()) else {
        return Err(check.problems);
    };
    let flag = |written: Option<bool>, kept: fn(&ClientApp) -> bool, default: bool| {
        written.or(old.map(kept)).unwrap_or(default)
    };
    Ok(ClientApp {
        id,
        organisation,
        app_type,
        name,
        environment,
        redirect_uris,
        allowed_origins,
        providers,
        permissions,
        optional_permissions,
        session_minutes,
        website,
        privacy_url,
        terms_url,
        support,
        accent,
        logo,
        redirect_on_success: flag(
            written.redirect_on_success,
            |app| app.redirect_on_success,
            false,
        ),
        one_reference_per_account: flag(
            written.one_reference_per_account,
            |app| app.one_reference_per_account,
            false,
        ),
        dangerous_raw_sessions: flag(
            written.dangerous_raw_sessions,
            |app| app.dangerous_raw_sessions,
            false,
        ),
        dangerous_custom_proxy: flag(
            written.dangerous_custom_proxy,
            |app| app.dangerous_custom_proxy,
            false,
        ),
        enabled: flag(written.enabled, |app| app.enabled, true),
        created_at,
    })
}

/// Collects the problems while fields are read.
struct Check<'a> {
    old: Option<&'a ClientApp>,
    problems: Vec<FieldProblem>,
}

impl<'a> Check<'a> {
    /// One text: what was written, else what was kept; an empty text takes it away.
    fn optional<T: Clone + 'a, E: fmt::Display>(
        &mut self,
        field: &'static str,
        written: &Option<String>,
        kept: fn(&'a ClientApp) -> Option<&'a T>,
        parse: fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        match written.as_deref() {
            None => self.old.and_then(kept).cloned(),
            Some("") => None,
            Some(text) => self.noted(field, parse(text)),
        }
    }

    /// One text that an app cannot be without.
    fn required<T: Clone + 'a, E: fmt::Display>(
        &mut self,
        field: &'static str,
        written: &Option<String>,
        kept: fn(&'a ClientApp) -> &'a T,
        parse: fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        match (written, self.old) {
            (Some(text), _) => self.noted(field, parse(text)),
            (None, Some(app)) => Some(kept(app).clone()),
            (None, None) => self.noted(field, Err("is required")),
        }
    }

    /// A list without an entry twice; `None` where nothing was written and nothing kept.
    fn list<T: Clone + PartialEq + 'a, E: fmt::Display>(
        &mut self,
        field: &'static str,
        written: &Option<Vec<String>>,
        kept: fn(&'a ClientApp) -> Option<&'a Vec<T>>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let Some(written) = written else {
            return self.old.and_then(kept).cloned();
        };
        let mut entries = Vec::with_capacity(written.len());
        for text in written.iter().filter(|_| *written != [""]) {
            let shown = text.chars().take(200).collect::<String>();
            match parse(text) {
                Err(rule) => self.note(field, format!("{shown:?}: {rule}")),
                Ok(entry) if entries.contains(&entry) => {
                    self.note(field, format!("{shown:?} is listed twice: list it once"));
                }
                Ok(entry) => entries.push(entry),
            }
        }
        Some(entries)
    }

    /// The environment; the sandbox, whose rules are the widest, where what was written is no environment.
    fn environment(&mut self, written: &Option<String>) -> Environment {
        let kept = self.old.map(|app| app.environment);
        let parsed = written.as_deref().map(Environment::parse);
        match (parsed, kept) {
            (Some(None), _) => self.note("environment", "must be `sandbox` or `live`"),
            (Some(Some(new)), Some(old)) if new != old => {
                self.note(
                    "environment",
                    format!("cannot change: this app is in {old}, create another one in {new}"),
                );
            }
            _ => {}
        }
        kept.or(parsed.flatten()).unwrap_or(Environment::Sandbox)
    }

    fn providers(
        &mut self,
        written: &Option<Vec<String>>,
        environment: Environment,
    ) -> Option<Vec<ProviderId>> {
        match (written.as_deref(), self.old, environment) {
            (Some([]), ..) => None,
            (Some([only]), ..) if only.is_empty() => None,
            (None, None, Environment::Sandbox) => {
                ProviderId::parse("sandbox").ok().map(|id| vec![id])
            }
            _ => self.list(
                "providers",
                written,
                |app| app.providers.as_ref(),
                ProviderId::parse,
            ),
        }
    }

    fn permissions(
        &mut self,
        written: &ClientAppChange,
    ) -> (Vec<PermissionName>, Vec<PermissionName>) {
        let profile = || {
            PermissionName::parse("profile:read")
                .ok()
                .into_iter()
                .collect()
        };
        let required = self
            .list(
                "permissions",
                &written.permissions,
                |app| Some(&app.permissions),
                PermissionName::parse,
            )
            .unwrap_or_else(profile);
        let field = "optionalPermissions";
        let optional = self
            .list(
                field,
                &written.optional_permissions,
                |app| Some(&app.optional_permissions),
                PermissionName::parse,
            )
            .unwrap_or_default();
        for name in optional.iter().filter(|name| required.contains(name)) {
            self.note(
                field,
                format!("`{name}` is a required permission too: list it in one of the two"),
            );
        }
        (required, optional)
    }

    fn noted<T, E: fmt::Display>(
        &mut self,
        field: &'static str,
        result: Result<T, E>,
    ) -> Option<T> {
        result
            .map_err(|rule| self.note(field, rule.to_string()))
            .ok()
    }

    fn note(&mut self, field: &'static str, message: impl Into<String>) {
        self.problems.push(FieldProblem::new(field, message));
    }
}

fn parse_type(text: &str) -> Result<AppType, &'static str> {
    AppType::parse(text).ok_or("must be `redirect`, `embed` or `whitelabel`")
}
