//! What the pages of a hand-off show: the first screen, and the phone.

use super::AccountFace;
use crate::hosted::texts::Locale;

/// One page of a hand-off.
#[derive(Debug, Clone)]
pub enum HandOffView {
    /// The first screen shows a code.
    Code {
        /// Form token.
        token: String,
        /// Path and query that tells where the flow stands, to be asked every second or two.
        wait: String,
        /// The address that the code holds.
        link: String,
        /// The phrase to choose on the phone.
        phrase: Phrase,
        /// Seconds until the code is worth nothing.
        seconds_left: u32,
    },
    /// The code that the first screen showed leads nowhere any more.
    Over {
        /// Form token.
        token: String,
        /// Why.
        why: WhyOver,
        /// Whether a new one may be shown.
        again: bool,
    },
    /// The first screen waits for the phone.
    Waiting {
        /// Form token.
        token: String,
        /// Path and query that tells where the flow stands, to be asked every second or two.
        wait: String,
    },
    /// The phone asks which phrase stands on the first screen.
    Ask {
        /// Form token.
        token: String,
        /// The phrases to choose from.
        phrases: [Phrase; 3],
        /// Where the first screen is.
        screen: Screen,
    },
    /// On the phone: another phrase was chosen than was shown.
    WrongPhrase,
    /// On the phone: a code that is old, was used, or never was.
    NoLonger,
    /// On the phone: the first screen goes on again.
    TakenBack,
    /// On the phone: connected; the rest is on the first screen.
    Done {
        /// The account that is connected.
        account: AccountFace,
    },
    /// On the phone: the session has ended without a connection.
    Ended,
}

/// Why a code leads nowhere any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyOver {
    /// Nobody came in time.
    Late,
    /// Another phrase was chosen on the phone.
    WrongPhrase,
}

/// A phrase, by its place in the list; in the language of the first screen, whatever the page's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrase {
    /// 0 to 23.
    pub place: usize,
    /// The language.
    pub locale: Locale,
}

/// Where the first screen is, as its address tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Screen {
    /// In a private network.
    Private,
    /// On the internet.
    Public {
        /// The network, such as `203.0.113.0/24`.
        network: String,
        /// Name of the country in the page's language where that is known, otherwise its two letters.
        country: Option<String>,
        /// Name of the city.
        city: Option<String>,
        /// Whether the phone is in the same network.
        shared: bool,
    },
}
