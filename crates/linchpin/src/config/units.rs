//! Values as people write them: `10s`, `64 KiB`, `true`, lists with commas.

use std::{str::FromStr, time::Duration};

use toml::Value;

/// A text.
pub fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Value::String(_) => Err("must not be empty".to_owned()),
        _ => Err("must be a text in quotes".to_owned()),
    }
}

/// Something that is written as a text.
pub fn parsed<T: FromStr>(value: &Value, wanted: &str) -> Result<T, String> {
    text(value)?
        .parse()
        .map_err(|_| format!("must be {wanted}"))
}

/// A list; in a text, entries stand between commas.
pub fn list(value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::Array(entries) => entries.iter().map(text).collect(),
        Value::String(entries) => Ok(entries
            .split(',')
            .map(|entry| entry.trim().to_owned())
            .filter(|entry| !entry.is_empty())
            .collect()),
        _ => Err("must be a list of texts".to_owned()),
    }
}

/// `true` or `false`.
pub fn switch(value: &Value) -> Result<bool, String> {
    match value {
        Value::Boolean(on) => Ok(*on),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

/// A whole number within bounds.
pub fn count(value: &Value, least: u64, most: u64) -> Result<u64, String> {
    let number = match value {
        Value::Integer(number) => u64::try_from(*number).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("must be a whole number from {least} to {most}"))
}

/// A number of bytes: `65536`, `"64 KiB"`, `"1 MiB"`.
pub fn bytes(value: &Value, least: u64, most: u64) -> Result<u64, String> {
    let wrong = || format!("must be {least} to {most} bytes, written as 65536 or \"64 KiB\"");
    let number = match value {
        Value::Integer(number) => u64::try_from(*number).ok(),
        Value::String(text) => with_unit(
            text,
            &[("", 1), ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20)],
        ),
        _ => None,
    };
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(wrong)
}

/// A span of time: `"500ms"`, `"10s"`, `"5m"`, `"24h"`, `"30d"`.
pub fn span(value: &Value, least: Duration, most: Duration) -> Result<Duration, String> {
    const UNITS: [(&str, u64); 5] = [
        ("ms", 1),
        ("s", 1_000),
        ("m", 60_000),
        ("h", 3_600_000),
        ("d", 86_400_000),
    ];
    let found = match value {
        Value::String(text) => with_unit(text, &UNITS).map(Duration::from_millis),
        _ => None,
    };
    found
        .filter(|span| (least..=most).contains(span))
        .ok_or_else(|| {
            format!(
                "must be a time from {} to {}, written with its unit: \"500ms\", \"10s\", \"5m\", \"24h\" or \"30d\"",
                written_span(least),
                written_span(most)
            )
        })
}

/// A span of time as [`span`] reads it, in the largest unit that fits.
pub fn written_span(span: Duration) -> String {
    let milliseconds = span.as_millis();
    for (unit, size) in [
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
    ] {
        // Nobody writes a day as 1d where hours are usual.
        let large_enough = unit != "d" || milliseconds >= 2 * size;
        if milliseconds > 0 && milliseconds.is_multiple_of(size) && large_enough {
            return format!("{}{unit}", milliseconds / size);
        }
    }
    format!("{milliseconds}ms")
}

fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, size) = units.iter().find(|(name, _)| *name == unit.trim())?;
    number.parse::<u64>().ok()?.checked_mul(*size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn spans_of_time_are_read_with_their_unit_and_never_without() {
        let day = Duration::from_hours(24);
        let read = |text| span(&written(text), Duration::ZERO, day);
        assert_eq!(read("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(read("5 m"), Ok(Duration::from_mins(5)));
        assert_eq!(read("24h"), Ok(day));
        for wrong in [
            "10",
            "25h",
            "-1s",
            "s",
            "1.5h",
            "99999999999999999999s",
            "1 fortnight",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(span(&Value::Integer(10), Duration::ZERO, day).is_err());
    }

    #[test]
    fn what_is_shown_can_be_written_again() {
        let most = Duration::from_hours(24 * 365);
        for text in ["1ms", "1500ms", "10s", "90s", "5m", "24h", "30d"] {
            let read = span(&written(text), Duration::ZERO, most).unwrap();
            assert_eq!(written_span(read), text);
        }
    }

    #[test]
    fn sizes_are_read_with_and_without_a_unit() {
        assert_eq!(bytes(&Value::Integer(65_536), 1, 1 << 20), Ok(65_536));
        assert_eq!(bytes(&written("64 KiB"), 1, 1 << 20), Ok(65_536));
        assert_eq!(bytes(&written("1MiB"), 1, 1 << 20), Ok(1 << 20));
        for wrong in ["2 MiB", "64 kB", "", "0", "-1"] {
            assert!(bytes(&written(wrong), 1, 1 << 20).is_err(), "{wrong}");
        }
    }
}
