//! The path template of a request, carried from inside the router to the access log.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::extract::{MatchedPath, Request};
use tower::{Layer, Service};

/// Where the router leaves the template of the request in hand. A connection has one request at
/// a time, so it has one of these for all of them.
#[derive(Clone, Debug, Default)]
pub(super) struct TemplateSlot(Arc<Mutex<Option<MatchedPath>>>);

impl TemplateSlot {
    pub(super) fn take(&self) -> Option<MatchedPath> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, template: MatchedPath) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(template);
    }
}

/// Wraps each route of a router; it adds no future of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoteTemplate;

/// See [`NoteTemplate`].
#[derive(Clone, Debug)]
pub(super) struct NotingTemplate<S>(S);

impl<S> Layer<S> for NoteTemplate {
    type Service = NotingTemplate<S>;

    fn layer(&self, route: S) -> Self::Service {
        NotingTemplate(route)
    }
}

impl<S: Service<Request>> Service<Request> for NotingTemplate<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> S::Future {
        let extensions = request.extensions();
        if let Some(slot) = extensions.get::<TemplateSlot>()
            && let Some(template) = extensions.get::<MatchedPath>()
        {
            slot.put(template.clone());
        }
        self.0.call(request)
    }
}
