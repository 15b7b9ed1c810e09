//! Where a second factor stands: the ways offered, what was sent, what may still be tried.

use linchpin_provider::{Challenge, Method, PhoneRules};
use serde::{Deserialize, Serialize};

use super::time::{SECOND, Timestamp};

/// Wrong codes that end a session where the provider sets no lower number.
pub const WRONG_CODES_MAX: u8 = 5;

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
    pub phone: Option<Phone>,
    /// Wrong codes so far in the session.
    pub wrong_codes: u8,
}

/// Codes by text message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// The provider's rules.
    pub rules: PhoneRules,
    /// Texts that may still be sent.
    pub sends_left: u8,
    /// When the last one was sent.
    pub last_sent: Timestamp,
}

impl SecondFactor {
    /// Begins with the provider's usual way. `None` where the provider named no way at all.
    pub fn begin(challenge: Challenge, now: Timestamp) -> Option<Self> {
        let method = *challenge.methods.first()?;
        let phone = challenge.phone.map(|rules| Phone {
            sends_left: rules.sends.saturating_sub(1),
            last_sent: now,
            rules,
        });
        Some(Self {
            methods: challenge.methods,
            method,
            asked_at: now,
            phone,
            wrong_codes: 0,
        })
    }

    /// Wrong codes that end the session: five, or the provider's own lower number.
    pub fn wrong_codes_max(&self) -> u8 {
        self.wrong_codes_max_by(self.method)
    }

    fn wrong_codes_max_by(&self, method: Method) -> u8 {
        match (&self.phone, method) {
            (Some(phone), Method::Phone) => phone.rules.checks.min(WRONG_CODES_MAX),
            _ => WRONG_CODES_MAX,
        }
    }

    /// Codes that may still be tried.
    pub fn checks_left(&self) -> u8 {
        self.wrong_codes_max().saturating_sub(self.wrong_codes)
    }

    /// The way that "use another way" leads to: the next one that still takes an answer. A way that allows fewer
    /// wrong codes than there have been in this session is passed over. `None` where no other is left.
    pub fn another(&self) -> Option<Method> {
        let at = self.methods.iter().position(|m| *m == self.method)?;
        let (before, after) = self.methods.split_at(at);
        after
            .iter()
            .skip(1)
            .chain(before)
            .copied()
            .find(|way| self.may_choose(*way))
    }

    /// Whether the account offers this way, and it allows more wrong codes than there have been in this session.
    pub fn may_choose(&self, way: Method) -> bool {
        let is_left = !way.takes_code() || self.wrong_codes < self.wrong_codes_max_by(way);
        self.methods.contains(&way) && is_left
    }
}

impl Phone {
    /// Seconds until another text may be sent, rounded up; 0 is now.
    pub fn resend_in(&self, now: Timestamp) -> u32 {
        let due = self
            .last_sent
            .plus(i64::from(self.rules.resend_after) * SECOND);
        u32::try_from((due.since(now) + SECOND - 1).div_euclid(SECOND)).unwrap_or(0)
    }

    /// When the last code stops being good.
    pub fn expires_at(&self) -> Timestamp {
        self.last_sent
            .plus(i64::from(self.rules.code_life) * SECOND)
    }

    /// Whether another text may be sent now.
    pub fn may_send(&self, now: Timestamp) -> bool {
        self.sends_left > 0 && self.resend_in(now) == 0
    }
}
