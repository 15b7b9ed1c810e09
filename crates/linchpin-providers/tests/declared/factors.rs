//! Second factors.

use std::time::Duration;

use linchpin_provider::{Answer, Asked, Method, Pending, Reply};

use super::platform::{CODE, Platform, SITE, half, provider, typed};

#[tokio::test]
async fn a_code_of_an_authenticator_can_be_corrected_and_signs_in() {
    let platform = Platform::start().await;
    let site = provider(SITE);
    let client = platform.client();
    let (challenge, pending) = half(&*site, &client, "app").await;
    assert_eq!(challenge.methods, [Method::App]);
    let wrong = site
        .second_factor(&client, &pending, typed(Method::App, "000000"))
        .await;
    let Answer::WrongCode {
        progress: Some(progress),
    } = wrong
    else {
        panic!("{wrong:?}");
    };
    let pending = Pending {
        progress,
        ..pending
    };
    let right = site
        .second_factor(&client, &pending, typed(Method::App, CODE))
        .await;
    let Answer::SignedIn(signed_in) = right else {
        panic!("{right:?}");
    };
    assert_eq!(signed_in.account.id, "42");
    assert!(!signed_in.session.reveal().contains(CODE));
}

#[tokio::test]
async fn of_several_factors_those_count_that_the_answer_offers() {
    let platform = Platform::start().await;
    let site = provider(SITE);
    let client = platform.client();
    let (challenge, pending) = half(&*site, &client, "both").await;
    assert_eq!(challenge.methods, [Method::App, Method::Phone]);
    assert_eq!(challenge.phone.unwrap().hint, "…89");
    let sent = |platform: &Platform| {
        platform
            .arrived()
            .iter()
            .filter(|what| *what == "POST /login/send")
            .count()
    };
    // The usual one is another, so that nothing was sent.
    assert_eq!(sent(&platform), 0);
    let Asked::Done {
        progress: Some(progress),
    } = site.ask(&client, &pending, Method::Phone).await
    else {
        panic!();
    };
    assert_eq!(platform.last().body, "first=yes");
    let pending = Pending {
        progress,
        ..pending
    };
    site.ask(&client, &pending, Method::Phone).await;
    assert_eq!(platform.last().body, "first=no");
    let right = site
        .second_factor(&client, &pending, typed(Method::Phone, CODE))
        .await;
    assert!(matches!(right, Answer::SignedIn(_)), "{right:?}");
}

#[tokio::test]
async fn the_usual_factor_is_begun_with_its_challenge() {
    let platform = Platform::start().await;
    let (challenge, _) = half(&*provider(SITE), &platform.client(), "phone").await;
    let rules = challenge.phone.unwrap();
    assert_eq!(
        (rules.sends, rules.resend_after, rules.code_life),
        (3, 60, 600)
    );
    assert_eq!(platform.last().body, "first=yes");
}

#[tokio::test]
async fn approval_elsewhere_is_asked_for_until_it_comes() {
    let platform = Platform::start().await;
    let site = provider(SITE);
    let client = platform.client();
    let (challenge, pending) = half(&*site, &client, "push").await;
    assert_eq!(challenge.methods, [Method::Face]);
    let poll = || Reply::Approval {
        waited: Duration::from_secs(1),
    };
    let waiting = site.second_factor(&client, &pending, poll()).await;
    assert!(matches!(waiting, Answer::NotYet), "{waiting:?}");
    platform.approve();
    let approved = site.second_factor(&client, &pending, poll()).await;
    assert!(matches!(approved, Answer::SignedIn(_)), "{approved:?}");
}

#[tokio::test]
async fn a_challenge_for_a_person_is_shown_with_its_picture() {
    let platform = Platform::start().await;
    let site = provider(SITE);
    let client = platform.client();
    let (challenge, pending) = half(&*site, &client, "shown").await;
    let prompt = challenge.prompt.unwrap();
    assert_eq!(prompt.text, "What is that?");
    let picture = prompt.picture.unwrap();
    assert!(picture.starts_with("data:image/png;base64,f1BOR39QTkd/"));
    assert!(picture.len() > 16 * 1024 * 4 / 3);
    let right = site
        .second_factor(&client, &pending, typed(Method::Shown, "a cat"))
        .await;
    assert!(matches!(right, Answer::SignedIn(_)), "{right:?}");
}

#[tokio::test]
async fn a_factor_that_the_file_does_not_have_is_declined() {
    let platform = Platform::start().await;
    let site = provider(SITE);
    let client = platform.client();
    let (_, pending) = half(&*site, &client, "app").await;
    let other = site
        .second_factor(&client, &pending, typed(Method::Email, CODE))
        .await;
    assert!(matches!(other, Answer::Declined), "{other:?}");
}
