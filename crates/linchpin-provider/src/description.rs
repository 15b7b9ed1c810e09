//! What a provider is: its names, its permissions, its test accounts.

/// What a provider is and offers.
#[derive(Debug, Clone)]
pub struct Description {
    /// Id on the wire: lower-case letters, digits and `-`, for example `sandbox`.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Everything an app may ask for.
    pub permissions: Vec<Permission>,
    /// Accounts that work without a platform behind them; empty for a real provider.
    pub test_accounts: Vec<TestAccount>,
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
    pub name: &'static str,
    /// A sentence for the page, in the provider's own words.
    pub sentence: &'static str,
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
    pub id: &'static str,
    /// The e-mail address to type.
    pub username: &'static str,
    /// The password to type.
    pub password: &'static str,
    /// The code to type, where one is asked for.
    pub code: Option<&'static str>,
}
