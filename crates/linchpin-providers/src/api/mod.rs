//! What all platforms share: hosts, permissions, limits, and calls of their API with what belongs to an account attached.

mod coverage;
mod headers;
mod hosts;
mod jar;
mod paths;
mod platform;
mod prefix;
mod send;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use linchpin_provider::{Call, CallAnswer, Called, Client, SendError};
use url::Url;

pub(crate) use coverage::Covers;
pub(crate) use headers::header_name;
pub(crate) use hosts::{Hosts, authority};
pub(crate) use jar::Jar;
pub(crate) use platform::Platform;
pub(crate) use send::{Attachment, Incoming, Outgoing, secret_value, send};

use headers::headers;
use send::Follows;

use crate::{
    answer::{Condition, Seen},
    file::Table,
};

/// Bytes of an answer that are looked at for a sign that the session has ended.
const SIGN_MAX: usize = 64 * 1024;

/// The API of a platform.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    base: Url,
    /// Every host that requests of the provider may go to.
    pub(crate) hosts: Hosts,
    /// Sent with every request, unless it has the header itself.
    headers: HeaderMap,
    signed_out: Vec<Condition>,
}

/// What became of a call.
pub(crate) enum Sent {
    Answered {
        answer: CallAnswer,
        /// Whether cookies came that the attachment's jar has kept.
        cookies_came: bool,
    },
    /// The answer says that the session is not accepted any more.
    SignedOut,
    Failed(SendError),
}

impl Sent {
    /// What the flow is told; `renewed` is asked for where cookies came.
    pub(crate) fn called(
        self,
        renewed: impl FnOnce() -> Option<linchpin_provider::Session>,
    ) -> Called<CallAnswer> {
        match self {
            Self::Answered {
                answer,
                cookies_came,
            } => Called::Answered {
                answer,
                renewed: if cookies_came { renewed() } else { None },
            },
            Self::SignedOut => Called::SignedOut,
            Self::Failed(error) => error.into(),
        }
    }
}

impl Api {
    /// Reads `[api]`: `base_url`, `hosts`, `private_networks`, `headers`, `signed_out`; what is wrong is noted.
    pub(crate) fn read(file: &Table<'_>) -> Option<Self> {
        let Some(table) = file.table("api") else {
            file.missing(
                "api",
                r#"write [api] with base_url = "https://api.example.com/v1" below it"#,
            );
            return None;
        };
        let mut hosts = Hosts::read(&table);
        if !table.has("base_url") {
            table.missing(
                "base_url",
                r#"what calls are joined to, such as base_url = "https://api.example.com/v1""#,
            );
        }
        let base = hosts.url(&table, "base_url");
        if base.as_ref().is_some_and(|url| url.query().is_some()) {
            table.note(
                "base_url",
                "must not have a query: leave out ? and what follows",
            );
        }
        let signed_out = match table.has("signed_out") {
            true => table
                .tables("signed_out")
                .iter()
                .map(Condition::read)
                .collect(),
            false => vec![Condition::status(StatusCode::UNAUTHORIZED)],
        };
        if signed_out.iter().any(Condition::is_always) {
            table.note("signed_out", "has an entry without a condition, so that every answer would mean signed out; write a status or a place in it");
        }
        let headers = headers(&table);
        Some(Self {
            base: base?,
            hosts,
            headers,
            signed_out,
        })
    }

    /// An API of which nothing is known, so that what else is wrong with a file can be told.
    pub(crate) fn anywhere() -> Option<Self> {
        Some(Self {
            base: Url::parse("https://example.invalid").ok()?,
            hosts: Hosts::anywhere(),
            headers: HeaderMap::new(),
            signed_out: Vec::new(),
        })
    }

    /// What answers mean that the session has ended.
    pub(crate) fn signed_out(&self) -> &[Condition] {
        &self.signed_out
    }

    /// What calls are joined to.
    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// What the file has sent with every request.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Makes a call with what belongs to the account attached; the jar of `attachment` keeps the cookies that come. A redirect
    /// is followed only to what needs the same as the call, so that it leads to nothing that nobody has granted.
    pub(crate) async fn call(
        &self,
        client: &Client,
        attachment: &mut Attachment,
        covers: &Covers,
        call: Call,
    ) -> Sent {
        let reads = matches!(call.method, Method::GET | Method::HEAD);
        let needed = covers.of(&call.method, &call.path);
        let alike = |method: &Method, url: &Url| {
            let path = self.path(url);
            reads && path.is_some_and(|path| covers.of(method, &path) == needed)
        };
        self.send(client, attachment, call, &alike).await
    }

    /// Makes a call with an attachment that is good for one request only, so that no redirect is followed.
    pub(crate) async fn call_once(
        &self,
        client: &Client,
        attachment: &mut Attachment,
        call: Call,
    ) -> Sent {
        self.send(client, attachment, call, &|_, _| false).await
    }

    async fn send(
        &self,
        client: &Client,
        attachment: &mut Attachment,
        call: Call,
        follow: Follows<'_>,
    ) -> Sent {
        let mut headers = self.headers.clone();
        for (name, value) in &call.headers {
            headers.insert(name.clone(), value.clone());
        }
        if self.signed_out.iter().any(Condition::may_need_body) {
            // What is compressed could not be looked at.
            headers.insert(
                header::ACCEPT_ENCODING,
                HeaderValue::from_static("identity"),
            );
        }
        let outgoing = Outgoing {
            follow,
            url: self.url(&call.path, call.query.as_deref()),
            method: call.method,
            headers,
            body: call.body,
            meant: self.signed_out.clone(),
        };
        let incoming = match send(client, &self.hosts, attachment, outgoing).await {
            Ok(incoming) => incoming,
            Err(error) => return Sent::Failed(error),
        };
        self.judge(incoming).await
    }

    /// Looks whether an answer says that the session has ended.
    async fn judge(&self, incoming: Incoming) -> Sent {
        let Incoming {
            answer,
            url,
            towards,
            cookies_came,
        } = incoming;
        let (mut head, mut body) = answer.into_parts();
        let mut seen = Vec::new();
        if self.needs_body(head.status) {
            (seen, body) = prefix::peek(body, SIGN_MAX).await;
        }
        // A sign in the URL may be that of a log-in page that was not followed to.
        let signed_out = [Some(&url), towards.as_ref()]
            .into_iter()
            .flatten()
            .any(|url| {
                self.says_signed_out(&Seen {
                    status: head.status,
                    headers: &head.headers,
                    url,
                    body: &seen,
                    jar: None,
                })
            });
        if signed_out {
            return Sent::SignedOut;
        }
        head.headers.remove(header::SET_COOKIE);
        Sent::Answered {
            answer: CallAnswer::from_parts(head, body),
            cookies_came,
        }
    }

    /// Whether an answer says that the session has ended.
    pub(crate) fn says_signed_out(&self, seen: &Seen<'_>) -> bool {
        self.signed_out.iter().any(|sign| sign.holds(seen))
    }

    fn needs_body(&self, status: StatusCode) -> bool {
        self.signed_out.iter().any(|sign| sign.needs_body(status))
    }
}
