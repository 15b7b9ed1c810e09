//! What the disk itself takes.

use std::{
    fs::OpenOptions,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
    time::Instant,
};

use crate::{Outcome, table::median};

/// Seconds that flushing 64 KiB takes, over a file that is written again as a reused log is.
fn median_of(directory: &Path, bytes: usize, rounds: u64) -> Outcome<f64> {
    let path = directory.join(format!("flush-{}.tmp", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(&path)?;
    let block = vec![0x5a_u8; bytes];
    let mut taken = Vec::new();
    for round in 0..rounds {
        file.seek(SeekFrom::Start((round % 16) * bytes as u64))?;
        file.write_all(&block)?;
        let start = Instant::now();
        file.sync_data()?;
        taken.push(start.elapsed().as_secs_f64());
    }
    std::fs::remove_file(path)?;
    Ok(median(taken))
}

/// The figure that the rates stand beside.
pub fn of_64_kib(directory: &Path) -> Outcome<f64> {
    median_of(directory, 64 * 1024, 200)
}
