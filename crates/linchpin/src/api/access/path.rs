//! The path of a call: decoded once, and nothing in it that could lead elsewhere.

/// What the path of a call follows.
const BASE: &str = "/v2/access/proxy";

/// Times that a path is decoded to see what is hidden in it.
const LAYERS_MAX: usize = 4;

/// The provider's path in the path of a request, decoded once: it begins with `/`.
///
/// # Errors
///
/// What is wrong with it.
pub fn of_request(path: &str) -> Result<String, &'static str> {
    let written = path.strip_prefix(BASE).unwrap_or_default();
    let path = decoded(written)?;
    if !path.starts_with('/') {
        return Err("must begin with a slash");
    }
    check(&path)?;
    // Whoever decodes it again must not find what was refused here.
    let mut below = path.clone();
    for _ in 0..LAYERS_MAX {
        let deeper = decoded(&below)?;
        if deeper == below {
            return Ok(path);
        }
        check(&deeper)?;
        below = deeper;
    }
    Err("is percent-encoded too many times")
}

/// Each `%` with two hexadecimal digits as the byte that it stands for; any other `%` stays.
fn decoded(text: &str) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match (first, after) {
            (b'%', [high, low, behind @ ..]) if is_escape(*high, *low) => {
                bytes.push(digit(*high) << 4 | digit(*low));
                rest = behind;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 when it is decoded")
}

fn is_escape(high: u8, low: u8) -> bool {
    high.is_ascii_hexdigit() && low.is_ascii_hexdigit()
}

fn digit(letter: u8) -> u8 {
    let value = char::from(letter).to_digit(16).unwrap_or_default();
    u8::try_from(value).unwrap_or_default()
}

fn check(path: &str) -> Result<(), &'static str> {
    if path.contains('\\') {
        return Err("must not contain a backslash");
    }
    if path.chars().any(char::is_control) {
        return Err("must not contain a control character");
    }
    if path.contains(['?', '#']) {
        return Err("must not contain an encoded ? or #");
    }
    if path.contains("//") {
        return Err("must not contain two slashes in a row");
    }
    // Some servers cut a segment off there, and so read another path than the one that a permission was found for.
    if path.contains(';') {
        return Err("must not contain a semicolon");
    }
    let mut segments = path.split('/').skip(1);
    let is_dots = |segment: &str| matches!(segment.trim(), "." | "..");
    if segments.clone().any(is_dots) {
        return Err("must not contain a segment . or ..");
    }
    if segments.next().is_some_and(begins_like_a_scheme) {
        return Err("must not begin with a scheme");
    }
    Ok(())
}

fn begins_like_a_scheme(segment: &str) -> bool {
    segment.split_once(':').is_some_and(|(name, _)| {
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(letters)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(rest: &str) -> Result<String, &'static str> {
        of_request(&format!("{BASE}{rest}"))
    }

    #[test]
    fn a_path_is_decoded_once() {
        for (written, path) in [
            ("/echo", "/echo"),
            ("/posts/7/", "/posts/7/"),
            ("/posts%2F7", "/posts/7"),
            ("/a%20b/%C3%A4", "/a b/ä"),
            ("/100%25", "/100%"),
            ("/100%", "/100%"),
            ("/a%2520b", "/a%20b"),
            ("/...", "/..."),
            ("/..a/.b", "/..a/.b"),
            ("/a:b@c", "/a:b@c"),
            ("/@evil.example", "/@evil.example"),
            ("/posts/a:b", "/posts/a:b"),
        ] {
            let expected = match written {
                "/a:b@c" => Err("must not begin with a scheme"),
                _ => Ok(path.to_owned()),
            };
            assert_eq!(of(written), expected, "{written}");
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        for written in [
            "",
            "/..",
            "/../admin",
            "/posts/..",
            "/posts/../../admin",
            "/./posts",
            "/posts/.",
            "/%2e%2e/admin",
            "/%2E./admin",
            "/posts/%2e%2e%2fadmin",
            "/%252e%252e/admin",
            "/%25252e%25252e/admin",
            "/%2525252525252e",
            "/a;b=c",
            "/posts;/admin",
            "/posts%253Bx",
            "/..;/admin",
            "/..;x=1/admin",
            "/..%3B/admin",
            "/..%20/admin",
            "//evil.example/posts",
            "/%2Fevil.example",
            "/posts//7",
            "/%252F%252Fevil.example",
            "/http:%2F%2Fevil.example",
            "/http:/evil.example",
            "/https:evil.example",
            "/javascript:alert(1)",
            "/%68ttp:x",
            "/%5Cevil.example",
            "/posts%5C..%5Cadmin",
            "/%255Cevil.example",
            "/%00",
            "/posts%0d%0aHost:%20evil.example",
            "/posts%0A",
            "/posts%09",
            "/%7F",
            "/%C2%85",
            "/%2500",
            "/%C0%AE%C0%AE/admin",
            "/%ff",
            "/%25ff",
            "/posts%3Fa=b",
            "/posts%23a",
            "/posts%253Fa",
        ] {
            assert!(of(written).is_err(), "{written}: {:?}", of(written));
        }
    }

    proptest! {
        #[test]
        fn whatever_is_let_through_stays_below_the_base_of_the_provider(written in "(/|[.%25eEfFcC2/;:@a-zA\\\\]|%2[eEfF5]|%5[cC]){0,24}") {
            if let Ok(path) = of(&format!("/{written}")) {
                let base = url::Url::parse("https://provider.example/api").unwrap();
                let joined = base.join(&format!("/api{path}")).unwrap();
                prop_assert_eq!(joined.host_str(), Some("provider.example"));
                prop_assert!(joined.path().starts_with("/api/"), "{}", joined);
                prop_assert!(joined.query().is_none() && joined.fragment().is_none());
            }
        }
    }
}
