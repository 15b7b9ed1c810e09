//! Going on with a session on a phone: a code is offered, a phone takes it, and the first browser may take it back.
//!
//! ```text
//! offered ─ right phrase ─> taken ─ ended ─> taken back
//!    ├─ wrong phrase ─> wrong phrase        (a new code may be offered from each of these,
//!    └─ ended ─> withdrawn                 and from one whose time is over)
//! ```
//!
//! The session's stage does not change by it, nor does its owner: what the phone does is done in the session that the
//! first browser began, and it is that browser that goes back to the app.

use serde::{Deserialize, Serialize};

use super::{LinkSession, Refused, Stage, State};
use crate::domain::{
    client_network::ClientNetwork,
    time::{MINUTE, Timestamp},
};

/// For how long a code can be taken, in milliseconds.
pub const HAND_OFF_LIFE: i64 = 2 * MINUTE;
/// Codes that one session may show.
pub const HAND_OFFS_MAX: u8 = 5;

/// A hand-off, from the first code on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOff {
    /// Codes shown so far, 1 to [`HAND_OFFS_MAX`].
    pub offers: u8,
    /// The version of the session since which it stands so.
    pub since_version: i64,
    /// How it stands.
    pub stands: HandOffStands,
}

/// How a hand-off stands, with exactly what is true there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum HandOffStands {
    /// A code is shown.
    Offered(Offer),
    /// Another phrase was chosen on the phone than was shown.
    WrongPhrase,
    /// The first browser went on by itself before a phone came.
    Withdrawn,
    /// A phone goes on.
    Taken {
        /// Hash of its flow secret.
        flow_hash: [u8; 32],
        /// When it came.
        since: Timestamp,
    },
    /// The first browser goes on again.
    TakenBack {
        /// Hash of the flow secret of the phone that is to be told.
        flow_hash: [u8; 32],
    },
}

/// A code that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What the code and the phrases follow from, together with a key that is not in the store.
    pub nonce: [u8; 16],
    /// From then on it is worth nothing.
    pub until: Timestamp,
    /// BCP 47 tag of the language that the phrases are shown in.
    pub language: String,
    /// Where the screen that shows it is; `None` for a private network.
    pub from: Option<ClientNetwork>,
}

/// What can happen to a hand-off.
#[derive(Debug, Clone)]
pub enum HandOffEvent {
    /// The first browser shows a code.
    Offered {
        /// 128 random bits.
        nonce: [u8; 16],
        /// BCP 47 tag of its page's language.
        language: String,
        /// Where it is.
        from: Option<ClientNetwork>,
    },
    /// A phone has the code, and the right phrase were chosen on it.
    Taken {
        /// Of the code.
        nonce: [u8; 16],
        /// Hash of the phone's flow secret.
        flow_hash: [u8; 32],
    },
    /// A phone has the code, and another phrase was chosen on it.
    WrongPhrase {
        /// Of the code.
        nonce: [u8; 16],
    },
    /// The first browser goes on by itself.
    Ended,
}

impl HandOffEvent {
    /// The event's name, as the history writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Offered { .. } => "hand_off_offered",
            Self::Taken { .. } => "hand_off_taken",
            Self::WrongPhrase { .. } => "hand_off_refused",
            Self::Ended => "hand_off_ended",
        }
    }
}

impl HandOff {
    /// The code that can be taken at `now`.
    pub fn offer_at(&self, now: Timestamp) -> Option<&Offer> {
        match &self.stands {
            HandOffStands::Offered(offer) if now < offer.until => Some(offer),
            _ => None,
        }
    }

    /// Whether a phone goes on with the session, and the first browser waits.
    pub fn is_taken(&self) -> bool {
        matches!(self.stands, HandOffStands::Taken { .. })
    }

    /// Whether the first browser shows the hand-off in place of the step.
    pub fn is_shown(&self) -> bool {
        match self.stands {
            HandOffStands::Offered(_)
            | HandOffStands::WrongPhrase
            | HandOffStands::Taken { .. } => true,
            HandOffStands::Withdrawn | HandOffStands::TakenBack { .. } => false,
        }
    }
}

impl LinkSession {
    /// Whether a code may be shown, as far as the session is concerned: somebody owns it, it asks the user for
    /// something, no phone goes on with it, and fewer than [`HAND_OFFS_MAX`] were shown.
    pub fn may_hand_off(&self) -> bool {
        let free = self
            .state
            .hand_off
            .as_ref()
            .is_none_or(|hand_off| hand_off.offers < HAND_OFFS_MAX && !hand_off.is_taken());
        self.state.owner.is_some() && self.asks() && free
    }

    /// Whether it asks the user for something.
    fn asks(&self) -> bool {
        matches!(
            self.state.stage,
            Stage::Authorization { .. } | Stage::Login(_) | Stage::TwoFactor(_)
        )
    }

    pub(super) fn hand_off_moved(
        &self,
        event: &HandOffEvent,
        now: Timestamp,
        state: &mut State,
    ) -> Result<Stage, Refused> {
        let before = self.state.hand_off.as_ref();
        let stands = match event {
            HandOffEvent::Offered {
                nonce,
                language,
                from,
            } if self.may_hand_off() => HandOffStands::Offered(Offer {
                nonce: *nonce,
                until: now.plus(HAND_OFF_LIFE).min(self.expires_at),
                language: language.clone(),
                from: *from,
            }),
            HandOffEvent::Taken { nonce, flow_hash } => {
                self.still_offers(*nonce, now)?;
                HandOffStands::Taken {
                    flow_hash: *flow_hash,
                    since: now,
                }
            }
            HandOffEvent::WrongPhrase { nonce } => {
                self.still_offers(*nonce, now)?;
                HandOffStands::WrongPhrase
            }
            HandOffEvent::Ended => match before.map(|hand_off| &hand_off.stands) {
                Some(HandOffStands::Offered(_) | HandOffStands::WrongPhrase) => {
                    HandOffStands::Withdrawn
                }
                Some(HandOffStands::Taken { flow_hash, .. }) => HandOffStands::TakenBack {
                    flow_hash: *flow_hash,
                },
                _ => return Err(Refused::WrongStage),
            },
            HandOffEvent::Offered { .. } => return Err(Refused::WrongStage),
        };
        let offers = before.map_or(0, |hand_off| hand_off.offers);
        state.hand_off = Some(HandOff {
            offers: offers + u8::from(matches!(event, HandOffEvent::Offered { .. })),
            since_version: self.version + 1,
            stands,
        });
        Ok(self.state.stage.clone())
    }

    /// That a code is shown still, and is this one.
    fn still_offers(&self, nonce: [u8; 16], now: Timestamp) -> Result<(), Refused> {
        match self
            .state
            .hand_off
            .as_ref()
            .map(|hand_off| &hand_off.stands)
        {
            Some(HandOffStands::Offered(offer)) if offer.nonce == nonce && self.asks() => {
                match now < offer.until {
                    true => Ok(()),
                    false => Err(Refused::TooLate),
                }
            }
            _ => Err(Refused::WrongStage),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_was_never_handed_off_is_stored_as_before_there_was_such_a_thing() {
        let before = r#"{"stage":{"is":"initialized"},"owner":null,"wrong_passwords":0,"wrong_codes":0,"unavailable":0,"deleted":false}"#;
        let mut state: State = serde_json::from_str(before).unwrap();
        assert_eq!(state.hand_off, None);
        assert_eq!(serde_json::to_string(&state).unwrap(), before);
        let from = ClientNetwork::of("203.0.113.77".parse().unwrap());
        let offer = Offer {
            nonce: [1; 16],
            until: Timestamp(9),
            language: "en".to_owned(),
            from,
        };
        state.hand_off = Some(HandOff {
            offers: 1,
            since_version: 2,
            stands: HandOffStands::Offered(offer),
        });
        let json = serde_json::to_string(&state).unwrap();
        assert!(!json.contains("203.0.113.77"), "{json}");
        assert_eq!(serde_json::from_str::<State>(&json).unwrap(), state);
    }
}
