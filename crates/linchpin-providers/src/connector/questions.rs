//! What a connector is asked, as it is on the wire.

use linchpin_provider::{Arrival, Credentials, Departure, Import, Method, Pending, Reply};
use serde::Serialize;
use serde_json::{Value, value::RawValue};

/// A question: where it is put and what it is called.
pub(super) trait Asks: Serialize {
    /// `sign-in`: it is posted to `/v1/sign-in`, and its body says so, too.
    const QUESTION: &'static str;
}

/// A question with what all have.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked<'a, T: Asks> {
    pub(super) question: &'static str,
    pub(super) within_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) proxy: Option<&'a str>,
    #[serde(flatten)]
    pub(super) own: T,
}

macro_rules! asks {
    ($($kind:ident $(<$life:lifetime>)? = $name:literal),* $(,)?) => {
        $(impl $(<$life>)? Asks for $kind $(<$life>)? { const QUESTION: &'static str = $name; })*
    };
}

asks! {
    Describe = "description",
    SignIn<'a> = "sign-in",
    SecondFactor<'a> = "second-factor",
    Ask<'a> = "ask",
    Depart<'a> = "depart",
    Arrive<'a> = "arrive",
    TakeOver<'a> = "import",
    Look<'a> = "look",
    SignOut<'a> = "sign-out",
    Profile<'a> = "profile",
    Attach<'a> = "attach",
}

#[derive(Serialize)]
pub(super) struct Describe {}

#[derive(Serialize)]
pub(super) struct SignIn<'a> {
    username: &'a str,
    password: &'a str,
}

impl<'a> SignIn<'a> {
    pub(super) fn new(credentials: &'a Credentials) -> Self {
        Self {
            username: &credentials.username,
            password: credentials.password.reveal(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecondFactor<'a> {
    username: &'a str,
    progress: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<Method>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waited_ms: Option<u64>,
}

impl<'a> SecondFactor<'a> {
    pub(super) fn new(pending: &'a Pending, reply: &'a Reply) -> Self {
        let (method, code, waited_ms) = match reply {
            Reply::Code { method, code } => (Some(*method), Some(code.reveal()), None),
            Reply::Approval { waited } => (None, None, Some(millis(*waited))),
        };
        Self {
            username: &pending.username,
            progress: progress(pending.progress.reveal()),
            method,
            code,
            waited_ms,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Ask<'a> {
    username: &'a str,
    progress: Value,
    method: Method,
}

impl<'a> Ask<'a> {
    pub(super) fn new(pending: &'a Pending, method: Method) -> Self {
        Self {
            username: &pending.username,
            progress: progress(pending.progress.reveal()),
            method,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Depart<'a> {
    back_to: &'a str,
    state: &'a str,
    permissions: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<&'a str>,
}

impl<'a> Depart<'a> {
    pub(super) fn new(departure: &'a Departure) -> Self {
        Self {
            back_to: &departure.back_to,
            state: departure.state.reveal(),
            permissions: &departure.permissions,
            username: departure.username.as_deref(),
            locale: departure.locale.as_deref(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Arrive<'a> {
    back_to: &'a str,
    parameters: Vec<[&'a str; 2]>,
    progress: Value,
}

impl<'a> Arrive<'a> {
    pub(super) fn new(arrival: &'a Arrival) -> Self {
        let parameters = arrival.parameters.iter();
        Self {
            back_to: &arrival.back_to,
            parameters: parameters
                .map(|(name, value)| [name.as_str(), value.reveal()])
                .collect(),
            progress: progress(arrival.progress.reveal()),
        }
    }
}

#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(super) enum TakeOver<'a> {
    Cookie {
        cookie: &'a str,
        user_agent: &'a str,
    },
    Token {
        access_token: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        refresh_token: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_at: Option<i64>,
    },
}

impl<'a> TakeOver<'a> {
    pub(super) fn new(import: &'a Import) -> Self {
        match import {
            Import::Cookie { cookie, user_agent } => Self::Cookie {
                cookie: cookie.reveal(),
                user_agent,
            },
            Import::Token {
                access_token,
                refresh_token,
                expires_at,
            } => Self::Token {
                access_token: access_token.reveal(),
                refresh_token: refresh_token.as_ref().map(|token| token.reveal()),
                expires_at: *expires_at,
            },
        }
    }
}

#[derive(Serialize)]
pub(super) struct Look<'a> {
    pub(super) session: &'a RawValue,
}

#[derive(Serialize)]
pub(super) struct SignOut<'a> {
    pub(super) session: &'a RawValue,
}

#[derive(Serialize)]
pub(super) struct Profile<'a> {
    pub(super) session: &'a RawValue,
}

#[derive(Serialize)]
pub(super) struct Attach<'a> {
    pub(super) session: &'a RawValue,
    pub(super) method: &'a str,
    /// As it is on the request line.
    pub(super) path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) query: Option<&'a str>,
}

/// What the connector gave; null where it gave nothing.
fn progress(kept: &str) -> Value {
    serde_json::from_str(kept).unwrap_or(Value::Null)
}

pub(super) fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use linchpin_provider::{Secret, Session};
    use serde_json::json;

    use super::{super::session::raw, *};

    const DOCUMENT: &str = include_str!("../../../../docs/providers/connector.openapi.yaml");

    /// A question's own members, as they are on the wire; it has to be in the published contract.
    #[track_caller]
    fn written<T: Asks>(asked: T) -> Value {
        let question = T::QUESTION;
        assert!(
            DOCUMENT.contains(&format!("\n  /v1/{question}:\n")),
            "{question}"
        );
        let whole = serde_json::to_value(Asked {
            question,
            within_ms: 5_000,
            proxy: Some("socks5h://127.0.0.1:1080"),
            own: asked,
        });
        let mut whole = whole.unwrap();
        let members = whole.as_object_mut().unwrap();
        assert_eq!(members.remove("question"), Some(json!(question)));
        assert_eq!(members.remove("withinMs"), Some(json!(5_000)));
        assert_eq!(
            members.remove("proxy"),
            Some(json!("socks5h://127.0.0.1:1080"))
        );
        for name in members.keys() {
            assert!(
                DOCUMENT.contains(&format!("{name}: {{"))
                    || DOCUMENT.contains(&format!("{name}:\n")),
                "{name}"
            );
        }
        whole
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_sign_in_and_its_second_factor_are_written_as_published() {
        let credentials = Credentials {
            username: "ada".to_owned(),
            password: secret("pass"),
        };
        let typed = json!({ "username": "ada", "password": "pass" });
        assert_eq!(written(SignIn::new(&credentials)), typed);
        let pending = Pending {
            username: "ada".to_owned(),
            progress: secret(r#"{"ticket":1}"#),
        };
        let reply = Reply::Code {
            method: Method::ForceFace,
            code: secret("123"),
        };
        let progress = json!({ "ticket": 1 });
        assert_eq!(
            written(SecondFactor::new(&pending, &reply)),
            json!({ "username": "ada", "progress": progress, "method": "forceFace", "code": "123" })
        );
        let waited = Reply::Approval {
            waited: Duration::from_millis(1_500),
        };
        assert_eq!(
            written(SecondFactor::new(&pending, &waited)),
            json!({ "username": "ada", "progress": progress, "waitedMs": 1_500 })
        );
        assert_eq!(
            written(Ask::new(&pending, Method::Email)),
            json!({ "username": "ada", "progress": progress, "method": "email" })
        );
    }

    #[test]
    fn a_way_to_the_platforms_own_page_and_back_is_written_as_published() {
        let departure = Departure {
            back_to: "https://link.example/back".to_owned(),
            state: secret("s"),
            permissions: vec!["notes:read".to_owned()],
            username: None,
            locale: Some("de".to_owned()),
        };
        assert_eq!(
            written(Depart::new(&departure)),
            json!({ "backTo": "https://link.example/back", "state": "s", "permissions": ["notes:read"], "locale": "de" })
        );
        let arrival = Arrival {
            back_to: "https://link.example/back".to_owned(),
            parameters: vec![("code".to_owned(), secret("c"))],
            progress: secret(""),
        };
        assert_eq!(
            written(Arrive::new(&arrival)),
            json!({ "backTo": "https://link.example/back", "parameters": [["code", "c"]], "progress": null })
        );
    }

    #[test]
    fn sessions_are_written_as_they_were_given() {
        let kept = Session::new(r#"{"token":"t","n":1.50}"#.to_owned());
        let session = raw(&kept).unwrap();
        let given = json!({ "session": { "token": "t", "n": 1.5 } });
        assert_eq!(written(Look { session }), given);
        assert_eq!(written(Profile { session }), given);
        assert_eq!(written(SignOut { session }), given);
        let attach = Attach {
            session,
            method: "GET",
            path: "/a%20b",
            query: None,
        };
        assert_eq!(
            written(attach),
            json!({ "session": given["session"], "method": "GET", "path": "/a%20b" })
        );
        assert_eq!(written(Describe {}), json!({}));
        let cookie = Import::Cookie {
            cookie: secret("a=b"),
            user_agent: "A/1".to_owned(),
        };
        assert_eq!(
            written(TakeOver::new(&cookie)),
            json!({ "cookie": "a=b", "userAgent": "A/1" })
        );
        let token = Import::Token {
            access_token: secret("t"),
            refresh_token: None,
            expires_at: Some(5),
        };
        assert_eq!(
            written(TakeOver::new(&token)),
            json!({ "accessToken": "t", "expiresAt": 5 })
        );
    }
}
