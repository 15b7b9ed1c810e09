//! Connectors: HTTP services of the operator's own, in any language, that are asked what a provider is asked.
//!
//! The contract is in `docs/providers/connector.openapi.yaml`. Questions and answers are signed by a secret that both sides
//! know; an answer that is not signed for its question counts as none. A connector never sees the bodies of calls: it says
//! what has to be attached, and Linchpin sends the call.

mod answers;
mod asking;
mod call;
mod file;
mod questions;
mod session;
mod signature;
#[cfg(test)]
mod tests;
mod verify;

use std::{fmt, time::Duration};

pub use answers::About;
use linchpin_provider::{
    Answer, Arrival, Asked, Call, CallAnswer, CallLimits, Called, Client, Coverage, Credentials,
    Death, Departed, Departure, Description, Entry, Import, Imported, Looked, Method, Pending,
    Provider, Reply, Session,
};
pub use signature::{SharedSecret, TOLERANCE};
pub use verify::{Suspect, Verification};

use crate::api::{Api, Platform};
use answers::{
    AskAnswer, DepartAnswer, ImportAnswer, LookAnswer, ProfileAnswer, SignInAnswer, SignOutAnswer,
};
use asking::{Line, Unanswered};
use questions::{
    Arrive, Ask, Asks, Depart, Look, Profile, SecondFactor, SignIn, SignOut, TakeOver,
};

/// A platform behind a connector.
pub(crate) struct Connector {
    platform: Platform,
    api: Api,
    line: Line,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connector({} …)", self.platform.description.id)
    }
}

impl Connector {
    async fn entered(&self, client: &Client, asked: impl Asks + Sync) -> Answer {
        let answer = self.line.ask::<_, SignInAnswer, _>(client, asked).await;
        answer.unwrap_or(Answer::Unavailable)
    }
}

#[async_trait::async_trait]
impl Provider for Connector {
    fn describe(&self) -> &Description {
        &self.platform.description
    }

    async fn sign_in(&self, client: &Client, credentials: Credentials) -> Answer {
        self.entered(client, SignIn::new(&credentials)).await
    }

    async fn second_factor(&self, client: &Client, pending: &Pending, reply: Reply) -> Answer {
        self.entered(client, SecondFactor::new(pending, &reply))
            .await
    }

    async fn ask(&self, client: &Client, pending: &Pending, method: Method) -> Asked {
        let asked = Ask::new(pending, method);
        let answer = self.line.ask::<_, AskAnswer, _>(client, asked).await;
        answer.unwrap_or(Asked::NotNow)
    }

    async fn depart(&self, client: &Client, departure: Departure) -> Departed {
        if self.platform.description.entry != Entry::Elsewhere {
            return Departed::NotOffered;
        }
        let asked = Depart::new(&departure);
        let answer = self.line.ask::<_, DepartAnswer, _>(client, asked).await;
        answer.unwrap_or(Departed::Unavailable)
    }

    async fn arrive(&self, client: &Client, arrival: Arrival) -> Answer {
        self.entered(client, Arrive::new(&arrival)).await
    }

    async fn import(&self, client: &Client, import: Import) -> Imported {
        let asked = TakeOver::new(&import);
        match self.line.ask::<_, ImportAnswer, _>(client, asked).await {
            Ok(imported) => imported,
            Err(Unanswered::Unknown) => Imported::NotOffered,
            Err(Unanswered::Send(_) | Unanswered::Unsound(_)) => Imported::Unavailable,
        }
    }

    fn is_stale(&self, session: &Session, now: i64) -> bool {
        session::stale_at(session).is_some_and(|stale_at| stale_at <= now)
    }

    async fn look(&self, client: &Client, session: &Session) -> Looked {
        let Some(session) = session::raw(session) else {
            return Looked::Dead(Death::SignedOut);
        };
        let answer = self.line.ask::<_, LookAnswer, _>(client, Look { session });
        answer.await.unwrap_or(Looked::Unavailable)
    }

    async fn sign_out(&self, client: &Client, session: &Session) -> bool {
        let Some(session) = session::raw(session) else {
            return true;
        };
        let answer = self
            .line
            .ask::<_, SignOutAnswer, _>(client, SignOut { session });
        answer.await.unwrap_or(false)
    }

    async fn profile(&self, client: &Client, session: &Session) -> Called<serde_json::Value> {
        let Some(session) = session::raw(session) else {
            return Called::SignedOut;
        };
        let answer = self
            .line
            .ask::<_, ProfileAnswer, _>(client, Profile { session });
        match answer.await {
            Ok(called) => called,
            Err(Unanswered::Send(error)) => error.into(),
            Err(Unanswered::Unknown | Unanswered::Unsound(_)) => Called::Broken,
        }
    }

    fn covers(&self, method: &http::Method, path: &str) -> Coverage {
        self.platform.covers.of(method, path)
    }

    async fn call(&self, client: &Client, session: &Session, call: Call) -> Called<CallAnswer> {
        let covers = &self.platform.covers;
        call::call(&self.line, &self.api, covers, client, session, call).await
    }

    fn call_limits(&self) -> CallLimits {
        self.platform.limits.call
    }

    fn looks_a_minute(&self) -> u32 {
        self.platform.limits.looks_a_minute
    }

    fn at_once(&self) -> usize {
        self.platform.limits.at_once
    }

    fn deadline(&self) -> Duration {
        self.platform.limits.deadline
    }
}
