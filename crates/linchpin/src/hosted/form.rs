//! The step's form, as a browser posts it.

use std::borrow::Cow;

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use http_body_util::BodyExt as _;
use linchpin_provider::{Method, Secret};
use zeroize::Zeroizing;

/// Characters of a username or password at most.
const FIELD_MAX: usize = 1_024;

/// What was filled in. Fields that no step has are ignored: nothing of a session can be changed from the browser.
#[derive(Debug)]
pub struct StepForm {
    pub token: String,
    pub action: Action,
    pub confirmed: bool,
    /// Whether it opens a window beside the page that goes on.
    pub apart: bool,
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
    /// Another way of the second factor: the other one, or the page with those to choose from.
    Another,
    /// This way of the second factor.
    Way(Method),
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
        let bytes = posted(headers, body).await?;
        let mut form = Self::empty();
        for (name, value) in url::form_urlencoded::parse(&bytes) {
            match &*name {
                "token" => form.token = value.into_owned(),
                "action" => form.action = Action::named(&value)?,
                "confirm" => form.confirmed = value == "yes",
                "apart" => form.apart = value == "yes",
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
            apart: false,
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
}

/// The names and values of any form, in their order; `None` for anything that is not one.
pub async fn pairs(headers: &HeaderMap, body: Body) -> Option<Vec<(String, Secret)>> {
    let bytes = posted(headers, body).await?;
    let pairs = url::form_urlencoded::parse(&bytes);
    let secret = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
        (name.into_owned(), Secret::new(value.into_owned()))
    };
    Some(pairs.map(secret).collect())
}

async fn posted(headers: &HeaderMap, body: Body) -> Option<Zeroizing<Vec<u8>>> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    let bytes = body.collect().await.ok()?.to_bytes();
    Some(Zeroizing::new(bytes.to_vec()))
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
            _ => {
                let way = name.strip_prefix("way-")?;
                let way = Method::ALL.into_iter().find(|known| known.name() == way);
                way.map(Self::Way)
            }
        }
    }
}
