//! What the specification says of a link session, in the least words.

use linchpin::domain::link_session::{Event, HandOffEvent};
use linchpin_provider::Method;

use super::EXPIRES;

/// What the specification says of a session, and no more.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub stage: &'static str,
    /// Where a check goes back to, and until when it may take.
    pub check: Option<(&'static str, i64)>,
    pub factor: Factor,
    pub wrong_passwords: u8,
    pub wrong_codes: u8,
    pub unavailable: u8,
    pub deleted: bool,
    pub reconnects: bool,
    pub hand_off: HandOff,
}

/// Going on on a phone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HandOff {
    pub offers: u8,
    pub stands: &'static str,
    nonce: u8,
    until: i64,
}

/// A second factor that is wanted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Factor {
    methods: Vec<Method>,
    at: usize,
    sends_left: u8,
    sent: i64,
}

impl Factor {
    fn takes_code(&self) -> bool {
        self.methods.get(self.at).is_some_and(|m| m.takes_code())
    }

    fn codes_max(&self) -> u8 {
        self.codes_max_at(self.at)
    }

    fn codes_max_at(&self, at: usize) -> u8 {
        match self.methods.get(at) {
            Some(Method::Phone) => 3,
            _ => 5,
        }
    }

    /// The next way in turn that more wrong codes would not have used up already.
    fn another(&self, wrong_codes: u8) -> Option<usize> {
        let count = self.methods.len();
        (1..count)
            .map(|step| (self.at + step) % count)
            .find(|at| !self.methods[*at].takes_code() || wrong_codes < self.codes_max_at(*at))
    }
}

const ENDS: [&str; 5] = ["completed", "cancelled", "failed", "expired", "deleted"];

impl Model {
    fn ended(&self) -> bool {
        ENDS.contains(&self.stage)
    }

    /// What follows, or the name of the refusal.
    pub fn next(&self, event: &Event, now: i64) -> Result<Model, &'static str> {
        let mut next = self.clone();
        match (event, self.stage) {
            (Event::Deleted, _) if self.deleted => return Err("Over"),
            (Event::Deleted, stage) => {
                next.deleted = true;
                next.stage = if self.ended() { stage } else { "deleted" };
                return Ok(next);
            }
            _ if self.ended() => return Err("Over"),
            (Event::TimePassed, _) => {
                let until = self.check.map_or(EXPIRES, |(_, until)| until.max(EXPIRES));
                next.stage = "expired";
                return if now < until {
                    Err("TooEarly")
                } else {
                    Ok(next)
                };
            }
            (Event::Restored, _) => {
                next.stage = "expired";
                return Ok(next);
            }
            (Event::Cancelled, _) if now < EXPIRES => next.stage = "cancelled",
            (Event::Cancelled, _) => return Err("TooLate"),
            (_, stage) if now >= EXPIRES && stage != "verifying" => return Err("TooLate"),
            (Event::HandOff(event), stage) => next.handed_off(event, stage, now)?,
            (Event::Begun { provider, .. }, "initialized") if provider == "sandbox" => {
                next.stage = if self.reconnects {
                    "login"
                } else {
                    "authorization"
                };
            }
            (Event::Allowed { .. }, "authorization") => next.stage = "login",
            (Event::PasswordSubmitted { until, .. }, "login") => next.begin_check("login", until.0),
            (Event::CodeSubmitted { until }, "two_factor") if self.factor.takes_code() => {
                next.begin_check("two_factor", until.0);
            }
            (Event::CodeExpired, "two_factor") if self.factor.takes_code() => {}
            (Event::CodeNotSent, "two_factor") => {}
            (Event::CodeSent, "two_factor")
                if self.factor.sends_left > 0 && now >= self.factor.sent + 1_000 =>
            {
                next.factor.sends_left -= 1;
                next.factor.sent = now;
            }
            (Event::AnotherWay, "two_factor") => {
                next.factor.at = self.factor.another(self.wrong_codes).ok_or("WrongStage")?;
            }
            (Event::Broke, "login" | "verifying" | "two_factor") => next.stage = "failed",
            (_, "verifying") => next.checked(event, now)?,
            (
                Event::Linked { .. }
                | Event::Declined
                | Event::Locked
                | Event::DifferentAccount
                | Event::LinkedToAnotherUser,
                "two_factor",
            ) if !self.factor.takes_code() => next.checked(event, now)?,
            _ => return Err("WrongStage"),
        }
        if next.stage != "verifying" {
            next.check = None;
        }
        Ok(next)
    }

    /// Two minutes for a code, five codes a session, and nobody but whoever has the code that is shown.
    fn handed_off(
        &mut self,
        event: &HandOffEvent,
        stage: &str,
        now: i64,
    ) -> Result<(), &'static str> {
        let asks = ["authorization", "login", "two_factor"].contains(&stage);
        let here = &mut self.hand_off;
        match event {
            HandOffEvent::Offered { nonce, .. }
                if asks && here.offers < 5 && here.stands != "taken" =>
            {
                here.offers += 1;
                here.stands = "offered";
                here.nonce = nonce[0];
                here.until = (now + 120_000).min(EXPIRES);
            }
            HandOffEvent::Taken { nonce, .. } | HandOffEvent::WrongPhrase { nonce }
                if asks && here.stands == "offered" && here.nonce == nonce[0] =>
            {
                if now >= here.until {
                    return Err("TooLate");
                }
                here.stands = match event {
                    HandOffEvent::Taken { .. } => "taken",
                    _ => "wrong phrase",
                };
            }
            HandOffEvent::Ended if ["offered", "wrong phrase", "taken"].contains(&here.stands) => {
                here.stands = "ended";
            }
            _ => return Err("WrongStage"),
        }
        Ok(())
    }

    fn begin_check(&mut self, from: &'static str, until: i64) {
        self.stage = "verifying";
        self.check = Some((from, until));
    }

    /// The outcome of a check, or of an approval elsewhere.
    fn checked(&mut self, event: &Event, now: i64) -> Result<(), &'static str> {
        let from = self.check.map_or("two_factor", |(from, _)| from);
        let before = std::mem::take(&mut self.unavailable);
        self.stage = match event {
            Event::Linked { .. } => "completed",
            Event::Locked | Event::Broke => "failed",
            Event::Declined | Event::DifferentAccount | Event::LinkedToAnotherUser => "login",
            Event::SecondFactorWanted(challenge) => {
                self.factor = Factor {
                    methods: challenge.methods.clone(),
                    at: 0,
                    sends_left: challenge.phone.as_ref().map_or(0, |phone| phone.sends - 1),
                    sent: now,
                };
                "two_factor"
            }
            Event::WrongPassword { .. } => {
                self.wrong_passwords += 1;
                if self.wrong_passwords < 5 {
                    "login"
                } else {
                    "failed"
                }
            }
            Event::WrongCode if from == "two_factor" => {
                // Five in a session, or the provider's own lower number.
                self.wrong_codes += 1;
                if self.wrong_codes < self.factor.codes_max() {
                    from
                } else {
                    "failed"
                }
            }
            Event::Unavailable => {
                self.unavailable = before + 1;
                if self.unavailable < 3 { from } else { "failed" }
            }
            Event::CheckLost => {
                self.unavailable = before;
                from
            }
            _ => return Err("WrongStage"),
        };
        Ok(())
    }
}
