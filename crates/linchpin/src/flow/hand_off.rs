//! Going on with a session on a phone.

use std::net::IpAddr;

use super::{Driven, Engine, Unavailable, random};
use crate::domain::{
    client_network::ClientNetwork,
    link_session::{
        Event, HandOffEvent, HandOffStands, LinkSession, Offer, SAME_TOKEN_WINDOW, Stage,
    },
    token::{FlowSecret, HandOffCode, HandOffToken, Phrases, SecretHash},
};

/// How often something is tried again that somebody else's change of the session came in between of.
const TRIES: usize = 5;

/// Which browser has a flow URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// The one that acted first, and goes back to the app at the end.
    Owner,
    /// The phone that a hand-off went to.
    Phone,
}

/// What a choice on the phone came to.
pub enum Chosen {
    /// The phone goes on at its flow.
    Taken(FlowSecret),
    /// It was not the phrase that is shown; the hand-off has ended.
    Wrong,
    /// The code is not shown any more, or was taken before.
    Late,
}

impl Engine {
    /// Whether the first browser may show a code: the session allows it, and the app has not switched it off.
    pub fn may_hand_off(&self, session: &LinkSession) -> bool {
        session.may_hand_off() && self.app_hands_off(session)
    }

    /// Whether a page may offer to: also the one on which nobody has acted yet.
    pub fn may_go_to_phone(&self, session: &LinkSession) -> bool {
        let first = matches!(session.state.stage, Stage::Initialized);
        self.may_hand_off(session) || (first && self.app_hands_off(session))
    }

    fn app_hands_off(&self, session: &LinkSession) -> bool {
        let directory = self.directory();
        let app = directory.app(&session.request.app);
        app.is_some_and(|app| app.hand_off)
    }

    /// The first browser shows a new code, in its page's language; `address` is where it is.
    pub async fn offer_hand_off(
        &self,
        session: &LinkSession,
        language: &str,
        address: IpAddr,
    ) -> Result<Driven, Unavailable> {
        if !self.may_hand_off(session) {
            return Ok(Driven::Nothing);
        }
        let offered = HandOffEvent::Offered {
            nonce: random()?,
            language: language.to_owned(),
            from: ClientNetwork::of(address),
        };
        self.step(session, &Event::HandOff(offered)).await
    }

    /// The code that the first browser shows, and the phrases beside it; `None` where it shows none that can be taken.
    pub fn offered<'a>(
        &self,
        session: &'a LinkSession,
    ) -> Option<(&'a Offer, HandOffCode, Phrases)> {
        let hand_off = session.state.hand_off.as_ref()?;
        let offer = hand_off.offer_at(self.clock.now())?;
        let code = HandOffCode::of(&self.keyring, session.id, offer.nonce);
        let phrases = Phrases::of(&self.keyring, session.id, offer.nonce);
        Some((offer, code, phrases))
    }

    /// The session that shows this code; `None` where none does, whatever the reason.
    pub async fn offering(&self, code: &HandOffCode) -> Result<Option<LinkSession>, Unavailable> {
        self.stay_fresh().await?;
        let found = self.handed_off(code).await?;
        let shows = |session: &LinkSession| {
            self.offered(session)
                .is_some_and(|(_, shown, _)| shown.is(code))
        };
        Ok(found.filter(|session| shows(session) && self.app_hands_off(session)))
    }

    /// A phrase was chosen on a phone, by its place among the three; `None` for none of them.
    pub async fn choose_phrase(
        &self,
        code: &HandOffCode,
        token: &HandOffToken,
        chosen: Option<usize>,
    ) -> Result<Chosen, Unavailable> {
        let flow = token.flow(&self.keyring, code);
        let flow_hash = *flow.hash(&self.keyring).bytes();
        for _ in 0..TRIES {
            let Some(session) = self.offering(code).await? else {
                return Ok(match self.handed_off(code).await? {
                    Some(session) if self.same_phone(&session, &flow) => Chosen::Taken(flow),
                    _ => Chosen::Late,
                });
            };
            let Some((offer, _, phrases)) = self.offered(&session) else {
                continue;
            };
            let nonce = offer.nonce;
            let right = chosen.is_some_and(|chosen| phrases.is_right(chosen));
            let event = match right {
                true => HandOffEvent::Taken { nonce, flow_hash },
                false => HandOffEvent::WrongPhrase { nonce },
            };
            if self.take(&session, &Event::HandOff(event)).await?.is_some() {
                return Ok(match right {
                    true => Chosen::Taken(flow),
                    false => Chosen::Wrong,
                });
            }
        }
        Ok(Chosen::Late)
    }

    /// The first browser goes on by itself, whatever the phone does at that moment.
    pub async fn end_hand_off(&self, session: &LinkSession) -> Result<Driven, Unavailable> {
        self.while_shown(session, &Event::HandOff(HandOffEvent::Ended))
            .await
    }

    /// The first browser leaves, whatever the phone does at that moment.
    pub async fn leave_phone(&self, session: &LinkSession) -> Result<Driven, Unavailable> {
        self.while_shown(session, &Event::Cancelled).await
    }

    /// Takes a step of the first browser in a session that a phone may change at the same time.
    async fn while_shown(
        &self,
        session: &LinkSession,
        event: &Event,
    ) -> Result<Driven, Unavailable> {
        let since = |session: &LinkSession| {
            let hand_off = session.state.hand_off.as_ref();
            hand_off.map(|hand_off| hand_off.since_version)
        };
        let mut now = session.clone();
        for _ in 0..TRIES {
            if let Some(taken) = self.take(&now, event).await? {
                return Ok(Driven::Taken(taken));
            }
            match self.store.session(session.id).await? {
                Some(made) if since(&made.session) == since(session) => now = made.session,
                _ => break,
            }
        }
        Ok(Driven::Nothing)
    }

    /// Which browser has this flow secret; `None` where neither has.
    pub(super) fn seat(session: &LinkSession, hash: &SecretHash) -> Option<Seat> {
        let is = |bytes: &[u8; 32]| SecretHash::from_bytes(bytes).is_some_and(|has| has.is(hash));
        let owner = session.state.owner.as_ref();
        if owner.is_some_and(|owner| is(&owner.flow_hash)) {
            return Some(Seat::Owner);
        }
        match &session.state.hand_off.as_ref()?.stands {
            HandOffStands::Taken { flow_hash, .. } | HandOffStands::TakenBack { flow_hash }
                if is(flow_hash) =>
            {
                Some(Seat::Phone)
            }
            _ => None,
        }
    }

    async fn handed_off(&self, code: &HandOffCode) -> Result<Option<LinkSession>, Unavailable> {
        let found = self.store.session(code.session()).await?;
        Ok(found
            .map(|made| made.session)
            .filter(|session| !session.state.deleted))
    }

    /// Whether it is this phone that took the code, less than a minute ago: the same form came twice.
    fn same_phone(&self, session: &LinkSession, flow: &FlowSecret) -> bool {
        let stands = session.state.hand_off.as_ref().map(|it| &it.stands);
        let Some(HandOffStands::Taken { since, .. }) = stands else {
            return false;
        };
        since.plus(SAME_TOKEN_WINDOW) > self.clock.now()
            && Self::seat(session, &flow.hash(&self.keyring)) == Some(Seat::Phone)
    }
}
