//! What the server does by itself now and then, done when a test says so.

use super::World;

impl World {
    /// Lets the sweeper go round once.
    pub fn sweep(&self) {
        let (engine, runtime) = self.engine();
        let swept = runtime.block_on(engine.end_overdue());
        swept.expect("the store is there");
    }

    /// Does once what goes on by itself now and then: ends, puts back, and lets go of what is old.
    pub fn upkeep(&self) {
        let (engine, runtime) = self.engine();
        let round = runtime.block_on(engine.go_round());
        round.expect("the store is there");
    }

    /// Looks once at every connection that is due.
    pub fn look_at_due(&self) {
        let (engine, runtime) = self.engine();
        let looked = runtime.block_on(engine.look_at_due());
        looked.expect("the store is there");
    }
}
