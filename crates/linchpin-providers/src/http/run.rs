//! Making the requests of a file, one after another.

use http::{HeaderMap, HeaderValue, header};
use linchpin_provider::{Client, Method, Secret, SendError, whole};
use url::Url;

use super::{
    means::{Means, Part},
    plan::Plan,
    state::State,
    step::Step,
    template::{Escape, Scope},
};
use crate::{
    answer::{Condition, Seen, read_some},
    api::{Attachment, Outgoing, send},
};

/// Bytes of an answer that are read.
const ANSWER_MAX: usize = 1024 * 1024;
/// Bytes that may be taken at a place; pictures have a limit of their own.
const TAKEN_MAX: usize = 8 * 1024;

/// What somebody who tries a file out wants to see.
pub trait Watch: Send + Sync {
    /// Something was taken from the last answer, or was not there.
    fn took(&self, name: &str, value: Option<&str>);
    /// A part of the account was found in the last answer, or was not there.
    fn told(&self, part: &str, value: Option<&str>);
    /// What the last answer means, in the words of the file.
    fn meant(&self, means: &str);
    /// A request could not be made, and why.
    fn stuck(&self, why: &str);
}

/// What is asked, and with what.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) plan: &'a Plan,
    pub(super) client: &'a Client,
    pub(super) watch: Option<&'a dyn Watch>,
    pub(super) password: Option<&'a Secret>,
    pub(super) code: Option<&'a Secret>,
}

/// What requests have come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// The last of them went on, or an answer ended them well.
    Done,
    /// A second factor is wanted, one of these.
    Factor(Vec<Method>),
    /// An answer ended them.
    Means(Means),
    /// The platform did not answer.
    Failed(SendError),
}

/// An answer that was read, or was not.
pub(super) struct Read {
    pub(super) status: http::StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) url: Url,
    pub(super) body: Vec<u8>,
}

impl Read {
    pub(super) fn seen<'a>(&'a self, state: &'a State) -> Seen<'a> {
        Seen {
            status: self.status,
            headers: &self.headers,
            url: &self.url,
            body: &self.body,
            jar: Some(&state.jar),
        }
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(plan: &'a Plan, client: &'a Client, watch: Option<&'a dyn Watch>) -> Self {
        Self {
            plan,
            client,
            watch,
            password: None,
            code: None,
        }
    }

    pub(super) fn scope<'s>(&self, state: &'s State) -> Scope<'s>
    where
        'a: 's,
    {
        Scope {
            state,
            password: self.password,
            code: self.code,
            secrets: &self.plan.secrets,
            base: self.plan.api.base(),
        }
    }

    /// Makes requests in their order until an answer ends them.
    pub(super) async fn all(&self, steps: &[Step], part: Part, state: &mut State) -> End {
        for step in steps {
            match self.one(step, part, state).await {
                Ok((Means::GoOn, _)) => {}
                Ok((Means::SignedIn, _)) => return End::Done,
                Ok((Means::SecondFactor(methods), read)) => {
                    return End::Factor(self.offered(methods, &read.seen(state)));
                }
                Ok((means, _)) => return End::Means(means),
                Err(error) => return End::Failed(error),
            }
        }
        End::Done
    }

    /// Makes one request, and says what its answer means.
    pub(super) async fn one(
        &self,
        step: &Step,
        part: Part,
        state: &mut State,
    ) -> Result<(Means, Read), SendError> {
        let read = self.request(step, part, state).await?;
        let means = self.means(step, part, &read.seen(state));
        let goes_on = matches!(
            means,
            Means::GoOn | Means::SignedIn | Means::SecondFactor(_)
        );
        let complete = self.take(step, &read, state);
        let means = match complete || !goes_on {
            true => means,
            false => Means::TryLater,
        };
        if let Some(watch) = self.watch {
            watch.meant(means.word());
        }
        Ok((means, read))
    }

    async fn request(&self, step: &Step, part: Part, state: &mut State) -> Result<Read, SendError> {
        let Some(filled) = step.fill(&self.plan.api, self.scope(state)) else {
            self.stuck("something that the request needs was not taken, or cannot stand where it is to stand");
            return Err(SendError::Broken);
        };
        if !self.plan.api.hosts.own(&filled.url) {
            self.stuck("the request would go to a host that is none of this provider's");
            return Err(SendError::Unreachable);
        }
        let mut attachment = Attachment {
            headers: match part {
                Part::Profile | Part::SignOut => self.session_headers(state),
                _ => HeaderMap::new(),
            },
            jar: Some(std::mem::take(&mut state.jar)),
        };
        let outgoing = Outgoing {
            method: step.method.clone(),
            url: filled.url,
            headers: filled.headers,
            body: whole(filled.body),
            follow: &|_, _| step.follow,
            meant: self.meant(step, part),
        };
        let sent = send(self.client, &self.plan.api.hosts, &mut attachment, outgoing).await;
        state.jar = attachment.jar.unwrap_or_default();
        let sent = sent.inspect_err(|error| {
            self.stuck(match error {
                SendError::Unreachable => "the platform cannot be reached",
                SendError::TooSlow => "the platform takes too long",
                SendError::Broken => "the connection broke",
            });
        })?;
        let (head, body) = sent.answer.into_parts();
        let body = read_some(body, ANSWER_MAX).await.ok_or(SendError::Broken)?;
        Ok(Read {
            status: head.status,
            headers: head.headers,
            url: sent.url,
            body,
        })
    }

    /// What goes with each request of the account. A header with nothing to fill in is left out.
    pub(super) fn session_headers(&self, state: &State) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let agent = state.user_agent.as_deref().map(HeaderValue::from_str);
        if let Some(Ok(agent)) = agent {
            headers.insert(header::USER_AGENT, agent);
        }
        for (name, value) in &self.plan.headers {
            let value = value.fill(self.scope(state), Escape::None);
            let value = value.and_then(|value| crate::api::secret_value(&value));
            if let Some(value) = value {
                headers.insert(name.clone(), value);
            }
        }
        headers
    }

    fn meant(&self, step: &Step, part: Part) -> Vec<Condition> {
        let mut meant: Vec<Condition> = step
            .whens
            .iter()
            .map(|when| when.condition.clone())
            .collect();
        if part == Part::Profile {
            meant.extend(self.plan.api.signed_out().iter().cloned());
        }
        meant
    }

    fn means(&self, step: &Step, part: Part, seen: &Seen<'_>) -> Means {
        if let Some(when) = step.whens.iter().find(|when| when.condition.holds(seen)) {
            return when.means.clone();
        }
        match part {
            Part::Profile if self.plan.api.says_signed_out(seen) => Means::SignedOut,
            part => Means::of_status(seen.status, part),
        }
    }

    /// Takes what a request's answer has; whether nothing is missing that has to be there.
    fn take(&self, step: &Step, read: &Read, state: &mut State) -> bool {
        let seen = read.seen(state);
        let mut found = Vec::new();
        let mut complete = true;
        for take in &step.takes {
            let fits = |value: &String| take.place.is_picture() || value.len() <= TAKEN_MAX;
            let value = take.place.find(&seen).filter(fits);
            self.took(&take.name, value.as_deref());
            complete &= take.optional || value.is_some();
            found.extend(value.map(|value| (take, value)));
        }
        for (take, value) in found {
            state.taken.insert(take.name.clone(), value);
            match take.place.is_link() {
                true => state.pages.insert(take.name.clone(), read.url.clone()),
                false => state.pages.remove(&take.name),
            };
        }
        complete
    }

    /// The factors that an answer offers, the usual one first.
    fn offered(&self, methods: Option<Vec<Method>>, seen: &Seen<'_>) -> Vec<Method> {
        let all = || {
            self.plan
                .factors
                .iter()
                .map(|factor| factor.method)
                .collect()
        };
        let methods: Vec<Method> = methods.unwrap_or_else(all);
        let offers = |method: &Method| {
            self.plan.factor(*method).is_some_and(|factor| {
                factor
                    .offered
                    .as_ref()
                    .is_none_or(|condition| condition.holds(seen))
            })
        };
        methods.into_iter().filter(offers).collect()
    }

    pub(super) fn took(&self, name: &str, value: Option<&str>) {
        if let Some(watch) = self.watch {
            watch.took(name, value);
        }
    }

    pub(super) fn stuck(&self, why: &str) {
        if let Some(watch) = self.watch {
            watch.stuck(why);
        }
    }
}
