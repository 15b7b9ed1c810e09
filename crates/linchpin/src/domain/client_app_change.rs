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
        let environment = app.environment;
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
        self.providers(&mut app, written.providers.as_deref());
        self.permissions(&mut app, written);
        let minutes = written.session_minutes.as_deref();
        self.text(
            "sessionMinutes",
            &mut app.session_minutes,
            minutes,
            SessionMinutes::parse,
        );
        self.optional(
            "website",
            &mut app.website,
            written.website.as_deref(),
            PageUrl::parse,
        );
        self.optional(
            "privacyUrl",
            &mut app.privacy_url,
            written.privacy_url.as_deref(),
            PageUrl::parse,
        );
        self.optional(
            "termsUrl",
            &mut app.terms_url,
            written.terms_url.as_deref(),
            PageUrl::parse,
        );
        self.optional(
            "support",
            &mut app.support,
            written.support.as_deref(),
            SupportAddress::parse,
        );
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
        switch(&mut app.redirect_on_success, written.redirect_on_success);
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
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Option<Vec<String>> {
        Some(texts.iter().map(ToString::to_string).collect())
    }

    fn written() -> ClientAppChange {
        ClientAppChange {
            app_type: Some("redirect".to_owned()),
            name: Some("Shop".to_owned()),
            ..ClientAppChange::default()
        }
    }

    fn create(settings: ClientAppChange) -> Result<ClientApp, Vec<FieldProblem>> {
        let id = AppId::new([1; 16]);
        let organisation = OrganisationId::new([2; 16]);
        NewClientApp {
            id,
            organisation,
            created_at: Timestamp(7),
            settings,
        }
        .check()
    }

    fn fields(result: Result<ClientApp, Vec<FieldProblem>>) -> Vec<&'static str> {
        result
            .unwrap_err()
            .into_iter()
            .map(|problem| problem.field)
            .collect()
    }

    #[test]
    fn an_app_that_says_little_gets_the_defaults() {
        let app = create(written()).unwrap();
        assert_eq!(
            serde_json::to_value(&app).unwrap(),
            serde_json::json!({
                "id": app.id.as_str(), "organisation": app.organisation.as_str(), "type": "redirect", "name": "Shop",
                "environment": "sandbox", "redirectUris": [], "allowedOrigins": [], "providers": ["sandbox"],
                "permissions": ["profile:read"], "optionalPermissions": [], "sessionMinutes": 60, "website": null,
                "privacyUrl": null, "termsUrl": null, "support": null, "accent": null, "logo": null,
                "redirectOnSuccess": false, "oneReferencePerAccount": false, "dangerousRawSessions": false,
                "dangerousCustomProxy": false, "enabled": true, "createdAt": 7,
            })
        );
        let live = create(ClientAppChange {
            environment: Some("live".to_owned()),
            ..written()
        })
        .unwrap();
        assert_eq!(live.providers, None);
        assert!(live.offers("anything") && app.offers("sandbox") && !app.offers("other"));
    }

    fn everything() -> ClientAppChange {
        let text = |text: &str| Some(text.to_owned());
        ClientAppChange {
            app_type: text("embed"),
            name: text("Café"),
            environment: text("sandbox"),
            redirect_uris: texts(&[
                "https://app.example.com/cb",
                "http://localhost:3000/callback",
            ]),
            allowed_origins: texts(&["https://app.example.com"]),
            providers: texts(&["sandbox", "other"]),
            permissions: texts(&["profile:read", "posts:read"]),
            optional_permissions: texts(&["posts:write"]),
            session_minutes: text("5"),
            website: text("https://example.com/"),
            privacy_url: text("https://example.com/privacy"),
            terms_url: text("https://example.com/terms"),
            support: text("mailto:help@example.com"),
            accent: text("#1a73e8"),
            logo: Some(LogoRef::of(b"png").to_string()),
            redirect_on_success: Some(true),
            one_reference_per_account: Some(true),
            dangerous_raw_sessions: Some(true),
            dangerous_custom_proxy: Some(true),
            enabled: Some(false),
        }
    }

    #[test]
    fn an_app_survives_being_stored() {
        let app = create(everything()).unwrap();
        let json = serde_json::to_string(&app).unwrap();
        assert_eq!(serde_json::from_str::<ClientApp>(&json).unwrap(), app);
        let damaged = json.replace("https://app.example.com/cb", "javascript:alert(1)");
        assert!(serde_json::from_str::<ClientApp>(&damaged).is_err());
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let junk = || Some("\u{0}junk".to_owned());
        let all = ClientAppChange {
            app_type: junk(),
            name: junk(),
            environment: junk(),
            redirect_uris: texts(&[
                "https://app.example.com/#",
                "/cb",
                "https://app.example.com/",
            ]),
            allowed_origins: texts(&["*"]),
            providers: texts(&["Sandbox"]),
            permissions: texts(&["all"]),
            optional_permissions: texts(&["a:b", "a:b"]),
            session_minutes: junk(),
            website: junk(),
            privacy_url: junk(),
            terms_url: junk(),
            support: junk(),
            accent: junk(),
            logo: junk(),
            ..ClientAppChange::default()
        };
        assert_eq!(
            fields(create(all)),
            [
                "environment",
                "type",
                "name",
                "redirectUris",
                "redirectUris",
                "allowedOrigins",
                "providers",
                "permissions",
                "optionalPermissions",
                "sessionMinutes",
                "website",
                "privacyUrl",
                "termsUrl",
                "support",
                "accent",
                "logo",
            ]
        );
        assert_eq!(fields(create(ClientAppChange::default())), ["type", "name"]);
    }

    #[test]
    fn a_problem_of_a_list_names_the_entry_and_the_remedy() {
        let settings = ClientAppChange {
            redirect_uris: texts(&["https://app.example.com/cb#"]),
            ..written()
        };
        let message = create(settings).unwrap_err().remove(0).message;
        assert!(
            message.starts_with(r#""https://app.example.com/cb#": a fragment"#),
            "{message}"
        );
        assert!(message.contains("remove the `#`"), "{message}");
    }

    #[test]
    fn loopback_addresses_are_for_the_sandbox_only() {
        let live = ClientAppChange {
            environment: Some("live".to_owned()),
            redirect_uris: texts(&["http://localhost:3000/callback"]),
            allowed_origins: texts(&["http://localhost:3000"]),
            ..written()
        };
        assert_eq!(fields(create(live)), ["redirectUris", "allowedOrigins"]);
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let app = create(everything()).unwrap();
        assert_eq!(app.changed(&ClientAppChange::default()).unwrap(), app);
        let renamed = ClientAppChange {
            name: Some("Bar".to_owned()),
            ..ClientAppChange::default()
        };
        let name = AppName::parse("Bar").unwrap();
        assert_eq!(app.changed(&renamed).unwrap(), ClientApp { name, ..app });
    }

    #[test]
    fn empty_texts_and_lists_take_settings_away() {
        let app = create(everything()).unwrap();
        let change = ClientAppChange {
            website: Some(String::new()),
            logo: Some(String::new()),
            redirect_uris: texts(&[""]),
            allowed_origins: texts(&[]),
            providers: texts(&[]),
            ..ClientAppChange::default()
        };
        let cleared = app.changed(&change).unwrap();
        assert_eq!(
            (cleared.website, cleared.logo, cleared.providers),
            (None, None, None)
        );
        assert!(cleared.redirect_uris.is_empty() && cleared.allowed_origins.is_empty());
        let nameless = ClientAppChange {
            name: Some(String::new()),
            ..ClientAppChange::default()
        };
        assert_eq!(fields(app.changed(&nameless)), ["name"]);
    }

    #[test]
    fn an_app_does_not_move_to_the_other_environment() {
        let app = create(written()).unwrap();
        let to = |environment: &str| {
            app.changed(&ClientAppChange {
                environment: Some(environment.to_owned()),
                ..ClientAppChange::default()
            })
        };
        assert!(to("sandbox").is_ok());
        assert_eq!(fields(to("live")), ["environment"]);
    }

    #[test]
    fn a_permission_is_required_or_optional_and_not_both() {
        let settings = ClientAppChange {
            optional_permissions: texts(&["profile:read"]),
            ..written()
        };
        assert_eq!(fields(create(settings)), ["optionalPermissions"]);
    }
}
