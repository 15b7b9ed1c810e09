//! What the specification says of a link session, in the least words.

use linchpin::domain::link_session::{Event, HandOffEvent};
use linchpin_provider::{Challenge, CodeRules, Method};

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
    pub whitelabel: bool,
    pub hand_off: HandOff,
    /// Which trip a browser is on, and until when it may come back.
    pub trip: (i64, i64),
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
    at: Option<Method>,
    /// What was sent by text message and by e-mail.
    texts: Sends,
    mails: Sends,
    approvals: u8,
}

/// Codes that are sent.
#[derive(Debug, Clone, PartialEq, Default)]
struct Sends {
    left: u8,
    /// `None` before the first.
    sent: Option<i64>,
    pause: i64,
}

impl Factor {
    /// The first way is under way; nothing of another is.
    fn wanted(challenge: &Challenge, now: i64) -> Self {
        let at = challenge.methods[0];
        let sends = |way, rules: &Option<CodeRules>| {
            let first = u8::from(way == at);
            rules.as_ref().map_or(Sends::default(), |rules| Sends {
                left: rules.sends - first,
                sent: (first == 1).then_some(now),
                pause: i64::from(rules.resend_after) * 1_000,
            })
        };
        Self {
            texts: sends(Method::Phone, &challenge.phone),
            mails: sends(Method::Email, &challenge.email),
            approvals: u8::from(!at.is_typed()),
            methods: challenge.methods.clone(),
            at: Some(at),
        }
    }

    fn is_typed(&self) -> bool {
        self.at.is_some_and(Method::is_typed)
    }

    /// A provider's own lower number, else five.
    fn codes_max(way: Option<Method>) -> u8 {
        match way {
            Some(Method::Phone) => 3,
            Some(Method::Email) => 4,
            _ => 5,
        }
    }

    /// A way that is offered, and is not used up.
    fn choose(&mut self, way: Method, wrong_codes: u8) -> Result<(), &'static str> {
        let is_left = match way.is_typed() {
            true => wrong_codes < Self::codes_max(Some(way)),
            false => self.approvals < 5,
        };
        if !self.methods.contains(&way) || !is_left {
            return Err("WrongStage");
        }
        self.approvals += u8::from(!way.is_typed());
        self.at = Some(way);
        Ok(())
    }

    /// Another code of the way in use, after its pause.
    fn send(&mut self, now: i64) -> Result<(), &'static str> {
        let sends = match self.at {
            Some(Method::Phone) => &mut self.texts,
            Some(Method::Email) => &mut self.mails,
            _ => return Err("WrongStage"),
        };
        if sends.left == 0 || sends.sent.is_some_and(|sent| now < sent + sends.pause) {
            return Err("WrongStage");
        }
        sends.left -= 1;
        sends.sent = Some(now);
        Ok(())
    }
}

const ENDS: [&str; 5] = ["completed", "cancelled", "failed", "expired", "deleted"];

impl Model {
    fn ended(&self) -> bool {
        ENDS.contains(&self.stage)
    }

    /// Whether its app may begin with this provider by itself.
    fn lets_in(&self, provider: &str) -> bool {
        self.whitelabel && provider == "sandbox"
    }

    /// What follows, or the name of the refusal.
    #[expect(clippy::too_many_lines, reason = "a table, a row an event")]
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
            (Event::BegunByApp { provider }, "initialized") if self.lets_in(provider) => {
                // No browser owns it, so there is nobody to hand it off.
                (next.stage, next.hand_off.stands) = ("login", "never");
            }
            (Event::PlaceChosen { .. } | Event::ProxyChosen { .. }, "login") => {}
            (Event::Allowed { .. }, "authorization") => next.stage = "login",
            (Event::PasswordSubmitted { until, .. }, "login") => next.begin_check("login", until.0),
            (Event::CodeSubmitted { until }, "two_factor") if self.factor.is_typed() => {
                next.begin_check("two_factor", until.0);
            }
            (Event::CodeNotSent | Event::Progressed { .. }, "two_factor") => {}
            (Event::CodeExpired, "two_factor") if self.factor.is_typed() => {}
            (Event::CodeSent, "two_factor") => next.factor.send(now)?,
            (Event::MethodChosen { method }, "two_factor") => {
                next.factor.choose(*method, self.wrong_codes)?;
            }
            (Event::Broke, "login" | "elsewhere" | "verifying" | "two_factor") => {
                next.stage = "failed";
            }
            (Event::Departed { trip, until, .. }, "login" | "elsewhere") => {
                (next.stage, next.trip) = ("elsewhere", (*trip, until.0));
            }
            (Event::NotDeparted, "login" | "elsewhere") => {
                next.check = Some(("login", 0));
                next.checked(&Event::Unavailable, now)?;
            }
            (Event::Arrived { trip, until }, "elsewhere") if *trip == self.trip.0 => {
                if now >= self.trip.1 {
                    return Err("TooLate");
                }
                next.begin_check("elsewhere", until.0);
            }
            (_, "verifying") => next.checked(event, now)?,
            (
                Event::Linked { .. }
                | Event::Declined
                | Event::Denied
                | Event::Locked
                | Event::DifferentAccount
                | Event::LinkedToAnotherUser,
                "two_factor",
            ) if !self.factor.is_typed() => next.checked(event, now)?,
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
                if asks && here.offers < 5 && !["taken", "never"].contains(&here.stands) =>
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
        // Whoever has come back from elsewhere begins there anew.
        let back = if from == "elsewhere" { "login" } else { from };
        let before = std::mem::take(&mut self.unavailable);
        self.stage = match event {
            Event::Linked { .. } => "completed",
            Event::Locked | Event::Broke => "failed",
            Event::Declined
            | Event::Denied
            | Event::DifferentAccount
            | Event::LinkedToAnotherUser => "login",
            Event::SecondFactorWanted { .. } if from == "elsewhere" => return Err("WrongStage"),
            Event::SecondFactorWanted { challenge, .. } => {
                // Asked for again what was just answered, the answer was wrong.
                let answered = self.factor.at.filter(|_| from == "two_factor");
                let again = answered.is_some_and(|way| challenge.methods.contains(&way));
                self.factor = Factor::wanted(challenge, now);
                self.wrong_codes += u8::from(again);
                if again && self.wrong_codes >= Factor::codes_max(self.factor.at) {
                    "failed"
                } else {
                    "two_factor"
                }
            }
            Event::WrongPassword { .. } => {
                self.wrong_passwords += 1;
                if self.wrong_passwords < 5 {
                    "login"
                } else {
                    "failed"
                }
            }
            Event::WrongCode { .. } if from == "two_factor" => {
                // Five in a session, or the provider's own lower number.
                self.wrong_codes += 1;
                if self.wrong_codes < Factor::codes_max(self.factor.at) {
                    from
                } else {
                    "failed"
                }
            }
            Event::Unavailable => {
                self.unavailable = before + 1;
                if self.unavailable < 3 { back } else { "failed" }
            }
            Event::CheckLost => {
                self.unavailable = before;
                back
            }
            _ => return Err("WrongStage"),
        };
        Ok(())
    }
}
