//! Asks a provider within its deadline and keeps what came of each rule.

use std::{fmt::Debug, future::Future};

use super::{Actor, Rule, Script, Verdict};
use crate::{
    Answer, Challenge, Client, Credentials, Method, Pending, Provider, Reply, Secret, Session,
};

/// One play of a script.
pub(super) struct Kit<'a> {
    pub(super) provider: &'a dyn Provider,
    pub(super) client: &'a Client,
    pub(super) script: &'a Script,
    verdicts: Vec<Verdict>,
}

impl<'a> Kit<'a> {
    pub(super) fn new(provider: &'a dyn Provider, client: &'a Client, script: &'a Script) -> Self {
        let verdicts = Rule::ALL.map(|rule| Verdict::new(rule.name())).to_vec();
        Self {
            provider,
            client,
            script,
            verdicts,
        }
    }

    pub(super) fn verdicts(self) -> Vec<Verdict> {
        self.verdicts
    }

    /// Notes that a rule was looked at, and the fault where it was not kept.
    pub(super) fn expect(&mut self, rule: Rule, kept: bool, fault: impl FnOnce() -> String) {
        let found = self.verdicts.iter_mut().find(|v| v.rule == rule.name());
        let Some(verdict) = found else { return };
        verdict.looked_at += 1;
        if !kept {
            let fault = fault();
            if !verdict.faults.contains(&fault) {
                verdict.faults.push(fault);
            }
        }
    }

    /// Waits for an answer; nothing where it is late.
    pub(super) async fn within<T>(
        &mut self,
        question: &str,
        asked: impl Future<Output = T>,
    ) -> Option<T> {
        let deadline = self.provider.deadline();
        let answer = tokio::time::timeout(deadline, asked).await.ok();
        self.expect(Rule::Deadline, answer.is_some(), || {
            format!("{question} takes longer than {deadline:?}")
        });
        answer
    }

    /// Notes where something that was given or came back can be read in what is printed.
    pub(super) fn is_discreet(&mut self, printed: &dyn Debug, secrets: &[&str]) {
        let printed = format!("{printed:?}");
        // What is so short that it stands in other words, too, says nothing.
        let told = |secret: &&str| secret.len() >= 8 && printed.contains(*secret);
        let discreet = !secrets.iter().any(told);
        self.expect(Rule::Secrecy, discreet, || {
            "an answer shows a password or a session when it is printed".to_owned()
        });
    }

    pub(super) async fn sign_in(&mut self, actor: &Actor, password: &str) -> Option<Answer> {
        let (provider, client) = (self.provider, self.client);
        let credentials = Credentials {
            username: actor.username.clone(),
            password: Secret::new(password.to_owned()),
        };
        let answer = self
            .within("sign-in", provider.sign_in(client, credentials))
            .await?;
        self.is_sound(&answer, password);
        Some(answer)
    }

    pub(super) async fn reply(&mut self, pending: &Pending, reply: Reply) -> Option<Answer> {
        let (provider, client) = (self.provider, self.client);
        let answer = self
            .within(
                "second factor",
                provider.second_factor(client, pending, reply),
            )
            .await?;
        self.is_sound(&answer, pending.progress.reveal());
        Some(answer)
    }

    fn is_sound(&mut self, answer: &Answer, secret: &str) {
        let faults = super::answer_faults(answer);
        self.expect(Rule::RightPassword, faults.is_empty(), || faults.join(", "));
        match answer {
            Answer::SignedIn(signed_in) => {
                self.is_discreet(answer, &[secret, signed_in.session.reveal()]);
            }
            Answer::SecondFactor { progress, .. } => {
                self.is_discreet(answer, &[secret, progress.reveal()]);
            }
            _ => self.is_discreet(answer, &[secret]),
        }
    }

    pub(super) fn session(text: &str) -> Session {
        Session::new(text.to_owned())
    }
}

/// The way of a challenge that a script's code is for, which may be words.
pub(super) fn typed(challenge: &Challenge) -> Option<Method> {
    challenge.methods.iter().copied().find(|m| m.is_typed())
}

/// A code of the same form that is another one.
pub(super) fn another(code: &str) -> String {
    let turned = |c: char| match c.to_digit(10) {
        Some(digit) => char::from_digit((digit + 5) % 10, 10).unwrap_or(c),
        None => 'x',
    };
    code.chars().map(turned).collect()
}
