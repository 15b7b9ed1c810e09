//! Sending a request with what belongs to an account attached, within the hosts of its provider.

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use linchpin_provider::{Body, Client, SendError, whole};
use url::Url;

use super::{Hosts, Jar};
use crate::answer::{Condition, Seen};

/// Redirects that are followed in a row.
const REDIRECTS_MAX: usize = 10;

/// What belongs to an account and goes with its requests.
#[derive(Clone, Default)]
pub(crate) struct Attachment {
    /// Headers such as `authorization`; sent to the host that the request is for, and to none that it redirects to.
    pub(crate) headers: HeaderMap,
    /// Its cookies; `None` where the platform keeps none, whose cookies are then dropped.
    pub(crate) jar: Option<Jar>,
}

/// Which redirects are followed, by the method and the URL that they lead to.
pub(crate) type Follows<'a> = &'a (dyn Fn(&Method, &Url) -> bool + Send + Sync);

/// One request, before anything is attached.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// Which redirects are followed of those that stay within the provider's hosts.
    pub(crate) follow: Follows<'a>,
    /// Redirects that mean something themselves, and are not followed.
    pub(crate) meant: Vec<Condition>,
}

/// What came back.
pub(crate) struct Incoming {
    pub(crate) answer: Response<Body>,
    /// Where it came from, after redirects.
    pub(crate) url: Url,
    /// Where it redirects to within the provider's hosts, which was not followed.
    pub(crate) towards: Option<Url>,
    /// Whether cookies came with it or on the way to it.
    pub(crate) cookies_came: bool,
}

/// Sends a request. Cookies that come are kept in the attachment's jar. A redirect is followed by GET (or by HEAD, where that was asked), at most ten times,
/// and only within the provider's hosts where `follow` has it; any other is the answer. `Broken` where it would leave the hosts itself.
pub(crate) async fn send(
    client: &Client,
    hosts: &Hosts,
    attachment: &mut Attachment,
    outgoing: Outgoing<'_>,
) -> Result<Incoming, SendError> {
    let Outgoing {
        mut method,
        mut url,
        mut headers,
        body,
        follow,
        meant,
    } = outgoing;
    let home = url.origin();
    let mut body = Some(body);
    let mut cookies_came = false;
    for followed in 0..=REDIRECTS_MAX {
        if !hosts.own(&url) {
            return Err(SendError::Broken);
        }
        let mut sent = headers.clone();
        if url.origin() == home {
            sent.extend(attachment.headers.clone());
        } else {
            without_secrets(&mut sent);
        }
        if let Some(cookies) = attachment.jar.as_ref().and_then(|jar| jar.header(&url)) {
            sent.insert(header::COOKIE, cookies);
        }
        let body = body.take().unwrap_or_else(|| whole(""));
        let request = request(&method, &url, sent, body)?;
        let answer = client.send(request).await?;
        if let Some(jar) = &mut attachment.jar {
            cookies_came |= jar.keep(answer.headers(), &url);
        }
        let seen = Seen {
            status: answer.status(),
            headers: answer.headers(),
            url: &url,
            body: &[],
            jar: attachment.jar.as_ref(),
        };
        let stays = followed == REDIRECTS_MAX
            || meant
                .iter()
                .any(|sign| sign.is_of_redirects() && sign.holds(&seen));
        let next = next(&answer, &url)
            .filter(|next| hosts.own(next) && is_followed(&method, answer.status()));
        if method != Method::HEAD {
            method = Method::GET;
        }
        let next = match next {
            Some(next) if !stays && follow(&method, &next) => next,
            towards => {
                return Ok(Incoming {
                    answer,
                    url,
                    towards,
                    cookies_came,
                });
            }
        };
        for name in [
            header::CONTENT_TYPE,
            header::CONTENT_LENGTH,
            header::CONTENT_ENCODING,
        ] {
            headers.remove(name);
        }
        url = next;
    }
    Err(SendError::Broken)
}

/// Leaves out what only the host that was asked may see.
fn without_secrets(headers: &mut HeaderMap) {
    let secret = headers.iter().filter(|(_, value)| value.is_sensitive());
    let mut names: Vec<_> = secret.map(|(name, _)| name.clone()).collect();
    names.push(header::AUTHORIZATION);
    for name in names {
        headers.remove(name);
    }
}

/// Whether a redirect is one that a browser follows without sending a body again.
fn is_followed(method: &Method, status: StatusCode) -> bool {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    match status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => true,
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => reads,
        _ => false,
    }
}

fn next(answer: &Response<Body>, url: &Url) -> Option<Url> {
    let location = answer.headers().get(header::LOCATION)?;
    let mut next = url.join(location.to_str().ok()?).ok()?;
    next.set_fragment(None);
    Some(next)
}

fn request(
    method: &Method,
    url: &Url,
    headers: HeaderMap,
    body: Body,
) -> Result<Request<Body>, SendError> {
    let uri: Uri = url.as_str().parse().map_err(|_| SendError::Broken)?;
    let mut request = Request::new(body);
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

/// A header's value that is not shown anywhere; `None` where the text cannot be one.
pub(crate) fn secret_value(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
