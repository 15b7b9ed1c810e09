//! How long a call is waited for: the answer has its time from the last piece of the body that was sent on, and all of it
//! has an end.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use linchpin_provider::{Body, BodyError};
use tokio::time::{Instant, error::Elapsed, timeout_at};

/// Since when an answer is waited for.
#[derive(Clone)]
pub(super) struct Patience {
    since: Arc<Mutex<Instant>>,
    /// Until the answer has begun, from the last piece that was sent.
    first_byte: Duration,
    /// When all of it is over.
    pub until: Instant,
}

impl Patience {
    /// From now on.
    pub(super) fn new(first_byte: Duration, whole: Duration) -> Self {
        let now = Instant::now();
        Self {
            since: Arc::new(Mutex::new(now)),
            first_byte,
            until: now + whole,
        }
    }

    /// A body each piece of which gives the answer its whole time again.
    pub(super) fn watch(&self, body: Body) -> Body {
        if body.is_end_stream() {
            return body;
        }
        let since = Arc::clone(&self.since);
        Watched { body, since }.boxed_unsync()
    }

    /// Waits for the beginning of an answer.
    pub(super) async fn wait<T>(&self, answer: impl Future<Output = T>) -> Result<T, Elapsed> {
        let mut answer = std::pin::pin!(answer);
        loop {
            let due = self.due();
            match timeout_at(due, answer.as_mut()).await {
                Err(elapsed) if self.due() <= due => return Err(elapsed),
                Err(_) => {}
                Ok(answer) => return Ok(answer),
            }
        }
    }

    fn due(&self) -> Instant {
        let since = *self.since.lock().unwrap_or_else(PoisonError::into_inner);
        self.until.min(since + self.first_byte)
    }
}

struct Watched {
    body: Body,
    since: Arc<Mutex<Instant>>,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let watched = self.get_mut();
        let polled = Pin::new(&mut watched.body).poll_frame(cx);
        if polled.is_ready() {
            let mut since = watched.since.lock().unwrap_or_else(PoisonError::into_inner);
            *since = Instant::now();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body_util::StreamBody;
    use tokio::time::sleep;

    use super::*;

    /// Pieces that come so many milliseconds apart.
    fn pieces(count: u32, apart: u64) -> Body {
        let pieces = stream::unfold(0, move |sent| async move {
            if sent == count {
                return None;
            }
            sleep(Duration::from_millis(apart)).await;
            Some((Ok::<_, BodyError>(Frame::data(Bytes::from("x"))), sent + 1))
        });
        StreamBody::new(pieces).boxed_unsync()
    }

    async fn sent(patience: &Patience, body: Body) -> Result<(), Elapsed> {
        let body = patience.watch(body);
        let answer = async {
            body.collect().await.unwrap();
            sleep(Duration::from_millis(80)).await;
        };
        patience.wait(answer).await
    }

    fn patience(first_byte: u64, whole: u64) -> Patience {
        let millis = Duration::from_millis;
        Patience::new(millis(first_byte), millis(whole))
    }

    #[tokio::test]
    async fn a_slow_upload_takes_nothing_of_the_answers_time() {
        assert!(sent(&patience(500, 60_000), pieces(3, 250)).await.is_ok());
        let halting = pieces(1, 60_000);
        assert!(sent(&patience(50, 60_000), halting).await.is_err());
    }

    #[tokio::test]
    async fn all_of_it_has_an_end() {
        assert!(sent(&patience(60_000, 100), pieces(600, 20)).await.is_err());
    }
}
