//! What the flow asks of a platform that a file declares.

use linchpin_provider::{
    Answer, Asked, Call, CallAnswer, CallLimits, Called, Client, Coverage, Credentials,
    Description, Import, Imported, Looked, Method, Pending, Provider, Reply, Session,
};

use super::{
    Declared,
    account::Told,
    means::Part,
    run::{End, Run},
    state::{Kept, State, USERNAME},
};
use crate::api::Attachment;

#[async_trait::async_trait]
impl Provider for Declared {
    fn describe(&self) -> &Description {
        &self.plan.platform.description
    }

    async fn sign_in(&self, client: &Client, credentials: Credentials) -> Answer {
        let mut state = State::of(credentials.username.trim());
        let run = Run {
            password: Some(&credentials.password),
            ..self.run(client)
        };
        let end = run.all(&self.plan.sign_in, Part::SignIn, &mut state).await;
        self.answer(run, end, state).await
    }

    async fn second_factor(&self, client: &Client, pending: &Pending, reply: Reply) -> Answer {
        let method = match &reply {
            Reply::Code { method, .. } => *method,
            Reply::Approval { .. } => Method::Face,
        };
        let Some((factor, mut state)) = self.waiting(pending, method) else {
            return Answer::Declined;
        };
        let (part, code) = match &reply {
            Reply::Code { code, .. } => (Part::Check, Some(code)),
            Reply::Approval { .. } => (Part::Poll, None),
        };
        let run = Run {
            code,
            ..self.run(client)
        };
        let end = run.all(&factor.check, part, &mut state).await;
        self.answer(run, end, state).await
    }

    async fn ask(&self, client: &Client, pending: &Pending, method: Method) -> Asked {
        let Some((factor, mut state)) = self.waiting(pending, method) else {
            return Asked::NotNow;
        };
        let again = state.asked == Some(method);
        let steps = match &factor.resend {
            Some(resend) if again => resend,
            _ => &factor.begin,
        };
        match self.run(client).all(steps, Part::Begin, &mut state).await {
            End::Done => {
                state.asked = Some(method);
                match state.progress() {
                    Some(progress) => Asked::Done {
                        progress: Some(progress),
                    },
                    None => Asked::NotNow,
                }
            }
            End::Factor(_) | End::Means(_) | End::Failed(_) => Asked::NotNow,
        }
    }

    async fn import(&self, client: &Client, import: Import) -> Imported {
        let Some((mut state, ends)) = self.imported(import) else {
            return Imported::NotOffered;
        };
        match self.run(client).account(&mut state).await {
            Told::Account { account, .. } => {
                state
                    .taken
                    .insert(USERNAME.to_owned(), account.username.clone());
                state.keep(&self.plan.kept);
                let kept = Kept {
                    state,
                    account,
                    ends,
                };
                kept.signed_in().map_or(Imported::Dead, Imported::Taken)
            }
            Told::Over(_) => Imported::Dead,
            Told::Nothing(_) => Imported::Unavailable,
        }
    }

    fn is_stale(&self, session: &Session, now: i64) -> bool {
        Kept::read(session).is_some_and(|kept| kept.is_stale(now))
    }

    async fn look(&self, client: &Client, session: &Session) -> Looked {
        self.look_at(client, session).await
    }

    async fn sign_out(&self, client: &Client, session: &Session) -> bool {
        let Some(mut kept) = Kept::read(session) else {
            return false;
        };
        let run = self.run(client);
        let end = run
            .all(&self.plan.sign_out, Part::SignOut, &mut kept.state)
            .await;
        end == End::Done
    }

    async fn profile(&self, client: &Client, session: &Session) -> Called<serde_json::Value> {
        let Some(mut kept) = Kept::read(session) else {
            return Called::SignedOut;
        };
        let before = kept.state.jar.clone();
        match self.run(client).account(&mut kept.state).await {
            // The cookies of one account must not show another; a look says what has become of the session.
            Told::Account { account, .. } if account.id != kept.account.id => Called::SignedOut,
            Told::Account { account, whole, .. } => {
                kept.account = account;
                kept.state.keep(&self.plan.kept);
                let changed = before.differs(&kept.state.jar);
                Called::Answered {
                    answer: whole,
                    renewed: if changed { kept.session() } else { None },
                }
            }
            Told::Over(_) => Called::SignedOut,
            Told::Nothing(error) => error.into(),
        }
    }

    fn covers(&self, method: &http::Method, path: &str) -> Coverage {
        self.plan.platform.covers.of(method, path)
    }

    async fn call(&self, client: &Client, session: &Session, call: Call) -> Called<CallAnswer> {
        let Some(mut kept) = Kept::read(session) else {
            return Called::SignedOut;
        };
        let mut attachment = Attachment {
            headers: self.run(client).session_headers(&kept.state),
            jar: Some(kept.state.jar.clone()),
        };
        let covers = &self.plan.platform.covers;
        let sent = self.plan.api.call(client, &mut attachment, covers, call);
        let sent = sent.await;
        sent.called(|| {
            let jar = attachment.jar?;
            let changed = kept.state.jar.differs(&jar);
            kept.state.jar = jar;
            if changed { kept.session() } else { None }
        })
    }

    fn call_limits(&self) -> CallLimits {
        self.plan.platform.limits.call
    }

    fn looks_a_minute(&self) -> u32 {
        self.plan.platform.limits.looks_a_minute
    }

    fn at_once(&self) -> usize {
        self.plan.platform.limits.at_once
    }

    fn deadline(&self) -> std::time::Duration {
        self.plan.platform.limits.deadline
    }
}
