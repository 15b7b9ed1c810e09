//! A bulkhead: of each provider so many questions and calls are under way at a time, of each connection fewer. Others
//! wait for a moment, or are told to come again; so a slow provider takes neither memory nor connections without bound.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use linchpin_provider::Provider;
use metrics::{Counter, Gauge, counter, gauge};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    Engine,
    breaker::{Breaker, Leave},
};

/// How long one waits for a turn.
const WAIT: Duration = Duration::from_secs(5);
/// Those that may wait at a provider.
const WAITING_MAX: usize = 1_024;
/// The part of a provider's turns that one connection or link session may have, at least one.
const SHARE: usize = 4;

/// The bulkheads of all providers.
#[derive(Default)]
pub(super) struct Bulkheads(Mutex<HashMap<String, Arc<Bulkhead>>>);

struct Bulkhead {
    provider: String,
    /// Turns in all.
    size: usize,
    /// How long one waits for one.
    wait: Duration,
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// The turns of each asker, while it has any or waits for one.
    askers: Mutex<HashMap<Arc<str>, Arc<Semaphore>>>,
    breaker: Breaker,
    figures: Figures,
}

/// What is told of with every call; looked up once.
struct Figures {
    under_way: Gauge,
    open: Gauge,
    answered: Counter,
}

/// Why nobody is asked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTurn {
    /// This connection has as much under way as it may have.
    OwnShare,
    /// The provider has.
    Full,
    /// The provider has not answered of late; it is asked again after this time.
    Open(Duration),
}

/// The right to ask a provider something, and the duty to say what came of it. Given back when dropped.
pub struct Turn(Option<Held>);

struct Held {
    /// Whether it had to be waited for.
    waited: bool,
    bulkhead: Arc<Bulkhead>,
    asker: Arc<str>,
    own: Option<OwnedSemaphorePermit>,
    leave: Leave,
    is_told: bool,
    turn: Option<OwnedSemaphorePermit>,
}

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The provider has answered.
    Answered,
    /// It could not be reached.
    Unreachable,
    /// It did not answer in time.
    TooSlow,
    /// It broke off: reached, but to no end.
    Broken,
    /// There was no answer through a proxy that a developer has named: that may be the proxy's fault.
    OwnProxy,
}

impl Engine {
    /// A turn at a provider for a connection or link session of this id. The sandbox has as many as are wanted.
    pub(super) async fn turn(&self, provider: &dyn Provider, asker: &str) -> Result<Turn, NoTurn> {
        let id = &provider.describe().id;
        if id == "sandbox" {
            return Ok(Turn(None));
        }
        let bulkhead = self.bulkheads.of(id, provider.at_once().max(1));
        let turn = bulkhead.turn(asker).await;
        if let Err(refused) = &turn {
            let outcome = match refused {
                NoTurn::OwnShare | NoTurn::Full => "full",
                NoTurn::Open(_) => "open",
            };
            asked(id, outcome).increment(1);
        }
        turn
    }

    /// Turns that are taken at a provider, for tests and figures.
    pub fn turns_taken(&self, provider: &str) -> usize {
        let bulkheads = self.bulkheads.0.lock();
        let bulkheads = bulkheads.unwrap_or_else(PoisonError::into_inner);
        bulkheads.get(provider).map_or(0, |found| found.taken())
    }
}

fn asked(provider: &str, outcome: &'static str) -> Counter {
    counter!("linchpin_provider_asked_total", "provider" => provider.to_owned(), "outcome" => outcome)
}

impl Bulkheads {
    /// The bulkhead of a provider. Where the provider's number has changed there is a new one, and what is under way in
    /// the one before runs out there.
    fn of(&self, provider: &str, size: usize) -> Arc<Bulkhead> {
        let mut bulkheads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = bulkheads.get(provider).filter(|found| found.size == size) {
            return Arc::clone(found);
        }
        let made = Arc::new(Bulkhead::new(provider, size, WAIT));
        bulkheads.insert(provider.to_owned(), Arc::clone(&made));
        made
    }
}

/// One that waits; counted until dropped.
struct Waits<'a>(&'a AtomicUsize);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Bulkhead {
    fn new(provider: &str, size: usize, wait: Duration) -> Self {
        Self {
            provider: provider.to_owned(),
            size,
            wait,
            turns: Arc::new(Semaphore::new(size)),
            waiting: AtomicUsize::new(0),
            askers: Mutex::default(),
            breaker: Breaker::default(),
            figures: Figures {
                under_way: gauge!("linchpin_provider_under_way", "provider" => provider.to_owned()),
                open: gauge!("linchpin_provider_breaker_open", "provider" => provider.to_owned()),
                answered: asked(provider, "answered"),
            },
        }
    }

    fn taken(&self) -> usize {
        self.size - self.turns.available_permits().min(self.size)
    }

    async fn turn(self: &Arc<Self>, asker: &str) -> Result<Turn, NoTurn> {
        if let Some(wait) = self.breaker.refuses(Instant::now()) {
            return Err(NoTurn::Open(wait));
        }
        let mut held = Own {
            bulkhead: Arc::clone(self),
            asker: asker.into(),
            permit: None,
        };
        let own = self.share_of(&held.asker);
        let until = tokio::time::Instant::now() + self.wait;
        let own = self.one_of(own, until).await;
        let (permit, waited) = own.ok_or(NoTurn::OwnShare)?;
        held.permit = Some(permit);
        let turn = self.one_of(Arc::clone(&self.turns), until).await;
        let (turn, waited_again) = turn.ok_or(NoTurn::Full)?;
        // Asked last: whoever waited must not be sent to what has failed meanwhile.
        let leave = self.breaker.admit(Instant::now()).map_err(NoTurn::Open)?;
        self.tell();
        Ok(Turn(Some(Held {
            waited: waited || waited_again,
            bulkhead: Arc::clone(self),
            asker: Arc::clone(&held.asker),
            own: held.permit.take(),
            leave,
            is_told: false,
            turn: Some(turn),
        })))
    }

    /// One of these permits, and whether it had to be waited for.
    async fn one_of(
        &self,
        semaphore: Arc<Semaphore>,
        until: tokio::time::Instant,
    ) -> Option<(OwnedSemaphorePermit, bool)> {
        if let Ok(free) = Arc::clone(&semaphore).try_acquire_owned() {
            return Some((free, false));
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waits = Waits(&self.waiting);
        if before >= WAITING_MAX {
            return None;
        }
        let permit = tokio::time::timeout_at(until, semaphore.acquire_owned()).await;
        Some((permit.ok()?.ok()?, true))
    }

    fn share_of(&self, asker: &Arc<str>) -> Arc<Semaphore> {
        let mut askers = self.askers.lock().unwrap_or_else(PoisonError::into_inner);
        let share = askers.entry(Arc::clone(asker));
        let size = (self.size / SHARE).max(1);
        Arc::clone(share.or_insert_with(|| Arc::new(Semaphore::new(size))))
    }

    /// Forgets an asker that has nothing under way and waits for nothing.
    fn let_go(&self, asker: &Arc<str>, own: Option<OwnedSemaphorePermit>) {
        let mut askers = self.askers.lock().unwrap_or_else(PoisonError::into_inner);
        drop(own);
        if askers
            .get(asker)
            .is_some_and(|share| Arc::strong_count(share) == 1)
        {
            askers.remove(asker);
        }
    }

    fn tell(&self) {
        #[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
        self.figures.under_way.set(self.taken() as f64);
    }

    fn tell_breaker(&self) {
        let open = f64::from(u8::from(self.breaker.is_open()));
        self.figures.open.set(open);
    }
}

/// An asker's own share while it waits for the provider's.
struct Own {
    bulkhead: Arc<Bulkhead>,
    asker: Arc<str>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Own {
    fn drop(&mut self) {
        let permit = self.permit.take();
        self.bulkhead.let_go(&self.asker, permit);
    }
}

impl Turn {
    /// Whether it had to be waited for, so that what was read before may have changed.
    pub(super) fn has_waited(&self) -> bool {
        self.0.as_ref().is_some_and(|held| held.waited)
    }

    /// Says what came of it; only the first time counts.
    pub(super) fn came_to(&mut self, outcome: Outcome) {
        let Some(held) = &mut self.0 else { return };
        let breaker = &held.bulkhead.breaker;
        let before = std::mem::replace(&mut held.is_told, true);
        if before {
            return;
        }
        let provider = &held.bulkhead.provider;
        let counted = match outcome {
            Outcome::Answered => held.bulkhead.figures.answered.clone(),
            Outcome::Unreachable => asked(provider, "unreachable"),
            Outcome::TooSlow => asked(provider, "too_slow"),
            Outcome::Broken => asked(provider, "broken"),
            Outcome::OwnProxy => asked(provider, "own_proxy"),
        };
        counted.increment(1);
        match outcome {
            Outcome::Answered => breaker.answered(),
            Outcome::Unreachable | Outcome::TooSlow => {
                if breaker.failed(held.leave, &held.asker, Instant::now()) {
                    tracing::warn!(
                        provider,
                        "a provider does not answer; it is asked less for a while"
                    );
                }
            }
            // What one call does to a connection says nothing of the next one, and nobody's own proxy of the provider.
            Outcome::Broken | Outcome::OwnProxy if held.leave == Leave::Trial => breaker.gave_up(),
            Outcome::Broken | Outcome::OwnProxy => {}
        }
        held.bulkhead.tell_breaker();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.is_told && self.leave == Leave::Trial {
            self.bulkhead.breaker.gave_up();
        }
        self.bulkhead.let_go(&self.asker, self.own.take());
        drop(self.turn.take());
        self.bulkhead.tell();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulkhead(size: usize) -> Arc<Bulkhead> {
        Arc::new(Bulkhead::new("north", size, Duration::from_millis(30)))
    }

    async fn refused(bulkhead: &Arc<Bulkhead>, asker: &str) -> Option<NoTurn> {
        bulkhead.turn(asker).await.err()
    }

    #[tokio::test]
    async fn whoever_gets_no_turn_in_time_is_told_whose_turns_are_all_taken() {
        let bulkhead = bulkhead(4);
        let first = bulkhead.turn("a").await.ok().unwrap();
        assert_eq!(refused(&bulkhead, "a").await, Some(NoTurn::OwnShare));
        let mut others = Vec::new();
        for asker in ["b", "c", "d"] {
            others.push(bulkhead.turn(asker).await.ok().unwrap());
        }
        assert_eq!(refused(&bulkhead, "e").await, Some(NoTurn::Full));
        drop(first);
        assert_eq!(refused(&bulkhead, "e").await, None);
        drop(others);
        assert_eq!(
            (bulkhead.taken(), bulkhead.askers.lock().unwrap().len()),
            (0, 0)
        );
    }

    #[tokio::test]
    async fn whoever_goes_away_while_waiting_leaves_nothing() {
        let bulkhead = bulkhead(1);
        let held = bulkhead.turn("a").await.ok().unwrap();
        for asker in ["a", "b"] {
            let waits = bulkhead.turn(asker);
            let given_up = tokio::time::timeout(Duration::from_millis(5), waits).await;
            assert!(given_up.is_err(), "{asker}");
        }
        assert_eq!(bulkhead.waiting.load(Ordering::Relaxed), 0);
        assert_eq!(bulkhead.askers.lock().unwrap().len(), 1);
        drop(held);
        assert_eq!(
            (bulkhead.taken(), bulkhead.askers.lock().unwrap().len()),
            (0, 0)
        );
    }

    #[tokio::test]
    async fn where_a_provider_does_not_answer_nobody_waits() {
        let bulkhead = bulkhead(9);
        for n in 0..10 {
            let mut turn = bulkhead.turn(&(n % 3).to_string()).await.ok().unwrap();
            turn.came_to(Outcome::TooSlow);
        }
        let refused = refused(&bulkhead, "a").await;
        assert!(matches!(refused, Some(NoTurn::Open(_))), "{refused:?}");
        assert_eq!(bulkhead.askers.lock().unwrap().len(), 0);
    }
}
