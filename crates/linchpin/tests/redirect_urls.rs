//! Redirect URLs against the list of hostile and valid ones, and as properties.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "everything here is part of a test"
)]

use linchpin::domain::{
    client_app::ClientApp,
    client_app_change::{ClientAppChange, NewClientApp},
    environment::Environment,
    public_id::{AppId, OrganisationId},
    redirect_url::{RESERVED_PARAMETERS, RedirectUrl, RedirectUrlError},
    time::Timestamp,
};
use proptest::prelude::*;
use url::Url;

const LIST: &str = include_str!("data/redirect-urls.tsv");
const REGISTERED: &str = "https://app.example.com/oauth/callback";

/// Well-formed URLs of somebody else: an app that registers them may be sent there, this one may not.
const OTHERS: [&str; 3] = [
    "https://evil.example/oauth/callback",
    "https://app.example.com.evil.example/oauth/callback",
    "https://evilapp.example.com/oauth/callback",
];

struct Line {
    accepted: bool,
    url: String,
    why: &'static str,
}

fn lines() -> Vec<Line> {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let columns: Vec<_> = line.splitn(3, '\t').collect();
            let [verdict, url, why] = columns[..] else {
                panic!("three columns: {line:?}")
            };
            let accepted = match verdict {
                "accept" => true,
                "refuse" => false,
                other => panic!("{other:?} is no verdict"),
            };
            Line {
                accepted,
                url: serde_json::from_str(&format!("\"{url}\"")).unwrap(),
                why,
            }
        })
        .collect()
}

fn accepted() -> Vec<String> {
    lines()
        .into_iter()
        .filter(|line| line.accepted)
        .map(|line| line.url)
        .collect()
}

fn app_with(redirect_uris: &[String]) -> ClientApp {
    let settings = ClientAppChange {
        app_type: Some("redirect".to_owned()),
        name: Some("Shop".to_owned()),
        redirect_uris: Some(redirect_uris.to_vec()),
        ..ClientAppChange::default()
    };
    let (id, organisation) = (AppId::new([1; 16]), OrganisationId::new([2; 16]));
    NewClientApp {
        id,
        organisation,
        created_at: Timestamp(0),
        settings,
    }
    .check()
    .unwrap()
}

fn register(text: &str) -> Result<RedirectUrl, RedirectUrlError> {
    RedirectUrl::register(text, Environment::Sandbox)
}

fn with(parameters: &[(&str, &str)], registered: &str) -> String {
    register(registered).unwrap().with_parameters(parameters)
}

#[test]
fn every_line_of_the_list_behaves_as_it_says_at_registration() {
    assert_eq!(lines().len(), 69);
    for Line { accepted, url, why } in lines() {
        let registrable = accepted || why.contains("registrable") || OTHERS.contains(&url.as_str());
        let result = register(&url);
        assert_eq!(result.is_ok(), registrable, "{url:?} ({why}): {result:?}");
        assert_eq!(
            RedirectUrl::from_stored(&url).is_ok(),
            registrable,
            "{url:?} ({why})"
        );
    }
}

#[test]
fn no_hostile_line_is_taken_for_the_registered_url() {
    let app = app_with(&[REGISTERED.to_owned()]);
    for line in lines().iter().filter(|line| !line.accepted) {
        assert_eq!(app.redirect_url(&line.url), None, "{}", line.why);
    }
}

#[test]
fn an_accepted_line_is_then_taken_as_those_very_bytes() {
    let accepted = accepted();
    let app = app_with(&accepted);
    for url in &accepted {
        assert_eq!(
            app.redirect_url(url).map(RedirectUrl::as_str),
            Some(url.as_str())
        );
    }
}

#[test]
fn loopback_lines_are_refused_in_the_live_environment() {
    for line in lines().iter().filter(|line| line.accepted) {
        let live = RedirectUrl::register(&line.url, Environment::Live).is_ok();
        assert_eq!(live, line.url.starts_with("https:"), "{}", line.url);
    }
}

#[test]
fn a_refusal_names_the_rule() {
    let long = format!("https://app.example.com/{}", "a".repeat(2_025));
    for (text, words) in [
        (long.as_str(), "2048 bytes"),
        ("", "https://"),
        ("https://app.example.com/a b", "printable ASCII"),
        ("https://app.example.com/\u{e9}", "printable ASCII"),
        ("https://app.example.com/a\\b", "backslash"),
        ("https://app.example.com/#", "fragment"),
        ("https://app.example.com/*", "`*`"),
        ("https://app.example.com/a;b", "`;`"),
        ("https://app.example.com/a//b", "`//`"),
        ("https://app.example.com/a/../b", "`..`"),
        ("https://app.example.com/a/.", "`.`"),
        ("https://app.example.com/%61", "percent-encode"),
        ("https://app.example.com/%2E", "percent-encode"),
        ("https://app.example.com/%5c", "percent-encode"),
        ("https://app.example.com/%00", "percent-encode"),
        ("https://app.example.com/%7F", "percent-encode"),
        ("https://app.example.com/%C2%85", "percent-encode"),
        ("https://app.example.com/?", "empty query"),
        ("https://app.example.com", "`https://app.example.com/`"),
        (
            "https://app.example.com:0443/",
            "`https://app.example.com/`",
        ),
        ("https://app.example.com/a^b", "%5E"),
        ("https://app.example.com/<b>", "%3Cb%3E"),
        ("https://user@app.example.com/", "user info"),
        ("https://app/", "no dot"),
        ("https://app.example.com./", "ends with a dot"),
        ("https://127.1/", "IP address"),
        ("https://app.0x7f/", "absolute URL"),
        ("http://app.example.com/", "http is only for"),
        ("mailto:a@example.com", "begin with `https://`"),
        ("https://xn--pp-6kc.example/", "mixes scripts"),
    ] {
        let message = register(text).unwrap_err().to_string();
        assert!(message.contains(words), "{text}: {message}");
    }
    let live = RedirectUrl::register("http://localhost/", Environment::Live).unwrap_err();
    assert!(live.to_string().contains("sandbox"), "{live}");
}

#[test]
fn encodings_that_a_path_needs_are_taken() {
    for text in [
        "https://app.example.com/a%20b",
        "https://app.example.com/%3F%23%3B",
        "https://app.example.com/%e2%9c%93",
        "https://app.example.com/@user:x",
        "https://app.example.com/a?next=%2Fhome&x=a//b/../c",
        "https://app.example.com/a.b/..c/~d-e_f",
    ] {
        assert_eq!(register(text).unwrap().as_str(), text);
    }
    let longest = format!("https://app.example.com/{}", "a".repeat(2_024));
    assert!(register(&longest).is_ok());
}

#[test]
fn names_of_our_own_parameters_are_refused_however_they_are_written() {
    for name in RESERVED_PARAMETERS {
        let encoded = name.replace('s', "%73").replace('e', "%65");
        for query in [
            format!("{name}=x"),
            format!("a=b&{name}"),
            format!("a=b;{name}=x"),
            format!("{encoded}=x"),
        ] {
            let error = register(&format!("https://app.example.com/?{query}")).unwrap_err();
            assert_eq!(error, RedirectUrlError::ReservedParameter(name), "{query}");
        }
        let longer = format!("https://app.example.com/?my_{name}=x&x={name}");
        assert!(register(&longer).is_ok(), "{longer}");
    }
}

#[test]
fn our_parameters_follow_the_query_that_is_there() {
    let parameters = [("status", "success"), ("connection_id", "conn_1")];
    assert_eq!(
        with(&parameters, "https://app.example.com/cb"),
        "https://app.example.com/cb?status=success&connection_id=conn_1"
    );
    assert_eq!(
        with(&parameters, "https://app.example.com/cb?tenant=42&x=%20y"),
        "https://app.example.com/cb?tenant=42&x=%20y&status=success&connection_id=conn_1"
    );
    assert_eq!(
        with(&[("a", "b c+d")], REGISTERED),
        format!("{REGISTERED}?a=b%20c%2Bd")
    );
    assert_eq!(with(&[], REGISTERED), REGISTERED);
}

#[test]
fn the_origin_is_what_stands_before_the_path() {
    for (url, origin) in [
        (
            "https://app.example.com/cb?x=https://a/b",
            "https://app.example.com",
        ),
        (
            "https://app.example.com:8443/cb",
            "https://app.example.com:8443",
        ),
        ("http://[::1]:5173/cb", "http://[::1]:5173"),
    ] {
        let url = register(url).unwrap();
        assert_eq!(url.origin(), origin);
        assert_eq!(
            url.origin(),
            Url::parse(url.as_str())
                .unwrap()
                .origin()
                .ascii_serialization()
        );
    }
}

#[test]
fn punycode_can_be_shown_as_people_write_it() {
    let host = |text| register(text).unwrap().unicode_host();
    assert_eq!(
        host("https://xn--bcher-kva.example/cb").as_deref(),
        Some("bücher.example")
    );
    assert_eq!(host(REGISTERED), None);
    assert_eq!(host("http://[::1]/"), None);
}

#[test]
fn a_stored_url_is_read_back_and_junk_is_not() {
    let url = register("http://localhost:3000/callback").unwrap();
    let json = serde_json::to_string(&url).unwrap();
    assert_eq!(json, r#""http://localhost:3000/callback""#);
    assert_eq!(serde_json::from_str::<RedirectUrl>(&json).unwrap(), url);
    assert!(serde_json::from_str::<RedirectUrl>(r#""javascript:alert(1)""#).is_err());
}

/// Text from which many valid and many nearly valid URLs come.
fn nearly_valid() -> impl Strategy<Value = String> {
    let scheme = prop_oneof![4 => Just("https://"), 1 => Just("http://"), 1 => Just("https:/"), 1 => Just("HTTPS://")];
    let host = prop_oneof![
        4 => "[a-z0-9-]{1,6}(\\.[a-z0-9-]{1,6}){1,2}",
        1 => Just("localhost".to_owned()),
        1 => Just("[::1]".to_owned()),
        1 => "[0-9a-fx.]{1,9}",
        1 => "xn--[a-z0-9]{1,8}\\.example",
        1 => "[ -~]{1,8}\\.example",
    ];
    let port = prop_oneof![3 => Just(String::new()), 1 => ":[0-9]{0,5}"];
    let rest = prop_oneof![2 => "(/[!-~]{0,8}){1,3}", 2 => "(/[a-z.%2]{0,6}){1,3}(\\?[!-~]{0,9})?", 1 => "\\PC{0,9}"];
    (scheme, host, port, rest).prop_map(|(a, b, c, d)| format!("{a}{b}{c}{d}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_edit_of_one_byte_of_a_registered_url_is_refused(
        line in 0..8_usize,
        at: prop::sample::Index,
        byte: u8,
        edit in 0..3,
    ) {
        let accepted = accepted();
        let app = app_with(&accepted);
        let url = &accepted[line];
        prop_assert_eq!(app.redirect_url(url).map(RedirectUrl::as_str), Some(url.as_str()));
        let mut bytes = url.as_bytes().to_vec();
        let at = at.index(bytes.len());
        match edit {
            0 => { bytes.remove(at); }
            1 => bytes.insert(at, byte),
            _ => bytes[at] = byte,
        }
        prop_assume!(bytes != url.as_bytes());
        prop_assert_eq!(app.redirect_url(&String::from_utf8_lossy(&bytes)), None);
    }

    #[test]
    fn what_is_registered_parses_and_prints_the_same(text in nearly_valid()) {
        if let Ok(registered) = register(&text) {
            prop_assert_eq!(registered.as_str(), &text);
            let url = Url::parse(&text).unwrap();
            prop_assert_eq!(url.as_str(), &text);
            prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
            prop_assert!(url.scheme() == "https" || ["localhost", "[::1]"].contains(&url.host_str().unwrap()));
            prop_assert_eq!(registered.origin(), url.origin().ascii_serialization());
        }
    }

    #[test]
    fn anything_at_all_is_registered_or_refused_without_a_panic(text in "\\PC*") {
        let _ = register(&text);
        let _ = register(&format!("https://app.example.com/{text}"));
    }

    #[test]
    fn parameters_are_read_back_as_they_were(reference in any::<String>(), line in 0..8_usize) {
        let registered = register(&accepted()[line]).unwrap();
        let parameters = [("status", "success"), ("connection_id", "conn_1"), ("client_reference_id", &reference)];
        let printed = registered.with_parameters(&parameters);
        prop_assert!(printed.starts_with(registered.as_str()));
        prop_assert!(printed.bytes().all(|byte| (0x21..=0x7E).contains(&byte)));
        let url = Url::parse(&printed).unwrap();
        prop_assert_eq!(url.as_str(), &printed);
        let own = Url::parse(registered.as_str()).unwrap().query_pairs().count();
        let read: Vec<_> = url.query_pairs().skip(own).collect();
        prop_assert_eq!(read.len(), 3);
        for ((name, value), (read_name, read_value)) in parameters.iter().zip(&read) {
            prop_assert_eq!((*name, *value), (&**read_name, &**read_value));
        }
    }
}
