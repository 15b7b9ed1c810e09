//! One request of a file: what is sent, what is taken from its answer, what the answer means.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::Value;
use url::Url;

use super::{
    means::When,
    template::{Escape, Name, Scope, Template},
};
use crate::{
    answer::Place,
    api::{Api, secret_value},
    wiped::Wiped,
};

/// One request of a file.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) method: Method,
    pub(super) url: Template,
    pub(super) headers: Vec<(HeaderName, Template)>,
    pub(super) body: StepBody,
    pub(super) follow: bool,
    pub(super) takes: Vec<Take>,
    pub(super) whens: Vec<When>,
}

/// What a request sends along.
#[derive(Debug, Clone)]
pub(super) enum StepBody {
    Nothing,
    Form(Vec<(String, Template)>),
    Json(Json),
    /// A text with its content type, and how names in it are escaped.
    Text(Template, HeaderValue, Escape),
}

/// JSON with names in its texts.
#[derive(Debug, Clone)]
pub(super) enum Json {
    Plain(Value),
    Text(Template),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Something to take from an answer.
#[derive(Debug, Clone)]
pub(super) struct Take {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) optional: bool,
}

/// A request with everything filled in.
pub(super) struct Filled {
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Step {
    /// The request; `None` where something is not there or cannot stand where it is to stand.
    pub(super) fn fill(&self, api: &Api, scope: Scope<'_>) -> Option<Filled> {
        let mut headers = api.headers().clone();
        if let Some(agent) = &scope.state.user_agent {
            headers.insert(header::USER_AGENT, HeaderValue::from_str(agent).ok()?);
        }
        headers.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        );
        let body = self.body.fill(scope)?;
        if let Some(kind) = self.body.kind() {
            headers.insert(header::CONTENT_TYPE, kind);
        }
        if !body.is_empty() || matches!(self.method, Method::POST | Method::PUT | Method::PATCH) {
            headers.insert(header::CONTENT_LENGTH, body.len().into());
        }
        for (name, value) in &self.headers {
            let value = value.fill(scope, Escape::None)?;
            headers.insert(name.clone(), secret_value(&value)?);
        }
        Some(Filled {
            url: self.url(api, scope)?,
            headers,
            body,
        })
    }

    fn url(&self, api: &Api, scope: Scope<'_>) -> Option<Url> {
        // What was taken as a whole, such as a form's action, is a URL already.
        let escape = match self.url.one_name() {
            Some(_) => Escape::None,
            None => Escape::Url,
        };
        let text = self.url.fill(scope, escape)?;
        match self.url.one_name() {
            Some(Name::Taken(name)) if scope.state.pages.contains_key(name) => {
                let mut url = scope.state.pages.get(name)?.join(&text).ok()?;
                url.set_fragment(None);
                Some(url)
            }
            _ => joined(api.base(), &text),
        }
    }
}

/// A path below the base, or a whole URL; a URL has no fragment afterwards.
pub(super) fn joined(base: &Url, text: &str) -> Option<Url> {
    let mut url = match text.starts_with('/') && !text.starts_with("//") {
        true => {
            let origin = base.origin().ascii_serialization();
            let below = base.path().trim_end_matches('/');
            Url::parse(&format!("{origin}{below}{text}")).ok()?
        }
        false => base.join(text).ok()?,
    };
    url.set_fragment(None);
    Some(url)
}

impl Step {
    /// Every name that the request uses.
    pub(super) fn names(&self) -> Vec<&Name> {
        let mut names: Vec<&Name> = self.url.names().collect();
        names.extend(self.headers.iter().flat_map(|(_, value)| value.names()));
        match &self.body {
            StepBody::Nothing => {}
            StepBody::Form(fields) => {
                names.extend(fields.iter().flat_map(|(_, value)| value.names()))
            }
            StepBody::Json(json) => json.names(&mut names),
            StepBody::Text(text, ..) => names.extend(text.names()),
        }
        names
    }
}

impl StepBody {
    fn kind(&self) -> Option<HeaderValue> {
        match self {
            Self::Nothing => None,
            Self::Form(_) => Some(HeaderValue::from_static(
                "application/x-www-form-urlencoded",
            )),
            Self::Json(_) => Some(HeaderValue::from_static("application/json")),
            Self::Text(_, kind, _) => Some(kind.clone()),
        }
    }

    fn fill(&self, scope: Scope<'_>) -> Option<Bytes> {
        let mut filled = Wiped::default();
        match self {
            Self::Nothing => {}
            Self::Form(fields) => {
                for (name, value) in fields {
                    filled.push_field(name, &value.fill(scope, Escape::None)?);
                }
            }
            Self::Json(json) => {
                serde_json::to_writer(&mut filled, &FilledJson(json, scope)).ok()?
            }
            Self::Text(text, _, escape) => filled.push(text.fill(scope, *escape)?.as_bytes()),
        }
        Some(filled.bytes())
    }
}

impl Json {
    fn names<'a>(&'a self, names: &mut Vec<&'a Name>) {
        match self {
            Self::Plain(_) => {}
            Self::Text(text) => names.extend(text.names()),
            Self::List(entries) => entries.iter().for_each(|entry| entry.names(names)),
            Self::Object(members) => members.iter().for_each(|(_, member)| member.names(names)),
        }
    }
}

/// JSON that is filled in while it is written, so that no part of it stays in memory. An error where something is not there.
struct FilledJson<'a>(&'a Json, Scope<'a>);

impl Serialize for FilledJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(json, scope) = self;
        let part = |json| FilledJson(json, *scope);
        match json {
            Json::Plain(value) => value.serialize(serializer),
            Json::Text(text) => match text.fill(*scope, Escape::None) {
                Some(text) => serializer.serialize_str(&text),
                None => Err(S::Error::custom("something to fill in is not there")),
            },
            Json::List(entries) => serializer.collect_seq(entries.iter().map(part)),
            Json::Object(members) => {
                serializer.collect_map(members.iter().map(|(name, member)| (name, part(member))))
            }
        }
    }
}
