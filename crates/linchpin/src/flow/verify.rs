//! An attempt goes to the provider, and its outcome becomes an event.
//!
//! The check is a task of its own: a browser that goes away does not cut it off, and a shutdown waits for it.
//! Credentials live in the question and are gone with it.

use std::sync::Arc;

use linchpin_provider::{Answer, Arrival, Credentials, Pending, Provider, Reply};
use tokio::sync::oneshot;

use super::{Engine, Unavailable, bulkhead::Outcome};
use crate::domain::link_session::{Event, LinkSession, Stage};

/// What the provider is asked.
pub(super) enum Question {
    /// Whether these credentials are right.
    SignIn(Credentials),
    /// Whether this proves the second factor of a sign-in.
    SecondFactor(Pending, Reply),
    /// Who is signed in with what a browser has brought back.
    Arrival(Arrival),
}

impl Engine {
    /// Asks the provider about a session that is `Verifying`; the receiver is closed when the outcome is written.
    pub(super) fn check(
        self: &Arc<Self>,
        session: LinkSession,
        question: Question,
    ) -> oneshot::Receiver<()> {
        let (done, over) = oneshot::channel();
        let engine = Arc::clone(self);
        self.spawn(async move {
            let task = tokio::spawn({
                let (engine, session) = (Arc::clone(&engine), session.clone());
                async move { engine.ask_and_write(&session, question).await }
            });
            let outcome = task.await.unwrap_or_else(|_| {
                tracing::error!(session = %session.id, "a check has panicked; the session goes back a step");
                Ok(false)
            });
            if let Err(error) = &outcome {
                tracing::error!(session = %session.id, %error, "what a check came to could not be written; the session goes back a step");
            }
            if !matches!(outcome, Ok(true)) {
                engine.put_back(&session).await;
            }
            drop(done);
        });
        over
    }

    async fn ask_and_write(
        self: &Arc<Self>,
        session: &LinkSession,
        question: Question,
    ) -> Result<bool, Unavailable> {
        let Stage::Verifying { attempt, .. } = &session.state.stage else {
            return Ok(true);
        };
        let Some(provider) = self.provider(&attempt.consent().provider) else {
            return self.take(session, &Event::Broke).await.map(|_| true);
        };
        let client = self.client_of_session(session, &provider).await?;
        let asked = async {
            match question {
                Question::SignIn(credentials) => provider.sign_in(&client, credentials).await,
                Question::SecondFactor(pending, reply) => {
                    provider.second_factor(&client, &pending, reply).await
                }
                Question::Arrival(arrival) => provider.arrive(&client, arrival).await,
            }
        };
        let answer = self.in_turn(provider.as_ref(), session, asked).await;
        self.write_answer(session, answer).await.map(|()| true)
    }

    /// What a question about a link session comes to when its turn has come. Where the provider has too much to do, or has
    /// not answered of late, it is unavailable.
    pub(super) async fn in_turn(
        &self,
        provider: &dyn Provider,
        session: &LinkSession,
        asked: impl Future<Output = Answer>,
    ) -> Answer {
        let Ok(mut turn) = self.turn(provider, &session.id.to_string()).await else {
            return Answer::Unavailable;
        };
        let answer = tokio::time::timeout(provider.deadline(), asked).await;
        let is_own = session.own_proxy().is_some();
        turn.came_to(match &answer {
            Ok(Answer::Unavailable) | Err(_) if is_own => Outcome::OwnProxy,
            Ok(Answer::Unavailable) => Outcome::Unreachable,
            Ok(_) => Outcome::Answered,
            Err(_) => Outcome::TooSlow,
        });
        answer.unwrap_or(Answer::Unavailable)
    }

    /// Turns a provider's answer into the session's next stage.
    pub(super) async fn write_answer(
        self: &Arc<Self>,
        session: &LinkSession,
        answer: Answer,
    ) -> Result<(), Unavailable> {
        let event = match answer {
            Answer::SignedIn(signed_in) => return self.finish(session, signed_in, None).await,
            Answer::SecondFactor {
                challenge,
                progress,
            } => Event::SecondFactorWanted {
                challenge,
                progress: self.seal_progress(session, Some(&progress)).await?,
            },
            Answer::WrongCredentials { unknown_domain } => Event::WrongPassword { unknown_domain },
            Answer::WrongCode { progress } => Event::WrongCode {
                progress: self.seal_progress(session, progress.as_ref()).await?,
            },
            Answer::Declined => Event::Declined,
            Answer::Denied => Event::Denied,
            Answer::Locked => Event::Locked,
            // A provider that has not decided about something typed has not answered it.
            Answer::Unavailable | Answer::NotYet => Event::Unavailable,
        };
        match self.take(session, &event).await? {
            Some(session) => self.watch_approval(&session),
            // Cancelled or deleted meanwhile, or an answer that does not fit the question.
            None => self.put_back(session).await,
        }
        Ok(())
    }

    /// Puts a session whose check is lost back to the step before. Does nothing where it has moved on.
    pub(super) async fn put_back(&self, session: &LinkSession) {
        if let Err(error) = self.take(session, &Event::CheckLost).await {
            tracing::error!(session = %session.id, %error, "a lost check could not be put back; it is when its time is over");
        }
    }
}
