//! The rules of the wire: what a connector lets in, and how it says that something is wrong.

use bytes::Bytes;
use http::StatusCode;
use linchpin_provider::{
    Answer, Client, Credentials, Secret, SendError,
    conformance::{Actor, Ending, Script, Verdict},
};
use serde_json::{Value, json};

use super::super::{
    answers::SignInAnswer,
    asking::{Line, MESSAGE_MAX, Written, new_id, now, read},
    questions::SignIn,
    signature::{SharedSecret, TOLERANCE, answer_id},
};
use super::placed::behind;

/// A secret that no connector has: it is published here.
const ANOTHER: &str = "whsec_bm90IHRoZSBzZWNyZXQgb2YgYW55IGNvbm5lY3Rvcg==";
/// Outbound proxies behind which nothing is.
const DEAD: [&str; 2] = ["http://127.0.0.1:1", "socks5h://127.0.0.1:1"];

/// What came back.
struct Came {
    status: StatusCode,
    /// With its status.
    signed: bool,
    /// Without its status: nobody could tell a 404 from what somebody on the way has made one.
    signed_alone: bool,
    body: Bytes,
}

impl Came {
    fn is_refused(&self) -> bool {
        self.status.is_client_error()
    }

    /// Whether the body is `{"error": "…"}`.
    fn says_why(&self) -> bool {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body.get("error")
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    }
}

/// Looks at each rule of the wire.
pub(super) async fn judge(line: &Line, client: &Client, script: &Script) -> Vec<Verdict> {
    vec![
        wrong_signature(line, client).await,
        old_timestamp(line, client).await,
        signed_status(line, client).await,
        replay(line, client).await,
        another_question(line, client).await,
        unknown_members(line, client).await,
        unknown_question(line, client).await,
        malformed(line, client).await,
        too_large(line, client).await,
        dead_proxy(line, client, script).await,
    ]
}

async fn wrong_signature(line: &Line, client: &Client) -> Verdict {
    let mut verdict = Verdict::new("wrong-signature");
    if let Ok(secret) = SharedSecret::parse(ANOTHER) {
        let other = Line {
            secret,
            ..line.clone()
        };
        let came = send(&other, client, &describe(), now()).await;
        refused(
            &mut verdict,
            came,
            "a question that another secret has signed",
        );
    }
    // Signed is one body, sent another.
    let (asked, changed) = (describe(), describe());
    let signed = line.secret.sign(&asked.id, now(), b"{}");
    let came = send_with(line, client, &changed, signed).await;
    refused(&mut verdict, came, "a question whose body was changed");
    let came = send_with(line, client, &describe(), http::HeaderMap::new()).await;
    refused(&mut verdict, came, "a question without a signature");
    verdict
}

async fn old_timestamp(line: &Line, client: &Client) -> Verdict {
    let mut verdict = Verdict::new("old-timestamp");
    for off in [-2 * TOLERANCE, 2 * TOLERANCE] {
        let came = send(line, client, &describe(), now() + off).await;
        let what = format!("a question whose time is {off} s off");
        refused(&mut verdict, came, &what);
    }
    verdict
}

async fn signed_status(line: &Line, client: &Client) -> Verdict {
    let mut verdict = Verdict::new("signed-status");
    for asked in [
        describe(),
        written("added-later", &json!({ "question": "added-later" })),
        written("sign-in", &json!([])),
    ] {
        let fault = match send(line, client, &asked, now()).await {
            Ok(came) if came.signed => String::new(),
            Ok(came) => {
                let status = came.status.as_u16();
                let how = if came.signed_alone {
                    "its body alone"
                } else {
                    "something else"
                };
                format!("of an answer {status} {how} is signed, not \"{status}.\" and its body")
            }
            Err(_) => "there is no answer".to_owned(),
        };
        note(&mut verdict, fault.is_empty(), &fault);
    }
    verdict
}

async fn replay(line: &Line, client: &Client) -> Verdict {
    let mut verdict = Verdict::new("replay");
    let (asked, seconds) = (describe(), now());
    let first = send(line, client, &asked, seconds).await;
    note(
        &mut verdict,
        first.is_ok_and(|came| came.status == StatusCode::OK),
        "a question is not answered",
    );
    let came = send(line, client, &asked, seconds).await;
    refused(&mut verdict, came, "the same question once more");
    verdict
}

/// A question that was taken off the wire is not good for another one.
async fn another_question(line: &Line, client: &Client) -> Verdict {
    let mut verdict = Verdict::new("another-question");
    let asked = Written {
        path: "/v1/sign-out".to_owned(),
        ..written(
            "look",
            &json!({ "question": "look", "withinMs": 1000, "session": {} }),
        )
    };
    match send(line, client, &asked, now()).await {
        Ok(came) => note(
            &mut verdict,
            came.is_refused() && came.says_why(),
            "a question is answered at another's path; compare the path with the member `question`",
        ),
        Err(_) => note(&mut verdict, false, "there is no answer"),
    }
    verdict
}

async fn unknown_members(line: &Line, client: &Client) -> Verdict {
    let mut verdict = Verdict::new("unknown-members");
    let more = json!({ "question": "description", "withinMs": 1000, "addedLater": { "a": [1] } });
    let came = send(line, client, &written("description", &more), now()).await;
    let kept = came.is_ok_and(|came| came.status == StatusCode::OK && came.signed);
    note(
        &mut verdict,
        kept,
        "a member that was added later is not passed over",
    );
    verdict
}

async fn unknown_question(line: &Line, client: &Client) -> Verdict {
    let mut verdict = Verdict::new("unknown-question");
    let asked = json!({ "question": "added-later", "withinMs": 1000 });
    let came = send(line, client, &written("added-later", &asked), now()).await;
    let kept = came
        .is_ok_and(|came| came.status == StatusCode::NOT_FOUND && came.signed && came.says_why());
    note(
        &mut verdict,
        kept,
        "a question that was added later is not answered with a signed 404 and {\"error\": …}",
    );
    verdict
}

async fn malformed(line: &Line, client: &Client) -> Verdict {
    let mut verdict = Verdict::new("malformed");
    for (what, body) in [
        ("what is no JSON", "{\"question\":".to_owned()),
        ("what is no object", "[]".to_owned()),
        (
            "a sign-in without a password",
            json!({ "question": "sign-in", "username": "a" }).to_string(),
        ),
    ] {
        let asked = Written {
            body: body.into(),
            ..written("sign-in", &Value::Null)
        };
        let came = send(line, client, &asked, now()).await;
        let kept = came.is_ok_and(|came| {
            came.status == StatusCode::BAD_REQUEST && came.signed && came.says_why()
        });
        note(
            &mut verdict,
            kept,
            &format!("{what} is not answered with a signed 400 and {{\"error\": …}}"),
        );
    }
    verdict
}

async fn too_large(line: &Line, client: &Client) -> Verdict {
    let mut verdict = Verdict::new("too-large");
    let large = json!({ "question": "description", "filler": "a".repeat(MESSAGE_MAX) });
    let came = send(line, client, &written("description", &large), now()).await;
    // Closing the connection is an answer, too.
    let kept = came.map_or_else(|error| error == SendError::Broken, |came| came.is_refused());
    note(
        &mut verdict,
        kept,
        "a question of more than 256 KiB is read",
    );
    verdict
}

/// With an outbound proxy that is not there, nobody is signed in directly.
async fn dead_proxy(line: &Line, client: &Client, script: &Script) -> Verdict {
    let mut verdict = Verdict::new("dead-proxy");
    let there = |actor: &&Actor| matches!(actor.ending, Ending::SignedIn | Ending::Fleeting);
    let Some(actor) = script.accounts.iter().find(there) else {
        return verdict;
    };
    let credentials = Credentials {
        username: actor.username.clone(),
        password: actor.password.clone(),
    };
    for dead in DEAD {
        let client = behind(client, Secret::new(dead.to_owned()));
        let answer = line
            .ask::<_, SignInAnswer, _>(&client, SignIn::new(&credentials))
            .await;
        let kept = matches!(answer, Ok(Answer::Unavailable));
        note(
            &mut verdict,
            kept,
            &format!("with the proxy {dead} the answer is not \"unavailable\""),
        );
    }
    verdict
}

fn describe() -> Written {
    written(
        "description",
        &json!({ "question": "description", "withinMs": 1000 }),
    )
}

fn written(question: &str, body: &Value) -> Written {
    Written {
        id: new_id().unwrap_or_default(),
        path: format!("/v1/{question}"),
        body: body.to_string().into(),
    }
}

async fn send(
    line: &Line,
    client: &Client,
    asked: &Written,
    seconds: i64,
) -> Result<Came, SendError> {
    let headers = line.secret.sign(&asked.id, seconds, &asked.body);
    send_with(line, client, asked, headers).await
}

async fn send_with(
    line: &Line,
    client: &Client,
    asked: &Written,
    headers: http::HeaderMap,
) -> Result<Came, SendError> {
    let exchange = async {
        let response = line.send(client, asked, headers).await?;
        let status = response.status();
        let (head, body) = read(response).await.map_err(|_| SendError::Broken)?;
        let (id, now) = (answer_id(&asked.id), now());
        let answer = (status, &body[..]);
        Ok(Came {
            status,
            signed: line.secret.has_signed_answer(&head, &id, now, answer),
            signed_alone: line.secret.has_signed(&head, &id, now, &body),
            body,
        })
    };
    let came = tokio::time::timeout(line.deadline, exchange).await;
    came.unwrap_or(Err(SendError::TooSlow))
}

/// Notes whether a question was refused for its signature.
fn refused(verdict: &mut Verdict, came: Result<Came, SendError>, what: &str) {
    match came {
        Ok(came) => {
            let kept = came.status == StatusCode::UNAUTHORIZED && came.says_why();
            let status = came.status.as_u16();
            note(
                verdict,
                kept,
                &format!("{what} is answered with {status}, not with 401 and {{\"error\": …}}"),
            );
        }
        Err(_) => note(verdict, false, &format!("{what} is not answered")),
    }
}

fn note(verdict: &mut Verdict, kept: bool, fault: &str) {
    verdict.looked_at += 1;
    if !kept {
        verdict.faults.push(fault.to_owned());
    }
}
