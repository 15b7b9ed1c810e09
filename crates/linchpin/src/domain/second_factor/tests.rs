//! What a second factor begins with, allows and keeps.

use super::*;

fn rules(sends: u8) -> CodeRules {
    CodeRules {
        sends,
        checks: 3,
        hint: "j…@example.com".to_owned(),
        resend_after: 30,
        code_life: 600,
    }
}

fn factor(methods: &[Method]) -> SecondFactor {
    let challenge = Challenge {
        methods: methods.to_vec(),
        phone: methods.contains(&Method::Phone).then(|| rules(3)),
        email: methods.contains(&Method::Email).then(|| rules(2)),
        prompt: None,
    };
    SecondFactor::begin(challenge, Timestamp(0)).unwrap()
}

#[test]
fn what_the_release_before_stored_is_read_and_read_alike() {
    let before = r#"{"methods":["app","phone"],"method":"app","asked_at":5,"phone":{"rules":{"sends":3,"checks":3,"last_four":"1234","resend_after":1,"code_life":600},"sends_left":2,"last_sent":5},"wrong_codes":1}"#;
    let factor: SecondFactor = serde_json::from_str(before).unwrap();
    assert_eq!((&factor.email, &factor.prompt), (&None, &None));
    assert!(factor.phone.as_ref().unwrap().is_good(Timestamp(6)));
    assert_eq!(serde_json::to_string(&factor).unwrap(), before);
}

#[test]
fn a_code_of_the_first_way_was_sent_and_none_of_another() {
    let phone = factor(&[Method::Phone, Method::Email]);
    let (texts, mails) = (phone.phone.unwrap(), phone.email.unwrap());
    assert_eq!((texts.sends_left, mails.sends_left), (2, 2));
    let at = Timestamp(29 * SECOND);
    assert!(texts.was_sent() && !texts.may_send(at) && texts.resend_in(at) == 1);
    assert!(!mails.was_sent() && mails.may_send(at));
    assert!(texts.is_good(at) && !mails.is_good(at) && !mails.is_too_old(at));
    assert!(texts.is_too_old(Timestamp(600 * SECOND)));
}

#[test]
fn each_way_has_sends_of_its_own() {
    let mut factor = factor(&[Method::App, Method::Phone, Method::Email]);
    let nothing = factor.after_sending(Timestamp(0));
    assert_eq!(nothing, None, "an app sends nothing");
    for (way, sends) in [(Method::Phone, 3), (Method::Email, 2)] {
        factor = factor.after_choosing(way, Timestamp(0)).unwrap();
        let mut sent = 0;
        while let Some(after) = factor.after_sending(Timestamp(sent * 30 * SECOND)) {
            (factor, sent) = (after, sent + 1);
        }
        assert_eq!(sent, sends, "{way:?}");
    }
    assert_eq!(factor.after_choosing(Method::Face, Timestamp(0)), None);
}

#[test]
fn a_way_whose_answers_are_used_up_is_not_among_the_others() {
    let mut factor = factor(&[Method::App, Method::Phone, Method::Face, Method::Email]);
    factor.wrong_codes = 2;
    let all = [Method::Phone, Method::Face, Method::Email];
    assert_eq!(factor.others(), all);
    factor.wrong_codes = 3;
    assert_eq!(factor.others(), [Method::Face]);
    assert_eq!(factor.checks_left(Method::App), 2);
}

#[test]
fn a_prompt_is_cut_to_its_limits_and_only_a_picture_is_shown() {
    let prompt = |picture: &str| {
        let prompt = Prompt {
            text: "é".repeat(501),
            picture: Some(picture.to_owned()),
        };
        within_limits(prompt)
    };
    assert_eq!(prompt("").text.chars().count(), 500);
    let good = "data:image/png;base64,iVBORw0KGgo=";
    assert_eq!(prompt(good).picture.as_deref(), Some(good));
    let too_large = format!("data:image/png;base64,{}", "A".repeat(PICTURE_MAX));
    for bad in [
        "",
        "/logo/x.png",
        "https://elsewhere.example/x.png",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:text/html;base64,AA==",
        "data:image/png;base64,\"onerror=",
        "data:image/png,x",
        &too_large,
    ] {
        assert_eq!(prompt(bad).picture, None, "{bad}");
    }
}

#[test]
fn codes_are_letters_and_digits_and_words_are_anything_that_is_not_empty() {
    for code in ["1234", " 123 456 ", "AB-cd-12"] {
        assert!(can_answer(Method::App, code), "{code}");
    }
    for code in ["", "123", "1234567890123", "12.34", "12é4"] {
        assert!(!can_answer(Method::Email, code), "{code}");
    }
    for words in ["x", " Blue, I think ", "é"] {
        assert!(can_answer(Method::Question, words), "{words}");
    }
    for words in ["", "  ", "a\nb", &"x".repeat(257)] {
        assert!(!can_answer(Method::Shown, words), "{words}");
    }
}
