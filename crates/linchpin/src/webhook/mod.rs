//! One attempt to deliver an event: signed, sent, judged.
//!
//! What is sent when, and what follows from it, is the flow's.

mod judge;
mod signature;

use std::time::{Duration, Instant};

use bytes::Bytes;

use self::{judge::judge, signature::headers};
use crate::{
    domain::{
        delivery::{ANSWER_KEPT, Attempt, Outcome},
        retry_schedule::Wish,
        time::{SECOND, Timestamp},
        webhook_secret::WebhookSecret,
    },
    egress::{Egress, Limits},
};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read; what is longer is cut off, and the connection with it.
const ANSWER_READ: usize = 20_480;

/// What is sent where.
pub struct Parcel<'a> {
    /// The endpoint's URL.
    pub url: &'a str,
    /// What it is signed with, newest first; one at least.
    pub secrets: &'a [WebhookSecret],
    /// The event's id.
    pub id: &'a str,
    /// The body, JSON.
    pub body: Bytes,
}

/// Sends it once. `total` is for the whole exchange, the answer's body included; `now` is when it begins.
pub async fn send(
    egress: &Egress,
    parcel: Parcel<'_>,
    total: Duration,
    now: Timestamp,
) -> (Attempt, Outcome) {
    let mut attempt = Attempt {
        at: now,
        status: None,
        failure: None,
        latency: 0,
        answer: String::new(),
        manual: false,
    };
    let target = match egress.check_url(parcel.url) {
        Ok(target) if !parcel.secrets.is_empty() => target,
        // It was right when it was registered; the operator has forbidden it since.
        _ => {
            attempt.failure = Some("could not be reached".to_owned());
            return (attempt, Outcome::Failed(Wish::default()));
        }
    };
    let headers = headers(
        parcel.secrets,
        parcel.id,
        now.0.div_euclid(SECOND),
        &parcel.body,
    );
    let limits = Limits {
        connect: CONNECT.min(total),
        total,
        answer: ANSWER_READ,
    };
    let begun = Instant::now();
    let result = egress.post(&target, headers, parcel.body, limits).await;
    attempt.latency = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    let outcome = judge(&result, now);
    match result {
        Ok(answered) => {
            attempt.status = Some(answered.status);
            let kept = answered.body.get(..ANSWER_KEPT).unwrap_or(&answered.body);
            // PostgreSQL keeps no text with a zero in it.
            attempt.answer = String::from_utf8_lossy(kept).replace('\0', "\u{fffd}");
        }
        Err(failure) => attempt.failure = Some(failure.to_string()),
    }
    (attempt, outcome)
}
