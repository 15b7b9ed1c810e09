//! The shapes of client apps in the management API.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::client_app::{AppType, ClientApp};

/// What an app is to become. A list replaces the whole list; an empty text takes an optional setting away.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct AppRequest {
    /// `redirect`, `embed` or `whitelabel`. Required for a new app.
    #[schema(nullable, example = "redirect")]
    r#type: Option<String>,
    /// What users read on the page, 1 to 80 characters. Required for a new app.
    #[schema(nullable, example = "Shop")]
    name: Option<String>,
    /// The key's own environment; no other can be named.
    #[schema(nullable)]
    environment: Option<String>,
    /// Where users may be sent back to; the first is used where init names none.
    #[schema(nullable, max_items = 100, example = json!(["https://shop.example.com/callback"]))]
    redirect_uris: Option<Vec<String>>,
    /// Whose pages may embed the app.
    #[schema(nullable, max_items = 100)]
    allowed_origins: Option<Vec<String>>,
    /// Ids of the providers that it offers. Omitted for a new app: in the sandbox the sandbox, live all; `[]` is all, too.
    #[schema(nullable, max_items = 100)]
    providers: Option<Vec<String>>,
    /// What it needs; omitted for a new app: `profile:read`.
    #[schema(nullable, max_items = 100)]
    permissions: Option<Vec<String>>,
    /// What it asks for and users may decline.
    #[schema(nullable, max_items = 100)]
    optional_permissions: Option<Vec<String>>,
    /// How long its sessions live, 60 where nothing is said.
    #[schema(nullable, minimum = 5, maximum = 360)]
    session_minutes: Option<u16>,
    /// Your own page.
    #[schema(nullable)]
    website: Option<String>,
    /// What happens with the data.
    #[schema(nullable)]
    privacy_url: Option<String>,
    /// The terms of use.
    #[schema(nullable)]
    terms_url: Option<String>,
    /// Where users find help: a URL or an e-mail address.
    #[schema(nullable)]
    support: Option<String>,
    /// The colour of the buttons, `#rrggbb`.
    #[schema(nullable)]
    accent: Option<String>,
    /// A PNG, JPEG or WebP in base64. The whole body has a limit, so the picture is at most about 45 KiB here, unless
    /// configured otherwise.
    #[schema(nullable)]
    logo: Option<String>,
    /// Embed: the opener goes to the redirect URL after success.
    #[schema(nullable)]
    redirect_on_success: Option<bool>,
    /// Users may go on with a session on a phone.
    #[schema(nullable)]
    hand_off: Option<bool>,
    /// A provider account that is linked for one user is refused to another.
    #[schema(nullable)]
    one_reference_per_account: Option<bool>,
    /// Whitelabel: init may ask for the provider's raw session.
    #[schema(nullable)]
    dangerous_raw_sessions: Option<bool>,
    /// Whitelabel: a session may name a proxy of its own.
    #[schema(nullable)]
    dangerous_custom_proxy: Option<bool>,
    /// Whether new sessions may be made.
    #[schema(nullable)]
    enabled: Option<bool>,
}

/// A client app.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ClientApp)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, each by its own name"
)]
pub struct AppTold {
    /// Its identifier, `app_…`.
    id: String,
    /// `redirect`, `embed` or `whitelabel`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    app_type: AppType,
    /// What users read on the page.
    name: String,
    /// `sandbox` or `live`.
    environment: &'static str,
    /// Where users may be sent back to.
    redirect_uris: Vec<String>,
    /// Whose pages may embed it.
    allowed_origins: Vec<String>,
    /// Ids of the providers that it offers; null for all of the environment.
    providers: Option<Vec<String>>,
    /// What it needs.
    permissions: Vec<String>,
    /// What it asks for and users may decline.
    optional_permissions: Vec<String>,
    /// How long its sessions live.
    session_minutes: u16,
    /// Your own page.
    website: Option<String>,
    /// What happens with the data.
    privacy_url: Option<String>,
    /// The terms of use.
    terms_url: Option<String>,
    /// Where users find help.
    support: Option<String>,
    /// The colour of the buttons; null for a neutral one.
    accent: Option<String>,
    /// Which logo is shown: `/logo/{logo}.png` on the origin of the pages. Null for the initials.
    logo: Option<String>,
    /// Embed: the opener goes to the redirect URL after success.
    redirect_on_success: bool,
    /// Users may go on with a session on a phone.
    hand_off: bool,
    /// A provider account that is linked for one user is refused to another.
    one_reference_per_account: bool,
    /// Init may ask for the provider's raw session.
    dangerous_raw_sessions: bool,
    /// A session may name a proxy of its own.
    dangerous_custom_proxy: bool,
    /// Whether new sessions may be made.
    enabled: bool,
    /// When it was registered.
    #[schema(format = DateTime)]
    created_at: String,
}

impl AppTold {
    /// What is told of an app.
    pub fn of(app: &ClientApp) -> Self {
        fn texts<T: ToString>(list: &[T]) -> Vec<String> {
            list.iter().map(T::to_string).collect()
        }
        fn text<T: ToString>(value: Option<&T>) -> Option<String> {
            value.map(T::to_string)
        }
        Self {
            id: app.id.as_str().to_owned(),
            app_type: app.app_type,
            name: app.name.to_string(),
            environment: app.environment.as_str(),
            redirect_uris: texts(&app.redirect_uris),
            allowed_origins: texts(&app.allowed_origins),
            providers: app.providers.as_deref().map(texts),
            permissions: texts(&app.permissions),
            optional_permissions: texts(&app.optional_permissions),
            session_minutes: app.session_minutes.get(),
            website: text(app.website.as_ref()),
            privacy_url: text(app.privacy_url.as_ref()),
            terms_url: text(app.terms_url.as_ref()),
            support: text(app.support.as_ref()),
            accent: text(app.accent.as_ref()),
            logo: text(app.logo.as_ref()),
            redirect_on_success: app.redirect_on_success,
            hand_off: app.hand_off,
            one_reference_per_account: app.one_reference_per_account,
            dangerous_raw_sessions: app.dangerous_raw_sessions,
            dangerous_custom_proxy: app.dangerous_custom_proxy,
            enabled: app.enabled,
            created_at: app.created_at.to_string(),
        }
    }
}
