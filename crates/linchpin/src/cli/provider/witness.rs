//! Sees every request of a trial and its answer, and tells what was taken.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use http_body_util::BodyExt as _;
use linchpin_provider::{Body, Client, SendError, Transport, whole};
use linchpin_providers::Watch;

use super::{masks::Masks, say};

/// Bytes of an answer that are passed on.
const ANSWER_MAX: usize = 1024 * 1024;
/// Characters of a body that are shown.
const SHOWN_MAX: usize = 4_000;

/// One request and its answer.
#[derive(Clone)]
pub struct Exchange {
    pub request: String,
    pub sent: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Sees every request of a trial and its answer.
///
/// A request is shown only once what was taken from its answer is known, so that it can be masked.
pub struct Witness {
    seen: Mutex<Seen>,
    bodies: bool,
}

#[derive(Default)]
struct Seen {
    masks: Masks,
    exchanges: Vec<Exchange>,
    shown: usize,
    taken: usize,
    /// Parts of the account, by name.
    told: Vec<(String, String)>,
    notes: Vec<String>,
}

impl Witness {
    pub fn new(bodies: bool) -> Arc<Self> {
        Arc::new(Self {
            seen: Mutex::default(),
            bodies,
        })
    }

    /// A client that sends through another, and is seen.
    pub fn client(self: &Arc<Self>, client: Client) -> Client {
        Client::new(Seeing(Arc::clone(self), client))
    }

    /// Keeps a value out of what is shown and written.
    pub fn mask(&self, value: &str, placeholder: &str) {
        self.seen().masks.add(value, placeholder);
    }

    /// Keeps every part of an account out of what is written.
    pub fn mask_account(&self) {
        let mut seen = self.seen();
        for (part, value) in std::mem::take(&mut seen.told) {
            let placeholder = match part.as_str() {
                "id" => "1001".to_owned(),
                "name" => "Jane Roe".to_owned(),
                "username" => "jane".to_owned(),
                part => format!("account-{part}"),
            };
            // As the platform writes it, and as accounts have it.
            let plain = value.split_whitespace().collect::<Vec<_>>().join(" ");
            seen.masks.add(&value, &placeholder);
            seen.masks.add(plain.trim_start_matches('@'), &placeholder);
        }
    }

    /// Everything that went to and fro so far, and what it must not be written down with.
    pub fn so_far<T>(&self, read: impl FnOnce(&[Exchange], &Masks) -> T) -> T {
        let seen = self.seen();
        read(&seen.exchanges, &seen.masks)
    }

    /// Shows what was not shown yet.
    pub fn show(&self) {
        let mut seen = self.seen();
        let new = seen.exchanges.get(seen.shown..).unwrap_or_default();
        let lines: Vec<String> = new
            .iter()
            .flat_map(|exchange| self.lines(exchange, &seen.masks))
            .collect();
        seen.shown = seen.exchanges.len();
        let notes = std::mem::take(&mut seen.notes);
        for line in lines.iter().chain(&notes) {
            say(line);
        }
    }

    fn lines(&self, exchange: &Exchange, masks: &Masks) -> Vec<String> {
        let mut lines = vec![format!("→ {}", masks.shown(&exchange.request))];
        if !exchange.sent.is_empty() {
            lines.push(format!("    {}", masks.shown(&exchange.sent)));
        }
        lines.push(format!(
            "← {}, {} bytes",
            exchange.status,
            exchange.body.len()
        ));
        for name in [
            header::LOCATION,
            header::CONTENT_TYPE,
            header::SET_COOKIE,
            header::RETRY_AFTER,
        ] {
            for value in exchange.headers.get_all(&name) {
                let value = String::from_utf8_lossy(value.as_bytes());
                lines.push(format!("    {name}: {}", masks.shown(&value)));
            }
        }
        if self.bodies && !exchange.body.is_empty() {
            let body = masks.shown(&String::from_utf8_lossy(&exchange.body));
            let body: String = body.chars().take(SHOWN_MAX).collect();
            lines.extend(body.lines().map(|line| format!("    {}", printable(line))));
        }
        lines
    }

    fn note(&self, note: String) {
        self.seen().notes.push(note);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line without what moves the cursor of a terminal.
fn printable(line: &str) -> String {
    line.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

impl Watch for Witness {
    fn took(&self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => {
                let mut seen = self.seen();
                seen.taken += 1;
                let placeholder = format!("taken-{}-{name}", seen.taken);
                seen.masks.add(value, &placeholder);
                drop(seen);
                self.note(format!(
                    "  took {name}: {} characters",
                    value.chars().count()
                ));
            }
            None => self.note(format!("  took no {name}: it is not there")),
        }
    }

    fn told(&self, part: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.seen().told.push((part.to_owned(), value.to_owned()));
        }
        self.note(match value {
            Some(value) => format!("  {part} is {}", printable(value)),
            None => format!("  {part} is not there"),
        });
    }

    fn meant(&self, means: &str) {
        self.note(format!("  means {means}"));
        self.show();
    }

    fn stuck(&self, why: &str) {
        self.note(format!("  {why}"));
        self.show();
    }
}

struct Seeing(Arc<Witness>, Client);

#[async_trait::async_trait]
impl Transport for Seeing {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, SendError> {
        // What is still to be said belongs to what went before.
        self.0.show();
        let (head, body) = request.into_parts();
        let sent = body
            .collect()
            .await
            .map_err(|_| SendError::Broken)?
            .to_bytes();
        let asked = format!("{} {}", head.method, head.uri);
        let request = Request::from_parts(head, whole(sent.clone()));
        let answer = self.1.send(request).await.inspect_err(|_| {
            self.0.note(format!("→ {asked}\n  no answer"));
        })?;
        let (head, body) = answer.into_parts();
        let body = read(body).await?;
        let mut seen = self.0.seen();
        for (name, value) in head
            .headers
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(cookie)
        {
            seen.masks.add(&value, &format!("cookie-{name}"));
        }
        seen.exchanges.push(Exchange {
            request: asked,
            sent: String::from_utf8_lossy(&sent).into_owned(),
            status: head.status.as_u16(),
            headers: head.headers.clone(),
            body: body.clone(),
        });
        drop(seen);
        Ok(Response::from_parts(head, whole(body)))
    }
}

async fn read(mut body: Body) -> Result<Bytes, SendError> {
    let mut read = Vec::new();
    while read.len() < ANSWER_MAX {
        match body.frame().await {
            None => break,
            Some(frame) => {
                let frame = frame.map_err(|_| SendError::Broken)?;
                read.extend(frame.data_ref().into_iter().flatten());
            }
        }
    }
    Ok(read.into())
}

fn cookie(header: &http::HeaderValue) -> Option<(String, String)> {
    let text = header.to_str().ok()?;
    let pair = text.split(';').next()?;
    let (name, value) = pair.split_once('=')?;
    Some((name.trim().to_owned(), value.trim().to_owned()))
}
