//! Reading a file of a platform that speaks OAuth.

use linchpin_provider::Entry;
use url::Url;

use super::settings::{
    ClientAuthentication, Endpoints, Pointers, Protocol, RESERVED_PARAMETERS, Registration,
    Settings,
};
use crate::{
    api::{Api, Hosts, Platform},
    file::{Secrets, Table},
};

/// What the platform speaks, by the file's `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `oidc`
    OpenId,
    /// `oauth2`
    OAuth,
}

/// Reads the file but for `kind`. `None` where something is missing; what is wrong is noted.
pub(super) fn settings(file: &Table<'_>, kind: Kind, secrets: Secrets<'_>) -> Option<Settings> {
    let platform = Platform::read(file, Some(Entry::Elsewhere));
    let mut api = Api::read(file);
    let profile = profile(file, kind);
    let Some(table) = file.table("oauth") else {
        file.missing(
            "oauth",
            r#"write [oauth] with client_id = "…", as the platform has given it, below it"#,
        );
        return None;
    };
    let registration = registration(&table, secrets);
    let mut nowhere = Hosts::default();
    let hosts = api.as_mut().map_or(&mut nowhere, |api| &mut api.hosts);
    let protocol = match kind {
        Kind::OpenId => open_id(&table, hosts),
        Kind::OAuth => oauth(&table, hosts),
    };
    let scopes = table.texts("scopes");
    let parameters = parameters(&table);
    let (mut platform, api) = (platform?, api?);
    platform.description.reach = api.hosts.reach();
    Some(Settings {
        platform,
        api,
        protocol: protocol?,
        registration: registration?,
        scopes: scopes.into_iter().map(|text| text.value).collect(),
        parameters,
        profile,
    })
}

/// How the token endpoint is to know us.
#[derive(Clone, Copy)]
enum Way {
    Basic,
    Post,
    None,
}

fn registration(table: &Table<'_>, secrets: Secrets<'_>) -> Option<Registration> {
    let client_id = table.required_text(
        "client_id",
        r#"what the platform calls us, such as client_id = "linchpin""#,
    );
    let has_secret = table.has("client_secret_file");
    let secret = table.parsed("client_secret_file", secrets);
    let ways = [
        ("client_secret_basic", Way::Basic),
        ("client_secret_post", Way::Post),
        ("none", Way::None),
    ];
    let way = table.word("client_authentication", &ways);
    let authentication = match (way, has_secret) {
        (Some(Way::None), false) => Some(ClientAuthentication::None),
        (Some(Way::None), true) => {
            table.note(
                "client_authentication",
                r#"is "none", which sends no secret; leave client_secret_file out, or write "client_secret_basic" or "client_secret_post""#,
            );
            None
        }
        (Some(Way::Post), true) => secret.map(ClientAuthentication::Post),
        (Some(Way::Basic) | None, true) => secret.map(ClientAuthentication::Basic),
        (Some(Way::Basic | Way::Post) | None, false) => {
            table.missing(
                "client_secret_file",
                r#"name the file that holds the client's secret, such as client_secret_file = "acme.secret"; where the platform has given none, write client_authentication = "none""#,
            );
            None
        }
    };
    Some(Registration {
        client_id: client_id?.value,
        authentication: authentication?,
    })
}

fn open_id(table: &Table<'_>, hosts: &mut Hosts) -> Option<Protocol> {
    let issuer = table.required_text(
        "issuer",
        r#"the provider's issuer identifier, byte for byte, such as issuer = "https://id.example.com""#,
    );
    let url = hosts.url(table, "issuer");
    if url.is_some_and(|url| url.query().is_some()) {
        table.note(
            "issuer",
            "must not have a query: leave out ? and what follows",
        );
    }
    let explicit = ["authorization_endpoint", "token_endpoint", "jwks_uri"];
    let endpoints = match explicit.iter().any(|key| table.has(key)) {
        true => Some(endpoints(table, hosts, true)?),
        false => {
            for key in ["profile_endpoint", "revocation_endpoint", "iss_parameter"] {
                if table.has(key) {
                    table.note(key, "is read from the provider's discovery document; leave it out, or write authorization_endpoint, token_endpoint and jwks_uri, too");
                }
            }
            None
        }
    };
    Some(Protocol::OpenId {
        issuer: issuer?.value,
        endpoints,
    })
}

fn oauth(table: &Table<'_>, hosts: &mut Hosts) -> Option<Protocol> {
    let issuer = table.text("issuer").map(|text| text.value);
    let endpoints = endpoints(table, hosts, false);
    if !table.has("profile_endpoint") {
        table.missing(
            "profile_endpoint",
            r#"where the platform tells as JSON whose token it is, such as profile_endpoint = "https://api.example.com/me""#,
        );
    }
    if table.flag("iss_parameter") == Some(true) && issuer.is_none() {
        table.missing(
            "issuer",
            "with iss_parameter = true, write what the platform names itself in iss",
        );
    }
    Some(Protocol::OAuth {
        endpoints: endpoints?,
        issuer,
    })
}

fn endpoints(table: &Table<'_>, hosts: &mut Hosts, signs: bool) -> Option<Endpoints> {
    let mut required = vec!["authorization_endpoint", "token_endpoint"];
    if signs {
        required.push("jwks_uri");
    }
    for key in required {
        if !table.has(key) {
            table.missing(
                key,
                "write its address, as the platform's documentation gives it",
            );
        }
    }
    // The browser goes there, and none of our requests does.
    let authorization = table.text("authorization_endpoint");
    let authorization =
        authorization.and_then(|text| hosts.checked(table, "authorization_endpoint", &text));
    let mut url = |key: &str| -> Option<Url> { hosts.url(table, key) };
    let token = url("token_endpoint");
    let profile = url("profile_endpoint");
    let keys = if signs { url("jwks_uri") } else { None };
    let revocation = url("revocation_endpoint");
    Some(Endpoints {
        authorization: authorization?,
        token: token?,
        profile,
        keys,
        revocation,
        names_itself: table.flag("iss_parameter").unwrap_or_default(),
    })
}

fn parameters(table: &Table<'_>) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    for (name, value) in table.pairs("parameters") {
        match RESERVED_PARAMETERS.contains(&&*name.value) {
            true => table.problems().note(
                &name.at,
                format!("{} is written by Linchpin itself; leave it out", name.value),
            ),
            false => parameters.push((name.value, value.value)),
        }
    }
    parameters
}

/// Reads `[profile]`: JSON pointers, each in front of the claims of OpenID Connect, which an OAuth platform does not have.
/// The id is that of the file alone: where it is not told, another claim would be another account.
fn profile(file: &Table<'_>, kind: Kind) -> Pointers {
    let table = file.table("profile");
    let usual = match kind {
        Kind::OpenId => Pointers::default(),
        Kind::OAuth => Pointers::none(),
    };
    let Some(table) = table else {
        if kind == Kind::OAuth {
            file.missing(
                "profile",
                r#"write [profile] with id = "/id" below it: where the account's id is in what the profile endpoint answers"#,
            );
        }
        return usual;
    };
    let first = |key: &str, mut usual: Vec<String>| {
        usual.splice(0..0, table.parsed(key, pointer));
        usual
    };
    let pointers = Pointers {
        id: match table.has("id") {
            true => first("id", Vec::new()),
            false => usual.id,
        },
        name: first("name", usual.name),
        username: first("username", usual.username),
        avatar: first("avatar", usual.avatar),
    };
    if pointers.id.is_empty() && !table.has("id") {
        table.missing("id", r#"where the account's id is, such as id = "/id""#);
    }
    pointers
}

fn pointer(text: &str) -> Result<String, String> {
    match text.starts_with('/') {
        true => Ok(text.to_owned()),
        false => {
            Err(r#"must be a JSON pointer, which begins with /, such as "/data/id""#.to_owned())
        }
    }
}
