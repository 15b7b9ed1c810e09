//! The recorded sign-ins of a file.

use super::platform::SITE;

const SCENARIOS: &str = include_str!("../data/scenarios.toml");

async fn played(scenarios: &str) -> Vec<String> {
    let text = format!("{SITE}{scenarios}");
    let read = linchpin_providers::read_declared(&text, &|_| Err("there is none".to_owned()));
    let declared = read.unwrap().unwrap();
    assert_eq!(declared.scenarios(), 2);
    let problems = declared.play().await;
    let first = SITE.lines().count();
    let told = problems
        .iter()
        .map(|problem| format!("{}: {}", problem.line - first, problem.message));
    told.collect()
}

#[tokio::test]
async fn a_file_that_understands_its_recordings_has_no_problem() {
    assert_eq!(played(SCENARIOS).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_comes_out_otherwise_is_told_with_its_line() {
    for (was, is, wanted) in [
        (
            "expect = \"locked\"",
            "expect = \"wrong credentials\"",
            "38: scenario \"a locked account\": expected \"wrong credentials\", and it came to \"locked\"",
        ),
        (
            "id = \"42\"",
            "id = \"43\"",
            "2: scenario \"a code by text message\": the account's id is \"42\", and \"43\" is expected",
        ),
        (
            "POST https://acme.example/login/send",
            "POST https://acme.example/send",
            "22: scenario \"a code by text message\": POST https://acme.example/login/send is made, where it has POST https://acme.example/send",
        ),
        (
            "sends = \"code=123456\"",
            "sends = \"code=1\"",
            "27: scenario \"a code by text message\": POST https://acme.example/login/code sends \"code=123456\", where it has \"code=1\"",
        ),
        (
            "factor = \"phone\"\ncode = \"123456\"\nexpect = \"signed in\"",
            "expect = \"second factor\"",
            "25: scenario \"a code by text message\": POST https://acme.example/login/code was not made",
        ),
    ] {
        assert_eq!(SCENARIOS.matches(was).count(), 1, "{was}");
        assert_eq!(played(&SCENARIOS.replace(was, is)).await, [wanted]);
    }
}

#[test]
fn a_file_of_another_kind_has_none() {
    let text = "kind = \"another\"";
    let read = linchpin_providers::read_declared(text, &|_| Err("there is none".to_owned()));
    assert_eq!(read.err().unwrap().len(), 1);
}
