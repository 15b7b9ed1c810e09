//! The sandbox's own API: fixtures of the account, and an echo. All of it follows from the address.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use linchpin_provider::{Account, Body, Call, CallAnswer, Coverage, whole};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{address::Address, profile};

/// Bytes of a body that the echo reads.
const ECHO_MAX: usize = 10 * 1024 * 1024;
/// Entries of a list.
const ENTRIES: u64 = 3;

/// Collections, with the permissions to read and to change them.
const COLLECTIONS: [(&str, &str, Option<&str>); 7] = [
    ("posts", "posts:read", Some("posts:write")),
    ("messages", "messages:read", Some("messages:write")),
    ("subscribers", "subscribers:read", Some("subscribers:write")),
    ("vault", "vault:read", None),
    ("analytics", "analytics:read", None),
    ("earnings", "earnings:read", None),
    ("notifications", "notifications:read", None),
];

/// What a call needs. The echo needs nothing, and what is not listed nobody may call.
pub(super) fn covers(method: &Method, path: &str) -> Coverage {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    match path.trim_matches('/').split('/').collect::<Vec<_>>()[..] {
        ["echo", ..] => Coverage::Open,
        ["users", "me"] if reads => needs("profile:read"),
        ["users", "me"] => needs("profile:write"),
        [first] | [first, _] => {
            let found = COLLECTIONS.iter().find(|(name, _, _)| *name == first);
            let needed =
                found.and_then(|(_, read, write)| if reads { Some(*read) } else { *write });
            needed.map_or(Coverage::Refused, needs)
        }
        _ => Coverage::Refused,
    }
}

fn needs(permission: &str) -> Coverage {
    Coverage::Needs(permission.to_owned())
}

/// The profile as the API gives it, its id a number.
pub(super) fn profile(address: &Address) -> Value {
    let Account {
        id,
        name,
        username,
        avatar,
    } = profile::of(address);
    let count = |what: &str, most: u64| number(address, what) % most;
    json!({
        "id": id.parse::<u64>().unwrap_or_default(),
        "name": name,
        "username": username,
        "avatar": avatar,
        "isAuth": true,
        "isVerified": number(address, "isVerified").is_multiple_of(2),
        "subscribersCount": count("subscribers", 10_000),
        "postsCount": count("posts", 500),
        "photosCount": count("photos", 2_000),
        "videosCount": count("videos", 300),
    })
}

/// Answers a call.
pub(super) async fn answer(address: &Address, call: Call) -> CallAnswer {
    let path = call.path.trim_matches('/').to_owned();
    match path.split('/').collect::<Vec<_>>()[..] {
        ["echo", ..] => echo(call).await,
        ["users", "me"] => json_answer(&call.method, StatusCode::OK, &profile(address)),
        [name] if call.method == Method::POST => {
            let made = entry(address, name, ENTRIES);
            json_answer(&call.method, StatusCode::CREATED, &made)
        }
        [name] => {
            let entries: Vec<Value> = (0..ENTRIES).map(|n| entry(address, name, n)).collect();
            json_answer(
                &call.method,
                StatusCode::OK,
                &json!({ "list": entries, "hasMore": false }),
            )
        }
        [name, id] => {
            let found = (0..ENTRIES)
                .map(|n| entry(address, name, n))
                .find(|entry| entry["id"].as_u64().map(|n| n.to_string()).as_deref() == Some(id));
            match found {
                Some(entry) => json_answer(&call.method, StatusCode::OK, &entry),
                None => unknown(&call.method),
            }
        }
        _ => unknown(&call.method),
    }
}

fn unknown(method: &Method) -> CallAnswer {
    json_answer(
        method,
        StatusCode::NOT_FOUND,
        &json!({ "error": "there is no such thing in the sandbox" }),
    )
}

fn entry(address: &Address, collection: &str, at: u64) -> Value {
    json!({
        "id": number(address, &format!("{collection} {at}")) % 1_000_000_000,
        "kind": collection,
        "text": format!("{collection} entry {}", at + 1),
        "likes": number(address, &format!("likes of {collection} {at}")) % 1_000,
    })
}

/// A number that follows from the address and from what it is for.
fn number(address: &Address, what: &str) -> u64 {
    let digest = Sha256::digest(format!("{what} of {}", address.as_str()));
    let taken = digest.into_iter().take(6);
    taken.fold(0, |number, byte| number << 8 | u64::from(byte))
}

/// Reflects what was sent.
async fn echo(call: Call) -> CallAnswer {
    let Some(sent) = read(call.body).await else {
        let error = json!({ "error": "the echo of the sandbox takes bodies of up to 10 MiB" });
        return json_answer(&call.method, StatusCode::PAYLOAD_TOO_LARGE, &error);
    };
    let text = std::str::from_utf8(&sent);
    let body = match text {
        Ok(text) => json!(text),
        Err(_) => {
            json!({ "base64": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &sent) })
        }
    };
    let content_type = call.headers.get(header::CONTENT_TYPE);
    let reflected = json!({
        "method": call.method.as_str(),
        "path": call.path,
        "query": call.query,
        "contentType": content_type.and_then(|value| value.to_str().ok()),
        "body": body,
    });
    json_answer(&call.method, StatusCode::OK, &reflected)
}

async fn read(mut body: Body) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Some(piece) = frame.ok()?.data_ref() {
            if bytes.len() + piece.len() > ECHO_MAX {
                return None;
            }
            bytes.extend_from_slice(piece);
        }
    }
    Some(bytes)
}

fn json_answer(method: &Method, status: StatusCode, value: &Value) -> CallAnswer {
    let bytes = match *method {
        Method::HEAD => Bytes::new(),
        _ => Bytes::from(value.to_string()),
    };
    let mut answer = Response::new(whole(bytes));
    *answer.status_mut() = status;
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    *answer.headers_mut() = headers;
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jane() -> Address {
        Address::parse("jane@creator.sandbox.com").unwrap()
    }

    async fn asked(method: Method, path: &str, body: &'static str) -> (u16, Value) {
        let call = Call {
            method,
            path: path.to_owned(),
            query: Some("a=b".to_owned()),
            headers: HeaderMap::new(),
            body: whole(body),
        };
        let answer = answer(&jane(), call).await;
        let status = answer.status().as_u16();
        let bytes = read(answer.into_body()).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    #[test]
    fn the_profile_has_a_number_for_an_id_and_is_always_the_same() {
        let told = profile(&jane());
        assert_eq!(told["id"], 168_177_976_202_092_u64);
        assert_eq!(told["isAuth"], true);
        for count in [
            "subscribersCount",
            "postsCount",
            "photosCount",
            "videosCount",
        ] {
            assert!(told[count].is_u64(), "{count}");
        }
        assert_eq!(profile(&jane()), told);
    }

    #[test]
    fn calls_need_the_permission_to_see_or_to_change_and_unlisted_ones_are_refused() {
        let get = |path: &str| covers(&Method::GET, path);
        assert_eq!(get("/posts"), needs("posts:read"));
        assert_eq!(get("/posts/7/"), needs("posts:read"));
        assert_eq!(covers(&Method::POST, "/posts"), needs("posts:write"));
        assert_eq!(covers(&Method::DELETE, "/earnings"), Coverage::Refused);
        assert_eq!(get("/users/me"), needs("profile:read"));
        assert_eq!(covers(&Method::PUT, "/echo/deep/er"), Coverage::Open);
        for path in ["/", "/admin", "/posts/1/2", "/users/7"] {
            assert_eq!(get(path), Coverage::Refused, "{path}");
        }
    }

    #[tokio::test]
    async fn lists_hold_entries_that_are_found_by_their_id() {
        let (status, list) = asked(Method::GET, "/posts", "").await;
        assert_eq!(status, 200);
        let first = list["list"][0].clone();
        let path = format!("/posts/{}", first["id"]);
        assert_eq!(asked(Method::GET, &path, "").await, (200, first));
        assert_eq!(asked(Method::GET, "/posts/0", "").await.0, 404);
        assert_eq!(asked(Method::POST, "/posts", "{}").await.0, 201);
        assert_eq!(asked(Method::HEAD, "/posts", "").await, (200, Value::Null));
    }

    #[tokio::test]
    async fn the_echo_reflects_method_path_query_and_body() {
        let (status, told) = asked(Method::PUT, "/echo/a", "hello").await;
        assert_eq!(status, 200);
        assert_eq!(told["method"], "PUT");
        assert_eq!(told["path"], "/echo/a");
        assert_eq!(told["query"], "a=b");
        assert_eq!(told["body"], "hello");
    }
}
