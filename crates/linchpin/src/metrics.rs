//! Numbers for Prometheus, and whether the server is ready. No label holds anything of an organisation, an app, a
//! user or a secret.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::get,
};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

use crate::{domain::time::MINUTE, flow::Engine, http::Shutdown};

const REQUESTS: &str = "linchpin_http_requests_total";
const SECONDS: &str = "linchpin_http_request_seconds";
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];
/// How long the store may take to answer before the server counts as not ready.
const STORE_TIME: Duration = Duration::from_secs(1);
/// How far this machine's clock may be from the database's, in milliseconds.
const CLOCK_APART_MAX: i64 = 10 * MINUTE;
/// How often what was measured is folded into its buckets, so that it does not pile up when nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// Why no metrics can be kept.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The buckets are wrong.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The process keeps metrics already.
    #[error("the process keeps metrics already")]
    Twice,
}

/// Keeps metrics from now on, once a process.
pub fn install() -> Result<PrometheusHandle, MetricsError> {
    let recorder = PrometheusBuilder::new()
        .set_buckets(&BUCKETS)?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Twice)?;
    describe_counter!(
        REQUESTS,
        "Requests answered by a route, by method, route and status."
    );
    describe_histogram!(
        SECONDS,
        "Seconds from a request's head to its answer's, by route."
    );
    describe_counter!(
        "linchpin_session_transitions_total",
        "Changes of link sessions that were made durable, by event."
    );
    describe_counter!(
        "linchpin_provider_asked_total",
        "Calls and sign-ins at providers, by provider and outcome: answered, unreachable, too_slow, broken; full and open were not sent."
    );
    describe_gauge!(
        "linchpin_provider_under_way",
        "Questions and calls that are under way, by provider."
    );
    describe_gauge!(
        "linchpin_provider_breaker_open",
        "1 while a provider does not answer and is left alone, by provider."
    );
    describe_gauge!(
        "linchpin_store_halted",
        "1 after a flush has failed: restart."
    );
    describe_gauge!(
        "linchpin_clock_apart_seconds",
        "How far this machine's clock is from the database's, which all nodes go by."
    );
    describe_gauge!(
        "linchpin_vault_rows_left",
        "Sealed secrets that an older version of the master key wraps."
    );
    describe_gauge!(
        "linchpin_vault_reseal_rows_left",
        "Sealed secrets that are still to be sealed anew, on the node that does it."
    );
    describe_gauge!(
        "linchpin_egress_proxy_up",
        "1 while an outbound proxy works, 0 while it is left out."
    );
    describe_counter!(
        "linchpin_egress_requests_total",
        "Requests to platforms and webhook endpoints, by outcome."
    );
    describe_gauge!(
        "process_start_time_seconds",
        "When the process started, Unix time."
    );
    describe_gauge!("process_resident_memory_bytes", "Memory in use.");
    describe_gauge!("process_open_fds", "Open files and sockets.");
    describe_gauge!("linchpin_build_info", "1; the version is a label.");
    let started = SystemTime::now().duration_since(UNIX_EPOCH);
    gauge!("process_start_time_seconds").set(started.unwrap_or_default().as_secs_f64());
    gauge!("linchpin_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

/// Counts and times the requests of these routes.
pub fn counted(routes: Router) -> Router {
    routes.layer(middleware::from_fn(count))
}

/// `/metrics` and `/readyz`, for a listener of their own.
pub fn routes(kept: PrometheusHandle, engine: Arc<Engine>, shutdown: Shutdown) -> Router {
    let upkeep = kept.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            upkeep.run_upkeep();
        }
    });
    Router::new()
        .route("/metrics", get(metrics_page))
        .route("/readyz", get(ready))
        .with_state(Watched {
            kept,
            engine,
            shutdown,
        })
}

#[derive(Clone)]
struct Watched {
    kept: PrometheusHandle,
    engine: Arc<Engine>,
    shutdown: Shutdown,
}

impl Watched {
    fn halted(&self) -> bool {
        self.engine.store.halted().is_true()
    }
}

async fn count(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = match *request.method() {
        Method::GET | Method::HEAD => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => "other",
    };
    // The template, never the path: links hold their secret in it.
    let template = request.extensions().get::<MatchedPath>();
    let route = template.map_or_else(|| "none".to_owned(), |found| found.as_str().to_owned());
    let answer = next.run(request).await;
    let status = answer.status().as_u16().to_string();
    counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status)
        .increment(1);
    histogram!(SECONDS, "route" => route).record(began.elapsed().as_secs_f64());
    answer
}

/// `GET /metrics`
async fn metrics_page(State(watched): State<Watched>) -> Response {
    gauge!("linchpin_store_halted").set(if watched.halted() { 1.0 } else { 0.0 });
    let ahead = Duration::from_millis(watched.engine.clock.ahead().unsigned_abs()).as_secs_f64();
    gauge!("linchpin_clock_apart_seconds").set(ahead);
    if let Some(bytes) = resident_memory() {
        gauge!("process_resident_memory_bytes").set(bytes);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        gauge!("process_open_fds").set(f64::from(u32::try_from(open.count()).unwrap_or(u32::MAX)));
    }
    let headers = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (headers, watched.kept.render()).into_response()
}

/// `GET /readyz`: 200, or 503 with the reason.
async fn ready(State(watched): State<Watched>) -> (StatusCode, &'static str) {
    let not_ready = |why| (StatusCode::SERVICE_UNAVAILABLE, why);
    if watched.halted() {
        return not_ready("the store has halted: a flush failed; look at the disk and restart\n");
    }
    if watched.engine.store.is_damaged() {
        return not_ready("the store is damaged and is only read; see docs/operations/damage.md\n");
    }
    let ahead = watched.engine.clock.ahead();
    if ahead.abs() > CLOCK_APART_MAX {
        return not_ready(
            "this machine's clock is more than ten minutes away from the database's; set it\n",
        );
    }
    if watched.shutdown.is_triggered() {
        return not_ready("shutting down\n");
    }
    // Any question shows whether the store answers.
    let question = watched.engine.store.logo("");
    match tokio::time::timeout(STORE_TIME, question).await {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n"),
        Ok(Err(_)) => not_ready("the store cannot be read; the log says more\n"),
        Err(_) => not_ready("the store does not answer\n"),
    }
}

/// What the system says this process has in memory, in bytes.
fn resident_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u32 = line.split_whitespace().next()?.parse().ok()?;
    Some(f64::from(kib) * 1024.0)
}
