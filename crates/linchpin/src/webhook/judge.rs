//! What an answer means for a delivery.

use http::{HeaderMap, header};
use jiff::fmt::rfc2822;

use crate::{
    domain::{
        delivery::Outcome,
        retry_schedule::Wish,
        time::{SECOND, Timestamp},
    },
    egress::{Answered, Failure},
};

/// What an attempt has come to.
pub fn judge(result: &Result<Answered, Failure>, now: Timestamp) -> Outcome {
    match result {
        Ok(answered) => match answered.status {
            200..=299 => Outcome::Delivered,
            410 => Outcome::Gone,
            status => Outcome::Failed(Wish {
                retry_after: retry_after(&answered.headers, now),
                overloaded: status == 429,
            }),
        },
        Err(failure) => Outcome::Failed(Wish {
            retry_after: None,
            overloaded: *failure == Failure::Timeout,
        }),
    }
}

/// How long the receiver asks us to wait, in milliseconds: seconds, or the time of an HTTP date (RFC 9110, 10.2.3).
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return (seconds >= 0).then(|| seconds.saturating_mul(SECOND));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(date.as_millisecond().saturating_sub(now.0).max(0))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const NOW: Timestamp = Timestamp(1_792_000_000_000);

    fn answered(status: u16, retry_after: Option<&str>) -> Answered {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(header::RETRY_AFTER, value.parse().unwrap());
        }
        Answered {
            status,
            headers,
            body: Bytes::new(),
        }
    }

    #[test]
    fn only_2xx_is_success_and_410_ends_it() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(judge(&Ok(answered(status, None)), NOW), Outcome::Delivered);
        }
        assert_eq!(judge(&Ok(answered(410, None)), NOW), Outcome::Gone);
        for status in [301, 302, 307, 400, 401, 404, 500, 503] {
            assert_eq!(
                judge(&Ok(answered(status, None)), NOW),
                Outcome::Failed(Wish::default()),
                "{status}"
            );
        }
    }

    #[test]
    fn who_has_too_much_to_do_is_left_in_peace() {
        let overloaded = Outcome::Failed(Wish {
            overloaded: true,
            retry_after: None,
        });
        assert_eq!(judge(&Ok(answered(429, None)), NOW), overloaded);
        assert_eq!(judge(&Err(Failure::Timeout), NOW), overloaded);
        assert_eq!(
            judge(&Err(Failure::Unreachable), NOW),
            Outcome::Failed(Wish::default())
        );
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let asked = |text: &str| match judge(&Ok(answered(503, Some(text))), NOW) {
            Outcome::Failed(wish) => wish.retry_after,
            other => panic!("{other:?}"),
        };
        assert_eq!(asked("120"), Some(120_000));
        assert_eq!(asked("0"), Some(0));
        let later = jiff::Timestamp::from_millisecond(NOW.0 + 90_000).unwrap();
        let date = later.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        assert_eq!(asked(&date), Some(90_000));
        for wrong in ["-1", "soon", "1.5", ""] {
            assert_eq!(asked(wrong), None, "{wrong}");
        }
    }
}
