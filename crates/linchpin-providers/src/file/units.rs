//! Times and sizes as people write them: `30s`, `64 KiB`.

use std::{ops::RangeInclusive, time::Duration};

/// Units of time, in milliseconds; the longest that divides a time says it best.
const TIMES: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

const SIZES: [(&str, u64); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// A whole number as TOML writes it.
pub(super) fn number(digits: &str, radix: u32) -> Option<u64> {
    u64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

/// A time such as `500ms`, `30s`, `5m`, `24h`, `30d`.
pub(super) fn span(text: &str, bounds: &RangeInclusive<Duration>) -> Result<Duration, String> {
    let found = with_unit(text, &TIMES).map(Duration::from_millis);
    found.filter(|span| bounds.contains(span)).ok_or_else(|| {
        let said =
            |span: &Duration| said(u64::try_from(span.as_millis()).unwrap_or(u64::MAX), &TIMES);
        format!(
            r#"must be a time from {} to {}, written as "30s" or "5m""#,
            said(bounds.start()),
            said(bounds.end())
        )
    })
}

/// A size such as `64 KiB`, in bytes.
pub(super) fn size(text: &str, bounds: &RangeInclusive<u64>) -> Result<u64, String> {
    let found = with_unit(text, &SIZES);
    found.filter(|size| bounds.contains(size)).ok_or_else(|| {
        format!(
            r#"must be a size from {} to {}, written as "64 KiB" or "10 MiB""#,
            said(*bounds.start(), &SIZES),
            said(*bounds.end(), &SIZES)
        )
    })
}

fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

fn said(number: u64, units: &[(&str, u64)]) -> String {
    let fits = |unit: &&(&str, u64)| number > 0 && number.is_multiple_of(unit.1);
    match units.iter().find(fits) {
        Some((name, factor)) => format!("{}{name}", number / factor),
        None => number.to_string(),
    }
}
