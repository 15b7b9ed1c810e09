//! Which call needs which permission, by method and path.

use http::Method;
use linchpin_provider::Coverage;

/// What the calls of a provider need. Of several patterns that fit, the first of the file counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Covers {
    /// Patterns with the permission that each needs; `None` is none.
    pub(crate) rules: Vec<(Pattern, Option<String>)>,
    /// Whether what no pattern fits needs no permission; otherwise it is refused.
    pub(crate) rest_open: bool,
}

impl Covers {
    /// What a call needs; `path` is decoded.
    pub(crate) fn of(&self, method: &Method, path: &str) -> Coverage {
        match self.rules.iter().find(|(rule, _)| rule.fits(method, path)) {
            Some((_, Some(permission))) => Coverage::Needs(permission.clone()),
            None if !self.rest_open => Coverage::Refused,
            Some((_, None)) | None => self.unless_meant(method, path),
        }
    }

    /// Open, unless the platform may take the path for one that needs a permission: some servers drop a slash at the end or
    /// what is behind `;`, and some do not tell capitals from small letters.
    fn unless_meant(&self, method: &Method, path: &str) -> Coverage {
        if !path.split('/').all(is_plain) {
            return Coverage::Refused;
        }
        let segments: Vec<String> = path.split('/').filter_map(folded).collect();
        let meant = self.rules.iter().find_map(|(rule, permission)| {
            let permission = permission.as_ref()?;
            rule.fits_folded(method, &segments).then_some(permission)
        });
        match meant {
            Some(permission) => Coverage::Needs(permission.clone()),
            None => Coverage::Open,
        }
    }
}

/// A method with a pattern of paths: `GET /posts/*`, `* /files/**`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// `None` for every method.
    method: Option<Method>,
    segments: Vec<Segment>,
    /// Whether everything below fits, too.
    below: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Any,
}

const METHODS: [Method; 6] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

impl Pattern {
    /// Reads `METHOD /path`. `*` is any method, or one segment of the path; `/**` at the end is the path itself and all
    /// below it. GET is HEAD, too.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (method, path) = text.split_once(' ').ok_or(
            r#"must be a method and a path, such as "GET /posts/*"; "* /posts/**" is any method and everything below"#,
        )?;
        let method = match method {
            "*" => None,
            name => Some(
                METHODS
                    .into_iter()
                    .find(|method| method.as_str() == name)
                    .ok_or_else(|| format!("has the method {name:?}; write GET, HEAD, POST, PUT, PATCH, DELETE, or * for any"))?,
            ),
        };
        let path = path.trim_start();
        let (path, below) = match path.strip_suffix("/**") {
            Some(above) => (above, true),
            None => (path, false),
        };
        if !(path.starts_with('/') || below && path.is_empty()) {
            return Err("has a path that does not begin with /".to_owned());
        }
        let is_odd = |c: char| c.is_control() || matches!(c, '?' | '#' | '\\' | '%' | ' ');
        if path.contains(is_odd) {
            return Err("has a path with a space or one of ? # % \\; paths are written decoded and without the query".to_owned());
        }
        let segments = path.split('/').skip(1).map(segment);
        Ok(Self {
            method,
            segments: segments.collect::<Result<_, _>>()?,
            below,
        })
    }

    fn fits_method(&self, method: &Method) -> bool {
        self.method.as_ref().is_none_or(|wanted| {
            wanted == method || *wanted == Method::GET && *method == Method::HEAD
        })
    }

    /// Whether it fits a path of which only what every server looks at is left.
    fn fits_folded(&self, method: &Method, path: &[String]) -> bool {
        let wanted: Vec<Option<String>> = self
            .segments
            .iter()
            .filter_map(|segment| match segment {
                Segment::Any => Some(None),
                Segment::Literal(text) => folded(text).map(Some),
            })
            .collect();
        let long_enough = match self.below {
            true => path.len() >= wanted.len(),
            false => path.len() == wanted.len(),
        };
        let fits = |(wanted, given): (&Option<String>, &String)| {
            wanted.as_ref().is_none_or(|wanted| wanted == given)
        };
        self.fits_method(method) && long_enough && wanted.iter().zip(path).all(fits)
    }

    fn fits(&self, method: &Method, path: &str) -> bool {
        if !self.fits_method(method) || !path.starts_with('/') {
            return false;
        }
        let mut given = path.split('/').skip(1).peekable();
        for wanted in &self.segments {
            let fits = match (wanted, given.next()) {
                (Segment::Literal(wanted), Some(given)) => wanted == given,
                (Segment::Any, Some(given)) => !given.is_empty() && is_plain(given),
                (_, None) => false,
            };
            if !fits {
                return false;
            }
        }
        match self.below {
            true => given.all(is_plain),
            false => given.next().is_none(),
        }
    }
}

fn segment(text: &str) -> Result<Segment, String> {
    match text {
        "*" => Ok(Segment::Any),
        "**" => Err("has ** before its end; there it is written * for one segment".to_owned()),
        "." | ".." => Err("has a path with . or .. in it".to_owned()),
        text if text.contains('*') => Err(format!(
            "has {text:?} in its path; * stands for a whole segment between two /"
        )),
        text => Ok(Segment::Literal(text.to_owned())),
    }
}

/// What every server looks at in a segment; `None` where that is nothing.
fn folded(segment: &str) -> Option<String> {
    let name = segment.split(';').next().filter(|name| !name.is_empty())?;
    Some(name.to_lowercase())
}

/// Whether a server takes a segment for what it says. Some read `..;x` as `..`, and many drop a `.`.
fn is_plain(segment: &str) -> bool {
    let name = segment.split(';').next().unwrap_or_default();
    !matches!(name, "." | "..") && (!name.is_empty() || segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, call: &str) -> bool {
        let (method, path) = call.split_once(' ').unwrap();
        Pattern::parse(pattern)
            .unwrap()
            .fits(&method.parse().unwrap(), path)
    }

    #[test]
    fn a_pattern_fits_the_calls_that_it_names_and_no_others() {
        let table: [(&str, &[&str], &[&str]); 6] = [
            (
                "GET /posts/*",
                &["GET /posts/1", "HEAD /posts/a b"],
                &[
                    "GET /posts",
                    "GET /posts/",
                    "GET /posts/1/2",
                    "POST /posts/1",
                    "GET /POSTS/1",
                    "GET /posts/.",
                    "GET /posts/..",
                    "GET /posts/..;x",
                    "GET /posts/;x",
                ],
            ),
            (
                "* /posts/**",
                &["GET /posts", "DELETE /posts/", "PUT /posts/1/2/"],
                &[
                    "GET /post",
                    "GET /postsx",
                    "GET /posts/../admin",
                    "GET /posts/./x",
                ],
            ),
            ("* /**", &["GET /", "POST /a/b"], &["GET /../a"]),
            ("GET /", &["GET /"], &["GET /a", "GET //"]),
            ("HEAD /a", &["HEAD /a"], &["GET /a"]),
            ("GET /a/*/c", &["GET /a/b/c"], &["GET /a/c", "GET /a//c"]),
        ];
        for (pattern, fitting, others) in table {
            for call in fitting {
                assert!(fits(pattern, call), "{pattern} fits {call}");
            }
            for call in others {
                assert!(!fits(pattern, call), "{pattern} does not fit {call}");
            }
        }
    }

    #[test]
    fn the_first_pattern_that_fits_counts_and_the_rest_is_refused_or_open() {
        let rule = |text: &str, needs: Option<&str>| {
            (Pattern::parse(text).unwrap(), needs.map(str::to_owned))
        };
        let mut covers = Covers {
            rules: vec![
                rule("GET /posts/drafts", Some("drafts:read")),
                rule("GET /posts/*", Some("posts:read")),
                rule("GET /status", None),
            ],
            rest_open: false,
        };
        let needs = |name: &str| Coverage::Needs(name.to_owned());
        assert_eq!(
            covers.of(&Method::GET, "/posts/drafts"),
            needs("drafts:read")
        );
        assert_eq!(covers.of(&Method::GET, "/posts/1"), needs("posts:read"));
        assert_eq!(covers.of(&Method::GET, "/status"), Coverage::Open);
        assert_eq!(covers.of(&Method::GET, "/else"), Coverage::Refused);
        covers.rest_open = true;
        assert_eq!(covers.of(&Method::GET, "/else"), Coverage::Open);
    }

    #[test]
    fn what_a_platform_may_take_for_a_path_with_a_permission_is_not_open() {
        let rule = |text: &str, needs: Option<&str>| {
            (Pattern::parse(text).unwrap(), needs.map(str::to_owned))
        };
        let mut covers = Covers {
            rules: vec![
                rule("GET /Posts/*", Some("posts:read")),
                rule("* /files/**", Some("files")),
                rule("GET /posts/*/", None),
            ],
            rest_open: true,
        };
        let needs = |name: &str| Coverage::Needs(name.to_owned());
        for (path, wanted) in [
            ("/Posts/7", needs("posts:read")),
            ("/posts/7/", needs("posts:read")),
            ("/posts/7", needs("posts:read")),
            ("/Posts;a=b/7;x", needs("posts:read")),
            ("//posts//7", needs("posts:read")),
            ("/FILES", needs("files")),
            ("/files;x/a/b/", needs("files")),
            ("/else/..;x/posts/7", Coverage::Refused),
            ("/posts", Coverage::Open),
            ("/posts/7/likes", Coverage::Open),
            ("/else;x", Coverage::Open),
        ] {
            assert_eq!(covers.of(&Method::GET, path), wanted, "{path}");
        }
        assert_eq!(covers.of(&Method::POST, "/posts/7/"), Coverage::Open);
        covers.rest_open = false;
        assert_eq!(covers.of(&Method::GET, "/POSTS/7"), Coverage::Refused);
    }
}
