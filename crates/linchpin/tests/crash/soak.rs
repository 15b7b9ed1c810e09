//! Hours in small: memory and open files do not grow with what has been answered.

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
    let linchpin = Start::on(home.path().join("data")).go();
    let seconds = u64::try_from(times(8, 900)).unwrap();
    let warm = Load::on(&linchpin, 16, &mut dice, AfterEnd::GoOn);
    thread::sleep(Duration::from_secs(2));
    warm.stop();
    thread::sleep(SETTLED);
    let before = (resident(&linchpin), open_files(&linchpin));
    let begun = Instant::now();
    let mut answered = 0;
    while begun.elapsed() < Duration::from_secs(seconds) {
        // Connections come and go as well.
        let load = Load::on(&linchpin, 16, &mut dice, AfterEnd::GoOn);
        thread::sleep(Duration::from_secs(1));
        let ledger = load.stop();
        assert!(ledger.refusals.is_empty() && ledger.ends.is_empty());
        answered += ledger.promises.len();
    }
    thread::sleep(SETTLED);
    let after = (resident(&linchpin), open_files(&linchpin));
    note(&format!(
        "{answered} answered; resident KiB and open files {before:?} before, {after:?} after\n"
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
    linchpin.stop();
}

/// Resident memory without what is only the page cache's, in KiB.
fn resident(linchpin: &Linchpin) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", linchpin.pid())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

fn open_files(linchpin: &Linchpin) -> usize {
    let open = format!("/proc/{}/fd", linchpin.pid());
    // Of a process that may not be dumped only root may list them; newer kernels tell everybody how many they are.
    match fs::read_dir(&open) {
        Ok(listed) => listed.count(),
        Err(_) => fs::metadata(&open).unwrap().len().try_into().unwrap(),
    }
}
