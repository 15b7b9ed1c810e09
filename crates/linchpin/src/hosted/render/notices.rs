//! Pages from which the flow does not go on: what happened in one title, what to do in one sentence.

use askama::Template;

use super::outside;
use super::shell::Shell;
use crate::hosted::view::Frame;

/// A page with a title, a sentence, and at most one way on.
#[derive(Template)]
#[template(path = "notice.html")]
pub(super) struct Notice<'a> {
    s: Shell<'a>,
    /// Messages of the title and of the sentence.
    title: &'static str,
    sentence: &'static str,
    /// Message of the link's words, address.
    way_on: Option<(&'static str, &'a str)>,
}

/// Ended, unknown and deleted sessions are told apart by nothing but the link back.
pub(super) fn ended<'a>(frame: &'a Frame, back: Option<&'a str>) -> Notice<'a> {
    let back = back.and_then(outside::link);
    notice(
        frame,
        "ended-title",
        "ended-sentence",
        back.map(|back| ("back-to-app", back)),
    )
}

pub(super) fn in_use(frame: &Frame) -> Notice<'_> {
    notice(frame, "in-use-title", "in-use-sentence", None)
}

pub(super) fn forbidden(frame: &Frame) -> Notice<'_> {
    notice(frame, "forbidden-title", "forbidden-sentence", None)
}

pub(super) fn unavailable(frame: &Frame) -> Notice<'_> {
    let again = outside::link(&frame.here).map(|here| ("try-again", here));
    notice(frame, "unavailable-title", "unavailable-sentence", again)
}

fn notice<'a>(
    frame: &'a Frame,
    title: &'static str,
    sentence: &'static str,
    way_on: Option<(&'static str, &'a str)>,
) -> Notice<'a> {
    Notice {
        s: Shell::new(frame, "error", title),
        title,
        sentence,
        way_on,
    }
}
