//! What the pages of a hand-off show, and to whom.

use std::collections::BTreeSet;

use linchpin::hosted::render::page;
use linchpin::hosted::texts::Locale;
use linchpin::hosted::view::{HandOffView, Phrase, Screen, View};

use super::{elements, english, find, rendered, samples, step_form};

const EVERY_STEP: [&str; 5] = ["pre-login", "authorization", "login", "2fa", "approval"];

#[test]
fn a_step_has_the_button_only_where_the_frame_says_so() {
    for step in EVERY_STEP {
        let mut sample = find(&format!("hand-off-{step}"));
        let button = "<button class=\"out phone\" name=\"action\" value=\"phone\" formnovalidate>";
        let html = rendered(find(&format!("hand-off-{step}")), Locale::En);
        let form = step_form(&html);
        assert!(form.contains(button), "{step}");
        let first = form.find("name=\"action\" value=\"").expect("a button");
        let is_first = form[first..].starts_with("name=\"action\" value=\"phone\"");
        assert!(!is_first, "{step}: Enter continues here");
        sample.frame.hand_off = false;
        assert!(!rendered(sample, Locale::En).contains("value=\"phone\""));
    }
}

#[test]
fn the_first_screen_shows_code_phrase_and_time_and_goes_on_by_itself() {
    let html = english("hand-off-code");
    for part in [
        "<svg class=\"qr\" role=\"img\" aria-label=\"QR code that opens this step on your phone\"",
        "<strong lang=\"en\" dir=\"ltr\">quiet river</strong>",
        "role=\"timer\" data-seconds=\"120\" data-then=\"reload\"",
        "<bdi>2:00</bdi>",
        "data-step=\"phone\" data-wait=\"/s/fl_sample/wait?lang=en\"",
        "<noscript><meta http-equiv=\"refresh\" content=\"3;url=/s/fl_sample/wait?lang=en\"></noscript>",
    ] {
        assert!(html.contains(part), "{part}");
    }
    // As text, the address could be sent on.
    assert!(!html.contains("/h/"));
    let waiting = english("hand-off-waiting");
    assert!(waiting.contains("data-wait=") && waiting.contains("http-equiv"));
    for page in [&html, &waiting] {
        let form = step_form(page);
        assert!(form.contains("value=\"here\"") && form.contains("value=\"cancel\""));
    }
    assert!(english("hand-off-late").contains("value=\"phone\""));
    assert!(!english("hand-off-used-up").contains("value=\"phone\""));
}

#[test]
fn the_phone_names_app_provider_and_place_before_it_asks() {
    let html = english("hand-off-ask");
    let question = html
        .find("Which words are on the other screen?")
        .expect("the question");
    for said in [
        "Connect <bdi>Fanhouse</bdi> to <bdi>Acme</bdi>",
        "<bdi>acme.example</bdi>",
        "<bdi>Cologne</bdi>",
        "<bdi>Germany</bdi>",
        "Another network than this phone",
    ] {
        let at = html.find(said).unwrap_or_else(|| panic!("{said}"));
        assert!(at < question, "{said}");
    }
    let picks: Vec<_> = elements(&html, "button")
        .into_iter()
        .filter(|button| button.contains("class=\"pick\""))
        .collect();
    assert_eq!(picks.len(), 3);
    assert!(english("hand-off-ask-network").contains("<bdi>203.0.113.0/24</bdi>"));
    assert!(english("hand-off-ask-bare").contains("In a private network"));
    for end in ["wrong", "no-longer", "taken-back", "done", "ended"] {
        let html = english(&format!("hand-off-{end}"));
        assert!(
            elements(&html, "a").is_empty() && !html.contains("id=\"step\""),
            "{end}"
        );
        assert!(
            !html.contains("data-leave") && !html.contains("http-equiv"),
            "{end}"
        );
    }
}

#[test]
fn every_language_has_twenty_four_phrases_that_are_not_alike() {
    for locale in Locale::ALL {
        let phrases = (0..24).map(|place| Phrase { place, locale });
        let texts: BTreeSet<String> = phrases.map(shown).collect();
        assert_eq!(texts.len(), 24, "{locale:?}");
        assert!(
            texts.iter().all(|text| !text.contains("phrase-")),
            "{texts:?}"
        );
        assert!(
            texts.iter().all(|text| text.chars().count() <= 22),
            "{texts:?}"
        );
    }
}

fn shown(phrase: Phrase) -> String {
    let view = View::HandOff(HandOffView::Ask {
        token: String::new(),
        phrases: [phrase; 3],
        screen: Screen::Private,
    });
    let html = page(&samples::frame(), &view);
    let (_, rest) = html.split_once("class=\"pick\"").expect("a phrase");
    let (_, text) = rest.split_once('>').expect("its text");
    text.split('<').next().unwrap_or_default().to_owned()
}
