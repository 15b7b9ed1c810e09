//! The table on standard output.

use std::io::Write as _;

/// Prints one line.
pub fn line(text: &str) {
    // A reader that has gone away needs no table.
    writeln!(std::io::stdout(), "{text}").unwrap_or_default();
}

/// Prints a heading.
pub fn heading(text: &str) {
    line(&format!("\n{text}"));
}

/// The middle one of the numbers.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
