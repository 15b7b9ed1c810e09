//! Who is connected, and who has to go when there is no room.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use super::client_address::AddressBucket;
use super::refusal::Refusal;

/// Slow connections compared before the one that has been slow longest is closed. Looking at all
/// of them would let a flood of connections cost more than it does.
const COMPARED: usize = 16;
/// Connections that were told to leave and have not yet, beyond the limit: their successors need
/// not wait for them, up to this many.
const LEAVING: usize = 64;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Waiting for a request, or for bytes of one, or for the client to take an answer.
    Slow = 0,
    /// A whole request is here and its answer is being made.
    Working = 1,
}

/// One connection's entry, shared between its task, its gate and the accept loop.
#[derive(Debug)]
pub(super) struct Seat {
    phase: AtomicU8,
    /// Milliseconds after `Seats::opened` at which the connection became slow.
    since: AtomicU64,
    /// Changed only under the lock of `Seats::taken`, together with `Taken::leaving`.
    evicted: AtomicBool,
    place: AtomicUsize,
    bucket: Option<AddressBucket>,
    /// What was wrong with the body, for the answer to say.
    pub(super) fault: OnceLock<Refusal>,
    wake: Notify,
    seats: Arc<Seats>,
}

/// All connections of one server.
#[derive(Debug)]
pub(super) struct Seats {
    most: usize,
    most_per_address: usize,
    opened: Instant,
    draining: AtomicBool,
    cut: AtomicBool,
    taken: Mutex<Taken>,
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Taken {
    seats: Vec<Arc<Seat>>,
    by_address: HashMap<AddressBucket, usize>,
    /// Where the next search for a slow connection starts, so that searches go round.
    cursor: usize,
    /// How many of the seats were told to leave.
    leaving: usize,
}

/// Holds a seat until dropped.
#[derive(Debug)]
pub(super) struct Seated(Arc<Seat>);

impl Seats {
    pub(super) fn new(most: usize, most_per_address: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_per_address,
            opened: Instant::now(),
            draining: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            taken: Mutex::default(),
            emptied: Notify::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A seat for a new connection. `bucket` is `None` for clients without a limit by address.
    /// When all seats are taken a slow connection is told to leave; with none, it is refused.
    pub(super) fn take(self: &Arc<Self>, bucket: Option<AddressBucket>) -> Result<Seated, Refusal> {
        let mut taken = self.lock();
        if let Some(bucket) = bucket
            && taken.by_address.get(&bucket).copied().unwrap_or(0) >= self.most_per_address
        {
            return Err(Refusal::TooManyConnections);
        }
        let count = taken.seats.len();
        let full = count - taken.leaving >= self.most;
        if count >= self.most + LEAVING || (full && !evict_one(&mut taken)) {
            return Err(Refusal::Overloaded);
        }
        if let Some(bucket) = bucket {
            *taken.by_address.entry(bucket).or_default() += 1;
        }
        let seat = Arc::new(Seat {
            phase: AtomicU8::new(Phase::Slow as u8),
            since: AtomicU64::new(self.now()),
            evicted: AtomicBool::new(false),
            place: AtomicUsize::new(count),
            bucket,
            fault: OnceLock::new(),
            wake: Notify::new(),
            seats: Arc::clone(self),
        });
        taken.seats.push(Arc::clone(&seat));
        Ok(Seated(seat))
    }

    /// Tells one slow connection to leave; false when there is none.
    pub(super) fn evict_one(&self) -> bool {
        evict_one(&mut self.lock())
    }

    /// From now on a connection closes after its answer, and at once when it has none to give.
    pub(super) fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
        self.wake_all();
    }

    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Ends all connections, whatever they are doing; says how many there were.
    pub(super) fn cut(&self) -> usize {
        self.cut.store(true, Ordering::SeqCst);
        self.wake_all()
    }

    fn wake_all(&self) -> usize {
        let taken = self.lock();
        for seat in &taken.seats {
            seat.wake.notify_one();
        }
        taken.seats.len()
    }

    /// Returns once nobody is connected.
    pub(super) async fn emptied(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.lock().seats.is_empty() {
                return;
            }
            emptied.await;
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn evict_one(taken: &mut Taken) -> bool {
    let count = taken.seats.len();
    let start = taken.cursor % count.max(1);
    let mut oldest: Option<(u64, &Arc<Seat>)> = None;
    let mut compared = 0;
    let mut looked = 0;
    let (before, after) = taken.seats.split_at(start);
    for seat in after.iter().chain(before) {
        looked += 1;
        if !seat.is_slow() || seat.evicted.load(Ordering::Relaxed) {
            continue;
        }
        let since = seat.since.load(Ordering::Relaxed);
        if oldest.is_none_or(|(other, _)| since < other) {
            oldest = Some((since, seat));
        }
        compared += 1;
        if compared == COMPARED {
            break;
        }
    }
    let found = oldest.map(|(_, seat)| {
        seat.evicted.store(true, Ordering::Relaxed);
        seat.wake.notify_one();
    });
    taken.cursor = start + looked;
    taken.leaving += usize::from(found.is_some());
    found.is_some()
}

impl Seat {
    /// A slow connection that stays slow is slow since it began to be: sending a byte now and
    /// then makes it no younger.
    pub(super) fn enter(&self, phase: Phase) {
        let before = self.phase.swap(phase as u8, Ordering::Relaxed);
        if phase == Phase::Slow && before != phase as u8 {
            self.since.store(self.seats.now(), Ordering::Relaxed);
        }
    }

    fn is_slow(&self) -> bool {
        self.phase.load(Ordering::Relaxed) == Phase::Slow as u8
    }

    pub(super) fn is_draining(&self) -> bool {
        self.seats.is_draining()
    }

    /// Returns when the connection should look at itself again.
    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Whether the connection has to end now. One that began to work since it was chosen stays.
    pub(super) fn must_leave(&self) -> bool {
        if self.seats.cut.load(Ordering::SeqCst) {
            return true;
        }
        if !self.evicted.load(Ordering::Relaxed) {
            return false;
        }
        let mut taken = self.seats.lock();
        let leaves = self.is_slow();
        if !leaves && self.evicted.swap(false, Ordering::Relaxed) {
            taken.leaving -= 1;
        }
        leaves
    }
}

impl Seated {
    pub(super) fn seat(&self) -> &Arc<Seat> {
        &self.0
    }
}

impl Drop for Seated {
    fn drop(&mut self) {
        let seats = &self.0.seats;
        let mut taken = seats.lock();
        taken.leaving -= usize::from(self.0.evicted.load(Ordering::Relaxed));
        let place = self.0.place.load(Ordering::Relaxed);
        if place < taken.seats.len() {
            taken.seats.swap_remove(place);
            if let Some(moved) = taken.seats.get(place) {
                moved.place.store(place, Ordering::Relaxed);
            }
        }
        if let Some(bucket) = self.0.bucket
            && let Some(count) = taken.by_address.get_mut(&bucket)
        {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&bucket);
            }
        }
        if taken.seats.is_empty() {
            seats.emptied.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::client_address::ClientAddress;
    use super::*;

    fn bucket(text: &str) -> AddressBucket {
        ClientAddress(text.parse().expect("an address")).bucket()
    }

    #[test]
    fn one_address_cannot_take_more_than_its_share() {
        let seats = Seats::new(100, 2);
        let first = seats.take(Some(bucket("192.0.2.1"))).expect("a seat");
        let _second = seats.take(Some(bucket("192.0.2.1"))).expect("a seat");
        let third = seats.take(Some(bucket("192.0.2.1")));
        assert_eq!(
            third.expect_err("over the limit"),
            Refusal::TooManyConnections
        );
        let _other = seats
            .take(Some(bucket("192.0.2.2")))
            .expect("another address");
        let _exempt = [(); 5].map(|()| seats.take(None).expect("an exempt address"));
        drop(first);
        seats
            .take(Some(bucket("192.0.2.1")))
            .expect("the seat that came free");
    }

    #[test]
    fn the_connection_that_was_slow_longest_makes_room() {
        let seats = Seats::new(3, 100);
        let all = [(); 3].map(|()| seats.take(None).expect("a seat"));
        for (seated, since) in all.iter().zip([7, 3, 5]) {
            seated.seat().since.store(since, Ordering::Relaxed);
        }
        let _new = seats.take(None).expect("a seat");
        let leaving: Vec<_> = all
            .iter()
            .map(|seated| seated.seat().must_leave())
            .collect();
        assert_eq!(leaving, [false, true, false]);
    }

    #[test]
    fn a_working_connection_is_never_closed_for_a_new_one() {
        let seats = Seats::new(2, 100);
        let all = [(); 2].map(|()| seats.take(None).expect("a seat"));
        for seated in &all {
            seated.seat().enter(Phase::Working);
        }
        assert_eq!(seats.take(None).expect_err("no room"), Refusal::Overloaded);
        assert!(!all.iter().any(|seated| seated.seat().must_leave()));
        all[1].seat().enter(Phase::Slow);
        let _new = seats.take(None).expect("a seat");
        all[1].seat().enter(Phase::Working);
        assert!(
            !all[1].seat().must_leave(),
            "it began to work in the meantime"
        );
        assert_eq!(seats.lock().leaving, 0);
    }

    #[test]
    fn a_new_connection_does_not_wait_for_the_last_one_to_leave() {
        let seats = Seats::new(1, 100);
        let mut all: Vec<_> = (0..=LEAVING)
            .map(|_| seats.take(None).expect("a seat"))
            .collect();
        let refused = seats.take(None).expect_err("too many are still leaving");
        assert_eq!(refused, Refusal::Overloaded);
        drop(all.remove(0));
        all.push(seats.take(None).expect("a seat"));
        drop(all);
        assert_eq!(seats.lock().leaving, 0);
    }

    #[test]
    fn seats_can_be_left_in_any_order() {
        let seats = Seats::new(10, 10);
        let mut all: Vec<_> = (0..10)
            .map(|_| seats.take(Some(bucket("192.0.2.1"))).unwrap())
            .collect();
        for leaving in [0, 8, 3, 6, 0, 4, 1, 2, 1, 0] {
            drop(all.swap_remove(leaving));
            let taken = seats.lock();
            assert_eq!(taken.seats.len(), all.len());
            for (place, seat) in taken.seats.iter().enumerate() {
                assert_eq!(seat.place.load(Ordering::Relaxed), place);
            }
        }
        assert!(seats.lock().by_address.is_empty());
    }
}
