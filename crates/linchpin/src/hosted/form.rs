//! The step's form, as a browser posts it.

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use http_body_util::BodyExt as _;
use linchpin_provider::Secret;
use zeroize::Zeroizing;

/// Characters of a username or password at most.
const FIELD_MAX: usize = 1_024;

/// What was filled in. Fields that no step has are ignored: nothing of a session can be changed from the browser.
#[derive(Debug)]
pub struct StepForm {
    pub token: String,
    pub action: Action,
    pub confirmed: bool,
    pub provider: Option<String>,
    pub permissions: Vec<String>,
    pub username: String,
    pub password: Secret,
    pub code: Secret,
}

/// The button that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Continue,
    Cancel,
    Resend,
    Another,
    Disconnect,
    /// Go on on a phone.
    Phone,
    /// Go on here again.
    Here,
    /// A phrase of three, 0 to 2.
    Phrase(usize),
}

impl StepForm {
    /// Reads the form; `None` for anything that is not one.
    pub async fn read(headers: &HeaderMap, body: Body) -> Option<Self> {
        let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return None;
        }
        let bytes = Zeroizing::new(body.collect().await.ok()?.to_bytes().to_vec());
        let mut form = Self::empty();
        for (name, value) in url::form_urlencoded::parse(&bytes) {
            match &*name {
                "token" => form.token = value.into_owned(),
                "action" => form.action = Action::named(&value)?,
                "confirm" => form.confirmed = value == "yes",
                "provider" => form.provider = Some(value.into_owned()),
                "permission" => form.permissions.push(value.into_owned()),
                "username" => form.username = value.into_owned(),
                "password" => form.password = Secret::new(value.into_owned()),
                "code" => form.code = Secret::new(value.into_owned()),
                _ => {}
            }
        }
        Some(form)
    }

    fn empty() -> Self {
        Self {
            token: String::new(),
            action: Action::Continue,
            confirmed: false,
            provider: None,
            permissions: Vec::new(),
            username: String::new(),
            password: Secret::new(String::new()),
            code: Secret::new(String::new()),
        }
    }

    /// Whether username and password are filled in, and within 1,024 characters.
    pub fn has_credentials(&self) -> bool {
        let fits = |text: &str| (1..=FIELD_MAX).contains(&text.chars().count());
        fits(self.username.trim()) && fits(self.password.reveal())
    }

    /// Whether a code is filled in: 4 to 12 letters or digits, spaces and dashes aside.
    pub fn has_code(&self) -> bool {
        let mut typed = self
            .code
            .reveal()
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .peekable();
        typed.peek().is_some() && {
            let typed: Zeroizing<Vec<char>> = Zeroizing::new(typed.collect());
            (4..=12).contains(&typed.len()) && typed.iter().all(char::is_ascii_alphanumeric)
        }
    }
}

impl Action {
    fn named(name: &str) -> Option<Self> {
        match name {
            "continue" => Some(Self::Continue),
            "cancel" => Some(Self::Cancel),
            "resend" => Some(Self::Resend),
            "another" => Some(Self::Another),
            "disconnect" => Some(Self::Disconnect),
            "phone" => Some(Self::Phone),
            "here" => Some(Self::Here),
            "phrase-0" => Some(Self::Phrase(0)),
            "phrase-1" => Some(Self::Phrase(1)),
            "phrase-2" => Some(Self::Phrase(2)),
            _ => None,
        }
    }
}
