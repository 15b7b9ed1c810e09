//! What is relied on in the pages of second factors.

use super::{contract::actions, elements, english};

#[test]
fn what_is_asked_is_the_label_of_its_field_and_stands_for_its_picture() {
    let label = "<label class=\"asked\" for=\"answer\"><bdi>";
    assert!(english("question").contains(&format!("{label}What is your favourite colour?")));
    let shown = english("shown");
    assert!(shown.contains(&format!("{label}Which letters does the picture show?")));
    let [picture] = elements(&shown, "img")[..] else {
        panic!("one picture");
    };
    assert!(picture.contains(" src=\"data:image/png;base64,"));
    assert!(picture.contains(" alt=\"Which letters does the picture show?\""));
    assert!(english("question-not-started").contains(">Your answer</label>"));
    assert!(!english("approval-not-asked").contains("class=\"waiting\""));
}

#[test]
fn each_way_that_may_be_chosen_has_a_button_and_there_is_a_way_back() {
    let ways = [
        "app",
        "phone",
        "email",
        "face",
        "forceFace",
        "question",
        "shown",
    ];
    let mut ways = ways.map(|way| format!("way-{way}")).to_vec();
    ways.push("cancel".to_owned());
    let html = english("ways");
    let offered: Vec<_> = actions(&html).into_iter().map(|(way, _)| way).collect();
    assert_eq!(offered, ways);
    assert!(html.contains("<a class=\"out\" href=\"/s/fl_sample?lang=en\">"));
}

#[test]
fn only_what_is_known_to_be_digits_is_typed_on_a_keyboard_of_digits() {
    // Codes by e-mail may have letters in them; what is answered in words is no code.
    let email = english("code-email");
    assert!(email.contains("autocomplete=\"one-time-code\"") && !email.contains("numeric"));
    assert!(english("question").contains("name=\"code\" type=\"text\" autocomplete=\"off\""));
}
