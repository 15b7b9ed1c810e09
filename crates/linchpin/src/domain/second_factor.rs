//! Where a second factor stands: the ways offered, what was sent, what may still be tried.

use linchpin_provider::{Challenge, CodeRules, Method, Prompt};
use serde::{Deserialize, Serialize};

use super::time::{SECOND, Timestamp};

/// Wrong answers that end a session where the provider sets no lower number.
pub const WRONG_CODES_MAX: u8 = 5;
/// Approvals elsewhere that may be asked for: each shows up on somebody's device.
pub const APPROVALS_MAX: u8 = 5;
/// Characters of an answer in words at most.
pub const WORDS_MAX: usize = 256;
/// Characters of a prompt's text, and of the hint where codes go, at most; what is longer is cut.
const PROMPT_MAX: usize = 500;
const HINT_MAX: usize = 100;
/// Bytes of a prompt's picture at most, and what it begins with; any other is left out.
const PICTURE_MAX: usize = 32 * 1024;
const PICTURES: [&str; 4] = ["png", "jpeg", "gif", "webp"];

/// A second factor that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactor {
    /// The ways that the account offers, at least one.
    pub methods: Vec<Method>,
    /// The way in use.
    pub method: Method,
    /// When the way in use was asked for.
    pub asked_at: Timestamp,
    /// Texted codes; present where [`Method::Phone`] is offered.
    pub phone: Option<SentCodes>,
    /// Codes by e-mail; present where [`Method::Email`] is offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<SentCodes>,
    /// What is asked; present where [`Method::Question`] or [`Method::Shown`] is offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// Wrong answers so far in the session, codes or words.
    pub wrong_codes: u8,
    /// Approvals elsewhere that were asked for so far.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub approvals: u8,
}

/// Codes that are sent to the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentCodes {
    /// The provider's rules; at least one code may be sent.
    pub rules: CodeRules,
    /// Codes that may still be sent.
    pub sends_left: u8,
    /// When the last one was sent; before the first, when the second factor was asked for.
    pub last_sent: Timestamp,
}

impl SecondFactor {
    /// Begins with the provider's usual way, which is under way already: a code of it was sent. `None` where the provider
    /// named no way at all.
    pub fn begin(challenge: Challenge, now: Timestamp) -> Option<Self> {
        let method = *challenge.methods.first()?;
        let sent = |rules: Option<CodeRules>, way| {
            rules.map(|rules| SentCodes::begin(rules, method == way, now))
        };
        Some(Self {
            method,
            asked_at: now,
            phone: sent(challenge.phone, Method::Phone),
            email: sent(challenge.email, Method::Email),
            prompt: challenge.prompt.map(within_limits),
            methods: challenge.methods,
            wrong_codes: 0,
            approvals: u8::from(!method.is_typed()),
        })
    }

    /// The codes of this way, where it sends any.
    pub fn sent(&self, way: Method) -> Option<&SentCodes> {
        match way {
            Method::Phone => self.phone.as_ref(),
            Method::Email => self.email.as_ref(),
            _ => None,
        }
    }

    /// Where it stands when a code of the way in use is sent. `None` where none may be.
    pub fn after_sending(&self, now: Timestamp) -> Option<Self> {
        let mut after = self.clone();
        let codes = match self.method {
            Method::Phone => after.phone.as_mut(),
            Method::Email => after.email.as_mut(),
            _ => None,
        };
        let codes = codes.filter(|codes| codes.may_send(now))?;
        codes.sends_left -= 1;
        codes.last_sent = now;
        Some(after)
    }

    /// Where it stands when this is the way in use. `None` where it may not be chosen.
    pub fn after_choosing(&self, way: Method, now: Timestamp) -> Option<Self> {
        self.may_choose(way).then(|| Self {
            method: way,
            asked_at: now,
            approvals: self.approvals + u8::from(!way.is_typed()),
            ..self.clone()
        })
    }

    /// Whether the other asks the same: not another question, after one that was answered.
    pub fn asks_as(&self, other: &Self) -> bool {
        let text = |factor: &Self| factor.prompt.as_ref().map(|prompt| prompt.text.clone());
        self.method != Method::Question || text(self) == text(other)
    }

    /// Wrong answers that end the session while this way is in use: five, or the provider's own lower number.
    pub fn wrong_codes_max(&self, way: Method) -> u8 {
        self.sent(way).map_or(WRONG_CODES_MAX, |codes| {
            codes.rules.checks.min(WRONG_CODES_MAX)
        })
    }

    /// Answers that may still be tried in this way.
    pub fn checks_left(&self, way: Method) -> u8 {
        self.wrong_codes_max(way).saturating_sub(self.wrong_codes)
    }

    /// The ways that may be chosen in place of the one in use, in the provider's order; none that is used up.
    pub fn others(&self) -> Vec<Method> {
        let ways = self.methods.iter().copied();
        ways.filter(|way| *way != self.method && self.may_choose(*way))
            .collect()
    }

    /// Whether the account offers this way, and it is not used up: it allows more wrong answers than there have been in
    /// this session, or another approval may be asked for.
    pub fn may_choose(&self, way: Method) -> bool {
        let is_left = match way.is_typed() {
            true => self.checks_left(way) > 0,
            false => self.approvals < APPROVALS_MAX,
        };
        self.methods.contains(&way) && is_left
    }
}

impl SentCodes {
    fn begin(mut rules: CodeRules, is_sent: bool, now: Timestamp) -> Self {
        rules.sends = rules.sends.max(1);
        rules.hint = rules.hint.chars().take(HINT_MAX).collect();
        Self {
            sends_left: rules.sends - u8::from(is_sent),
            last_sent: now,
            rules,
        }
    }

    /// Whether any was sent so far.
    pub fn was_sent(&self) -> bool {
        self.sends_left < self.rules.sends
    }

    /// Seconds until another code may be sent, rounded up; 0 is now.
    pub fn resend_in(&self, now: Timestamp) -> u32 {
        if !self.was_sent() {
            return 0;
        }
        let due = self
            .last_sent
            .plus(i64::from(self.rules.resend_after) * SECOND);
        u32::try_from((due.since(now) + SECOND - 1).div_euclid(SECOND)).unwrap_or(0)
    }

    /// When the last code stops being good; before the first, when the second factor was asked for.
    pub fn expires_at(&self) -> Timestamp {
        let life = match self.was_sent() {
            true => i64::from(self.rules.code_life) * SECOND,
            false => 0,
        };
        self.last_sent.plus(life)
    }

    /// Whether the code that was sent last is still good.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.was_sent() && now < self.expires_at()
    }

    /// Whether a code was sent, and is too old by now.
    pub fn is_too_old(&self, now: Timestamp) -> bool {
        self.was_sent() && now >= self.expires_at()
    }

    /// Whether another code may be sent now.
    pub fn may_send(&self, now: Timestamp) -> bool {
        self.sends_left > 0 && self.resend_in(now) == 0
    }
}

/// Whether this can be an answer: a code has 4 to 12 letters or digits, spaces and dashes aside; words have 1 to
/// [`WORDS_MAX`] characters, none of them a control character.
pub fn can_answer(way: Method, typed: &str) -> bool {
    if way.is_code() {
        let code = || typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
        return (4..=12).contains(&code().count()) && code().all(|c| c.is_ascii_alphanumeric());
    }
    let words = typed.trim();
    let fits = (1..=WORDS_MAX).contains(&words.chars().count());
    fits && !words.chars().any(char::is_control)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what serde calls it with"
)]
fn is_zero(count: &u8) -> bool {
    *count == 0
}

/// A prompt that is no larger than the contract allows, with a picture only where it is one.
fn within_limits(prompt: Prompt) -> Prompt {
    Prompt {
        text: prompt.text.chars().take(PROMPT_MAX).collect(),
        picture: prompt.picture.filter(|picture| is_picture(picture)),
    }
}

fn is_picture(url: &str) -> bool {
    let of = |kind: &&str| {
        url.strip_prefix("data:image/")
            .and_then(|rest| rest.strip_prefix(*kind))
            .and_then(|rest| rest.strip_prefix(";base64,"))
    };
    let is_base64 = |data: &str| {
        data.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
    };
    url.len() <= PICTURE_MAX && PICTURES.iter().find_map(of).is_some_and(is_base64)
}

#[cfg(test)]
#[path = "second_factor/tests.rs"]
mod tests;
