//! E-mail addresses of the sandbox, and what each domain stands for.

use linchpin_provider::Method;

/// What every domain of the sandbox ends with.
const SUFFIX: &str = ".sandbox.com";

/// The address of an account of the sandbox: trimmed, lower-case, of a known domain, with something before the `@`.
#[derive(Debug)]
pub(super) struct Address {
    whole: String,
    /// Where the last `@` stands in `whole`.
    at: usize,
    scenario: Scenario,
}

/// How the accounts of a domain answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scenario {
    /// The password is enough.
    Plain,
    /// The password is enough, but checking it takes its time.
    Slow,
    /// After the password a second factor is wanted, in one of these ways.
    Factor(&'static [Method]),
    /// Locked, whatever the password.
    Locked,
    /// Never answers, whatever the password.
    Unavailable,
}

impl Scenario {
    /// The scenario of `{label}.sandbox.com`; `None` where there is no such domain.
    fn of(label: &str) -> Option<Self> {
        Some(match label {
            // A short-lived account signs in like any other; what is short is the life of its session.
            "creator" | "fan" | "short-lived" => Self::Plain,
            "creator-otp" | "fan-otp" => Self::Factor(&[Method::App]),
            "creator-sms" | "fan-sms" => Self::Factor(&[Method::Phone]),
            "creator-email" => Self::Factor(&[Method::Email]),
            "creator-face" => Self::Factor(&[Method::Face]),
            "creator-choice" => Self::Factor(&[Method::App, Method::Phone, Method::Face]),
            "creator-question" => Self::Factor(&[Method::Question]),
            "creator-challenge" => Self::Factor(&[Method::Shown]),
            "slow" => Self::Slow,
            "locked" => Self::Locked,
            "unavailable" => Self::Unavailable,
            _ => return None,
        })
    }
}

impl Address {
    /// Reads what the user typed; `None` where no account can have that name.
    pub(super) fn parse(typed: &str) -> Option<Self> {
        let whole = typed.trim().to_lowercase();
        let at = whole.rfind('@')?;
        let (local, domain) = (whole.get(..at)?, whole.get(at + 1..)?);
        if local.is_empty() {
            return None;
        }
        let scenario = Scenario::of(domain.strip_suffix(SUFFIX)?)?;
        Some(Self {
            whole,
            at,
            scenario,
        })
    }

    /// The whole address.
    pub(super) fn as_str(&self) -> &str {
        &self.whole
    }

    /// What stands before the last `@`; never empty.
    pub(super) fn local(&self) -> &str {
        self.whole.get(..self.at).unwrap_or_default()
    }

    pub(super) fn scenario(&self) -> Scenario {
        self.scenario
    }

    /// The ways of the account's second factor; none where it has none.
    pub(super) fn ways(&self) -> &'static [Method] {
        match self.scenario {
            Scenario::Factor(ways) => ways,
            Scenario::Plain | Scenario::Slow | Scenario::Locked | Scenario::Unavailable => &[],
        }
    }
}
