//! From the path of a call to its URL, and back.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use url::Url;

use super::Api;

/// What a path may not have as it is (RFC 3986, 3.3).
const NOT_IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

impl Api {
    /// The URL of a path that is decoded, below the base: its host is always that of the base.
    pub(crate) fn url(&self, path: &str, query: Option<&str>) -> Url {
        let below = self.base.path().trim_end_matches('/');
        let encoded = utf8_percent_encode(path, NOT_IN_PATHS);
        let mut url = self.base.clone();
        url.set_path(&format!("{below}{encoded}"));
        url.set_query(query);
        url
    }

    /// The path of a URL as calls have it: decoded, and below the base where the host is that of the base. `None` where no
    /// call could have it.
    pub(super) fn path(&self, url: &Url) -> Option<String> {
        let below = match url.origin() == self.base.origin() {
            true => self.base.path().trim_end_matches('/'),
            false => "",
        };
        let path = url.path().strip_prefix(below)?;
        let path = percent_decode_str(path).decode_utf8().ok()?;
        // What some servers read in another way, or decode once more, no call may have.
        let is_odd = |c: char| c.is_control() || matches!(c, '\\' | '?' | '#' | ';' | '%');
        let is_one = !path.contains(is_odd) && !path.contains("//");
        (path.starts_with('/') && is_one).then(|| path.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_redirect_leads_has_a_path_only_as_a_call_could_have_it() {
        let api = Api {
            base: Url::parse("https://a.example/v1").unwrap(),
            ..Api::anywhere().unwrap()
        };
        for (url, path) in [
            ("https://a.example/v1/posts/a%20b?x=1", Some("/posts/a b")),
            ("https://a.example/v1/a%2F..%2Fb", Some("/a/../b")),
            ("https://a.example/v1", None),
            ("https://a.example/v12/posts", None),
            ("https://a.example/login", None),
            ("https://a.example/v1/a%5Cb", None),
            ("https://a.example/v1/%FF", None),
            ("https://a.example/v1/a;b", None),
            ("https://a.example/v1/a%252Fb", None),
            ("https://a.example/v1//a", None),
            ("https://b.example/v1/posts", Some("/v1/posts")),
        ] {
            assert_eq!(api.path(&url.parse().unwrap()).as_deref(), path, "{url}");
        }
    }
}
