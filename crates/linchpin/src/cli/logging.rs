//! Logs: JSON lines on standard error, one an event, control characters escaped.

use std::{io, panic};

use tracing::Level;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::filter_fn, fmt, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use super::Refused;

/// Starts logging at what the filter says (`info`, or `warn,linchpin=debug`). Hold the guard until the process ends:
/// dropping it writes what is still waiting.
///
/// The lines are written by a thread of their own, so that a slow terminal does not slow a request down. What other
/// libraries say below `info` is left out at any level: it can show bytes of requests.
pub fn start(filter: &str) -> Result<WorkerGuard, Refused> {
    let filter = EnvFilter::builder().parse(filter).map_err(|error| {
        Refused::new(format!(
            "the log level {filter:?} cannot be read: {error}. Write error, warn, info, debug or trace"
        ))
    })?;
    let (writer, guard) = tracing_appender::non_blocking(io::stderr());
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(writer)
        .with_filter(filter_fn(|event| {
            event.target().starts_with("linchpin") || *event.level() <= Level::INFO
        }));
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .try_init()?;
    log_panics();
    Ok(guard)
}

/// Logs where a panic happened, and not what it says, which can hold what somebody has sent.
fn log_panics() {
    panic::set_hook(Box::new(|panic| {
        let location = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(location, "panicked");
    }));
}
