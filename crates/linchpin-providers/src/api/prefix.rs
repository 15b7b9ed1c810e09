//! Looking at the first bytes of a body that streams on.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use linchpin_provider::{Body, BodyError};

/// Reads up to `most` bytes; gives them with a body that begins with them again.
pub(super) async fn peek(mut body: Body, most: usize) -> (Vec<u8>, Body) {
    let mut seen = Vec::new();
    let mut begun = Vec::new();
    while seen.len() < most {
        let Some(frame) = body.frame().await else {
            break;
        };
        if let Ok(Some(bytes)) = frame.as_ref().map(Frame::data_ref) {
            let room = most - seen.len();
            seen.extend(bytes.iter().take(room));
        }
        let ended = frame.is_err();
        begun.push(frame);
        if ended {
            break;
        }
    }
    begun.reverse();
    (seen, Body::new(Begun { begun, rest: body }))
}

struct Begun {
    /// What was read already, the last first.
    begun: Vec<Result<Frame<Bytes>, BodyError>>,
    rest: Body,
}

impl http_body::Body for Begun {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        match this.begun.pop() {
            Some(frame) => Poll::Ready(Some(frame)),
            None => Pin::new(&mut this.rest).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.begun.is_empty() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let begun: u64 = self
            .begun
            .iter()
            .flatten()
            .filter_map(Frame::data_ref)
            .map(|bytes| bytes.len() as u64)
            .sum();
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + begun);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + begun);
        }
        hint
    }
}
