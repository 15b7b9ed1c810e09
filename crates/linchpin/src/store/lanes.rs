//! A queue with a lane for everybody: whoever brings much waits behind their own, not in front of all others.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// The lane of what is nobody's.
pub const NOBODY: u64 = 0;

/// The share of the room, as a divisor, by which the lane of [`NOBODY`] may go over its edge.
const EDGE: usize = 16;

/// A queue of limited length that is emptied lane by lane in turn.
pub struct Lanes<T> {
    queue: Mutex<Queue<T>>,
    more: Notify,
    room: usize,
}

struct Queue<T> {
    lanes: HashMap<u64, VecDeque<T>>,
    /// Lanes that hold something, the one whose turn is next in front.
    turns: VecDeque<u64>,
    waiting: usize,
    closed: bool,
}

/// How much room something may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// Up to a fair share of half of the queue: work that nobody has begun to wait for.
    Fair,
    /// Whatever is left.
    Whole,
}

/// Why something was not taken into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// The queue is full, or the lane has as much of it as it may have.
    Full,
    /// The queue was closed.
    Closed,
}

impl<T> Lanes<T> {
    /// An empty queue with room for this many.
    pub fn new(room: usize) -> Self {
        Self {
            queue: Mutex::new(Queue {
                lanes: HashMap::new(),
                turns: VecDeque::new(),
                waiting: 0,
                closed: false,
            }),
            more: Notify::new(),
            room: room.max(1),
        }
    }

    /// Puts something at the end of its lane. A lane may take half of the room, so that there is always some left for
    /// the others; the lane of [`NOBODY`] may go over the edge, so that nobody's load holds up what keeps all going.
    pub fn push(&self, lane: u64, share: Share, thing: T) -> Result<(), NoRoom> {
        let mut queue = self.lock();
        if queue.closed {
            return Err(NoRoom::Closed);
        }
        if !self.has_room(&queue, lane, share) {
            return Err(NoRoom::Full);
        }
        let things = queue.lanes.entry(lane).or_default();
        things.push_back(thing);
        if things.len() == 1 {
            queue.turns.push_back(lane);
        }
        queue.waiting += 1;
        drop(queue);
        self.more.notify_one();
        Ok(())
    }

    fn has_room(&self, queue: &Queue<T>, lane: u64, share: Share) -> bool {
        let there = queue.lanes.get(&lane).map_or(0, VecDeque::len);
        let half = self.room.div_ceil(2);
        if lane == NOBODY {
            return queue.waiting < self.room + self.room.div_ceil(EDGE);
        }
        let fair = || {
            let others = queue.lanes.len() - usize::from(there > 0);
            let is_quiet = queue.waiting < half;
            is_quiet || (queue.waiting < half + half.div_ceil(2) && there < half / (others + 1))
        };
        queue.waiting < self.room && there < half && (share == Share::Whole || fair())
    }

    /// Waits for something and takes as many as `most`, one of each lane in turn. Nothing when the queue was closed
    /// and is empty.
    pub async fn take(&self, most: usize) -> Vec<T> {
        loop {
            let (taken, closed) = self.take_now(most);
            if !taken.is_empty() || closed {
                return taken;
            }
            self.more.notified().await;
        }
    }

    /// Takes what waits now.
    pub fn take_waiting(&self, most: usize) -> Vec<T> {
        self.take_now(most).0
    }

    /// What waits now, and whether nothing will come any more.
    fn take_now(&self, most: usize) -> (Vec<T>, bool) {
        let mut queue = self.lock();
        let mut taken = Vec::new();
        while taken.len() < most {
            let Some(lane) = queue.turns.pop_front() else {
                break;
            };
            let Some(things) = queue.lanes.get_mut(&lane) else {
                continue;
            };
            taken.extend(things.pop_front());
            match things.is_empty() {
                true => drop(queue.lanes.remove(&lane)),
                false => queue.turns.push_back(lane),
            }
        }
        queue.waiting -= taken.len();
        let closed = queue.closed;
        let left = queue.waiting > 0 || closed;
        drop(queue);
        if left {
            self.more.notify_one();
        }
        (taken, closed)
    }

    /// Takes nothing in any more; what waits can still be taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.more.notify_waiters();
        self.more.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_brings_much_waits_behind_their_own() {
        let lanes = Lanes::new(1_000);
        for number in 0..400 {
            lanes.push(1, Share::Whole, (1, number)).unwrap();
        }
        lanes.push(2, Share::Whole, (2, 0)).unwrap();
        lanes.push(3, Share::Whole, (3, 0)).unwrap();
        assert_eq!(lanes.take_waiting(4), [(1, 0), (2, 0), (3, 0), (1, 1)]);
        assert_eq!(lanes.take_waiting(2), [(1, 2), (1, 3)]);
    }

    #[test]
    fn one_lane_leaves_half_of_the_room_to_the_others() {
        let lanes = Lanes::new(10);
        for number in 0..5 {
            lanes.push(1, Share::Whole, number).unwrap();
        }
        assert_eq!(lanes.push(1, Share::Whole, 5), Err(NoRoom::Full));
        for number in 0..5 {
            lanes.push(2, Share::Whole, number).unwrap();
        }
        assert_eq!(lanes.push(3, Share::Whole, 0), Err(NoRoom::Full));
        assert_eq!(lanes.take_waiting(100).len(), 10);
    }

    #[test]
    fn one_that_took_its_half_gets_nobody_else_refused() {
        let lanes = Lanes::new(1_000);
        let fill = |lane: u64| {
            let pushed = (0..).take_while(|_| lanes.push(lane, Share::Fair, ()).is_ok());
            pushed.count()
        };
        assert_eq!(fill(1), 500);
        assert_eq!(fill(2), 250);
        // What has begun goes on, whatever new work was refused.
        assert_eq!(fill(3), 0);
        assert_eq!(lanes.push(3, Share::Whole, ()), Ok(()));
        assert_eq!(lanes.push(1, Share::Fair, ()), Err(NoRoom::Full));
        lanes.take_waiting(600);
        assert_eq!(lanes.push(1, Share::Fair, ()), Ok(()));
    }

    #[test]
    fn what_keeps_all_going_has_room_when_nobody_else_has() {
        let lanes = Lanes::new(16);
        for lane in [1, 2] {
            while lanes.push(lane, Share::Whole, ()).is_ok() {}
        }
        assert_eq!(lanes.push(3, Share::Whole, ()), Err(NoRoom::Full));
        assert_eq!(lanes.push(NOBODY, Share::Whole, ()), Ok(()));
        assert_eq!(lanes.push(NOBODY, Share::Whole, ()), Err(NoRoom::Full));
    }

    #[tokio::test]
    async fn what_waits_when_it_is_closed_is_still_taken() {
        let lanes = Lanes::new(4);
        lanes.push(1, Share::Whole, "last").unwrap();
        lanes.close();
        assert_eq!(lanes.push(1, Share::Whole, "late"), Err(NoRoom::Closed));
        assert_eq!(lanes.take(10).await, ["last"]);
        assert!(lanes.take(10).await.is_empty());
    }
}
