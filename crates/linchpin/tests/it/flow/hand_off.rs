//! Going on on a phone: the code, the phrase, and the two browsers of one session.

use std::path::PathBuf;

use linchpin::domain::{client_app_change::ClientAppChange, regions::Regions, token::LinkSecret};
use serde_json::json;

use crate::support::{Browser, CALLBACK, Link, MINUTE, PASSWORD, Request, SECOND, World};

const EMAIL: &str = "ada@fan.sandbox.com";
const OLD: &str = "This code is no longer valid";

/// A desktop that shows a code at the sign-in.
fn showing<'a>(world: &'a World, link: &Link) -> Browser<'a> {
    let mut desktop = Browser::at_login(world, link);
    desktop.press("phone");
    assert_eq!(desktop.step(), "phone");
    assert!(desktop.html().contains("class=\"qr\""));
    desktop
}

/// The address in the code that the session shows. That the picture says so is what the browser tests read from it.
pub fn code(world: &World, link: &Link) -> String {
    let (engine, runtime) = world.engine();
    let id = LinkSecret::parse(link.secret()).unwrap().session();
    let made = runtime.block_on(engine.store.session(id)).unwrap().unwrap();
    let (_, code, _) = engine.offered(&made.session).expect("a code is shown");
    format!("/h/{}", code.reveal())
}

/// The phrase that the desktop shows.
pub fn phrase(desktop: &Browser<'_>) -> String {
    let html = desktop.html();
    let (_, strong) = html.split_once("<strong lang=").expect("a phrase");
    let (_, text) = strong.split_once('>').unwrap();
    text.split_once("</strong>").unwrap().0.to_owned()
}

/// The phone's buttons with these words on them, or with any other.
pub fn picks(phone: &Browser<'_>, words: &str, right: bool) -> Vec<String> {
    let html = phone.html();
    let buttons = html.split("value=\"phrase-").skip(1);
    let picks = buttons.map(|rest| {
        let text = rest.split_once('>').unwrap().1;
        let text = text.split_once("</button>").unwrap().0.to_owned();
        (format!("phrase-{}", &rest[..1]), text)
    });
    picks
        .filter(|(_, text)| (text == words) == right)
        .map(|(action, _)| action)
        .collect()
}

fn opened<'a>(world: &'a World, address: &str) -> Browser<'a> {
    let mut phone = Browser::new(world);
    phone.open(address);
    phone
}

/// A phone that chose the right phrase.
fn taken<'a>(world: &'a World, link: &Link, desktop: &Browser<'_>) -> Browser<'a> {
    let mut phone = opened(world, &code(world, link));
    let right = picks(&phone, &phrase(desktop), true);
    assert_eq!(right.len(), 1);
    phone.press(&right[0]);
    phone
}

/// What a page says to whoever comes with an address of a code that leads nowhere.
fn dead(world: &World, address: &str) -> String {
    let phone = opened(world, address);
    assert_eq!(phone.status(), 410);
    let words = phone.words();
    assert!(words.contains(OLD), "{words}");
    words
}

#[test]
fn the_phone_signs_in_and_the_desktop_goes_back_to_the_app() {
    let world = World::start();
    let link = world.link();
    let mut desktop = showing(&world, &link);
    let address = code(&world, &link);
    let before = world.database().dump();
    let mut phone = opened(&world, &address);
    opened(&world, &address);
    assert_eq!(
        world.database().dump(),
        before,
        "opening a code writes nothing"
    );
    assert_eq!((phone.status(), phone.step().as_str()), (200, "hand-off"));
    for said in [
        "Shop",
        "In a private network",
        "Which words are on the other screen?",
    ] {
        assert!(phone.words().contains(said), "{said}: {}", phone.words());
    }
    assert_eq!(picks(&phone, &phrase(&desktop), false).len(), 2);
    let right = picks(&phone, &phrase(&desktop), true);
    phone.press(&right[0]);
    assert_eq!(phone.step(), "login");
    assert_ne!(phone.path(), desktop.path());
    assert!(
        !phone.html().contains("value=\"phone\""),
        "one hand-off at a time"
    );

    let again = desktop.refresh();
    desktop.open(&again);
    assert!(
        desktop.words().contains("Now continue on your phone"),
        "{}",
        desktop.words()
    );
    phone.sign_in(EMAIL, PASSWORD);
    assert_eq!(phone.step(), "success");
    assert!(phone.links().is_empty() && !phone.html().contains("http-equiv"));
    // The way back is the desktop's alone.
    phone.open(&format!("{}/return", phone.path()));
    assert!(!phone.has_left() && phone.step() == "success");

    let again = desktop.refresh();
    desktop.open(&again);
    assert_eq!(desktop.step(), "success");
    desktop.go_back_to_app();
    let success = format!("{CALLBACK}?status=success&connection_id=");
    assert!(
        desktop.left_to().starts_with(&success),
        "{}",
        desktop.left_to()
    );
    assert_eq!(world.database().count_of("hand_off_taken"), 1);
    assert_eq!(world.database().connections().len(), 1);
}

#[test]
fn a_wrong_phrase_ends_the_hand_off_and_the_desktop_says_so() {
    let world = World::start();
    for none_of_these in [false, true] {
        let link = world.link();
        let mut desktop = showing(&world, &link);
        let address = code(&world, &link);
        let mut phone = opened(&world, &address);
        let mut late = phone.clone();
        let wrong = picks(&phone, &phrase(&desktop), false);
        phone.press(if none_of_these { "cancel" } else { &wrong[1] });
        assert_eq!(phone.status(), 410);
        assert!(phone.words().contains("Those words are not shown there"));
        // Nor does the right one help after that.
        let right = picks(&late, &phrase(&desktop), true);
        late.press(&right[0]);
        assert!(late.status() == 410 && late.words().contains(OLD));
        dead(&world, &address);

        let again = desktop.refresh();
        desktop.open(&again);
        assert!(
            desktop.words().contains("The words did not match"),
            "{}",
            desktop.words()
        );
        desktop.press("phone");
        assert_ne!(code(&world, &link), address, "another code");
        desktop.press("here");
        assert_eq!(desktop.step(), "login");
        dead(&world, &address);
    }
}

#[test]
fn a_code_is_used_once_and_the_same_form_finds_the_same_flow() {
    let world = World::start();
    let link = world.link();
    let desktop = showing(&world, &link);
    let address = code(&world, &link);
    let phone = opened(&world, &address);
    let right = picks(&phone, &phrase(&desktop), true);
    let forms: Vec<Request> = (0..8)
        .map(|_| opened(&world, &address).submission(&right[0]))
        .collect();
    let answers = std::thread::scope(|scope| {
        let threads: Vec<_> = forms
            .iter()
            .flat_map(|form| [form, form])
            .map(|form| scope.spawn(|| world.send(form)))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap());
        joined.collect::<Vec<_>>()
    });
    let mut flows: Vec<&str> = answers
        .iter()
        .filter(|answer| answer.status == 303)
        .map(|answer| answer.location())
        .collect();
    flows.dedup();
    assert_eq!(flows.len(), 1, "one phone: {flows:?}");
    assert!(
        answers
            .iter()
            .all(|answer| [303, 410].contains(&answer.status))
    );
    assert_eq!(world.database().count_of("hand_off_taken"), 1);
    let used = dead(&world, &address);

    let winner = answers.iter().position(|answer| answer.status == 303);
    let form = &forms[winner.unwrap() / 2];
    assert_eq!(world.send(form).expect(303).location(), flows[0]);
    world.pass(MINUTE);
    assert_eq!(world.send(form).status, 410);

    // Old, used and made-up codes are told in the same words.
    let other = world.link();
    showing(&world, &other);
    let old = code(&world, &other);
    world.pass(2 * MINUTE);
    assert_eq!(dead(&world, &old), used);
    assert_eq!(dead(&world, &format!("/h/{}", "A".repeat(32))), used);
    assert_eq!(dead(&world, "/h/x"), used);
}

#[test]
fn a_code_lives_two_minutes_and_five_are_shown_in_a_session() {
    let world = World::start();
    let link = world.link();
    let mut desktop = showing(&world, &link);
    let phone = opened(&world, &code(&world, &link));
    let right = picks(&phone, &phrase(&desktop), true);
    world.pass(2 * MINUTE - SECOND);
    assert_eq!(opened(&world, &code(&world, &link)).status(), 200);
    world.pass(SECOND);
    assert_eq!(phone.answer_to(&right[0]).status, 410);
    for _ in 2..=5 {
        let again = desktop.refresh();
        desktop.open(&again);
        assert!(
            desktop.words().contains("The code has run out"),
            "{}",
            desktop.words()
        );
        desktop.press("phone");
        assert_eq!(opened(&world, &code(&world, &link)).status(), 200);
        world.pass(2 * MINUTE);
    }
    let again = desktop.refresh();
    desktop.open(&again);
    assert!(
        !desktop.html().contains("value=\"phone\""),
        "{}",
        desktop.words()
    );
    desktop.press("here");
    assert_eq!(desktop.step(), "login");
    assert!(!desktop.html().contains("value=\"phone\""));
    assert_eq!(world.database().count_of("hand_off_offered"), 5);
}

#[test]
fn while_the_phone_goes_on_the_desktop_only_takes_back_or_leaves() {
    let world = World::start();
    let link = world.link();
    let mut desktop = showing(&world, &link);
    let mut phone = taken(&world, &link, &desktop);
    let again = desktop.refresh();
    desktop.open(&again);
    phone.sign_in(EMAIL, "wrong");
    assert_eq!(phone.step(), "login");
    // The phone's step has not made the desktop's page out of date, and the page has nothing to sign in with.
    let form = desktop.form();
    let token = form.token();
    let fields = [
        ("token", token),
        ("username", EMAIL),
        ("password", PASSWORD),
        ("action", "continue"),
    ];
    let answer = world.send(&Request::post(&form.action).form(fields));
    assert_eq!(answer.expect(303).location(), desktop.path());
    assert_eq!(world.database().count_of("password_submitted"), 1);
    let mut stale = phone.clone();
    desktop.press("here");
    assert_eq!(desktop.step(), "login");
    phone.fill("username", EMAIL).fill("password", PASSWORD);
    phone.press("continue");
    assert!(
        phone.words().contains("The other screen has taken over"),
        "{}",
        phone.words()
    );
    stale.press("cancel");
    assert!(!stale.has_left() && world.status(&link) == "invalid_credentials");
    desktop.sign_in(EMAIL, PASSWORD);
    assert_eq!(desktop.step(), "success");
    phone.reload();
    assert!(!phone.words().contains("ada"), "{}", phone.words());
}

#[test]
fn leaving_on_either_screen_ends_both_and_only_the_desktop_goes_back() {
    let world = World::start();
    for on_phone in [true, false] {
        let link = world.link();
        let mut desktop = showing(&world, &link);
        let mut phone = taken(&world, &link, &desktop);
        let again = desktop.refresh();
        desktop.open(&again);
        if on_phone {
            phone.leave();
            let again = desktop.refresh();
            desktop.open(&again);
        } else {
            desktop.leave();
            phone.reload();
        }
        assert!(!phone.has_left());
        assert!(
            phone.words().contains("Nothing was connected"),
            "{}",
            phone.words()
        );
        let cancelled =
            format!("{CALLBACK}?status=cancelled&step=login&client_reference_id=user_123");
        assert_eq!(desktop.left_to(), cancelled);
    }
}

#[test]
fn the_button_of_the_first_page_begins_and_shows_a_code() {
    let world = World::start();
    let link = world.link();
    let mut desktop = Browser::at(&world, &link);
    desktop.press("phone");
    assert_eq!(desktop.step(), "phone");
    let mut phone = taken(&world, &link, &desktop);
    assert_eq!(phone.step(), "authorization");
    phone.press("continue").sign_in(EMAIL, PASSWORD);
    assert_eq!(phone.step(), "success");
    // The first page is in use by then, for the phone as well.
    assert_eq!(opened(&world, link.url()).status(), 410);
}

#[test]
fn an_app_that_has_switched_it_off_offers_none_and_its_codes_are_worth_nothing() {
    let world = World::start();
    let link = world.link();
    let mut desktop = Browser::at_login(&world, &link);
    let button = desktop.submission("phone");
    let other = world.link();
    showing(&world, &other);
    let address = code(&world, &other);
    let off = ClientAppChange {
        hand_off: Some(false),
        ..ClientAppChange::default()
    };
    world.change_app(&world.developer().app, off);
    dead(&world, &address);
    desktop.reload();
    assert!(!desktop.html().contains("value=\"phone\""));
    world.send(&button).expect(303);
    assert_eq!(desktop.reload().step(), "login");
    assert_eq!(world.database().count_of("hand_off_offered"), 1);
    let first = Browser::at(&world, &world.link());
    assert!(!first.html().contains("value=\"phone\""));
}

#[test]
fn forms_that_are_none_of_ours_are_refused() {
    let world = World::start();
    let link = world.link();
    let desktop = showing(&world, &link);
    let address = code(&world, &link);
    let phone = opened(&world, &address);
    let right = picks(&phone, &phrase(&desktop), true);
    let before = world.database().dump();
    let forged = [("token", "x"), ("action", &right[0])];
    assert_eq!(
        world.send(&Request::post(&address).form(forged)).status,
        403
    );
    let elsewhere = phone
        .submission(&right[0])
        .header("sec-fetch-site", "cross-site");
    assert_eq!(world.send(&elsewhere).status, 403);
    let made_up = format!("/h/{}", "A".repeat(32));
    assert_eq!(
        world.send(&Request::post(&made_up).form(forged)).status,
        403
    );
    assert_eq!(world.database().dump(), before);
    let fields = json!({ "locale": "ar" });
    let arabic = world.link_with(&fields);
    let desktop = showing(&world, &arabic);
    // Both screens say the phrase in the language of the first.
    let mut phone = opened(&world, &format!("{}?lang=en", code(&world, &arabic)));
    assert!(
        phone.html().contains("<html lang=\"en\"")
            && phone.html().contains("lang=\"ar\" dir=\"rtl\"")
    );
    let right = picks(&phone, &phrase(&desktop), true);
    phone.press(&right[0]);
    assert_eq!(phone.step(), "login");
}

#[test]
fn the_phone_is_told_where_the_desktop_is_and_the_store_no_more_than_that() {
    let database = include_bytes!("../../data/regions.mmdb").to_vec();
    let world = World::behind_a_proxy(Regions::parse(PathBuf::new(), database).unwrap());
    let at_login = |link: &Link| Browser::at_login(&world, link).submission("phone");
    for (desktop, phone, said) in [
        (
            "203.0.113.77",
            "198.51.100.1",
            "Cologne Germany Another network than this phone",
        ),
        (
            "203.0.113.77",
            "203.0.113.5",
            "Cologne Germany The same network as this phone",
        ),
        (
            "192.0.2.77",
            "192.0.2.7",
            "In the network 192.0.2.0/24 The same network as this phone",
        ),
        (
            "2001:db8:1:2::77",
            "192.0.2.7",
            "JP Another network than this phone",
        ),
        ("10.1.2.77", "192.0.2.7", "In a private network"),
    ] {
        let link = world.link();
        let offer = at_login(&link).header("x-forwarded-for", desktop);
        world.send(&offer).expect(303);
        let ask = Request::get(&code(&world, &link)).header("x-forwarded-for", phone);
        let words = crate::support::browser::words(&world.send(&ask).text());
        assert!(words.contains(said), "{said}: {words}");
        let ask = Request::get(&format!("{}?lang=ar", code(&world, &link)));
        assert_eq!(world.send(&ask).status, 200);
    }
    for (place, bytes) in world.stored() {
        for address in ["203.0.113.77", "192.0.2.77", "2001:db8:1:2", "10.1.2.77"] {
            let found = crate::support::answer::find(&bytes, address.as_bytes());
            assert_eq!(found, None, "{address} is in {place}");
        }
    }
}
