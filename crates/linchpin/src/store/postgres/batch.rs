//! The writers: each has a connection of its own and commits, as one batch, whatever queued while its last commit ran.
//!
//! One refused operation does not fail its neighbours: the batch is undone and goes again without it. A batch whose
//! connection was lost before COMMIT was sent is known not to stand and goes again; one whose COMMIT got no answer is
//! looked up by its mark and never repeated blindly (`mark.rs`).

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    sync::{Mutex, oneshot, watch},
    task::JoinSet,
};

use super::{
    database::Database,
    days::Days,
    dial::{ANSWER, Line, within},
    mark::{Fate, Mark},
    together::{Fault, Statements},
};
use crate::store::{
    Options,
    lanes::{Lanes, NoRoom, Share},
    operation::{Operation, WriteError},
};

/// How long an operation may wait for its first try; older ones are answered busy and never begun.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// How long a batch that is known not to stand looks for a new connection.
const WAY_BACK_MAX: Duration = Duration::from_secs(4);
/// How long a batch whose COMMIT got no answer looks for what became of it.
const LOOK_MAX: Duration = Duration::from_secs(8);
/// Times that a batch is begun again when others were in the way.
const TRIES_MAX: u32 = 6;
/// Between two tries to connect: from the first to the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// How often an idle writer looks whether its connection still stands.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// An operation and who waits for it.
pub struct Waiting {
    /// What is to be done.
    pub operation: Operation,
    answer: oneshot::Sender<Result<(), WriteError>>,
    since: Instant,
}

impl Waiting {
    fn tell(self, outcome: Result<(), WriteError>) {
        // Nobody waits any more when the asking request was cut off.
        self.answer.send(outcome).unwrap_or_default();
    }
}

/// The way to the writers.
pub struct Writers {
    closing: watch::Sender<bool>,
    tasks: Mutex<JoinSet<()>>,
    shared: Arc<Shared>,
}

/// What the writers share.
struct Shared {
    database: Database,
    queue: Lanes<Waiting>,
    batch_max: usize,
    days: Days,
    /// Writers that have a connection.
    connected: AtomicUsize,
}

impl Writers {
    /// Starts the writers.
    pub fn start(database: &Database, options: &Options, days: Days) -> Result<Self, WriteError> {
        let (closing, closed) = watch::channel(false);
        let count = options.writers.max(1);
        let shared = Arc::new(Shared {
            database: database.clone(),
            queue: Lanes::new(options.queue),
            batch_max: options.batch.max(1),
            days,
            // Counted down by the first failure of each.
            connected: AtomicUsize::new(count),
        });
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            let writer = Writer {
                shared: Arc::clone(&shared),
                closing: closed.clone(),
                line: None,
                counted: true,
                mark: Mark::draw()?,
            };
            tasks.spawn(writer.work());
        }
        Ok(Self {
            closing,
            tasks: Mutex::new(tasks),
            shared,
        })
    }

    /// Hands an operation over and waits for its commit.
    pub async fn write(&self, share: Share, operation: Operation) -> Result<(), WriteError> {
        if self.shared.connected.load(Ordering::Relaxed) == 0 {
            return Err(WriteError::Unreachable);
        }
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            operation,
            answer,
            since: Instant::now(),
        };
        let lane = waiting.operation.lane;
        let pushed = self.shared.queue.push(lane, share, waiting);
        pushed.map_err(|no_room| match no_room {
            NoRoom::Full => WriteError::Busy,
            NoRoom::Closed => WriteError::Halted,
        })?;
        answered.await.unwrap_or(Err(WriteError::Halted))
    }

    /// Lets the writers finish what is queued and end.
    pub async fn close(&self) {
        self.closing.send_replace(true);
        self.shared.queue.close();
        let mut tasks = self.tasks.lock().await;
        while tasks.join_next().await.is_some() {}
    }
}

struct Writer {
    shared: Arc<Shared>,
    closing: watch::Receiver<bool>,
    line: Option<(Line, Statements)>,
    /// Whether this one is among the connected.
    counted: bool,
    mark: Mark,
}

impl Writer {
    async fn work(mut self) {
        loop {
            if !self.is_connected() && !self.reconnect().await {
                return self.refuse_all();
            }
            match self.next_batch().await {
                Some(batch) if batch.is_empty() => {}
                Some(batch) => self.carry_out(batch).await,
                None => return,
            }
        }
    }

    fn is_connected(&self) -> bool {
        self.line.as_ref().is_some_and(|(line, _)| {
            !line.client.is_closed() && !self.shared.database.newest.overtook(line.opened)
        })
    }

    /// The next batch: empty when it is time to look at the connection, `None` at the end of everything.
    async fn next_batch(&mut self) -> Option<Vec<Waiting>> {
        let taking = self.shared.queue.take(self.shared.batch_max);
        let Ok(mut batch) = tokio::time::timeout(LOOK_EVERY, taking).await else {
            return Some(Vec::new());
        };
        if batch.is_empty() {
            return None;
        }
        let late = |waiting: &mut Waiting| waiting.since.elapsed() > WAIT_MAX;
        for waiting in batch.extract_if(.., late) {
            waiting.tell(Err(WriteError::Busy));
        }
        Some(batch)
    }

    /// Connects, however long it takes; `false` when the store is closed meanwhile. Of the operations that wait while
    /// no writer has a connection, each is told so.
    async fn reconnect(&mut self) -> bool {
        let mut pause = PAUSES.0;
        loop {
            if *self.closing.borrow() {
                return false;
            }
            let mut closing = self.closing.clone();
            let connected = tokio::select! {
                connected = self.connect() => connected,
                _ = closing.wait_for(|closing| *closing) => return false,
            };
            match connected {
                Ok(()) => return true,
                Err(error) => {
                    tracing::warn!(database = %self.shared.database, error, "the database cannot be reached; trying again")
                }
            }
            if self.shared.connected.load(Ordering::Relaxed) == 0 {
                self.refuse_queued();
            }
            tokio::time::sleep(super::jittered(pause)).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    async fn connect(&mut self) -> Result<(), String> {
        // Counted down by a failure only: at a start all of them connect at once, and nobody is to be refused then.
        self.line = None;
        // The server that answers now may be another one, without a day that the one before had.
        self.shared.days.forget_all();
        let dialled = async {
            let line = self.shared.database.connect().await?;
            within(ANSWER, self.mark.put_down(&line.client)).await?;
            Ok(line)
        };
        let line = dialled.await.inspect_err(|_: &String| self.lose())?;
        self.line = Some((line, Statements::default()));
        if !self.counted {
            self.counted = true;
            self.shared.connected.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn lose(&mut self) {
        self.line = None;
        if self.counted {
            self.counted = false;
            self.shared.connected.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn refuse_queued(&self) {
        for waiting in self.shared.queue.take_waiting(usize::MAX) {
            waiting.tell(Err(WriteError::Unreachable));
        }
    }

    fn refuse_all(&self) {
        self.shared.queue.close();
        self.refuse_queued();
    }

    async fn carry_out(&mut self, batch: Vec<Waiting>) {
        for waiting in self.settle(batch).await {
            // One at a time: each is told by itself what is wrong with it. That takes long where somebody holds a lock.
            if waiting.since.elapsed() > WAIT_MAX {
                waiting.tell(Err(WriteError::Busy));
                continue;
            }
            for left in self.settle(vec![waiting]).await {
                left.tell(Err(WriteError::Busy));
            }
        }
    }

    /// Brings a batch to its end and tells everybody. Answers those that have to be tried one by one, because what
    /// one of them does makes the whole batch fail.
    async fn settle(&mut self, mut batch: Vec<Waiting>) -> Vec<Waiting> {
        let alone = batch.len() == 1;
        for attempt in 0..TRIES_MAX {
            if batch.is_empty() {
                return batch;
            }
            let fault = match self.together(&batch).await {
                Ok(()) => return tell_all(batch, &Ok(())),
                Err(fault) => fault,
            };
            match fault {
                Fault::Refused(refused) => {
                    for (at, refusal) in refused.into_iter().rev() {
                        batch.remove(at).tell(Err(WriteError::Refused(refusal)));
                    }
                }
                Fault::Told(error) if alone => return tell_all(batch, &Err(error)),
                Fault::Told(_) => return batch,
                Fault::Conflict if alone => {
                    tokio::time::sleep(super::jittered(PAUSES.0 * (attempt + 1))).await;
                }
                Fault::Conflict => return batch,
                Fault::Lost => {
                    if !self.find_way_back().await {
                        return tell_all(batch, &Err(WriteError::Unreachable));
                    }
                }
                Fault::Unanswered => match self.look_up().await {
                    Some(Fate::Stands) => return tell_all(batch, &Ok(())),
                    Some(Fate::Undone) => {}
                    None => return tell_all(batch, &Err(WriteError::Unknown)),
                },
            }
        }
        tell_all(batch, &Err(WriteError::Busy))
    }

    async fn together(&mut self, batch: &[Waiting]) -> Result<(), Fault> {
        if !self.is_connected() {
            return Err(Fault::Lost);
        }
        let Some((line, statements)) = self.line.as_mut() else {
            return Err(Fault::Lost);
        };
        let operations: Vec<&Operation> = batch.iter().map(|waiting| &waiting.operation).collect();
        for operation in &operations {
            let days = self.shared.days.make(&line.client, operation.at);
            tokio::time::timeout(ANSWER, days)
                .await
                .map_err(|_| Fault::Lost)??;
        }
        statements
            .commit(&line.client, &mut self.mark, &operations)
            .await
    }

    /// A new connection for a batch that is known not to stand, within [`WAY_BACK_MAX`].
    async fn find_way_back(&mut self) -> bool {
        let begun = Instant::now();
        let mut pause = PAUSES.0;
        while begun.elapsed() < WAY_BACK_MAX {
            let left = WAY_BACK_MAX.saturating_sub(begun.elapsed());
            if let Ok(Ok(())) = tokio::time::timeout(left, self.connect()).await {
                return true;
            }
            tokio::time::sleep(super::jittered(pause)).await;
            pause = (pause * 2).min(PAUSES.1);
        }
        false
    }

    /// What became of the batch whose COMMIT got no answer; `None` where nobody could be asked in time.
    async fn look_up(&mut self) -> Option<Fate> {
        tracing::warn!(database = %self.shared.database, "a commit got no answer; asking what became of it");
        let begun = Instant::now();
        let mut pause = PAUSES.0;
        while begun.elapsed() < LOOK_MAX {
            let left = LOOK_MAX.saturating_sub(begun.elapsed());
            let asked = async {
                self.connect().await?;
                match &self.line {
                    Some((line, _)) => self.mark.look_up(&line.client).await,
                    None => Err(String::new()),
                }
            };
            if let Ok(Ok(fate)) = tokio::time::timeout(left, asked).await {
                return Some(fate);
            }
            tokio::time::sleep(super::jittered(pause)).await;
            pause = (pause * 2).min(PAUSES.1);
        }
        self.lose();
        None
    }
}

fn tell_all(batch: Vec<Waiting>, outcome: &Result<(), WriteError>) -> Vec<Waiting> {
    for waiting in batch {
        waiting.tell(outcome.clone());
    }
    Vec::new()
}
