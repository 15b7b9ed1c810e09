//! What an operator says of a provider that speaks OAuth.

use linchpin_provider::Secret;
use url::Url;

use crate::api::{Api, Platform};

/// What a file says of a platform that speaks OAuth 2.0 (RFC 6749) or OpenID Connect 1.0.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) platform: Platform,
    pub(super) api: Api,
    pub(super) protocol: Protocol,
    pub(super) registration: Registration,
    /// Scopes that are always asked for, beyond `openid` at an OpenID provider.
    pub(super) scopes: Vec<String>,
    /// More parameters of the address that the browser opens, such as `access_type=offline`; none of
    /// [`RESERVED_PARAMETERS`].
    pub(super) parameters: Vec<(String, String)>,
    /// Where the account is in what the provider tells of it.
    pub(super) profile: Pointers,
}

/// Parameters that the protocol sets itself, or that would have the answer come back in another way.
pub(super) const RESERVED_PARAMETERS: [&str; 11] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

/// What the provider speaks.
#[derive(Debug, Clone)]
pub(super) enum Protocol {
    /// OpenID Connect: ID tokens say who signed in.
    OpenId {
        /// The provider's issuer identifier, byte for byte as its ID tokens name it.
        issuer: String,
        /// Its endpoints; `None` reads them from `{issuer}/.well-known/openid-configuration`.
        endpoints: Option<Endpoints>,
    },
    /// OAuth 2.0 alone: the profile endpoint says who signed in.
    OAuth {
        /// Its endpoints; that of the profile is needed.
        endpoints: Endpoints,
        /// What it names itself in `iss` when the browser comes back (RFC 9207); `None` where it does not.
        issuer: Option<String>,
    },
}

/// Where a provider answers.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    /// The page that the browser opens.
    pub(super) authorization: Url,
    /// Where codes and refresh tokens are exchanged.
    pub(super) token: Url,
    /// Where the profile is, as JSON: OpenID's `userinfo`.
    pub(super) profile: Option<Url>,
    /// The keys that ID tokens are signed with.
    pub(super) keys: Option<Url>,
    /// Where tokens are revoked (RFC 7009).
    pub(super) revocation: Option<Url>,
    /// Whether it always names itself in `iss` when the browser comes back (RFC 9207).
    pub(super) names_itself: bool,
}

/// Who we are at the provider.
#[derive(Debug, Clone)]
pub(super) struct Registration {
    /// The client id that it has given.
    pub(super) client_id: String,
    /// How the token endpoint knows us.
    pub(super) authentication: ClientAuthentication,
}

/// How the token endpoint knows us (the names in brackets are those of RFC 7591).
#[derive(Debug, Clone)]
pub(super) enum ClientAuthentication {
    /// The secret in the `Authorization` header (`client_secret_basic`).
    Basic(Secret),
    /// The secret in the form (`client_secret_post`).
    Post(Secret),
    /// Not at all (`none`): PKCE alone holds sender and receiver together.
    None,
}

/// JSON pointers (RFC 6901) into what the provider tells of an account; the first that leads to a text or a number counts.
#[derive(Debug, Clone)]
pub(super) struct Pointers {
    /// The account's id, which never changes.
    pub(super) id: Vec<String>,
    /// Display name.
    pub(super) name: Vec<String>,
    /// Username.
    pub(super) username: Vec<String>,
    /// Address of a picture.
    pub(super) avatar: Vec<String>,
}

impl Pointers {
    /// Places that are not known.
    pub(super) fn none() -> Self {
        Self {
            id: Vec::new(),
            name: Vec::new(),
            username: Vec::new(),
            avatar: Vec::new(),
        }
    }
}

impl Default for Pointers {
    /// The claims of OpenID Connect.
    fn default() -> Self {
        let pointers = |names: &[&str]| names.iter().map(|name| format!("/{name}")).collect();
        Self {
            id: pointers(&["sub"]),
            name: pointers(&["name", "preferred_username", "nickname", "email", "sub"]),
            username: pointers(&["preferred_username", "nickname", "email", "sub"]),
            avatar: pointers(&["picture"]),
        }
    }
}

impl Settings {
    /// Id on the wire, as the log names the provider.
    pub(super) fn id(&self) -> &str {
        &self.platform.description.id
    }

    /// Whether it speaks OpenID Connect.
    pub(super) fn is_openid(&self) -> bool {
        matches!(self.protocol, Protocol::OpenId { .. })
    }

    /// The issuer, where one is known.
    pub(super) fn issuer(&self) -> Option<&str> {
        match &self.protocol {
            Protocol::OpenId { issuer, .. } => Some(issuer),
            Protocol::OAuth { issuer, .. } => issuer.as_deref(),
        }
    }

    /// The permissions that these scopes suffice for.
    pub(super) fn permissions_of(&self, granted: &[String]) -> Vec<String> {
        let platform = &self.platform;
        let named = platform
            .description
            .permissions
            .iter()
            .zip(&platform.scopes);
        let had = named.filter(|(_, scopes)| scopes.iter().all(|scope| granted.contains(scope)));
        had.map(|(permission, _)| permission.name.clone()).collect()
    }

    /// The scopes that these permissions take, with those that are always asked for, each once.
    pub(super) fn scopes_of(&self, permissions: &[String]) -> String {
        let mut scopes = Vec::new();
        if self.is_openid() {
            scopes.push("openid");
        }
        let platform = &self.platform;
        let named = platform
            .description
            .permissions
            .iter()
            .zip(&platform.scopes);
        let granted = named.filter(|(permission, _)| permissions.contains(&permission.name));
        let wanted = self
            .scopes
            .iter()
            .chain(granted.flat_map(|(_, scopes)| scopes));
        for scope in wanted.map(String::as_str) {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        scopes.join(" ")
    }
}
