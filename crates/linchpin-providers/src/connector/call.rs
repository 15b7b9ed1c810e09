//! A call to the platform: the connector says what has to be attached, and the bodies go past it.

use linchpin_provider::{Call, CallAnswer, Called, Client, Session};

use super::{
    answers::{AttachAnswer, Means, Unsound},
    asking::{Line, Unanswered},
    questions::Attach,
    session,
};
use crate::api::{Api, Attachment, Covers, Sent};

/// What has to be attached.
#[derive(Debug)]
pub(super) struct Attached {
    headers: http::HeaderMap,
    /// The query that takes the place of the caller's.
    query: Option<String>,
    /// Whether it is good for no other request.
    one_request: bool,
}

impl Means<Called<Attached>> for AttachAnswer {
    fn means(self) -> Result<Called<Attached>, Unsound> {
        let (headers, query) = match self {
            Self::Attached { headers, query } => (headers, query),
            Self::SignedOut => return Ok(Called::SignedOut),
            Self::Unavailable => return Ok(Called::Unreachable),
        };
        let headers = session::attachment(&headers)
            .ok_or("what is to be attached are no headers, or some that frame the request")?;
        let answer = Attached {
            headers,
            query,
            one_request: true,
        };
        Ok(Called::Answered {
            answer,
            renewed: None,
        })
    }
}

/// What a connector is told of a call.
struct What<'a> {
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
}

/// Makes a call at the platform.
pub(super) async fn call(
    line: &Line,
    api: &Api,
    covers: &Covers,
    client: &Client,
    session: &Session,
    mut call: Call,
) -> Called<CallAnswer> {
    let url = api.url(&call.path, call.query.as_deref());
    let what = What {
        method: call.method.as_str(),
        path: url.path(),
        query: url.query(),
    };
    let attached = match attach(line, client, session, &what).await {
        Called::Answered { answer, .. } => answer,
        Called::SignedOut => return Called::SignedOut,
        Called::Unreachable => return Called::Unreachable,
        Called::Broken => return Called::Broken,
        Called::TooSlow => return Called::TooSlow,
    };
    if attached.query.is_some() {
        call.query = attached.query;
    }
    let mut attachment = Attachment {
        headers: attached.headers,
        ..Attachment::default()
    };
    let sent = match attached.one_request {
        true => api.call_once(client, &mut attachment, call).await,
        false => api.call(client, &mut attachment, covers, call).await,
    };
    match sent {
        Sent::Answered { answer, .. } => Called::Answered {
            answer,
            renewed: None,
        },
        Sent::SignedOut => Called::SignedOut,
        Sent::Failed(error) => error.into(),
    }
}

async fn attach(
    line: &Line,
    client: &Client,
    session: &Session,
    what: &What<'_>,
) -> Called<Attached> {
    if let Some(headers) = session::headers(session) {
        return match session::attachment(&headers) {
            Some(headers) => Called::Answered {
                answer: Attached {
                    headers,
                    query: None,
                    one_request: false,
                },
                renewed: None,
            },
            None => Called::Unreachable,
        };
    }
    let Some(raw) = session::raw(session) else {
        return Called::SignedOut;
    };
    let attach = Attach {
        session: raw,
        method: what.method,
        path: what.path,
        query: what.query,
    };
    match line.ask::<_, AttachAnswer, _>(client, attach).await {
        Ok(attached) => attached,
        Err(Unanswered::Send(error)) => error.into(),
        // Nothing has gone to the platform.
        Err(Unanswered::Unknown | Unanswered::Unsound(_)) => Called::Unreachable,
    }
}
