//! What a developer registers: one product of theirs, in one environment.

use serde::{Deserialize, Serialize};

use super::{
    allowed_origin::AllowedOrigin,
    app_fields::{Accent, AppName, LogoRef, PermissionName, ProviderId, SessionMinutes},
    environment::Environment,
    page_url::{PageUrl, SupportAddress},
    public_id::{AppId, OrganisationId},
    redirect_url::RedirectUrl,
    time::Timestamp,
};

/// How an app shows its links.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AppType {
    /// The user is sent to our page and back.
    Redirect,
    /// Our page stands in a frame or pop-up of the developer's page.
    Embed,
    /// The developer shows pages of their own.
    Whitelabel,
}

impl AppType {
    /// Every type, in the order in which they are listed to people.
    pub const ALL: [Self; 3] = [Self::Redirect, Self::Embed, Self::Whitelabel];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Redirect => "redirect",
            Self::Embed => "embed",
            Self::Whitelabel => "whitelabel",
        }
    }

    /// The type of this wire name; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|app_type| app_type.as_str() == text)
    }

    /// Whether users see our page: init answers `hosted` and not `whitelabel`.
    pub fn is_hosted(self) -> bool {
        match self {
            Self::Redirect | Self::Embed => true,
            Self::Whitelabel => false,
        }
    }
}

impl std::fmt::Display for AppType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A client app with every field checked.
///
/// Its JSON, in camelCase, is what the store keeps and what listings show; there is no secret in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, each by its own name"
)]
pub struct ClientApp {
    /// What API clients call it.
    pub id: AppId,
    /// Whose app it is.
    pub organisation: OrganisationId,
    /// How it shows its links.
    #[serde(rename = "type")]
    pub app_type: AppType,
    /// What users read on the page.
    pub name: AppName,
    /// Where it lives; never changes.
    pub environment: Environment,
    /// Where users may be sent back to, in order; the first is used where init names none.
    pub redirect_uris: Vec<RedirectUrl>,
    /// Whose pages may embed it.
    pub allowed_origins: Vec<AllowedOrigin>,
    /// Which providers it offers; `None` for all that its environment has.
    pub providers: Option<Vec<ProviderId>>,
    /// What it needs.
    pub permissions: Vec<PermissionName>,
    /// What it asks for beyond that and users may decline; none of [`Self::permissions`].
    pub optional_permissions: Vec<PermissionName>,
    /// How long its sessions live.
    pub session_minutes: SessionMinutes,
    /// The developer's own page.
    pub website: Option<PageUrl>,
    /// What happens with the data.
    pub privacy_url: Option<PageUrl>,
    /// The terms of use.
    pub terms_url: Option<PageUrl>,
    /// Where users find help.
    pub support: Option<SupportAddress>,
    /// The colour of the buttons; `None` for our neutral one.
    pub accent: Option<Accent>,
    /// Which stored logo is shown; `None` for the initials of the name.
    pub logo: Option<LogoRef>,
    /// Embed: the opener goes to the redirect URL after success.
    pub redirect_on_success: bool,
    /// Users may go on with a session on a phone.
    #[serde(default = "yes")]
    pub hand_off: bool,
    /// A provider account that is linked for one user is refused to another.
    pub one_reference_per_account: bool,
    /// Init may ask for the provider's raw session.
    pub dangerous_raw_sessions: bool,
    /// Whitelabel: a session may name a proxy of its own.
    pub dangerous_custom_proxy: bool,
    /// Whether new sessions may be made.
    pub enabled: bool,
    /// When it was registered; the oldest matching app is the one chosen where init names none.
    pub created_at: Timestamp,
}

/// What an app is that was registered before the switch was there.
fn yes() -> bool {
    true
}

impl ClientApp {
    /// The Allowed Redirect URI with exactly these bytes.
    pub fn redirect_url(&self, text: &str) -> Option<&RedirectUrl> {
        self.redirect_uris.iter().find(|url| url.as_str() == text)
    }

    /// The Allowed Origin with exactly these bytes.
    pub fn allowed_origin(&self, text: &str) -> Option<&AllowedOrigin> {
        self.allowed_origins
            .iter()
            .find(|origin| origin.as_str() == text)
    }

    /// Whether the app offers the provider of this id, where its environment has it.
    pub fn offers(&self, provider: &str) -> bool {
        self.providers
            .as_ref()
            .is_none_or(|providers| providers.iter().any(|id| id.as_str() == provider))
    }

    /// This app without what `other`, another record of the same app, does not allow: redirect URLs, origins,
    /// dangerous switches and new sessions. Nothing is allowed that was not before.
    #[must_use]
    pub fn narrowed_by(&self, other: &Self) -> Self {
        let mut app = self.clone();
        app.redirect_uris
            .retain(|url| other.redirect_uris.contains(url));
        app.allowed_origins
            .retain(|origin| other.allowed_origins.contains(origin));
        app.dangerous_raw_sessions &= other.dangerous_raw_sessions;
        app.dangerous_custom_proxy &= other.dangerous_custom_proxy;
        app.hand_off &= other.hand_off;
        app.one_reference_per_account |= other.one_reference_per_account;
        app.enabled &= other.enabled;
        app
    }
}
