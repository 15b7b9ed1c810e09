//! What stands around every page: head, marks, sandbox banner, footer.

use super::outside;
use crate::hosted::assets;
use crate::hosted::texts::{Locale, Markup, Words, unsteered};
use crate::hosted::view::{AppFace, Frame, Theme};

/// The password of every sandbox account.
pub const SANDBOX_PASSWORD: &str = "good-password";
/// The code of every sandbox account that asks for one.
pub const SANDBOX_CODE: &str = "123456";

/// The accounts that the sandbox banner lists: e-mail address, and the message that says what it shows.
const SANDBOX_ACCOUNTS: [(&str, &str); 13] = [
    ("jane@creator.sandbox.com", "sandbox-creator"),
    ("jane@fan.sandbox.com", "sandbox-fan"),
    ("alex@creator-otp.sandbox.com", "sandbox-app-code"),
    ("alex@creator-sms.sandbox.com", "sandbox-texted-code"),
    ("alex@creator-face.sandbox.com", "sandbox-approval"),
    ("sam@locked.sandbox.com", "sandbox-locked"),
    ("sam@slow.sandbox.com", "sandbox-slow"),
    ("sam@unavailable.sandbox.com", "sandbox-unavailable"),
    ("sam@short-lived.sandbox.com", "sandbox-short-lived"),
    ("alex@creator-email.sandbox.com", "sandbox-emailed-code"),
    ("alex@creator-choice.sandbox.com", "sandbox-choice"),
    ("alex@creator-question.sandbox.com", "sandbox-question"),
    ("alex@creator-challenge.sandbox.com", "sandbox-challenge"),
];

/// The values of the layout, shared by every template as `s`.
pub(super) struct Shell<'a> {
    pub frame: &'a Frame,
    /// The provider, also where the frame does not know it yet.
    pub provider: Option<&'a str>,
    pub words: Words,
    /// `data-step` of the body.
    pub step: &'static str,
    /// The document's title.
    pub title: String,
    /// Without scripts the page loads this address after so many seconds.
    pub refresh: Option<(u8, &'a str)>,
    /// With scripts the page asks this address where the flow stands.
    pub wait: Option<&'a str>,
    /// With scripts the page leaves for this address after a moment.
    pub leave: Option<&'a str>,
    /// The path of the script.
    pub script: String,
    /// Every language with its own name for itself.
    pub languages: [(Locale, String); Locale::ALL.len()],
    pub sandbox_accounts: &'static [(&'static str, &'static str)],
    pub sandbox_password: &'static str,
    /// Whether the sandbox banner is open from the start.
    pub banner_open: bool,
}

impl<'a> Shell<'a> {
    /// The shell of a step whose title is the message `{key}`.
    pub fn new(frame: &'a Frame, step: &'static str, title: &str) -> Self {
        Self::of_provider(frame, frame.provider.as_deref(), step, title)
    }

    /// The same, where the provider is known before the frame knows it.
    pub fn of_provider(
        frame: &'a Frame,
        provider: Option<&'a str>,
        step: &'static str,
        title: &str,
    ) -> Self {
        let words = words(frame, provider);
        let title = words.plain(title);
        let title = match &frame.app {
            Some(_) => words.clone().with("title", &title).plain("document-title"),
            None => title,
        };
        Self {
            frame,
            provider,
            words,
            step,
            title,
            refresh: None,
            wait: None,
            leave: None,
            script: assets::script_path(frame.embedding.is_some()),
            languages: Locale::ALL
                .map(|locale| (locale, Words::new(locale).plain("language-name"))),
            sandbox_accounts: &SANDBOX_ACCOUNTS,
            sandbox_password: SANDBOX_PASSWORD,
            banner_open: false,
        }
    }

    pub fn locale(&self) -> Locale {
        self.frame.locale
    }

    pub fn theme(&self) -> Theme {
        self.frame.theme
    }

    pub fn app(&self) -> Option<&'a AppFace> {
        self.frame.app.as_ref()
    }

    pub fn stylesheet(&self) -> String {
        assets::stylesheet_path(self.app().and_then(|app| app.accent.as_deref()))
    }

    pub fn logo(&self) -> Option<&'a str> {
        outside::picture(self.app()?.logo.as_deref()?)
    }

    pub fn app_initials(&self) -> String {
        self.app()
            .map(|app| outside::initials(&app.name))
            .unwrap_or_default()
    }

    pub fn provider_initials(&self) -> String {
        self.provider.map(outside::initials).unwrap_or_default()
    }

    pub fn app_name(&self) -> String {
        self.app()
            .map(|app| unsteered(&app.name))
            .unwrap_or_default()
    }

    /// Where links that leave the page lead: past the page around it, where one embeds it.
    pub fn target(&self) -> Option<&'static str> {
        let embedded = self.frame.embedding.as_ref()?.embedded;
        embedded.then_some("_top")
    }

    /// The app's own pages, message of the link's words and address; `None` where it has none.
    pub fn links_of_app(&self) -> Option<Vec<(&'static str, &'a str)>> {
        let app = self.app()?;
        let links: Vec<_> = [
            ("link-website", &app.website),
            ("link-privacy", &app.privacy),
            ("link-terms", &app.terms),
            ("link-support", &app.support),
        ]
        .into_iter()
        .filter_map(|(key, address)| Some((key, outside::link(address.as_deref()?)?)))
        .collect();
        (!links.is_empty()).then_some(links)
    }

    /// Whether messages may name the app's domain.
    pub fn has_domain(&self) -> bool {
        self.words.names("domain")
    }

    /// Where the app helps its users.
    pub fn support(&self) -> Option<&'a str> {
        outside::link(self.app()?.support.as_deref()?)
    }

    /// The sentence that tells the password.
    pub fn password_note(&self) -> Markup {
        self.words
            .valued("sandbox-password", "password", SANDBOX_PASSWORD)
    }

    /// What the button that fills in an account is called.
    pub fn fill_label(&self, email: &str) -> String {
        self.words
            .clone()
            .with("email", email)
            .plain("sandbox-fill-label")
    }

    /// The seconds until the session expires and how the page says so, when few are left.
    pub fn time_left(&self) -> Option<(u32, Markup)> {
        let seconds = self.frame.seconds_left?;
        Some((
            seconds,
            self.words
                .valued("time-left", "time", &outside::clock(seconds)),
        ))
    }

    /// Every theme with the words for it.
    pub fn themes(&self) -> [(Theme, String); 3] {
        Theme::ALL.map(|theme| {
            let key = match theme {
                Theme::Auto => "theme-auto",
                Theme::Light => "theme-light",
                Theme::Dark => "theme-dark",
            };
            (theme, self.words.plain(key))
        })
    }
}

/// What stands for a name that is not known; the same in every language, and bent by no grammar.
const NAMELESS: &str = "…";

fn words(frame: &Frame, provider: Option<&str>) -> Words {
    let app = frame.app.as_ref();
    let words = Words::new(frame.locale)
        .with("app", app.map_or(NAMELESS, |app| &app.name))
        .with("provider", provider.unwrap_or(NAMELESS));
    match app.and_then(|app| outside::host(app.website.as_deref()?)) {
        Some(domain) => words.with("domain", &domain),
        None => words,
    }
}
