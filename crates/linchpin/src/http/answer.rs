//! One request: body, router, headers, log line.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::header::{ALLOW, CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use futures_util::FutureExt;
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use tower::Service;
use tracing::Instrument;

use super::client_address::ClientAddress;
use super::connection::Connection;
use super::passed_on::{Arriving, AsItCame, Taken, is_passed_on, may_wait};
use super::refusal::Refusal;
use super::request_id::RequestId;
use super::security_headers;

/// Answered however busy the server is, so that busy is not taken for dead.
const HEALTH: &str = "/healthz";

/// Time between two looks whether a request has arrived in whole.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// Answers one request. It cannot fail: what goes wrong becomes an answer.
pub(super) async fn answer(
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let began = Instant::now();
    let id = RequestId::new();
    let client = connection.client(request.headers());
    let method = request.method().clone();
    let span = tracing::info_span!("request", requestId = id.as_str());

    let answered = routed(&connection, request, id, client)
        .instrument(span)
        .await;
    let mut response = match answered {
        Ok(response) => in_error_shape(response, &id),
        Err(refusal) => refusal.response(&id),
    };
    let server = &connection.server;
    security_headers::complete(response.headers_mut(), &id, server.strict_transport);
    if connection.seat.is_draining() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    let template = connection.template.take();
    tracing::info!(
        method = method.as_str(),
        // Never the path itself: links hold their secret in it.
        path = template.as_ref().map_or("-", |path| path.as_str()),
        status = response.status().as_u16(),
        micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
        requestId = id.as_str(),
        client = %client,
        "request"
    );
    Ok(response)
}

async fn routed(
    connection: &Connection,
    request: Request<Incoming>,
    id: RequestId,
    client: ClientAddress,
) -> Result<Response<Body>, Refusal> {
    let server = &connection.server;
    let (mut head, body) = request.into_parts();
    let passed_on = is_passed_on(head.uri.path());
    let waits = may_wait(head.uri.path());
    let (body, taken) = if passed_on {
        let (arriving, taken) = Arriving::new(body);
        (Body::new(arriving), Some(taken))
    } else {
        match read(body, server.limits.body_bytes).await {
            Ok(body) => (body, None),
            Err(refusal) => return Err(connection.seat.fault.get().copied().unwrap_or(refusal)),
        }
    };
    let _turn = if head.uri.path() == HEALTH {
        None
    } else {
        Some(Turn::take(
            &server.in_flight,
            server.limits.requests_in_flight,
        )?)
    };
    head.extensions.insert(id);
    head.extensions.insert(client);
    head.extensions.insert(connection.template.clone());
    let request = Request::from_parts(head, body);
    let mut router = server.router.clone();
    let handled = AssertUnwindSafe(async move { router.call(request).await }).catch_unwind();
    let most = if passed_on {
        server.limits.passed_on_timeout
    } else if waits {
        server.limits.request_timeout + server.limits.waiting_timeout
    } else {
        server.limits.request_timeout
    };
    let handled = tokio::time::timeout(most, handled);
    let handled = match &taken {
        Some(taken) => tokio::select! {
            biased;
            handled = handled => handled,
            () = nobody_waits(connection, taken) => return Err(Refusal::Left),
        },
        None => handled.await,
    };
    // Whatever the handler made of a body that broke off, it is the client's to mend.
    if let Some(fault) = connection.seat.fault.get() {
        return Err(*fault);
    }
    match handled {
        Ok(Ok(Ok(mut response))) => {
            if taken.is_some_and(|taken| !taken.is_whole()) {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            Ok(response)
        }
        Ok(Ok(Err(never))) => match never {},
        Ok(Err(_panic)) => {
            // What a panic says may hold anything, so it is not repeated here.
            tracing::error!("a handler panicked");
            Err(Refusal::Failed)
        }
        Err(_elapsed) => Err(Refusal::DeadlinePassed),
    }
}

/// Ends when the client has left. While its request still arrives, the gate sees that.
async fn nobody_waits(connection: &Connection, taken: &Taken) {
    while !taken.is_whole() {
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    connection.socket.left().await;
}

/// The whole body. Handlers get it complete, so that a slow, broken or endless one costs them
/// nothing and is answered alike on every route that does not pass it on.
async fn read(body: Incoming, most: usize) -> Result<Body, Refusal> {
    if body.is_end_stream() {
        return Ok(Body::empty());
    }
    if body.size_hint().lower() > most as u64 {
        return Err(Refusal::BodyTooLarge(most));
    }
    match Limited::new(body, most).collect().await {
        Ok(whole) => Ok(Body::from(whole.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::BodyTooLarge(most)),
        Err(_) => Err(Refusal::Malformed("the body ended before its length")),
    }
}

/// The router's own 404 and 405 have no body; here they get the shape of all errors.
fn in_error_shape(response: Response<Body>, id: &RequestId) -> Response<Body> {
    let refusal = match response.status() {
        StatusCode::NOT_FOUND => Refusal::RouteNotFound,
        StatusCode::METHOD_NOT_ALLOWED => Refusal::MethodNotAllowed,
        _ => return response,
    };
    let came = response.extensions().get::<AsItCame>().is_some();
    if came || response.headers().contains_key(CONTENT_TYPE) {
        return response;
    }
    let mut shaped = refusal.response(id);
    if let Some(allow) = response.headers().get(ALLOW) {
        shaped.headers_mut().insert(ALLOW, allow.clone());
    }
    shaped
}

/// One of the requests that may be in the router at once.
struct Turn<'a>(&'a AtomicUsize);

impl<'a> Turn<'a> {
    fn take(in_flight: &'a AtomicUsize, most: usize) -> Result<Self, Refusal> {
        let turn = Self(in_flight);
        if in_flight.fetch_add(1, Ordering::Relaxed) < most {
            Ok(turn)
        } else {
            Err(Refusal::Overloaded)
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
