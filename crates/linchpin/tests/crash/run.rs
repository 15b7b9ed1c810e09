//! How a run of these tests is set up: whose turn it is, how long it goes on, and what was left out.

use std::{
    fs::OpenOptions,
    io::Write as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

static TURN: Mutex<()> = Mutex::new(());

/// Waits until no other test of this binary runs; the turn ends when the guard is dropped.
pub fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often something is repeated: `short` times, and `long` times under `LINCHPIN_CHECK=long`.
pub fn times(short: usize, long: usize) -> usize {
    match std::env::var("LINCHPIN_CHECK").as_deref() {
        Ok("long") => long,
        _ => short,
    }
}

/// Tells that a test cannot run here. `./check` reads the file that `LINCHPIN_SKIPS` names and counts its lines.
pub fn skip(test: &str, reason: &str) {
    let line = format!("{test}: {reason}\n");
    note(&format!("SKIPPED {line}"));
    if let Ok(path) = std::env::var("LINCHPIN_SKIPS") {
        let mut file = OpenOptions::new().create(true).append(true).open(path);
        file.as_mut().unwrap().write_all(line.as_bytes()).unwrap();
    }
}

/// Says something whether the test passes or not.
pub fn note(text: &str) {
    // Unlike the macros, this is not captured by the test runner.
    std::io::stderr()
        .write_all(text.as_bytes())
        .unwrap_or_default();
}

/// Random numbers that can be had again.
pub struct Dice(u64);

impl Dice {
    /// The seed of `LINCHPIN_SEED`, or a new one; it is told, so that a failure can be repeated.
    pub fn thrown_for(test: &str) -> Self {
        let seed = match std::env::var("LINCHPIN_SEED") {
            Ok(given) => given.parse().unwrap(),
            Err(_) => getrandom::u64().unwrap(),
        };
        note(&format!("{test}: LINCHPIN_SEED={seed}\n"));
        Self(seed)
    }

    /// Others that depend on these alone.
    pub fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// A number from 0 to `bound`, which itself is left out.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Splitmix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
