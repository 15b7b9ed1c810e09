//! Calls to a provider's own API, with a session attached.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use http_body_util::{BodyExt as _, Full, combinators::UnsyncBoxBody};

use crate::{SendError, Session};

/// Why a body ended early.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// A body that streams.
pub type Body = UnsyncBoxBody<Bytes, BodyError>;

/// A body that is there as a whole.
pub fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// One call.
pub struct Call {
    /// GET, HEAD, POST, PUT, PATCH or DELETE.
    pub method: Method,
    /// Decoded and checked: begins with `/`, has no `..`, no scheme, no backslash and no control character.
    pub path: String,
    /// As the caller wrote it, without `?`.
    pub query: Option<String>,
    /// Without what belongs to the caller's connection or identity.
    pub headers: HeaderMap,
    /// What is sent along.
    pub body: Body,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({} …)", self.method)
    }
}

/// What one call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// Bytes that are sent along at most.
    pub sent: u64,
    /// Bytes of the answer at most.
    pub answered: u64,
    /// The longest pause within an answer.
    pub pause: Duration,
    /// The longest time that a call may take, from the first byte of its body to the last of its answer.
    pub whole: Duration,
}

impl Default for CallLimits {
    /// 10 MiB there, 50 MiB back, 15 seconds of pause, 120 seconds in all.
    fn default() -> Self {
        Self {
            sent: 10 * 1024 * 1024,
            answered: 50 * 1024 * 1024,
            pause: Duration::from_secs(15),
            whole: Duration::from_mins(2),
        }
    }
}

/// What became of a call.
pub enum Called<T> {
    /// The provider has answered.
    Answered {
        /// Its answer.
        answer: T,
        /// The session that takes the place of the one that was used.
        renewed: Option<Session>,
    },
    /// The session is not accepted any more.
    SignedOut,
    /// The provider cannot be reached; nothing was sent.
    Unreachable,
    /// The connection broke, or what came is no answer; what was sent may have had its effect.
    Broken,
    /// The provider did not answer in time.
    TooSlow,
}

impl<T> From<SendError> for Called<T> {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Unreachable => Self::Unreachable,
            SendError::TooSlow => Self::TooSlow,
            SendError::Broken => Self::Broken,
        }
    }
}

/// The answer to a [`Call`].
pub type CallAnswer = Response<Body>;

/// What a call needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// This permission.
    Needs(String),
    /// None.
    Open,
    /// Nobody may make it.
    Refused,
}
