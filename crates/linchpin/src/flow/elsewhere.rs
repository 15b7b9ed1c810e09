//! Signing in on the provider's own page: a browser departs, and comes back.

use std::{sync::Arc, time::Duration};

use linchpin_provider::{Arrival, Departed, Departure, Entry, Secret};

use super::{Driven, Engine, Unavailable, verify::Question};
use crate::domain::{
    link_session::{Elsewhere, Event, LinkSession, Login, Stage, TRIP_LIFE},
    time::Timestamp,
    token::TripState,
};

/// How long a browser waits at most for where it is to go.
const DEPARTURE: Duration = Duration::from_secs(10);
/// Bytes of that address at most.
const ADDRESS_MAX: usize = 8 * 1024;

/// What became of a departure.
pub enum Leaves {
    /// The browser is to open this, and may come back until then.
    For(String, Timestamp),
    /// It stays: nobody can go there at the moment, or somebody was faster.
    Stays(Driven),
}

impl Engine {
    /// Whether one signs in on this provider's own page rather than on ours.
    pub fn signs_in_elsewhere(&self, provider: &str) -> bool {
        self.provider(provider)
            .is_some_and(|provider| provider.describe().entry == Entry::Elsewhere)
    }

    /// Where browsers come back to from this provider, as it is registered there. Each provider has an address of its own,
    /// so that none can have the answer of another one taken for its own (RFC 9700, 4.4).
    pub fn back_to(&self, provider: &str) -> String {
        format!("{}/back/{provider}", self.settings.urls.link)
    }

    /// A browser departs; `locale` is the language of its page. A trip before this one is over with that.
    pub async fn depart(&self, session: &LinkSession, locale: &str) -> Result<Leaves, Unavailable> {
        let (Stage::Login(login) | Stage::Elsewhere(Elsewhere { login, .. })) =
            &session.state.stage
        else {
            return Ok(Leaves::Stays(Driven::Nothing));
        };
        let Some(provider) = self.provider(&login.consent.provider) else {
            return self.step(session, Event::Broke).await.map(Leaves::Stays);
        };
        let trip = session.version + 1;
        let state = TripState {
            session: session.id,
            trip,
        };
        let departure = self.departure(login, state, locale);
        let client = self.client_of_session(session, &provider).await?;
        let asked = async {
            let turn = self.turn(provider.as_ref(), &session.id.to_string()).await;
            match turn {
                Ok(_turn) => provider.depart(&client, departure).await,
                Err(_) => Departed::Unavailable,
            }
        };
        let departed = tokio::time::timeout(DEPARTURE.min(provider.deadline()), asked).await;
        let Ok(Departed::To { url, progress }) = departed else {
            let event = Event::NotDeparted;
            return self.step(session, event).await.map(Leaves::Stays);
        };
        if !is_address(&url) {
            return self.step(session, Event::Broke).await.map(Leaves::Stays);
        }
        let until = self.clock.now().plus(TRIP_LIFE).min(session.expires_at);
        let departed = Event::Departed {
            trip,
            until,
            progress: self.seal_progress(session, Some(&progress)).await?,
        };
        Ok(match self.take(session, &departed).await? {
            Some(_) => Leaves::For(url, until),
            None => Leaves::Stays(Driven::Nothing),
        })
    }

    fn departure(&self, login: &Login, state: TripState, locale: &str) -> Departure {
        Departure {
            back_to: self.back_to(&login.consent.provider),
            state: Secret::new(state.reveal(&self.keyring)),
            permissions: login.consent.granted.clone(),
            username: login.username.clone(),
            locale: Some(locale.to_owned()),
        }
    }

    /// Whether the session's browser is away at another provider than this one.
    pub fn is_at_another(&self, session: &LinkSession, provider: &str) -> bool {
        match &session.state.stage {
            Stage::Elsewhere(at) => at.login.consent.provider != provider,
            _ => false,
        }
    }

    /// Whether a session waits for the browser of this trip.
    pub fn awaits(&self, session: &LinkSession, trip: i64) -> bool {
        match &session.state.stage {
            Stage::Elsewhere(at) => at.trip == trip && self.clock.now() < at.until,
            _ => false,
        }
    }

    /// A browser is back with these parameters; whoever calls has made sure that it is the one that departed.
    pub async fn arrive(
        self: &Arc<Self>,
        session: &LinkSession,
        trip: i64,
        parameters: Vec<(String, Secret)>,
    ) -> Result<Driven, Unavailable> {
        let Stage::Elsewhere(at) = &session.state.stage else {
            return Ok(Driven::Nothing);
        };
        let Some(until) = self.check_until(&[], session) else {
            return self.step(session, Event::Broke).await;
        };
        let arrival = Arrival {
            back_to: self.back_to(&at.login.consent.provider),
            parameters,
            progress: self.open_progress(session, at.progress.as_ref()).await?,
        };
        let arrived = Event::Arrived { trip, until };
        let Some(session) = self.take(session, &arrived).await? else {
            return Ok(Driven::Nothing);
        };
        let question = Question::Arrival(arrival);
        Ok(Driven::Checking(self.check(session, question)))
    }
}

fn is_address(url: &str) -> bool {
    let begins = url.starts_with("https://") || url.starts_with("http://");
    begins && url.len() <= ADDRESS_MAX && url.bytes().all(|byte| byte.is_ascii_graphic())
}
