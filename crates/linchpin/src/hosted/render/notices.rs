//! Pages from which the flow does not go on: what happened in one title, what to do in one sentence.

use askama::Template;

use super::outside;
use super::shell::Shell;
use crate::hosted::view::Frame;

/// A page with a title, a sentence, and at most one way on.
#[derive(Template)]
#[template(path = "notice.html")]
pub(super) struct Notice<'a> {
    pub(super) s: Shell<'a>,
    icon: Icon,
    /// Messages of the title and of the sentence.
    title: &'static str,
    sentence: &'static str,
    /// Message of the link's words, address.
    way_on: Option<(&'static str, &'a str)>,
}

/// What stands above the title.
pub(super) enum Icon {
    /// Time has run out, or a little of it is needed.
    Clock,
    /// The page is kept for someone else.
    Lock,
    /// It goes on on another screen.
    Phone,
}

/// Ended, unknown and deleted sessions are told apart by nothing but the link back.
pub(super) fn ended<'a>(frame: &'a Frame, back: Option<&'a str>) -> Notice<'a> {
    let back = back.and_then(outside::link);
    Notice {
        way_on: back.map(|back| ("back-to-app", back)),
        ..notice(frame, Icon::Clock, "ended-title", "ended-sentence")
    }
}

pub(super) fn in_use(frame: &Frame) -> Notice<'_> {
    notice(frame, Icon::Lock, "in-use-title", "in-use-sentence")
}

pub(super) fn forbidden(frame: &Frame) -> Notice<'_> {
    notice(frame, Icon::Lock, "forbidden-title", "forbidden-sentence")
}

pub(super) fn no_connection(frame: &Frame) -> Notice<'_> {
    notice(
        frame,
        Icon::Clock,
        "no-connection-title",
        "no-connection-sentence",
    )
}

pub(super) fn unavailable(frame: &Frame) -> Notice<'_> {
    Notice {
        way_on: outside::link(&frame.here).map(|here| ("try-again", here)),
        ..notice(
            frame,
            Icon::Clock,
            "unavailable-title",
            "unavailable-sentence",
        )
    }
}

pub(super) fn notice<'a>(
    frame: &'a Frame,
    icon: Icon,
    title: &'static str,
    sentence: &'static str,
) -> Notice<'a> {
    Notice {
        s: Shell::new(frame, "error", title),
        icon,
        title,
        sentence,
        way_on: None,
    }
}
