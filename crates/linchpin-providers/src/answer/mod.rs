//! What stands in an answer of a platform, and what it means.

mod condition;
mod css;
mod html;
mod place;

use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use linchpin_provider::Body;
use url::Url;

pub(crate) use condition::Condition;
pub(crate) use place::Place;

use crate::api::Jar;

/// An answer as far as it was read.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    /// Where it came from, after redirects.
    pub(crate) url: &'a Url,
    pub(crate) body: &'a [u8],
    /// The cookies, those of the answer included.
    pub(crate) jar: Option<&'a Jar>,
}

/// Reads the first `most` bytes of a body; `None` where it ended early.
pub(crate) async fn read_some(mut body: Body, most: usize) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    while read.len() < most {
        let Some(frame) = body.frame().await else {
            break;
        };
        if let Some(bytes) = frame.ok()?.data_ref() {
            let room = most - read.len();
            read.extend(bytes.iter().take(room));
        }
    }
    Some(read)
}
