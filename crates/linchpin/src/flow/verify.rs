//! An attempt goes to the provider, and its outcome becomes an event.
//!
//! The check is a task of its own: a browser that goes away does not cut it off, and a shutdown waits for it.
//! Credentials live in the question and are gone with it.

use std::sync::Arc;

use linchpin_provider::{Answer, Credentials, Reply};
use tokio::sync::oneshot;

use super::{Engine, Unavailable};
use crate::domain::link_session::{Event, LinkSession, Stage};

/// What the provider is asked.
pub(super) enum Question {
    /// Whether these credentials are right.
    SignIn(Credentials),
    /// Whether this proves the second factor of the username.
    SecondFactor(String, Reply),
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
        let asked = async {
            match question {
                Question::SignIn(credentials) => provider.sign_in(credentials).await,
                Question::SecondFactor(username, reply) => {
                    provider.second_factor(&username, reply).await
                }
            }
        };
        let answer = tokio::time::timeout(provider.deadline(), asked)
            .await
            .unwrap_or(Answer::Unavailable);
        self.write_answer(session, answer).await.map(|()| true)
    }

    /// Turns a provider's answer into the session's next stage.
    pub(super) async fn write_answer(
        self: &Arc<Self>,
        session: &LinkSession,
        answer: Answer,
    ) -> Result<(), Unavailable> {
        let event = match answer {
            Answer::SignedIn(signed_in) => return self.finish(session, signed_in, None).await,
            Answer::SecondFactor(challenge) => Event::SecondFactorWanted(challenge),
            Answer::WrongCredentials { unknown_domain } => Event::WrongPassword { unknown_domain },
            Answer::WrongCode => Event::WrongCode,
            Answer::Declined => Event::Declined,
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
