//! Sessions that live, are renewed, and die.

use std::time::Duration;

use http::Method;
use linchpin_provider::{Client, Death, Looked, Provider as _, SendError, Session};
use tokio::time::Instant;

use super::{
    Declared,
    account::{Told, now},
    means::{Means, Part},
    run::{End, Run},
    state::{Kept, State},
    step::Step,
    template::Name,
};

/// How long the profile may take once a session has been renewed; less where the deadline is near.
const PROFILE: Duration = Duration::from_secs(8);
/// What is left of the deadline for keeping what was renewed.
const FOR_KEEPING: Duration = Duration::from_secs(1);

/// What became of renewing a session.
enum Renewal {
    /// The file does not say how.
    NotDeclared,
    Done,
    /// A request has used up what the session was renewed with and given what takes its place; a later one failed.
    HalfDone,
    /// An answer ended it.
    Ended(Means),
    Failed,
}

impl Declared {
    /// Looks whether a session is alive, and renews it where that is possible and due.
    pub(super) async fn look_at(&self, client: &Client, session: &Session) -> Looked {
        let Some(before) = Kept::read(session) else {
            return Looked::Dead(Death::SignedOut);
        };
        let until = Instant::now() + self.deadline().saturating_sub(FOR_KEEPING);
        let run = self.run(client);
        let mut kept = before.clone();
        let due = kept.is_stale(now());
        let mut told = match due {
            true => Told::Over(Means::SignedOut),
            false => run.account(&mut kept.state).await,
        };
        let mut renewed = false;
        if matches!(told, Told::Over(Means::SignedOut)) {
            match self.renew(run, &mut kept).await {
                Renewal::Done => {
                    renewed = true;
                    told = account_until(run, &mut kept, until.min(Instant::now() + PROFILE)).await;
                }
                Renewal::HalfDone => {
                    renewed = true;
                    told = Told::Nothing(SendError::Broken);
                }
                Renewal::Ended(means) => return over(&means),
                Renewal::Failed => return Looked::Unavailable,
                // It may be accepted for longer than was said.
                Renewal::NotDeclared if due => {
                    told = run.account(&mut kept.state).await;
                }
                Renewal::NotDeclared => {}
            }
        }
        match told {
            Told::Account { account, .. } => kept.account = account,
            Told::Over(means) => return over(&means),
            // What was renewed must not be lost: the tokens before may not be good any more.
            Told::Nothing(_) if renewed => {}
            Told::Nothing(_) => return Looked::Unavailable,
        }
        kept.state.keep(&self.plan.kept);
        let changed = renewed || before.state.jar.differs(&kept.state.jar);
        Looked::Alive {
            account: kept.account.clone(),
            renewed: if changed { kept.session() } else { None },
        }
    }

    /// Renews a session.
    async fn renew(&self, run: Run<'_>, kept: &mut Kept) -> Renewal {
        if self.plan.renew.is_empty() {
            return Renewal::NotDeclared;
        }
        let mut used_up = false;
        for step in &self.plan.renew {
            let before = kept.state.clone();
            let end = run
                .all(std::slice::from_ref(step), Part::Renew, &mut kept.state)
                .await;
            used_up |= uses_up(step, &before, &kept.state, end == End::Done);
            match end {
                End::Done => {}
                End::Means(means @ (Means::SignedOut | Means::Revoked | Means::Locked)) => {
                    return Renewal::Ended(means);
                }
                _ if used_up => return Renewal::HalfDone,
                _ => return Renewal::Failed,
            }
        }
        kept.ends = run.ends(&kept.state);
        kept.state.keep(&self.plan.kept);
        Renewal::Done
    }
}

/// Whether a request has got something new for what it sent, a refresh token or a cookie, which then is no longer good.
fn uses_up(step: &Step, before: &State, after: &State, went_on: bool) -> bool {
    let taken = step.names().into_iter().any(|name| match name {
        Name::Taken(name) => before.taken.get(name) != after.taken.get(name),
        _ => false,
    });
    let sends = step.method != Method::GET;
    taken || went_on && sends && before.jar.differs(&after.jar)
}

/// Asks whose account it is, and gives up at a time. What was known before stays as it is then, its cookies too.
async fn account_until(run: Run<'_>, kept: &mut Kept, until: Instant) -> Told {
    let mut state = kept.state.clone();
    let asked = tokio::time::timeout_at(until, run.account(&mut state)).await;
    let Ok(told) = asked else {
        return Told::Nothing(SendError::TooSlow);
    };
    kept.state = state;
    told
}

/// What a session is that an answer says is over.
fn over(means: &Means) -> Looked {
    match means {
        Means::SignedOut => Looked::Dead(Death::SignedOut),
        Means::Revoked => Looked::Dead(Death::Revoked),
        Means::Locked => Looked::Dead(Death::Locked),
        _ => Looked::Unavailable,
    }
}
