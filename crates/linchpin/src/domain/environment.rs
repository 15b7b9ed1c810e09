//! The two worlds that never see each other.

use serde::{Deserialize, Serialize};

/// Where an app, a key, a session or a connection lives. Nothing moves from one to the other.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Made-up accounts; loopback redirect URLs are allowed.
    Sandbox,
    /// Accounts of real people.
    Live,
}

impl Environment {
    /// Both, in the order in which they are listed to people.
    pub const ALL: [Self; 2] = [Self::Sandbox, Self::Live];

    /// The name on the wire: `sandbox` or `live`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Live => "live",
        }
    }

    /// The environment of this wire name; `None` for any other text, also for another case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|environment| environment.as_str() == text)
    }

    /// What every API key of the environment begins with.
    pub fn key_prefix(self) -> &'static str {
        match self {
            Self::Sandbox => "sk_sandbox_",
            Self::Live => "sk_live_",
        }
    }
}

impl std::fmt::Display for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_wire_are_the_names_in_json() {
        for environment in Environment::ALL {
            assert_eq!(Environment::parse(environment.as_str()), Some(environment));
            assert_eq!(
                serde_json::to_value(environment).unwrap(),
                environment.as_str()
            );
        }
        assert_eq!(Environment::parse("Live"), None);
    }
}
