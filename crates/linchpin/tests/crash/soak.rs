//! Hours in small: memory and open files do not grow with what has been served.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use crate::{
    ledger::{AfterEnd, Load},
    process::{Linchpin, Start},
    run::{Dice, note, times, turn},
};

/// Growth of resident memory that a run may end with, in KiB: caches that had not been full yet.
const GROWTH: usize = 24 * 1024;

/// Time in which a server notices that its clients are gone.
const SETTLED: Duration = Duration::from_millis(500);

#[test]
fn memory_and_open_files_stay_where_they_were() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("soak");
    let home = tempfile::tempdir().unwrap();
    let server = Start::on(home.path().join("data")).go();
    let seconds = u64::try_from(times(8, 900)).unwrap();
    let warm = Load::on(&server, 16, &mut dice, AfterEnd::GoOn);
    thread::sleep(Duration::from_secs(2));
    warm.stop();
    thread::sleep(SETTLED);
    let before = (resident(&server), open_files(&server));
    let begun = Instant::now();
    let mut served = 0;
    while begun.elapsed() < Duration::from_secs(seconds) {
        // Connections come and go as well.
        let load = Load::on(&server, 16, &mut dice, AfterEnd::GoOn);
        thread::sleep(Duration::from_secs(1));
        let ledger = load.stop();
        assert!(ledger.refusals.is_empty() && ledger.ends.is_empty());
        served += ledger.promises.len();
    }
    thread::sleep(SETTLED);
    let after = (resident(&server), open_files(&server));
    note(&format!(
        "{served} served; resident KiB and open files {before:?} before, {after:?} after\n"
    ));
    assert!(
        after.0 <= before.0 + GROWTH,
        "memory grew from {} to {} KiB",
        before.0,
        after.0
    );
    assert!(
        after.1 <= before.1 + 4,
        "open files grew from {} to {}",
        before.1,
        after.1
    );
    server.stop();
}

/// Resident memory without what is only the page cache's, in KiB.
fn resident(server: &Linchpin) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

fn open_files(server: &Linchpin) -> usize {
    fs::read_dir(format!("/proc/{}/fd", server.pid()))
        .unwrap()
        .count()
}
