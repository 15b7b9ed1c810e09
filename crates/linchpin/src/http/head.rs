//! The bytes of a request head: what is let through, and what the body after it will look like.
//!
//! Stricter than the parser behind it: whatever two parsers could read differently is refused
//! here (RFC 9112, sections 2.2, 3, 5 and 6), before anyone has parsed it.

use super::limits::Limits;
use super::refusal::Refusal;

/// Longest method that is looked at.
const METHOD_BYTES: usize = 32;
/// Method, two spaces and `HTTP/1.1`: what a request line holds beside its target.
const REQUEST_LINE_REST: usize = METHOD_BYTES + 10;

/// How the end of a message is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyFraming {
    /// So many bytes follow the head; often none.
    Length(u64),
    /// Chunks follow.
    Chunked,
}

/// A head that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AcceptedHead {
    /// Bytes of the head, empty line included.
    pub(super) bytes: usize,
    pub(super) body: BodyFraming,
}

/// Reads one head, line by line as its bytes arrive; each byte is looked at once.
#[derive(Debug, Default)]
pub(super) struct HeadScanner {
    /// Bytes from the start of the head that hold no unseen line end.
    searched: usize,
    line_start: usize,
    /// Where the first header line starts; unset before the request line is complete.
    headers_start: Option<usize>,
    skipped_empty_line: bool,
    http_1_0: bool,
    header_count: usize,
    hosts: usize,
    content_length: Option<u64>,
    chunked: bool,
}

impl HeadScanner {
    /// Looks at `head`, all bytes since the start of this head. `None` asks for more bytes.
    pub(super) fn scan(
        &mut self,
        head: &[u8],
        limits: &Limits,
    ) -> Result<Option<AcceptedHead>, Refusal> {
        while let Some(found) = head
            .get(self.searched..)
            .and_then(|rest| rest.iter().position(|byte| *byte == b'\n'))
        {
            let end = self.searched + found;
            let line = head.get(self.line_start..end).unwrap_or_default();
            let Some(line) = line.strip_suffix(b"\r") else {
                return Err(Refusal::Malformed("a line ends without a carriage return"));
            };
            self.searched = end + 1;
            self.line_start = end + 1;
            if let Some(body) = self.line(line, limits)? {
                return Ok(Some(AcceptedHead {
                    bytes: end + 1,
                    body,
                }));
            }
        }
        self.searched = head.len();
        self.check_unfinished(head, limits)?;
        Ok(None)
    }

    /// A line that has not ended must not grow beyond what a line may have.
    fn check_unfinished(&self, head: &[u8], limits: &Limits) -> Result<(), Refusal> {
        if self.headers_start.is_some() {
            // The empty line at the end is not counted, and its carriage return may be here.
            self.check_header_bytes(head.len().saturating_sub(1), limits)
        } else if head.len() - self.line_start > limits.url_bytes + REQUEST_LINE_REST {
            Err(Refusal::UrlTooLong(limits.url_bytes))
        } else {
            Ok(())
        }
    }

    fn check_header_bytes(&self, end: usize, limits: &Limits) -> Result<(), Refusal> {
        let start = self.headers_start.unwrap_or(end);
        if end.saturating_sub(start) > limits.header_bytes
            || self.header_count > limits.header_count
        {
            return Err(Refusal::HeadersTooLarge {
                count: limits.header_count,
                bytes: limits.header_bytes,
            });
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8], limits: &Limits) -> Result<Option<BodyFraming>, Refusal> {
        if self.headers_start.is_none() {
            // Old clients send an empty line after a body; one is forgiven.
            if line.is_empty() && !self.skipped_empty_line {
                self.skipped_empty_line = true;
                return Ok(None);
            }
            self.request_line(line, limits)?;
            self.headers_start = Some(self.line_start);
            return Ok(None);
        }
        if line.is_empty() {
            return self.end().map(Some);
        }
        self.header_count += 1;
        self.check_header_bytes(self.line_start, limits)?;
        self.header(line)?;
        Ok(None)
    }

    fn request_line(&mut self, line: &[u8], limits: &Limits) -> Result<(), Refusal> {
        let mut parts = line.split(|byte| *byte == b' ');
        let method = parts.next().unwrap_or_default();
        let target = parts.next().unwrap_or_default();
        if method.is_empty() || method.len() > METHOD_BYTES || !TOKEN.hold(method) {
            return Err(Refusal::Malformed("the method is not a word"));
        }
        if target.len() > limits.url_bytes {
            return Err(Refusal::UrlTooLong(limits.url_bytes));
        }
        self.http_1_0 = match (parts.next(), parts.next()) {
            (Some(b"HTTP/1.1"), None) => false,
            (Some(b"HTTP/1.0"), None) => true,
            _ => {
                return Err(Refusal::Malformed(
                    "the request line is not METHOD URL HTTP/1.1",
                ));
            }
        };
        if method == b"CONNECT" {
            return Err(Refusal::MethodNotAllowed);
        }
        if is_target(target) {
            Ok(())
        } else {
            Err(Refusal::Malformed(
                "the URL holds characters that must be percent-encoded",
            ))
        }
    }

    fn header(&mut self, line: &[u8]) -> Result<(), Refusal> {
        if line
            .first()
            .is_some_and(|byte| matches!(byte, b' ' | b'\t'))
        {
            return Err(Refusal::Malformed("a header is folded over two lines"));
        }
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (halves.next(), halves.next()) else {
            return Err(Refusal::Malformed("a header has no colon"));
        };
        if name.is_empty() || !TOKEN.hold(name) {
            return Err(Refusal::Malformed("a header name holds a space or sign"));
        }
        if value
            .iter()
            .any(|byte| byte.is_ascii_control() && *byte != b'\t')
        {
            return Err(Refusal::Malformed(
                "a header value holds a control character",
            ));
        }
        let value = value.trim_ascii();
        if name.eq_ignore_ascii_case(b"host") {
            self.hosts += 1;
            if self.hosts > 1 || !HOST.hold(value) {
                return Err(Refusal::Malformed(
                    "the Host header is doubled or not a host",
                ));
            }
        } else if name.eq_ignore_ascii_case(b"content-length") {
            if self.content_length.is_some() {
                return Err(Refusal::Malformed("Content-Length is given twice"));
            }
            self.content_length = Some(decimal(value)?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if self.chunked || self.http_1_0 || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Refusal::Malformed(
                    "the only Transfer-Encoding is one chunked",
                ));
            }
            self.chunked = true;
        }
        Ok(())
    }

    fn end(&self) -> Result<BodyFraming, Refusal> {
        if self.hosts == 0 && !self.http_1_0 {
            return Err(Refusal::Malformed("the Host header is missing"));
        }
        match (self.chunked, self.content_length) {
            (true, Some(_)) => {
                let what = "it has both Content-Length and Transfer-Encoding";
                Err(Refusal::Malformed(what))
            }
            (true, None) => Ok(BodyFraming::Chunked),
            (false, length) => Ok(BodyFraming::Length(length.unwrap_or(0))),
        }
    }
}

/// Only digits, and few enough that they cannot overflow.
fn decimal(digits: &[u8]) -> Result<u64, Refusal> {
    let plain = !digits.is_empty() && digits.len() < 19 && digits.iter().all(u8::is_ascii_digit);
    plain
        .then(|| std::str::from_utf8(digits).ok()?.parse().ok())
        .flatten()
        .ok_or(Refusal::Malformed("Content-Length is not a number"))
}

/// A set of ASCII characters, one bit each: each byte of each head is looked up.
#[derive(Clone, Copy)]
struct Characters(u128);

impl Characters {
    /// Letters, digits and these signs.
    const fn alphanumeric_and(mut signs: &[u8]) -> Self {
        let mut set = 0;
        let mut byte = 0;
        while byte < 128_u8 {
            if byte.is_ascii_alphanumeric() {
                set |= 1 << byte;
            }
            byte += 1;
        }
        while let [sign, rest @ ..] = signs {
            set |= 1 << *sign;
            signs = rest;
        }
        Self(set)
    }

    fn hold(self, bytes: &[u8]) -> bool {
        bytes
            .iter()
            .all(|byte| byte.is_ascii() && (self.0 >> byte) & 1 == 1)
    }
}

/// `tchar` of RFC 9110, section 5.6.2.
const TOKEN: Characters = Characters::alphanumeric_and(b"!#$%&'*+-.^_`|~");
const HOST: Characters = Characters::alphanumeric_and(b"-._~:[]%!$&'()*+;=");
/// What the `http` crate accepts, so that no head is refused behind the gate.
const PATH: Characters = Characters::alphanumeric_and(b"!$%&'()*+,-./:;=@[\\]^_|~");
const QUERY: Characters = Characters::alphanumeric_and(b"!$%&'()*+,-./:;=?@[\\]^_`{|}~");

/// A path, `*`, or a whole URL as proxies are sent it. A fragment has no business in a request.
fn is_target(target: &[u8]) -> bool {
    match target.first() {
        Some(b'/') => {
            let mut halves = target.splitn(2, |byte| *byte == b'?');
            halves.next().is_some_and(|path| PATH.hold(path))
                && halves.next().is_none_or(|query| QUERY.hold(query))
        }
        Some(b'*') => target.len() == 1,
        _ => {
            !target.contains(&b'#')
                && axum::http::Uri::try_from(target)
                    .is_ok_and(|uri| uri.scheme().is_some() && uri.authority().is_some())
        }
    }
}
