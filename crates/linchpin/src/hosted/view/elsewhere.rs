//! What the pages show of signing in on the provider's own page.

use super::LoginProblem;

/// One page of it.
#[derive(Debug, Clone)]
pub enum ElsewhereView {
    /// Step 3: the way to the provider's own page.
    Login {
        /// Form token.
        token: String,
        /// Whether a browser is there already.
        underway: bool,
        /// What was wrong with the last attempt.
        problem: Option<LoginProblem>,
        /// Path and query that tells where the flow stands, to be asked every second or two; given where the page waits
        /// for another window.
        wait: Option<String>,
        /// Whether the page is known to stand in a frame, so that its button opens a window.
        framed: bool,
        /// Path and query of the page itself.
        here: String,
    },
    /// The browser leaves for the provider's own page.
    Leaving {
        /// Its address, absolute.
        to: String,
    },
    /// The browser is back; the page's form says so, and sends itself.
    Back {
        /// What came in the query.
        parameters: Vec<(String, String)>,
    },
    /// The window has done its part.
    Close,
    /// Another browser has come back than the one that departed.
    OtherBrowser,
    /// What came in the query is not what a provider sends.
    Stray,
}
