//! How a second factor is told: all that is needed to draw it.

use linchpin_provider::{Method, Prompt};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{
    second_factor::{SecondFactor, SentCodes},
    time::{SECOND, Timestamp},
};

/// How the second factor stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TwoFactorState {
    /// The ways that the account offers: `phone`, `email`, `app`, `face`, `forceFace`, `question`, `shown`.
    #[schema(value_type = Vec<String>)]
    options: Vec<Method>,
    /// The way in use.
    #[schema(value_type = String)]
    method: Method,
    /// Codes by text message; where `phone` is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_code: Option<SentCode>,
    /// The last four digits of the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_last4: Option<String>,
    /// Codes by e-mail; where `email` is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    email_code: Option<SentCode>,
    /// Where they go, as far as it may be shown: `j…@example.com`.
    #[serde(skip_serializing_if = "Option::is_none")]
    email_hint: Option<String>,
    /// What is asked; where `question` or `shown` is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<PromptTold>,
    /// Answers that may still be tried in the way in use; left out where nothing is typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts_left: Option<u8>,
}

/// Codes that are sent. Before the first one, `requestAttemptsLeft` is the limit, and the dates are those when the second
/// factor was asked for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SentCode {
    /// Codes sent in all.
    request_attempts_limit: u8,
    /// Codes that may still be sent.
    request_attempts_left: u8,
    /// Seconds until another may be sent; 0 is now.
    request_seconds: u32,
    /// Codes that may be tried in all.
    check_attempts_limit: u8,
    /// Codes that may still be tried.
    check_attempts_left: u8,
    /// When the last code stops being good.
    #[schema(format = DateTime)]
    expiration_date: String,
    /// Seconds until then.
    #[schema(minimum = 0)]
    expiration_seconds: i64,
    /// When the last one was sent.
    #[schema(format = DateTime)]
    last_sent_date: String,
}

/// What a question asks, or a challenge shows.
#[derive(Serialize, ToSchema)]
#[schema(as = Prompt)]
struct PromptTold {
    /// In the provider's words, up to 500 characters of plain text.
    text: String,
    /// A picture as a `data:` URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
}

impl TwoFactorState {
    /// How it stands at this moment.
    pub fn of(factor: &SecondFactor, now: Timestamp) -> Self {
        let code = |way| {
            let codes = factor.sent(way)?;
            Some(SentCode::of(factor, way, codes, now))
        };
        let hint = |way| factor.sent(way).map(|codes| codes.rules.hint.clone());
        let way = factor.method;
        Self {
            options: factor.methods.clone(),
            method: way,
            phone_code: code(Method::Phone),
            phone_last4: hint(Method::Phone),
            email_code: code(Method::Email),
            email_hint: hint(Method::Email),
            prompt: factor.prompt.clone().map(PromptTold::from),
            attempts_left: way.is_typed().then(|| factor.checks_left(way)),
        }
    }
}

impl SentCode {
    fn of(factor: &SecondFactor, way: Method, codes: &SentCodes, now: Timestamp) -> Self {
        Self {
            request_attempts_limit: codes.rules.sends,
            request_attempts_left: codes.sends_left,
            request_seconds: codes.resend_in(now),
            check_attempts_limit: factor.wrong_codes_max(way),
            check_attempts_left: factor.checks_left(way),
            expiration_date: codes.expires_at().to_string(),
            expiration_seconds: (codes.expires_at().since(now) / SECOND).max(0),
            last_sent_date: codes.last_sent.to_string(),
        }
    }
}

impl From<Prompt> for PromptTold {
    fn from(prompt: Prompt) -> Self {
        Self {
            text: prompt.text,
            picture: prompt.picture,
        }
    }
}
