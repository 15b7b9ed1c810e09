//! The pages of a hand-off to a phone.

use askama::Template;

use super::notices::{self, Icon};
use super::outside;
use super::qr::{Qr, qr};
use super::shell::Shell;
use super::write;
use crate::hosted::texts::{Markup, Words};
use crate::hosted::view::{AccountFace, Frame, HandOffView, Phrase, Screen, WhyOver};

/// The phrases of the list, each as different from the others as can be.
const PHRASES: [&str; 24] = [
    "phrase-quiet-river",
    "phrase-red-bicycle",
    "phrase-old-lighthouse",
    "phrase-warm-bread",
    "phrase-sleepy-owl",
    "phrase-green-umbrella",
    "phrase-paper-boat",
    "phrase-golden-key",
    "phrase-wooden-bridge",
    "phrase-silver-spoon",
    "phrase-ripe-lemon",
    "phrase-snowy-mountain",
    "phrase-blue-door",
    "phrase-clever-fox",
    "phrase-round-table",
    "phrase-tall-tree",
    "phrase-white-feather",
    "phrase-full-moon",
    "phrase-open-window",
    "phrase-striped-cat",
    "phrase-soft-pillow",
    "phrase-hot-soup",
    "phrase-long-train",
    "phrase-purple-flower",
];

/// Seconds after which a page without scripts looks again: not so often that it disturbs whoever holds a camera to it.
const LOOK_AGAIN: u8 = 3;

/// The document of a view.
pub(super) fn page(frame: &Frame, view: &HandOffView) -> String {
    let notice = |icon, title, sentence| write(&notices::notice(frame, icon, title, sentence));
    match view {
        HandOffView::Code {
            token,
            wait,
            link,
            phrase,
            seconds_left,
        } => write(&code(frame, token, wait, link, *phrase, *seconds_left)),
        HandOffView::Over { token, why, again } => write(&over(frame, token, *why, *again)),
        HandOffView::Waiting { token, wait } => write(&waiting(frame, token, wait)),
        HandOffView::Ask {
            token,
            phrases,
            screen,
        } => write(&ask(frame, token, phrases, screen)),
        HandOffView::Done { account } => write(&done(frame, account)),
        HandOffView::WrongPhrase => {
            notice(Icon::Lock, "hand-off-wrong-title", "hand-off-wrong-lead")
        }
        HandOffView::NoLonger => notice(
            Icon::Clock,
            "hand-off-no-longer-title",
            "hand-off-no-longer-lead",
        ),
        HandOffView::TakenBack => notice(
            Icon::Phone,
            "hand-off-taken-back-title",
            "hand-off-close-lead",
        ),
        HandOffView::Ended => notice(Icon::Phone, "hand-off-ended-title", "hand-off-ended-lead"),
    }
}

/// A phrase with the language that it is in.
struct Spoken {
    text: Markup,
    tag: &'static str,
    dir: &'static str,
}

impl Spoken {
    fn of(phrase: Phrase) -> Self {
        let key = PHRASES.get(phrase.place).copied().unwrap_or_default();
        Self {
            text: Words::new(phrase.locale).html(key),
            tag: phrase.locale.tag(),
            dir: phrase.locale.dir(),
        }
    }
}

/// The first screen shows a code.
#[derive(Template)]
#[template(path = "hand_off_code.html")]
struct Code<'a> {
    s: Shell<'a>,
    token: &'a str,
    wait: &'a str,
    qr: Option<Qr>,
    phrase: Spoken,
    seconds: u32,
    time: Markup,
}

fn code<'a>(
    frame: &'a Frame,
    token: &'a str,
    wait: &'a str,
    link: &str,
    phrase: Phrase,
    seconds: u32,
) -> Code<'a> {
    let s = on_first_screen(frame, "hand-off-title", wait);
    Code {
        time: s
            .words
            .valued("hand-off-time", "time", &outside::clock(seconds)),
        s,
        token,
        wait,
        qr: qr(link),
        phrase: Spoken::of(phrase),
        seconds,
    }
}

/// The first screen waits for the phone.
#[derive(Template)]
#[template(path = "hand_off_waiting.html")]
struct Waiting<'a> {
    s: Shell<'a>,
    token: &'a str,
    wait: &'a str,
}

fn waiting<'a>(frame: &'a Frame, token: &'a str, wait: &'a str) -> Waiting<'a> {
    Waiting {
        s: on_first_screen(frame, "hand-off-waiting-title", wait),
        token,
        wait,
    }
}

fn on_first_screen<'a>(frame: &'a Frame, title: &str, wait: &'a str) -> Shell<'a> {
    let mut s = Shell::new(frame, "phone", title);
    s.refresh = Some((LOOK_AGAIN, wait));
    s.wait = Some(wait);
    s
}

/// The code leads nowhere any more.
#[derive(Template)]
#[template(path = "hand_off_over.html")]
struct Over<'a> {
    s: Shell<'a>,
    token: &'a str,
    title: &'static str,
    lead: &'static str,
    again: bool,
}

fn over<'a>(frame: &'a Frame, token: &'a str, why: WhyOver, again: bool) -> Over<'a> {
    let (title, lead) = match why {
        WhyOver::Late => ("hand-off-late-title", "hand-off-late-lead"),
        WhyOver::WrongPhrase => ("hand-off-refused-title", "hand-off-refused-lead"),
    };
    Over {
        s: Shell::new(frame, "phone", title),
        token,
        title,
        lead,
        again,
    }
}

/// The phone asks which phrase stands on the first screen.
#[derive(Template)]
#[template(path = "hand_off_ask.html")]
struct Ask<'a> {
    s: Shell<'a>,
    token: &'a str,
    lead: &'static str,
    phrases: [Spoken; 3],
    /// Where the first screen is, a line each.
    screen: Vec<Markup>,
}

fn ask<'a>(frame: &'a Frame, token: &'a str, phrases: &[Phrase; 3], screen: &Screen) -> Ask<'a> {
    let s = Shell::new(frame, "hand-off", "pre-login-title");
    let lead = match s.has_domain() {
        true => "pre-login-lead",
        false => "pre-login-lead-no-domain",
    };
    Ask {
        screen: lines(&s.words, screen),
        s,
        token,
        lead,
        phrases: phrases.map(Spoken::of),
    }
}

fn lines(words: &Words, screen: &Screen) -> Vec<Markup> {
    let Screen::Public {
        network,
        country,
        city,
        shared,
    } = screen
    else {
        return vec![words.html("hand-off-private")];
    };
    let relation = match shared {
        true => "hand-off-shared",
        false => "hand-off-apart",
    };
    let places = [city, country].into_iter().flatten();
    let mut lines: Vec<_> = places.map(|name| words.name(name)).collect();
    if lines.is_empty() {
        lines.push(words.valued("hand-off-network", "network", network));
    }
    lines.push(words.html(relation));
    lines
}

/// Connected, on the phone.
#[derive(Template)]
#[template(path = "hand_off_done.html")]
struct Done<'a> {
    s: Shell<'a>,
    account: &'a AccountFace,
    avatar: Option<&'a str>,
    initials: String,
}

fn done<'a>(frame: &'a Frame, account: &'a AccountFace) -> Done<'a> {
    Done {
        s: Shell::new(frame, "success", "done-title"),
        avatar: account.avatar.as_deref().and_then(outside::picture),
        initials: outside::initials(&account.name),
        account,
    }
}
