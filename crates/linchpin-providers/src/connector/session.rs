//! What Linchpin reads of a connector's session: the rest is the connector's own.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use linchpin_provider::Session;
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

/// Headers that a connection has of its own, which no attachment sets.
const FRAMING: [HeaderName; 9] = [
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
    header::EXPECT,
    header::PROXY_AUTHORIZATION,
];
/// Headers of an attachment at most.
const HEADERS_MAX: usize = 32;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    headers: Option<Map<String, Value>>,
    stale_at: Option<i64>,
}

/// When a session has to be looked at before it is used, in milliseconds since 1970.
pub(super) fn stale_at(session: &Session) -> Option<i64> {
    serde_json::from_str::<Written>(session.reveal())
        .ok()?
        .stale_at
}

/// What a session is attached with by itself; `None` where the connector has to be asked.
pub(super) fn headers(session: &Session) -> Option<Map<String, Value>> {
    serde_json::from_str::<Written>(session.reveal())
        .ok()?
        .headers
}

/// The session as the connector gave it; `None` where it is none of a connector's.
pub(super) fn raw(session: &Session) -> Option<&RawValue> {
    let raw: &RawValue = serde_json::from_str(session.reveal()).ok()?;
    raw.get().starts_with('{').then_some(raw)
}

/// Reads headers that are to be attached; `None` where one is no header, or frames the request.
pub(super) fn attachment(headers: &Map<String, Value>) -> Option<HeaderMap> {
    let mut attached = HeaderMap::with_capacity(headers.len());
    (headers.len() <= HEADERS_MAX).then_some(())?;
    for (name, value) in headers {
        let name: HeaderName = name.parse().ok()?;
        let mut value = HeaderValue::from_str(value.as_str()?).ok()?;
        if FRAMING.contains(&name) {
            return None;
        }
        value.set_sensitive(true);
        attached.insert(name, value);
    }
    Some(attached)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(headers: &Value) -> Option<HeaderMap> {
        attachment(headers.as_object().unwrap())
    }

    #[test]
    fn an_attachment_sets_headers_but_never_where_a_request_goes_or_ends() {
        let attached = of(&json!({ "Authorization": "Bearer t", "x-key": "k" })).unwrap();
        assert_eq!(attached["authorization"], "Bearer t");
        for wrong in [
            json!({ "Host": "elsewhere.example" }),
            json!({ "Content-Length": "0" }),
            json!({ "transfer-encoding": "chunked" }),
            json!({ "x-key": "a\r\nb: c" }),
            json!({ "x key": "a" }),
            json!({ "x-key": 1 }),
        ] {
            assert!(of(&wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn only_an_object_is_a_session() {
        assert!(raw(&Session::new(r#"{"a":1}"#.to_owned())).is_some());
        for none in ["", "text", "1", "[1]", "null"] {
            assert!(raw(&Session::new(none.to_owned())).is_none(), "{none}");
        }
        let stale = Session::new(r#"{"staleAt":5,"more":{}}"#.to_owned());
        assert_eq!(stale_at(&stale), Some(5));
    }
}
