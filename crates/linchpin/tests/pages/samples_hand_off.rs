//! A sample of every page of a hand-off, and of the steps that offer one.

use linchpin::hosted::texts::Locale;
use linchpin::hosted::view::{AccountFace, CodeMethod, HandOffView, Phrase, Screen, View, WhyOver};

use super::{Sample, live, long_name, sample, token, wait};

/// Every sample.
pub fn all() -> Vec<Sample> {
    let mut samples = offering();
    samples.extend(first_screen());
    samples.extend(phone());
    samples
}

/// Each step with the button.
fn offering() -> Vec<Sample> {
    let login = View::Login {
        token: token(),
        username: String::new(),
        by_email: true,
        problem: None,
    };
    let code = View::Code {
        token: token(),
        method: CodeMethod::App,
        another_way: true,
        problem: None,
    };
    let approval = View::Approval {
        token: token(),
        wait: wait(),
        another_way: true,
        not_asked: false,
    };
    let mut samples = vec![
        sample("hand-off-pre-login", super::pre_login(false)),
        sample("hand-off-authorization", super::authorization()),
        sample("hand-off-login", login),
        sample("hand-off-2fa", code),
        sample("hand-off-approval", approval),
    ];
    for sample in &mut samples {
        sample.frame.hand_off = true;
    }
    samples
}

fn first_screen() -> Vec<Sample> {
    let code = || HandOffView::Code {
        token: token(),
        wait: wait(),
        link: "https://link.example.com/h/AAAAAAAAAE3Gq0Zp3kY1x8Vw2mT7nR4c".to_owned(),
        phrase: phrase(0),
        seconds_left: 120,
    };
    let over = |why, again| HandOffView::Over {
        token: token(),
        why,
        again,
    };
    let waiting = HandOffView::Waiting {
        token: token(),
        wait: wait(),
    };
    let page = |name, view| live(name, View::HandOff(view));
    vec![
        sample("hand-off-code", View::HandOff(code())),
        long_name("hand-off-code-long-name", View::HandOff(code())),
        page("hand-off-late", over(WhyOver::Late, true)),
        page("hand-off-used-up", over(WhyOver::Late, false)),
        page("hand-off-refused", over(WhyOver::WrongPhrase, true)),
        page("hand-off-waiting", waiting),
    ]
}

fn phone() -> Vec<Sample> {
    let ask = |screen| HandOffView::Ask {
        token: token(),
        phrases: [7, 13, 23].map(phrase),
        screen,
    };
    let public = |country: Option<&str>, city: Option<&str>, shared| Screen::Public {
        network: "203.0.113.0/24".to_owned(),
        country: country.map(str::to_owned),
        city: city.map(str::to_owned),
        shared,
    };
    let known = public(Some("Germany"), Some("Cologne"), false);
    let account = AccountFace {
        name: "Jane Doe".to_owned(),
        username: "janedoe".to_owned(),
        avatar: None,
    };
    let page = |name, view| live(name, View::HandOff(view));
    let mut bare = page("hand-off-ask-bare", ask(Screen::Private));
    if let Some(app) = &mut bare.frame.app {
        app.website = None;
    }
    vec![
        sample("hand-off-ask", View::HandOff(ask(known.clone()))),
        long_name("hand-off-ask-long-name", View::HandOff(ask(known))),
        page("hand-off-ask-network", ask(public(None, None, true))),
        bare,
        page("hand-off-wrong", HandOffView::WrongPhrase),
        page("hand-off-no-longer", HandOffView::NoLonger),
        page("hand-off-taken-back", HandOffView::TakenBack),
        page("hand-off-done", HandOffView::Done { account }),
        page("hand-off-ended", HandOffView::Ended),
    ]
}

fn phrase(place: usize) -> Phrase {
    Phrase {
        place,
        locale: Locale::En,
    }
}
