//! `linchpin webhook listen`: events, as they come about, to a program on this machine.

use std::{process::ExitCode, time::Duration};

use bytes::Bytes;
use clap::Args;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_body_util::BodyExt as _;

use super::{Refused, complain, logging, running, say};
use crate::{
    domain::{delivery::Outcome, time::Timestamp, webhook_secret::WebhookSecret},
    egress::{Egress, Failure, Rules, Streamed},
    flow::random,
    webhook::{self, Parcel},
};

/// How long connecting to the server may take, and one delivery.
const CONNECT: Duration = Duration::from_secs(5);
const DELIVERY: Duration = Duration::from_secs(10);
/// Time between two tries to reach the server.
const AGAIN: Duration = Duration::from_secs(1);
/// A line of the stream is not longer, in bytes.
const LINE_MAX: usize = 256 * 1024;

/// The variable that the key stands in; a command line can be read by everybody on the machine.
const KEY: &str = "LINCHPIN_API_KEY";

/// What `webhook listen` takes, besides the key with the scope ACCOUNT in `LINCHPIN_API_KEY`.
#[derive(Args)]
pub struct Wanted {
    /// Where events are forwarded to
    #[arg(long, value_name = "URL")]
    forward_to: String,
    /// The API of the server whose events they are
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7400")]
    server: String,
    /// Only events of this type
    #[arg(long = "event", value_name = "TYPE")]
    event: Option<String>,
    /// Begin behind this event; otherwise only what comes about from now on is forwarded
    #[arg(long, value_name = "ID")]
    after: Option<String>,
}

/// Forwards until it is interrupted.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    let _logs = logging::start("error")?;
    running::runtime()?.block_on(async {
        let mut signals = running::Signals::take()?;
        tokio::select! {
            listened = listen(wanted) => listened,
            _ = signals.next() => Ok(ExitCode::SUCCESS),
        }
    })
}

struct Listener {
    egress: Egress,
    key: HeaderValue,
    wanted: Wanted,
    secret: WebhookSecret,
    last: Option<String>,
}

async fn listen(wanted: Wanted) -> Result<ExitCode, Refused> {
    let egress = Egress::new(Rules::anywhere())?;
    egress
        .check_url(&wanted.forward_to)
        .map_err(|problem| Refused::new(format!("--forward-to: {problem}")))?;
    let missing = || {
        Refused::new(format!(
            "{KEY} must hold an API key of the server with the scope ACCOUNT"
        ))
    };
    let key = std::env::var(KEY).map_err(|_| missing())?;
    let mut key = HeaderValue::from_str(&key).map_err(|_| missing())?;
    key.set_sensitive(true);
    let secret = WebhookSecret::of(random()?);
    let mut listener = Listener {
        egress,
        key,
        last: wanted.after.clone(),
        wanted,
        secret,
    };
    if listener.last.is_none() {
        listener.last = listener.newest().await?;
    }
    say(&format!(
        "Forwarding events of {} to {}, signed with\n{}",
        listener.wanted.server,
        listener.wanted.forward_to,
        listener.secret.reveal()
    ));
    loop {
        match listener.open().await? {
            Some(streamed) => listener.forward(streamed).await,
            None => complain("linchpin: the server cannot be reached; trying again"),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

impl Listener {
    /// The newest event that there is, so that only later ones are forwarded.
    async fn newest(&self) -> Result<Option<String>, Refused> {
        let mut last: Option<String> = None;
        loop {
            let mut query = vec![("limit", "100")];
            if let Some(last) = &last {
                query.push(("after", last));
            }
            let streamed = self.ask(&query, "application/json").await?;
            let body = streamed.body.collect().await?.to_bytes();
            let page: serde_json::Value = serde_json::from_slice(&body)?;
            last = text_of(&page, "nextAfter").map(str::to_owned).or(last);
            if page.get("hasMore") != Some(&true.into()) {
                return Ok(last);
            }
        }
    }

    /// The stream behind the last event; `None` where the server cannot be reached at the moment.
    async fn open(&self) -> Result<Option<Streamed>, Refused> {
        let mut query = Vec::new();
        if let Some(last) = &self.last {
            query.push(("after", last.as_str()));
        }
        if let Some(event) = &self.wanted.event {
            query.push(("type", event));
        }
        match self.ask(&query, "text/event-stream").await {
            Ok(streamed) => Ok(Some(streamed)),
            Err(NotHeard::Away) => Ok(None),
            Err(refused) => Err(refused.into()),
        }
    }

    async fn ask(
        &self,
        query: &[(&str, &str)],
        accept: &'static str,
    ) -> Result<Streamed, NotHeard> {
        let mut url = format!("{}/v2/events", self.wanted.server.trim_end_matches('/'));
        if !query.is_empty() {
            let mut encoded = url::form_urlencoded::Serializer::new(String::new());
            encoded.extend_pairs(query);
            url = format!("{url}?{}", encoded.finish());
        }
        let target = self.egress.check_url(&url);
        let target = target.map_err(|problem| NotHeard::Refused(format!("--server: {problem}")))?;
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("apikey"), self.key.clone());
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        let streamed = self.egress.stream(&target, headers, CONNECT).await;
        let streamed = streamed.map_err(|failure| match failure {
            Failure::Tls => NotHeard::Refused(format!("--server: {failure}")),
            _ => NotHeard::Away,
        })?;
        match streamed.status {
            200 => Ok(streamed),
            429 | 503 => Err(NotHeard::Away),
            status => {
                let body = streamed.body.collect().await;
                let body = body
                    .map(http_body_util::Collected::to_bytes)
                    .unwrap_or_default();
                let told: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
                let why = text_of(&told, "error").unwrap_or("it does not say why");
                Err(NotHeard::Refused(format!(
                    "the server answers {status}: {why}"
                )))
            }
        }
    }

    /// Forwards what comes, until the stream ends.
    async fn forward(&mut self, mut streamed: Streamed) {
        let mut waiting: Vec<u8> = Vec::new();
        let (mut id, mut kind) = (String::new(), String::new());
        while let Some(Ok(frame)) = streamed.body.frame().await {
            let Ok(piece) = frame.into_data() else {
                continue;
            };
            waiting.extend_from_slice(&piece);
            while let Some(end) = waiting.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = waiting.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line);
                match line.trim_end().split_once(": ") {
                    Some(("id", text)) => text.clone_into(&mut id),
                    Some(("event", text)) => text.clone_into(&mut kind),
                    Some(("data", text)) => self.deliver(&id, &kind, text).await,
                    _ => {}
                }
            }
            if waiting.len() > LINE_MAX {
                return;
            }
        }
    }

    async fn deliver(&mut self, id: &str, kind: &str, body: &str) {
        let parcel = Parcel {
            url: &self.wanted.forward_to,
            secrets: std::slice::from_ref(&self.secret),
            id,
            body: Bytes::copy_from_slice(body.as_bytes()),
        };
        let now = Timestamp(jiff::Timestamp::now().as_millisecond());
        let (attempt, outcome) = webhook::send(&self.egress, parcel, DELIVERY, now).await;
        let came = match (attempt.status, &attempt.failure) {
            (Some(status), _) => status.to_string(),
            (None, Some(failure)) => failure.clone(),
            (None, None) => String::new(),
        };
        let mark = match outcome {
            Outcome::Delivered => "→",
            _ => "✗",
        };
        say(&format!(
            "{mark} {kind}  {id}  {came} ({} ms)",
            attempt.latency
        ));
        // Not attempted again: whoever develops repeats it with --after.
        self.last = Some(id.to_owned());
    }
}

fn text_of<'a>(told: &'a serde_json::Value, name: &str) -> Option<&'a str> {
    told.get(name)?.as_str()
}

/// Why the server's answer is not read.
#[derive(Debug, thiserror::Error)]
enum NotHeard {
    /// It cannot be reached at the moment.
    #[error("the server cannot be reached; is it running, and is --server right?")]
    Away,
    /// Asking again would not help.
    #[error("{0}")]
    Refused(String),
}
