//! Bodies of calls: streamed both ways, within what a provider says that a call may take.

use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use linchpin_provider::{Body as ProviderBody, BodyError, CallLimits};
use tokio::time::{Instant, Sleep, sleep_until};

/// Why the body of a request did not come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is longer than the provider takes.
    TooLarge,
    /// The caller broke it off, or sent no body.
    Broken,
}

/// What was found to be wrong with a body while it was sent.
pub type Verdict = Arc<OnceLock<Fault>>;

/// The body of a request on its way to the provider, `most` bytes at most, and what will be found to be wrong with it.
///
/// # Errors
///
/// [`Fault::TooLarge`] where its length alone says so.
pub fn sent(body: Body, most: u64) -> Result<(ProviderBody, Verdict), Fault> {
    if body.size_hint().lower() > most {
        return Err(Fault::TooLarge);
    }
    let verdict = Verdict::default();
    let sent = Sent {
        body,
        left: most,
        verdict: Arc::clone(&verdict),
    };
    Ok((sent.boxed_unsync(), verdict))
}

/// The body of an answer on its way to the caller; breaks off where it goes beyond the limits.
///
/// `held` is dropped with it, or when the last byte is handed on.
pub fn returned(
    body: ProviderBody,
    limits: CallLimits,
    end: Instant,
    held: impl Send + Unpin + 'static,
) -> Body {
    let now = Instant::now();
    Body::new(Returned {
        body,
        held: Some(held),
        left: limits.answered,
        timer: Box::pin(sleep_until(end.min(now + limits.pause))),
        end,
        limits,
    })
}

struct Sent {
    body: Body,
    left: u64,
    verdict: Verdict,
}

impl Sent {
    fn fails(&self, fault: Fault) -> BodyError {
        let _ = self.verdict.set(fault);
        "the body of the request ended early".into()
    }
}

impl http_body::Body for Sent {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let sent = self.get_mut();
        let frame = match ready!(Pin::new(&mut sent.body).poll_frame(cx)) {
            None => return Poll::Ready(None),
            Some(Ok(frame)) => frame,
            Some(Err(_)) => return Poll::Ready(Some(Err(sent.fails(Fault::Broken)))),
        };
        Poll::Ready(Some(match left_after(sent.left, &frame) {
            Some(left) => {
                sent.left = left;
                Ok(frame)
            }
            None => Err(sent.fails(Fault::TooLarge)),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

struct Returned<H> {
    body: ProviderBody,
    held: Option<H>,
    left: u64,
    timer: Pin<Box<Sleep>>,
    end: Instant,
    limits: CallLimits,
}

impl<H: Unpin> http_body::Body for Returned<H> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let returned = self.get_mut();
        let Poll::Ready(frame) = Pin::new(&mut returned.body).poll_frame(cx) else {
            ready!(returned.timer.as_mut().poll(cx));
            tracing::warn!("an answer of a provider came too slowly and was broken off");
            return Poll::Ready(Some(Err("the answer came too slowly".into())));
        };
        let frame = match frame {
            None => {
                returned.held = None;
                return Poll::Ready(None);
            }
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            Some(Ok(frame)) => frame,
        };
        if returned.body.is_end_stream() {
            returned.held = None;
        }
        let now = Instant::now();
        if now > returned.end {
            tracing::warn!("an answer of a provider took too long and was broken off");
            return Poll::Ready(Some(Err("the answer took too long".into())));
        }
        let next = returned.end.min(now + returned.limits.pause);
        returned.timer.as_mut().reset(next);
        let Some(left) = left_after(returned.left, &frame) else {
            tracing::warn!("an answer of a provider was too large and was broken off");
            return Poll::Ready(Some(Err("the answer is too large".into())));
        };
        returned.left = left;
        // Trailers belong to the provider's connection.
        match frame.is_data() {
            true => Poll::Ready(Some(Ok(frame))),
            false => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What is left of a limit after a frame; `None` where it goes beyond.
fn left_after(left: u64, frame: &Frame<Bytes>) -> Option<u64> {
    let bytes = frame.data_ref().map_or(0, Bytes::len);
    left.checked_sub(u64::try_from(bytes).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::stream;

    use super::*;

    fn pieces(pieces: &'static [&'static str]) -> Body {
        let pieces = pieces
            .iter()
            .map(|piece| Ok::<_, BodyError>(Bytes::from(*piece)));
        Body::from_stream(stream::iter(pieces))
    }

    #[tokio::test]
    async fn a_body_of_the_limit_is_sent_and_one_byte_more_is_not() {
        let (body, verdict) = sent(pieces(&["abc", "de"]), 5).unwrap();
        assert_eq!(body.collect().await.unwrap().to_bytes(), "abcde");
        assert_eq!(verdict.get(), None);
        let (body, verdict) = sent(pieces(&["abc", "def"]), 5).unwrap();
        assert!(body.collect().await.is_err());
        assert_eq!(verdict.get(), Some(&Fault::TooLarge));
        assert_eq!(
            sent(Body::from("abcdef"), 5).err(),
            Some(Fault::TooLarge),
            "its length says so"
        );
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_does_not_look_whole() {
        let broken = [Ok(Bytes::from("abc")), Err(BodyError::from("gone"))];
        let (body, verdict) = sent(Body::from_stream(stream::iter(broken)), 5).unwrap();
        assert!(body.collect().await.is_err());
        assert_eq!(verdict.get(), Some(&Fault::Broken));
    }

    fn end() -> Instant {
        Instant::now() + limits().whole
    }

    fn limits() -> CallLimits {
        CallLimits {
            answered: 5,
            pause: Duration::from_millis(60),
            whole: Duration::from_millis(200),
            ..CallLimits::default()
        }
    }

    fn answer(body: Body) -> ProviderBody {
        body.map_err(BodyError::from).boxed_unsync()
    }

    #[tokio::test]
    async fn an_answer_beyond_its_limits_is_broken_off() {
        let whole = returned(answer(pieces(&["abc", "de"])), limits(), end(), ());
        assert_eq!(whole.collect().await.unwrap().to_bytes(), "abcde");
        let large = returned(answer(pieces(&["abc", "def"])), limits(), end(), ());
        assert!(large.collect().await.is_err());
        let never = Body::from_stream(stream::pending::<Result<Bytes, BodyError>>());
        assert!(
            returned(answer(never), limits(), end(), ())
                .collect()
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn an_answer_that_drips_for_ever_is_broken_off() {
        let dripping = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, BodyError>(Bytes::new()), ()))
        });
        let began = Instant::now();
        let body = returned(answer(Body::from_stream(dripping)), limits(), end(), ());
        assert!(body.collect().await.is_err());
        assert!(began.elapsed() >= Duration::from_millis(190));
    }
}
