//! A request that was sent, and its answer as it comes.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use linchpin_provider::{Body, BodyError};

use super::{
    Egress,
    connect::{Sender, Way},
};

/// An answer whose head is there.
pub struct Underway {
    /// The head, and the body to come.
    pub response: Response<Incoming>,
    /// What its connection is kept by when the body is read.
    pub way: Way,
    /// The connection; it ends when this is dropped before the body is read.
    pub sender: Sender,
}

impl Egress {
    /// The answer with a body that keeps the connection when it was read to its end and otherwise ends it.
    pub(super) fn streaming(&self, underway: Underway) -> Response<Body> {
        let (head, body) = underway.response.into_parts();
        let mut answer = Answer {
            body,
            rest: Some((self.clone(), underway.way, underway.sender)),
        };
        answer.keep_at_end();
        Response::from_parts(head, answer.boxed_unsync())
    }
}

struct Answer {
    body: Incoming,
    /// What is kept when the body has ended.
    rest: Option<(Egress, Way, Sender)>,
}

impl Answer {
    /// Keeps the connection, where everything was read.
    fn keep_at_end(&mut self) {
        if self.body.is_end_stream() {
            self.keep();
        }
    }

    fn keep(&mut self) {
        if let Some((egress, way, sender)) = self.rest.take() {
            egress.keep(way, sender);
        }
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let answer = self.get_mut();
        let frame = ready!(Pin::new(&mut answer.body).poll_frame(context));
        match &frame {
            // Who knows the length does not ask for more than that.
            Some(Ok(_)) => answer.keep_at_end(),
            Some(Err(_)) => answer.rest = None,
            None => answer.keep(),
        }
        Poll::Ready(frame.map(|frame| frame.map_err(BodyError::from)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
