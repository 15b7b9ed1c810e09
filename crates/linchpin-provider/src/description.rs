//! What a provider is: its names, how one signs in, its permissions, where it is, its test accounts.

/// What a provider is and offers.
#[derive(Debug, Clone)]
pub struct Description {
    /// Id on the wire: lower-case letters, digits and `-`, for example `sandbox`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// How its users sign in.
    pub entry: Entry,
    /// Everything an app may ask for.
    pub permissions: Vec<Permission>,
    /// Where its requests may go.
    pub reach: Reach,
    /// Accounts that work without a platform behind them; empty for a real provider.
    pub test_accounts: Vec<TestAccount>,
}

/// How users of a provider sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// On our page, with a username and a password.
    Password(UsernameKind),
    /// On the provider's own page, to which the browser goes and from which it comes back.
    Elsewhere,
}

/// What a username is, which says how phones let it be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsernameKind {
    /// An e-mail address.
    Email,
    /// Anything else.
    Text,
}

/// Where the requests of a provider may go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Hosts, each with a port where it is not the scheme's usual one: `api.example.com`, `127.0.0.1:8000`. Empty for a
    /// provider that needs no network.
    pub hosts: Vec<String>,
    /// Networks beyond the public ones that its hosts may be in, such as `10.1.2.0/24`. Only there is plain `http` used.
    pub private_networks: Vec<String>,
    /// Those of `hosts` that are the operator's own, such as a connector: they are reached directly, from wherever
    /// requests to the others leave.
    pub direct: Vec<String>,
}

impl Description {
    /// The permission of this name, such as `posts:read`.
    pub fn permission(&self, name: &str) -> Option<&Permission> {
        self.permissions.iter().find(|p| p.name == name)
    }
}

/// One thing an app may be allowed to do.
#[derive(Debug, Clone)]
pub struct Permission {
    /// `posts:read`.
    pub name: String,
    /// A sentence for the page, in the provider's own words.
    pub sentence: String,
    /// Seeing or changing.
    pub access: Access,
    /// Whether the page marks it and lists it last.
    pub risky: bool,
}

/// Whether a permission lets an app see or change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Sees only.
    Read,
    /// Can change something.
    Write,
}

/// An account of the sandbox that the page's banner names.
#[derive(Debug, Clone)]
pub struct TestAccount {
    /// Key of the text that says what it shows: `creator`, `creator-otp` …
    pub id: String,
    /// The e-mail address to type.
    pub username: String,
    /// The password to type.
    pub password: String,
    /// The code to type, where one is asked for.
    pub code: Option<String>,
}
