//! The launch URL: opening it costs nothing, and the first who acts owns the session.

use crate::support::{Browser, CALLBACK, HOUR, Request, SECOND, World};

#[test]
fn previews_scanners_and_prefetches_do_not_consume_the_link() {
    let world = World::start();
    let link = world.link();
    let before = world.database().dump();
    let agents = [
        "Slackbot-LinkExpanding 1.0",
        "facebookexternalhit/1.1",
        "BarracudaSentinel",
    ];
    for at in 0..20 {
        let method = if at % 3 == 0 { "HEAD" } else { "GET" };
        let request = Request::new(method, link.url())
            .header("user-agent", agents[at % agents.len()])
            .header("purpose", "prefetch")
            .header("sec-purpose", "prefetch;prerender");
        world.send(&request).expect(200);
        let old = link.url().replace("/cs_", "/s/cs_");
        world.send(&Request::new(method, &old)).expect(200);
    }
    assert_eq!(world.database().dump(), before);
    let mut browser = Browser::signed_in_as(&world, &link, "ada@fan.sandbox.com");
    browser.go_back_to_app();
    assert!(browser.left_to().contains("status=success"));
}

#[test]
fn the_older_address_of_the_page_works_all_the_way() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::new(&world);
    browser.open(&format!("/s/{}", link.secret()));
    assert_eq!(browser.step(), "pre-login");
    browser.press("continue").press("continue");
    browser.sign_in("ada@fan.sandbox.com", crate::support::PASSWORD);
    browser.go_back_to_app();
    assert!(
        browser
            .left_to()
            .starts_with(&format!("{CALLBACK}?status=success"))
    );
}

#[test]
fn the_page_says_who_asks_and_that_the_password_is_used_once() {
    let world = World::start();
    let words = Browser::at(&world, &world.link()).words();
    for wanted in ["Shop", "Sandbox", "used once", "not kept"] {
        assert!(words.contains(wanted), "{words}");
    }
}

#[test]
fn every_opening_of_the_launch_page_has_a_token_of_its_own() {
    let world = World::start();
    let link = world.link();
    let first = Browser::at(&world, &link).form().token().to_owned();
    let second = Browser::at(&world, &link).form().token().to_owned();
    assert_ne!(first, second);
}

#[test]
fn the_first_action_moves_to_an_address_with_a_secret_of_its_own() {
    let world = World::start();
    let link = world.link();
    let browser = Browser::at_authorization(&world, &link);
    let path = browser.path();
    assert!(path.starts_with("/f/"), "{path}");
    assert!(!path.contains(&link.secret()[3..]), "{path}");
    // 256 bits, URL-safe.
    assert!(path.len() >= "/f/".len() + 43, "{path}");
}

#[test]
fn a_second_browser_cannot_take_over_a_session() {
    let world = World::start();
    let link = world.link();
    let mut second = Browser::at(&world, &link);
    let mut first = Browser::at_authorization(&world, &link);
    second.press("continue");
    assert_eq!(second.status(), 409, "{}", second.words());
    assert!(
        second.words().contains("already in use"),
        "{}",
        second.words()
    );
    let mut third = Browser::at(&world, &link);
    assert_eq!(third.status(), 409);
    assert!(!third.links().iter().any(|href| href.contains("/f/")));
    third.reload();
    assert_eq!(third.status(), 409);
    first.press("continue");
    first.sign_in("ada@fan.sandbox.com", crate::support::PASSWORD);
    assert_eq!(first.step(), "success");
    assert_eq!(world.database().count_of("begun"), 1);
}

#[test]
fn a_second_browser_cannot_cancel_what_it_does_not_own() {
    let world = World::start();
    let link = world.link();
    let mut second = Browser::at(&world, &link);
    second.press("cancel");
    let first = Browser::at_login(&world, &link);
    let answer = second.answer_to("cancel");
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert_eq!(world.status(&link), "initialized");
    assert_eq!(first.step(), "login");
}

#[test]
fn the_same_form_within_a_minute_leads_to_the_same_place() {
    let world = World::start();
    let link = world.link();
    let browser = Browser::at(&world, &link);
    let first = browser.answer_to("continue").expect(303);
    world.pass(60 * SECOND - 1);
    let again = browser.answer_to("continue").expect(303);
    assert_eq!(first.location(), again.location());
    world.pass(2);
    let late = browser.answer_to("continue");
    assert_eq!(late.status, 409, "{}", late.text());
    assert_eq!(world.database().count_of("begun"), 1);
}

#[test]
fn the_same_form_leads_to_the_same_place_after_a_restart() {
    let mut world = World::start();
    let link = world.link();
    let request = Browser::at(&world, &link).submission("continue");
    let first = world.send(&request).expect(303);
    world.restart();
    let again = world.send(&request).expect(303);
    assert_eq!(first.location(), again.location());
}

#[test]
fn of_thirty_two_browsers_one_owns_the_session() {
    let world = World::start();
    let link = world.link();
    let requests: Vec<Request> = (0..32)
        .map(|_| Browser::at(&world, &link).submission("continue"))
        .collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let world = &world;
        let threads: Vec<_> = requests
            .iter()
            .map(|request| scope.spawn(move || world.send(request).status))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(303), count(409)), (1, 31), "{statuses:?}");
    assert_eq!(world.database().count_of("begun"), 1);
}

#[test]
fn a_double_click_on_the_launch_page_goes_on_once() {
    let world = World::start();
    let link = world.link();
    let request = Browser::at(&world, &link).submission("continue");
    let mut places: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| world.send(&request).expect(303).location().to_owned()))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    places.dedup();
    assert_eq!(places.len(), 1, "{places:?}");
    assert_eq!(world.database().count_of("begun"), 1);
}

#[test]
fn the_launch_page_of_an_ended_session_says_the_same_however_it_ended() {
    let world = World::start();
    let completed = world.link();
    Browser::signed_in_as(&world, &completed, "ada@fan.sandbox.com");
    let failed = world.link();
    Browser::at_login(&world, &failed).sign_in("ada@locked.sandbox.com", "x");
    let cancelled = world.link();
    Browser::at(&world, &cancelled).leave();
    let expired = world.link();
    world.pass(HOUR);
    let pages: Vec<String> = [&completed, &failed, &cancelled, &expired]
        .iter()
        .map(|link| {
            let browser = Browser::at(&world, link);
            assert_eq!(browser.status(), 410);
            let wanted = format!(
                "{CALLBACK}?status=error&error_code=session_expired&client_reference_id=user_123"
            );
            assert!(browser.links().contains(&wanted), "{:?}", browser.links());
            browser.words()
        })
        .collect();
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:#?}");
}

#[test]
fn an_unknown_link_says_the_same_words_without_a_link_back() {
    let world = World::start();
    let ended = world.link();
    Browser::at(&world, &ended).leave();
    let ended = Browser::at(&world, &ended);
    let mut unknown = Browser::new(&world);
    for path in [format!("/cs_{}", "A".repeat(54)), "/cs_short".to_owned()] {
        unknown.open(&path);
        assert_eq!(unknown.status(), 404);
        let heading = "This link has ended";
        assert!(unknown.words().contains(heading), "{}", unknown.words());
        assert!(ended.words().contains(heading), "{}", ended.words());
        assert!(
            unknown.links().iter().all(|href| !href.contains("shop")),
            "{path}"
        );
    }
}
