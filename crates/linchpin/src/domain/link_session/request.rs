//! What init was asked for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{
    client_app::AppType,
    environment::Environment,
    geolocation::Geolocation,
    id::ConnectionId,
    public_id::{AppId, OrganisationId},
    redirect_url::RedirectUrl,
};

/// What the developer asked for at init, with what its client app stood for at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRequest {
    /// The organisation whose key asked.
    pub organisation: OrganisationId,
    /// The environment of that key.
    pub environment: Environment,
    /// The client app.
    pub app: AppId,
    /// Its type, which says whether the answer is a URL or a secret.
    pub app_type: AppType,
    /// Where the user is sent back to; `None` for apps that have no Allowed Redirect URI.
    pub redirect_url: Option<RedirectUrl>,
    /// The developer's own id of the user, 1 to 255 characters.
    pub client_reference_id: Option<String>,
    /// The connection to sign in again.
    pub reconnect: Option<Reconnect>,
    /// Where traffic to the provider is to leave from.
    pub geolocation: Option<Geolocation>,
    /// Ids of the providers to choose from, at least one.
    pub providers: Vec<String>,
    /// Permissions that the app cannot do without.
    pub required: Vec<String>,
    /// Permissions that the user may leave out.
    pub optional: Vec<String>,
    /// Language of the page, BCP 47.
    pub locale: Option<String>,
    /// What the username field holds at first.
    pub prefill_username: Option<String>,
    /// Up to 20 pairs of the developer's.
    pub metadata: BTreeMap<String, String>,
    /// Whether the provider's session is told to the app once there is one; of effect only while the app's switch is on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub return_raw_session: bool,
}

/// A known connection that is to be signed in again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reconnect {
    /// The connection.
    pub connection: ConnectionId,
    /// What the user was asked for when it was made or last renewed.
    pub asked: Vec<String>,
    /// What was granted then.
    pub granted: Vec<String>,
    /// The outbound proxy that its traffic leaves through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<String>,
    /// The app that has named the proxy that its traffic leaves through instead, if one has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_proxy: Option<AppId>,
}

impl SessionRequest {
    /// Every permission that the user is asked for, required ones first.
    pub fn asked(&self) -> impl Iterator<Item = &String> {
        self.required.iter().chain(&self.optional)
    }

    /// Whether the user has not decided about this permission yet: on a reconnect, what was not asked for before, and
    /// what was declined before but is required now.
    pub fn is_new(&self, permission: &String) -> bool {
        let Some(before) = &self.reconnect else {
            return false;
        };
        let declined = self.required.contains(permission) && !before.granted.contains(permission);
        declined || !before.asked.contains(permission)
    }

    /// What is granted without asking: on a reconnect that asks for nothing new. `None` where the user must be asked.
    pub fn granted_without_asking(&self) -> Option<Vec<String>> {
        let before = self.reconnect.as_ref()?;
        if self.asked().any(|permission| self.is_new(permission)) {
            return None;
        }
        let granted =
            |name: &&String| self.required.contains(name) || before.granted.contains(name);
        Some(self.asked().filter(granted).cloned().collect())
    }

    /// What is granted when the user allows with these optional permissions ticked.
    pub fn granted_with(&self, ticked: &[String]) -> Vec<String> {
        self.asked()
            .filter(|name| self.required.contains(name) || ticked.contains(name))
            .cloned()
            .collect()
    }
}
