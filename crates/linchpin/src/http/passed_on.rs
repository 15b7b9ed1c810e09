//! Requests whose bodies are passed on as they arrive, and answers that are passed on as they came.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

/// Paths below which a handler gets the body while it arrives, and more time for its answer. How much of a body it
/// takes is the handler's to say.
const PREFIX: &str = "/v2/access/";

/// Whether a request of this path is passed on.
pub(super) fn is_passed_on(path: &str) -> bool {
    path.starts_with(PREFIX)
}

/// Whether a request of this path may ask to wait for something.
pub(super) fn may_wait(path: &str) -> bool {
    path.starts_with("/v2/link/") && path.contains("/whitelabel/")
}

/// Marks an answer that somebody else has made: its status means what they mean by it.
#[derive(Clone, Copy, Debug)]
pub struct AsItCame;

/// Whether all of a body was taken. Where it was not, the connection cannot go on.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken(Arc<AtomicBool>);

impl Taken {
    pub(super) fn is_whole(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The body of a request, as it arrives.
#[derive(Debug)]
pub(super) struct Arriving {
    body: Incoming,
    taken: Taken,
}

impl Arriving {
    pub(super) fn new(body: Incoming) -> (Self, Taken) {
        let taken = Taken::default();
        let arriving = Self {
            taken: taken.clone(),
            body,
        };
        arriving.note();
        (arriving, taken)
    }

    fn note(&self) {
        if self.body.is_end_stream() {
            self.taken.0.store(true, Ordering::Release);
        }
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let arriving = self.get_mut();
        let frame = ready!(Pin::new(&mut arriving.body).poll_frame(cx));
        match &frame {
            None => arriving.taken.0.store(true, Ordering::Release),
            Some(Ok(_)) => arriving.note(),
            Some(Err(_)) => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
