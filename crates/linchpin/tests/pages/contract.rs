//! What clients, tests and browsers rely on in the markup.

use linchpin::hosted::texts::{Locale, Words};
use linchpin::hosted::view::Theme;

use super::{elements, english, every_page, find, rendered, samples, step_form};

const STEPS: [(&str, &str); 16] = [
    ("pre-login", "pre-login"),
    ("authorization", "authorization"),
    ("login", "login"),
    ("code-app", "2fa"),
    ("approval", "2fa"),
    ("question", "2fa"),
    ("shown", "2fa"),
    ("ways", "2fa"),
    ("checking", "checking"),
    ("done", "success"),
    ("ended", "error"),
    ("in-use", "error"),
    ("connection", "connection"),
    ("disconnect", "disconnect"),
    ("disconnected", "disconnected"),
    ("no-connection", "error"),
];

#[test]
fn the_body_names_the_step() {
    for (sample, step) in STEPS {
        let body = format!("<body data-step=\"{step}\"");
        assert!(english(sample).contains(&body), "{sample}");
    }
}

#[test]
fn pages_state_their_language_and_direction() {
    for (name, html) in every_page() {
        let (_, tag) = name
            .rsplit_once(' ')
            .expect("a name that ends in its language");
        let dir = if tag == "ar" { "rtl" } else { "ltr" };
        let expected = format!("<html lang=\"{tag}\" dir=\"{dir}\" data-theme=\"auto\">");
        assert!(html.contains(&expected), "{name}");
        assert_eq!(elements(&html, "h1").len(), 1, "{name}");
        assert_eq!(elements(&html, "title").len(), 1, "{name}");
        assert!(!html.contains("<title></title>"), "{name}");
    }
}

#[test]
fn every_form_of_a_step_posts_its_token_to_where_the_frame_says() {
    for sample in samples::all() {
        let (name, post_to) = (sample.name, sample.frame.post_to.clone());
        let html = rendered(sample, Locale::En);
        if html.contains("id=\"step\"") {
            let form = step_form(&html);
            assert!(
                form.starts_with(&format!(
                    "<form id=\"step\" method=\"post\" action=\"{post_to}\""
                )),
                "{name}"
            );
            assert!(
                form.contains(
                    "<input type=\"hidden\" name=\"token\" value=\"st_b6Q0Zp3kY1x8Vw2mT7nR4c\">"
                ),
                "{name}"
            );
        }
    }
}

#[test]
fn enter_in_a_field_continues() {
    for (sample, rest) in [
        ("pre-login", vec!["cancel"]),
        ("authorization", vec!["cancel"]),
        ("login", vec!["cancel"]),
        ("login-wrong", vec!["cancel"]),
        ("code-app", vec!["cancel"]),
        ("code-app-wrong", vec!["another", "cancel"]),
        ("code-phone", vec!["resend", "another", "cancel"]),
        ("code-phone-used-up", vec!["another", "cancel"]),
        ("code-email", vec!["resend", "another", "cancel"]),
        ("question", vec!["another", "cancel"]),
        ("shown", vec!["another", "cancel"]),
    ] {
        let mut expected = vec![("continue", false)];
        expected.extend(rest.into_iter().map(|action| (action, true)));
        assert_eq!(actions(&english(sample)), expected, "{sample}");
    }
    assert_eq!(
        actions(&english("approval")),
        [("another", true), ("cancel", true)]
    );
    assert_eq!(actions(&english("leave")), [("cancel", true)]);
    assert_eq!(actions(&english("disconnect")), [("disconnect", false)]);
}

/// The submit buttons of the step's form in tree order: the action, and whether it skips validation.
pub(super) fn actions(html: &str) -> Vec<(&str, bool)> {
    elements(step_form(html), "button")
        .into_iter()
        .filter(|button| !button.contains("type=\"button\""))
        .map(|button| {
            let action = button
                .split("name=\"action\" value=\"")
                .nth(1)
                .expect("an action");
            (
                action.split('"').next().unwrap_or_default(),
                button.contains("formnovalidate"),
            )
        })
        .collect()
}

#[test]
fn fields_are_known_to_password_managers_and_phones() {
    let login = english("login");
    for field in [
        "name=\"username\" type=\"text\" inputmode=\"email\" autocomplete=\"username\"",
        "name=\"password\" type=\"password\" autocomplete=\"current-password\"",
    ] {
        assert!(login.contains(field), "{field}");
    }
    let by_name = "name=\"username\" type=\"text\" autocomplete=\"username\"";
    assert!(english("login-username").contains(by_name));
    assert!(english("code-app").contains("inputmode=\"numeric\" autocomplete=\"one-time-code\""));
    for (name, html) in every_page() {
        assert!(!html.contains("maxlength"), "{name} cuts what is pasted");
    }
}

#[test]
fn errors_stand_at_the_field_that_gets_the_focus() {
    for (sample, field, error) in [
        ("login-wrong", "password", "4 tries left"),
        ("login-late", "password", "One try left"),
        ("login-incomplete", "password", "Enter your password"),
        ("login-empty", "username", "Enter your e-mail"),
        ("login-different-account", "username", "another account"),
        ("login-linked-elsewhere", "username", "someone else"),
        ("code-app-wrong", "code", "4 tries left"),
        ("code-phone-expired", "code", "too old"),
        ("code-app-incomplete", "code", "digits only"),
        ("code-email-incomplete", "code", "from the e-mail"),
        ("question-wrong", "code", "One try left"),
        ("question-incomplete", "code", "256 characters"),
    ] {
        let html = english(sample);
        let input = input(&html, field);
        assert!(input.contains("aria-invalid=\"true\""), "{sample}");
        assert!(input.contains("aria-describedby=\""), "{sample}");
        assert!(input.contains(" autofocus"), "{sample}");
        assert!(html.contains(error), "{sample}");
    }
    for (sample, field) in [
        ("login-unavailable", "password"),
        ("login-interrupted", "password"),
        ("code-phone-unavailable", "code"),
        ("code-phone-used-up", "code"),
        ("code-app-interrupted", "code"),
        ("code-email-used-up", "code"),
        ("question-not-started", "code"),
    ] {
        let html = english(sample);
        let input = input(&html, field);
        assert!(!input.contains("aria-invalid"), "{sample}");
        assert!(
            input.contains("form-error") && input.contains(" autofocus"),
            "{sample}"
        );
        assert!(
            html.contains("role=\"alert\" id=\"form-error\""),
            "{sample}"
        );
    }
}

fn input<'a>(html: &'a str, name: &str) -> &'a str {
    let name = format!("name=\"{name}\"");
    let inputs = elements(html, "input");
    inputs
        .into_iter()
        .find(|input| input.contains(&name))
        .expect("the field")
}

#[test]
fn nothing_takes_the_focus_where_nothing_is_wrong() {
    for sample in [
        "pre-login",
        "authorization",
        "login",
        "code-app",
        "code-phone",
        "approval",
        "question",
        "shown",
        "ways",
        "leave",
        "done",
    ] {
        assert!(!english(sample).contains("autofocus"), "{sample}");
    }
}

#[test]
fn every_description_and_label_points_at_something_on_the_page() {
    for (name, html) in every_page() {
        for attribute in ["aria-describedby=\"", "aria-controls=\"", " for=\""] {
            for ids in html.split(attribute).skip(1) {
                for id in ids.split('"').next().unwrap_or_default().split(' ') {
                    let target = format!(" id=\"{id}\"");
                    assert_eq!(html.matches(&target).count(), 1, "{name}: {id}");
                }
            }
        }
    }
}

#[test]
fn several_providers_are_picked_from_and_one_is_not() {
    let choice = english("pre-login-choice");
    let radios: Vec<_> = elements(&choice, "input")
        .into_iter()
        .filter(|input| input.contains("radio"))
        .collect();
    assert_eq!(radios.len(), 3);
    assert!(
        radios
            .iter()
            .all(|radio| radio.contains("name=\"provider\""))
    );
    let one = english("pre-login");
    assert!(!one.contains("radio"));
    assert!(one.contains("<input type=\"hidden\" name=\"provider\" value=\"sandbox\">"));
}

#[test]
fn optional_permissions_are_checked_boxes_and_required_ones_are_none() {
    let html = english("authorization");
    let boxes: Vec<_> = elements(&html, "input")
        .into_iter()
        .filter(|input| input.contains("checkbox"))
        .collect();
    let names: Vec<_> = boxes
        .iter()
        .map(|input| {
            input
                .split("value=\"")
                .nth(1)
                .and_then(|v| v.split('"').next())
                .unwrap()
        })
        .collect();
    assert_eq!(
        names,
        [
            "posts:read",
            "messages:read",
            "posts:write",
            "messages:write"
        ],
        "grouped, the risky ones last"
    );
    assert!(
        boxes
            .iter()
            .all(|input| input.contains("name=\"permission\"") && input.contains(" checked"))
    );
    assert!(
        html.contains("What is kept")
            && html.contains("For how long")
            && html.contains("To end it")
    );
}

#[test]
fn the_first_page_says_who_asks_and_that_the_password_is_not_kept() {
    let html = english("pre-login");
    for text in [
        "<bdi>Acme</bdi> (<bdi>acme.example</bdi>)",
        "Your password is used once and not kept.",
    ] {
        assert!(html.contains(text), "{text}");
    }
    for address in [
        "https://acme.example/shop",
        "https://acme.example/privacy",
        "https://acme.example/terms",
    ] {
        let link = format!("<a href=\"{address}\" target=\"_blank\" rel=\"noopener noreferrer\">");
        assert!(html.contains(&link), "{link}");
    }
}

#[test]
fn in_every_language_the_permissions_come_with_what_is_kept_how_long_and_how_it_ends() {
    for locale in Locale::ALL {
        let html = rendered(find("authorization-live"), locale);
        let words = Words::new(locale)
            .with("app", "Acme")
            .with("provider", "Fanhouse");
        for key in [
            "authorization-title",
            "kept-what",
            "kept-what-answer",
            "kept-how-long",
            "kept-how-long-answer",
            "kept-end",
            "kept-end-answer",
            "secured-by",
        ] {
            assert!(
                html.contains(&words.html(key).to_string()),
                "{key} in {locale:?}"
            );
        }
        let first = rendered(find("pre-login-live"), locale);
        let domain = words.with("domain", "acme.example");
        assert!(
            first.contains(&domain.html("pre-login-lead").to_string()),
            "{locale:?}"
        );
    }
}

#[test]
fn leaving_asks_once_more_and_offers_a_way_back() {
    let html = english("leave");
    assert!(step_form(&html).contains("<input type=\"hidden\" name=\"confirm\" value=\"yes\">"));
    assert!(html.contains("<a class=\"out\" href=\"/s/fl_sample\">"));
}

#[test]
fn pages_that_wait_go_on_with_and_without_scripts() {
    for (sample, refresh, script) in [
        (
            "checking",
            "1;url=/s/fl_sample/wait?lang=en",
            "data-wait=\"/s/fl_sample/wait?lang=en\"",
        ),
        (
            "approval",
            "2;url=/s/fl_sample/wait?lang=en",
            "data-wait=\"/s/fl_sample/wait?lang=en\"",
        ),
        (
            "done",
            "2;url=/s/fl_sample/return",
            "data-leave=\"/s/fl_sample/return\"",
        ),
    ] {
        let html = english(sample);
        let head = html.split("</head>").next().unwrap_or_default();
        let meta =
            format!("<noscript><meta http-equiv=\"refresh\" content=\"{refresh}\"></noscript>");
        assert!(head.contains(&meta), "{sample}");
        assert!(html.contains(script), "{sample}");
    }
    let done = english("done");
    for text in [
        "Jane Doe",
        "@janedoe",
        "<a class=\"go\" href=\"/s/fl_sample/return\">",
    ] {
        assert!(done.contains(text), "{text}");
    }
}

#[test]
fn ended_and_unknown_sessions_are_told_in_the_same_words() {
    let words = |name: &str| {
        let html = english(name);
        let main = html.split("<h1").nth(1).unwrap_or_default();
        main.split("</p>").next().unwrap_or_default().to_owned()
    };
    assert_eq!(words("ended"), words("unknown"));
    assert!(english("ended").contains("href=\"https://acme.example/callback?status=error\""));
    assert!(!leads_on(&english("unknown")) && !leads_on(&english("ended-no-way-back")));
}

/// Whether a page has a form or a link, other than those to the app's own pages and to its help.
pub(super) fn leads_on(html: &str) -> bool {
    let mut links = elements(html, "a").into_iter();
    html.contains("id=\"step\"") || links.any(|link| !link.contains("target=\"_blank\""))
}

#[test]
fn a_page_that_leads_nowhere_says_where_the_app_helps_its_users() {
    let support = "<a href=\"mailto:help@acme.example\" target=\"_blank\"";
    for sample in ["ended", "ended-no-way-back", "in-use", "disconnected"] {
        assert!(english(sample).contains(support), "{sample}");
    }
    assert!(!english("unknown").contains("mailto:"));
}

#[test]
fn the_last_page_offers_the_users_own_link_which_opens_beside_it() {
    let link = "<a href=\"https://link.example/c/own_sample\" target=\"_blank\" rel=\"noopener noreferrer\">";
    assert!(english("done").contains(link));
}

#[test]
fn the_users_own_page_says_what_is_connected_to_whom_and_how_it_ends() {
    let html = english("connection");
    for text in [
        "Your <bdi>Fanhouse</bdi> account in <bdi>Acme</bdi>",
        "<bdi>Acme</bdi> (<bdi>acme.example</bdi>)",
        "<bdi>Jane Doe</bdi> <bdi dir=\"ltr\">@janedoe</bdi>",
        "<time datetime=\"2026-01-31\" dir=\"ltr\">2026-01-31</time>",
        "Active",
        "Can see",
        "Your posts, scheduled ones included",
        "Can change",
        "<a class=\"end\" href=\"/s/fl_sample?leave=1\">Disconnect</a>",
        "https://acme.example/privacy",
        "https://acme.example/terms",
        "mailto:help@acme.example",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(!html.contains("type=\"checkbox\"") && !html.contains("Required"));
    assert!(english("connection-ended-by-app").contains("Ended by <bdi>Acme</bdi>"));
    assert!(english("connection-no-app").contains("No permissions were given."));
    let ask = english("disconnect");
    assert!(step_form(&ask).contains("<input type=\"hidden\" name=\"confirm\" value=\"yes\">"));
    assert!(ask.contains("<a class=\"out\" href=\"/s/fl_sample\">Keep it connected</a>"));
}

#[test]
fn language_and_theme_keep_each_other() {
    let mut sample = find("login");
    sample.frame.theme = Theme::Dark;
    let html = rendered(sample, Locale::Ar);
    assert!(html.contains("data-theme=\"dark\""));
    let (_, after) = html.split_once("id=\"step\"").expect("a step form");
    let forms: Vec<_> = after
        .split("<form method=\"get\" action=\"/s/fl_sample\">")
        .skip(1)
        .collect();
    let [language, theme] = forms[..] else {
        panic!("two forms after the step");
    };
    assert!(language.contains("<input type=\"hidden\" name=\"theme\" value=\"dark\">"));
    assert!(
        language.contains("name=\"lang\" value=\"en\"")
            && language.contains("name=\"lang\" value=\"ar\"")
    );
    assert!(theme.contains("<input type=\"hidden\" name=\"lang\" value=\"ar\">"));
    for name in ["auto", "light", "dark"] {
        assert!(
            theme.contains(&format!("name=\"theme\" value=\"{name}\"")),
            "{name}"
        );
        assert_eq!(Theme::from_name(name).map(Theme::name), Some(name));
    }
    assert_eq!(Theme::from_name("Dark"), None);
}

#[test]
fn the_sandbox_banner_lists_its_accounts_and_live_pages_have_none() {
    let html = english("login");
    for account in [
        "jane@creator.sandbox.com",
        "jane@fan.sandbox.com",
        "alex@creator-otp.sandbox.com",
        "alex@creator-sms.sandbox.com",
        "alex@creator-face.sandbox.com",
        "sam@locked.sandbox.com",
        "sam@slow.sandbox.com",
        "sam@unavailable.sandbox.com",
        "sam@short-lived.sandbox.com",
        "alex@creator-email.sandbox.com",
        "alex@creator-choice.sandbox.com",
        "alex@creator-question.sandbox.com",
        "alex@creator-challenge.sandbox.com",
    ] {
        assert!(
            html.contains(&format!("data-fill=\"{account}\"")),
            "{account}"
        );
    }
    assert!(!english("pre-login").contains("data-fill"));
    assert!(!english("login-live").contains("sandbox"));
    assert!(english("login-unknown-domain").contains("<details class=\"sandbox\" open>"));
}

#[test]
fn the_time_left_is_shown_when_it_is_given() {
    assert!(english("login-late").contains("data-seconds=\"59\" data-then=\"reload\""));
    assert!(english("login-late").contains("<bdi>0:59</bdi> left"));
    assert!(!english("login").contains("data-seconds"));
}
