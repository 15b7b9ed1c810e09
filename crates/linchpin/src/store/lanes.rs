//! A queue with a lane for everybody: whoever brings much waits behind their own, not in front of all others.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

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

/// Why something was not taken into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// The queue is full, or the lane has half of its room already.
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

    /// Puts something at the end of its lane. One lane may take half of the room, so that there is always some left
    /// for the others.
    pub fn push(&self, lane: u64, thing: T) -> Result<(), NoRoom> {
        let mut queue = self.lock();
        if queue.closed {
            return Err(NoRoom::Closed);
        }
        let there = queue.lanes.get(&lane).map_or(0, VecDeque::len);
        if queue.waiting >= self.room || there >= self.room.div_ceil(2) {
            return Err(NoRoom::Full);
        }
        if there == 0 {
            queue.turns.push_back(lane);
        }
        queue.lanes.entry(lane).or_default().push_back(thing);
        queue.waiting += 1;
        drop(queue);
        self.more.notify_one();
        Ok(())
    }

    /// Waits for something and takes as many as `most`, one of each lane in turn. Nothing when the queue was closed
    /// and is empty.
    pub async fn take(&self, most: usize) -> Vec<T> {
        loop {
            let taken = self.take_waiting(most);
            if !taken.is_empty() || self.lock().closed {
                return taken;
            }
            self.more.notified().await;
        }
    }

    /// Takes what waits now.
    pub fn take_waiting(&self, most: usize) -> Vec<T> {
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
        let left = queue.waiting > 0 || queue.closed;
        drop(queue);
        if left {
            self.more.notify_one();
        }
        taken
    }

    /// Takes nothing in any more; what waits can still be taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.more.notify_waiters();
        self.more.notify_one();
    }

    /// Whether half of the room or more is taken.
    pub fn is_half_full(&self) -> bool {
        self.lock().waiting >= self.room.div_ceil(2)
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
            lanes.push(1, (1, number)).unwrap();
        }
        lanes.push(2, (2, 0)).unwrap();
        lanes.push(3, (3, 0)).unwrap();
        assert_eq!(lanes.take_waiting(4), [(1, 0), (2, 0), (3, 0), (1, 1)]);
        assert_eq!(lanes.take_waiting(2), [(1, 2), (1, 3)]);
    }

    #[test]
    fn one_lane_leaves_half_of_the_room_to_the_others() {
        let lanes = Lanes::new(10);
        for number in 0..5 {
            lanes.push(1, number).unwrap();
        }
        assert!(lanes.is_half_full());
        assert_eq!(lanes.push(1, 5), Err(NoRoom::Full));
        for number in 0..5 {
            lanes.push(2, number).unwrap();
        }
        assert_eq!(lanes.push(3, 0), Err(NoRoom::Full));
        assert_eq!(lanes.take_waiting(100).len(), 10);
    }

    #[tokio::test]
    async fn what_waits_when_it_is_closed_is_still_taken() {
        let lanes = Lanes::new(4);
        lanes.push(1, "last").unwrap();
        lanes.close();
        assert_eq!(lanes.push(1, "late"), Err(NoRoom::Closed));
        assert_eq!(lanes.take(10).await, ["last"]);
        assert!(lanes.take(10).await.is_empty());
    }
}
