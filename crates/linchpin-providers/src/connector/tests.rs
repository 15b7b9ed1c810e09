//! What a connector's answers come to: good ones, and those that do not count.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use linchpin_provider::{
    Answer, Arrival, Body, Call, Called, Client, Credentials, Departed, Departure, Import,
    Imported, Looked, Provider, Secret, SendError, Session, Transport, whole,
};
use serde_json::{Value, json};

use super::{
    SharedSecret,
    asking::{MESSAGE_MAX, now},
    signature::answer_id,
};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

const FILE: &str = r#"
kind = "connector"
id = "gallery"
name = "Gallery"
rest = "open"
[connector]
url = "http://127.0.0.1:7500/base/"
secret_file = "given"
sign_in = "elsewhere"
[api]
base_url = "https://gallery.example/v2"
private_networks = ["127.0.0.0/8"]
[limits]
deadline = "1s"
"#;

/// How the connector of a test spoils its answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    Unsigned,
    AnotherSecret,
    AnothersAnswer,
    QuestionsOwnId,
    Old,
    ChangedAfterwards,
    Large,
    NotJson,
    Status(u16),
    /// The status was 200 when it was signed.
    StatusChanged(u16),
    /// The status was made 200 on the way.
    StatusMadeOk(u16),
    Slow,
}

/// A connector and its platform in one, which keeps what came.
#[derive(Clone)]
struct Wire {
    answer: Value,
    flaw: Flaw,
    came: Arc<Mutex<Vec<(String, HeaderMap, String)>>>,
}

impl Wire {
    fn new(answer: Value) -> Self {
        Self {
            answer,
            flaw: Flaw::None,
            came: Arc::default(),
        }
    }

    fn flawed(answer: &Value, flaw: Flaw) -> Self {
        Self {
            flaw,
            ..Self::new(answer.clone())
        }
    }

    fn client(&self) -> Client {
        Client::new(self.clone())
    }

    /// URL, headers and body of what came, in its order.
    fn came(&self) -> Vec<(String, HeaderMap, String)> {
        self.came.lock().unwrap().clone()
    }

    fn signed(&self, question: &str) -> Response<Body> {
        let body = match self.flaw {
            Flaw::NotJson => "<html>".to_owned(),
            Flaw::Large => json!({ "outcome": "a".repeat(MESSAGE_MAX) }).to_string(),
            _ => self.answer.to_string(),
        };
        let secret = match self.flaw {
            Flaw::AnotherSecret => "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB",
            _ => SECRET,
        };
        let id = match self.flaw {
            Flaw::AnothersAnswer => "a_00000000000000000000000000000000".to_owned(),
            Flaw::QuestionsOwnId => question.to_owned(),
            _ => answer_id(question),
        };
        let seconds = now() - if self.flaw == Flaw::Old { 400 } else { 0 };
        let secret = SharedSecret::parse(secret).unwrap();
        let status = |number| StatusCode::from_u16(number).unwrap();
        let (signed, sent_status) = match self.flaw {
            Flaw::Status(number) => (status(number), status(number)),
            Flaw::StatusChanged(number) => (StatusCode::OK, status(number)),
            Flaw::StatusMadeOk(number) => (status(number), StatusCode::OK),
            _ => (StatusCode::OK, StatusCode::OK),
        };
        let headers = secret.sign_answer(&id, seconds, (signed, body.as_bytes()));
        let sent = match self.flaw {
            Flaw::ChangedAfterwards => format!("{body} "),
            _ => body,
        };
        let mut response = Response::new(whole(sent));
        if self.flaw != Flaw::Unsigned {
            *response.headers_mut() = headers;
        }
        *response.status_mut() = sent_status;
        response
    }
}

#[async_trait::async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, SendError> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let came = (head.uri.to_string(), head.headers.clone(), body);
        self.came.lock().unwrap().push(came);
        if head.uri.host() == Some("gallery.example") {
            return Ok(Response::new(whole("the platform")));
        }
        if self.flaw == Flaw::Slow {
            std::future::pending::<()>().await;
        }
        Ok(self.signed(head.headers["webhook-id"].to_str().unwrap()))
    }
}

fn connector(file: &str) -> Arc<dyn Provider> {
    crate::read(file, &|_| Ok(Secret::new(SECRET.to_owned()))).unwrap()
}

fn session(text: &str) -> Session {
    Session::new(text.to_owned())
}

fn alive() -> Value {
    let account = json!({ "id": "g-1", "name": "Ada", "username": "ada" });
    json!({ "outcome": "alive", "account": account, "session": { "b": 2 } })
}

async fn looked(wire: &Wire) -> Looked {
    connector(FILE)
        .look(&wire.client(), &session(r#"{"a":1}"#))
        .await
}

#[tokio::test]
async fn an_answer_that_is_signed_for_its_question_counts() {
    let wire = Wire::new(alive());
    let Looked::Alive { account, renewed } = looked(&wire).await else {
        panic!("it is alive");
    };
    assert_eq!(account.id, "g-1");
    assert_eq!(renewed.unwrap().reveal(), r#"{"b":2}"#);
    let (url, headers, body) = wire.came().remove(0);
    assert_eq!(url, "http://127.0.0.1:7500/base/v1/look");
    let asked: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        asked,
        json!({ "question": "look", "withinMs": 1_000, "session": { "a": 1 } })
    );
    let id = headers["webhook-id"].to_str().unwrap();
    let secret = SharedSecret::parse(SECRET).unwrap();
    assert!(id.starts_with("q_") && secret.has_signed(&headers, id, now(), body.as_bytes()));
}

#[tokio::test(start_paused = true)]
async fn any_other_answer_says_nothing_of_the_session() {
    for flaw in [
        Flaw::Unsigned,
        Flaw::AnotherSecret,
        Flaw::AnothersAnswer,
        Flaw::QuestionsOwnId,
        Flaw::Old,
        Flaw::ChangedAfterwards,
        Flaw::Large,
        Flaw::NotJson,
        Flaw::Status(500),
        Flaw::Status(400),
        Flaw::Status(302),
        Flaw::StatusMadeOk(500),
        Flaw::Slow,
    ] {
        let wire = Wire::flawed(&alive(), flaw);
        assert!(matches!(looked(&wire).await, Looked::Unavailable));
        assert_eq!(wire.came().len(), 1, "a question is put once");
    }
}

#[tokio::test]
async fn what_a_connector_does_not_know_it_does_not_offer() {
    let wire = Wire::flawed(&json!({ "error": "no such question" }), Flaw::Status(404));
    let import = Import::Token {
        access_token: Secret::new("t".to_owned()),
        refresh_token: None,
        expires_at: None,
    };
    let imported = connector(FILE).import(&wire.client(), import.clone()).await;
    assert!(matches!(imported, Imported::NotOffered));
    // An answer that somebody on the way made a 404 says nothing of what is offered.
    let changed = Wire::flawed(&json!({ "outcome": "taken" }), Flaw::StatusChanged(404));
    let imported = connector(FILE).import(&changed.client(), import).await;
    assert!(matches!(imported, Imported::Unavailable));
}

#[tokio::test]
async fn a_browser_goes_to_the_platforms_own_page_and_comes_back() {
    let to = json!({ "outcome": "to", "url": "https://gallery.example/in?state=s", "progress": { "verifier": "v" } });
    let departure = Departure {
        back_to: "https://link.example/back".to_owned(),
        state: Secret::new("s".to_owned()),
        permissions: Vec::new(),
        username: None,
        locale: None,
    };
    let departed = connector(FILE)
        .depart(&Wire::new(to.clone()).client(), departure.clone())
        .await;
    let Departed::To { url, progress } = departed else {
        panic!("it goes there");
    };
    assert_eq!(url, "https://gallery.example/in?state=s");
    let denied = Wire::new(json!({ "outcome": "denied" }));
    let arrival = Arrival {
        back_to: "https://link.example/back".to_owned(),
        parameters: vec![("error".to_owned(), Secret::new("access_denied".to_owned()))],
        progress,
    };
    let answer = connector(FILE).arrive(&denied.client(), arrival).await;
    assert!(matches!(answer, Answer::Denied));
    let (_, _, body) = denied.came().remove(0);
    let asked: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(asked["progress"], json!({ "verifier": "v" }));
    // With a password on our page nobody is asked where to go.
    let here = connector(&FILE.replace("elsewhere", "password"));
    let unasked = Wire::new(to);
    assert!(matches!(
        here.depart(&unasked.client(), departure).await,
        Departed::NotOffered
    ));
    assert!(unasked.came().is_empty());
}

fn call(path: &str) -> Call {
    Call {
        method: http::Method::POST,
        path: path.to_owned(),
        query: Some("page=2".to_owned()),
        headers: HeaderMap::new(),
        body: whole("a large body"),
    }
}

#[tokio::test]
async fn a_call_goes_past_the_connector_with_what_it_attaches() {
    let wire = Wire::new(json!({
        "outcome": "attached", "headers": { "x-signature": "s" }, "query": "page=2&sig=s" }));
    let kept = session(r#"{"counter":1}"#);
    let Called::Answered { answer, renewed } = connector(FILE)
        .call(&wire.client(), &kept, call("/a b"))
        .await
    else {
        panic!("it is answered");
    };
    assert_eq!(
        answer.into_body().collect().await.unwrap().to_bytes(),
        "the platform"
    );
    assert!(renewed.is_none());
    let came = wire.came();
    let (url, _, body) = &came[0];
    assert_eq!(url, "http://127.0.0.1:7500/base/v1/attach");
    assert!(!body.contains("a large body"), "{body}");
    let asked: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&asked["path"], &asked["query"]),
        (&json!("/v2/a%20b"), &json!("page=2"))
    );
    let (url, headers, body) = &came[1];
    assert_eq!(url, "https://gallery.example/v2/a%20b?page=2&sig=s");
    assert_eq!(
        (&headers["x-signature"], body.as_str()),
        (&"s".parse().unwrap(), "a large body")
    );
}

#[tokio::test]
async fn a_session_with_headers_asks_the_connector_nothing_before_a_call() {
    let wire = Wire::new(Value::Null);
    let kept = session(r#"{"headers":{"Authorization":"Bearer t"},"staleAt":5}"#);
    let connector = connector(FILE);
    assert!(connector.is_stale(&kept, 5) && !connector.is_stale(&kept, 4));
    let called = connector.call(&wire.client(), &kept, call("/a")).await;
    assert!(matches!(called, Called::Answered { renewed: None, .. }));
    let came = wire.came();
    assert_eq!(came.len(), 1);
    assert_eq!(came[0].1["authorization"], "Bearer t");
}

#[tokio::test]
async fn no_call_is_made_where_nothing_can_be_attached() {
    let kept = session(r#"{"counter":1}"#);
    for (answer, flaw, signed_out) in [
        (json!({ "outcome": "signedOut" }), Flaw::None, true),
        (json!({ "outcome": "unavailable" }), Flaw::None, false),
        (
            json!({ "outcome": "attached", "headers": { "host": "elsewhere.example" } }),
            Flaw::None,
            false,
        ),
        (
            json!({ "outcome": "attached", "headers": {} }),
            Flaw::Unsigned,
            false,
        ),
    ] {
        let wire = Wire::flawed(&answer, flaw);
        let called = connector(FILE)
            .call(&wire.client(), &kept, call("/a"))
            .await;
        match called {
            Called::SignedOut => assert!(signed_out, "{answer}"),
            Called::Unreachable => assert!(!signed_out, "{answer}"),
            _ => panic!("{answer}"),
        }
        assert_eq!(wire.came().len(), 1, "{answer}");
    }
}

/// A place without a proxy that works.
struct Stranded(Wire);

#[async_trait::async_trait]
impl Transport for Stranded {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, SendError> {
        self.0.send(request).await
    }

    fn proxy(&self) -> Result<Option<Secret>, SendError> {
        Err(SendError::Unreachable)
    }
}

#[tokio::test]
async fn without_a_proxy_that_works_a_connector_is_not_asked_at_all() {
    let wire = Wire::new(alive());
    let credentials = Credentials {
        username: "ada".to_owned(),
        password: Secret::new("pass".to_owned()),
    };
    let client = Client::new(Stranded(wire.clone()));
    let answer = connector(FILE).sign_in(&client, credentials).await;
    assert!(matches!(answer, Answer::Unavailable));
    assert!(wire.came().is_empty());
    assert!(connector(FILE).deadline() == Duration::from_secs(1));
}
