//! Signing in on the provider's own page: the browser goes there and comes back.

use crate::Secret;

/// What a provider needs to know to send a browser to its own page.
#[derive(Debug, Clone)]
pub struct Departure {
    /// Where the browser is to come back to: our own URL, the same for every session and no other
    /// provider's; registered with the provider.
    pub back_to: String,
    /// What the browser is to bring back as `state`, printable ASCII.
    pub state: Secret,
    /// The permissions that the user has granted on our page.
    pub permissions: Vec<String>,
    /// What the user may want to sign in as.
    pub username: Option<String>,
    /// The language of our page, BCP 47.
    pub locale: Option<String>,
}

/// What a provider says to a departure.
#[derive(Debug, Clone)]
pub enum Departed {
    /// The browser is to open this.
    To {
        /// An absolute `https` URL (or `http` at a private network of the provider's).
        url: String,
        /// What the provider needs when the browser comes back: verifier, nonce. Kept sealed until then.
        progress: Secret,
    },
    /// Nobody can sign in at the moment.
    Unavailable,
    /// The provider does not sign in that way.
    NotOffered,
}

/// A browser that has come back.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The same as in [`Departure::back_to`].
    pub back_to: String,
    /// The query's parameters in their order, decoded; they may hold a code. `state` is checked already.
    pub parameters: Vec<(String, Secret)>,
    /// What [`Departed::To`] gave.
    pub progress: Secret,
}

impl Arrival {
    /// The value of a parameter; `None` where it is missing or was given twice.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut values = self.parameters.iter().filter(|(key, _)| key == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value.reveal()),
            _ => None,
        }
    }
}
