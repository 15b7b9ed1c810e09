//! A small platform with a log-in form and a JSON log-in, and the way to it.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex},
};

use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, client, server, service::service_fn};
use hyper_util::rt::TokioIo;
use linchpin_provider::{
    Answer, Body, Challenge, Client, Credentials, Pending, Provider, Reply, Secret, SendError,
    Session, Transport,
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

/// What has to be escaped everywhere.
pub const PASSWORD: &str = "correct & = + % \" < horse\u{e9}";
pub const CODE: &str = "123456";

/// One request, as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub what: String,
    pub headers: HeaderMap,
    pub body: String,
}

#[derive(Default)]
struct Inside {
    arrived: Vec<Arrived>,
    /// Sessions that are alive, with who they are of.
    sessions: HashMap<String, String>,
    made: usize,
    approved: bool,
    down: bool,
}

/// A platform that has been started.
#[derive(Clone)]
pub struct Platform {
    inside: Arc<Mutex<Inside>>,
    port: u16,
}

impl Platform {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let platform = Self {
            inside: Arc::default(),
            port: listener.local_addr().unwrap().port(),
        };
        let started = platform.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let platform = started.clone();
                let service = service_fn(move |request| platform.clone().serve(request));
                tokio::spawn(
                    server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        platform
    }

    /// The way to it, whatever the host.
    pub fn client(&self) -> Client {
        Client::new(Here(self.port))
    }

    /// What has arrived so far, as `GET /path`.
    pub fn arrived(&self) -> Vec<String> {
        let inside = self.inside.lock().unwrap();
        inside
            .arrived
            .iter()
            .map(|arrived| arrived.what.clone())
            .collect()
    }

    pub fn last(&self) -> Arrived {
        self.inside.lock().unwrap().arrived.last().unwrap().clone()
    }

    /// Ends every session.
    pub fn end_sessions(&self) {
        self.inside.lock().unwrap().sessions.clear();
    }

    pub fn approve(&self) {
        self.inside.lock().unwrap().approved = true;
    }

    /// From now on only the renewal of tokens works.
    pub fn go_down(&self) {
        self.inside.lock().unwrap().down = true;
    }

    async fn serve(
        self,
        request: Request<Incoming>,
    ) -> Result<Response<Full<bytes::Bytes>>, Infallible> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let path = head.uri.path_and_query().unwrap().to_string();
        let arrived = Arrived {
            what: format!("{} {path}", head.method),
            headers: head.headers,
            body,
        };
        let mut inside = self.inside.lock().unwrap();
        inside.arrived.push(arrived.clone());
        Ok(inside.answer(&head.method, &path, &arrived))
    }
}

type Said = Response<Full<bytes::Bytes>>;

fn said(status: u16, kind: &str, body: &str) -> Said {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        .body(Full::from(body.to_owned()))
        .unwrap()
}

fn page(body: &str) -> Said {
    said(
        200,
        "text/html",
        &format!("<!doctype html><body>{body}</body>"),
    )
}

fn json_of(status: u16, body: &Value) -> Said {
    said(status, "application/json", &body.to_string())
}

fn to(location: &str) -> Said {
    let mut answer = said(302, "text/html", "");
    answer
        .headers_mut()
        .insert(header::LOCATION, location.parse().unwrap());
    answer
}

fn with_cookie(mut answer: Said, cookie: &str) -> Said {
    answer
        .headers_mut()
        .append(header::SET_COOKIE, cookie.parse().unwrap());
    answer
}

fn form(code: &str, error: &str) -> Said {
    let csrf = "t&amp;oken";
    let page = page(&format!(
        "{error}<form action='?in=1#top'><input type=hidden name=csrf value='{csrf}'><input name={code}></form>"
    ));
    with_cookie(page, "csrf=t&oken; Path=/; Secure; HttpOnly")
}

impl Inside {
    fn session(&mut self, of: &str) -> String {
        self.made += 1;
        let session = format!("session-{}", self.made);
        self.sessions.insert(session.clone(), of.to_owned());
        session
    }

    fn answer(&mut self, method: &Method, path: &str, arrived: &Arrived) -> Said {
        let fields: HashMap<String, String> = url::form_urlencoded::parse(arrived.body.as_bytes())
            .into_owned()
            .collect();
        let sent: Value = serde_json::from_str(&arrived.body).unwrap_or_default();
        let cookie = |name: &str| cookie(&arrived.headers, name);
        let bearer = arrived
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| {
                value
                    .to_str()
                    .ok()?
                    .strip_prefix("Bearer ")
                    .map(str::to_owned)
            });
        let who = cookie("session")
            .or(bearer)
            .and_then(|session| self.sessions.get(&session).cloned());
        let path_only = path.split('?').next().unwrap();
        match (method.as_str(), path_only) {
            ("GET", "/login") => form("user", ""),
            ("POST", "/login") => self.log_in(&fields, cookie("csrf").as_deref()),
            ("POST", "/login/code") => self.check_code(&fields, cookie("half").as_deref()),
            ("POST", "/login/send") => json_of(200, &json!({ "sent": true })),
            ("POST", "/api/token") => self.token(&sent),
            ("POST", "/api/token/refresh") => self.refresh(&sent),
            ("POST", "/api/push") => json_of(
                200,
                &json!({ "state": if self.approved { "yes" } else { "waiting" } }),
            ),
            _ if self.down => said(503, "text/html", "down"),
            // The largest that is taken.
            ("GET", "/cat.png") => said(200, "IMAGE/PNG; q=1", &"\u{7f}PNG".repeat(4096)),
            ("GET", "/elsewhere") => to("https://evil.example/taken"),
            ("GET", "/moved") => to("/orders"),
            ("GET", "/round") => to("/round"),
            ("GET", "/away") => to("https://www.acme.example/cat.png"),
            ("GET", "/orders/expired") => json_of(200, &json!({ "error": "expired" })),
            ("GET", "/orders/long") => said(200, "text/plain", &"0123456789".repeat(50_000)),
            ("GET", "/login/long") => {
                page(&("x".repeat(1024 * 1024) + "<input name=csrf value=x>"))
            }
            _ => self.inside(method, path_only, who, arrived),
        }
    }

    /// What only somebody who is signed in gets.
    fn inside(
        &mut self,
        method: &Method,
        path: &str,
        who: Option<String>,
        arrived: &Arrived,
    ) -> Said {
        let Some(who) = who else {
            return match path.starts_with("/api/") {
                true => json_of(401, &json!({ "error": "no token" })),
                false => to("/login"),
            };
        };
        match (method.as_str(), path) {
            ("GET", "/account.json") => json_of(
                200,
                &json!({ "id": 42, "login": format!("@{who}"), "name": "Jane  Roe\n", "picture": "/jane.png", "plan": "gold" }),
            ),
            ("GET", "/api/me") => json_of(200, &json!({ "user": { "id": "u-42", "login": who } })),
            ("GET", "/orders") => json_of(200, &json!({ "orders": [1, 2, 3] })),
            ("GET", "/orders/renewing") => {
                let session = self.session(&who);
                with_cookie(
                    json_of(200, &json!({})),
                    &format!("session={session}; Path=/; HttpOnly"),
                )
            }
            ("POST", "/logout") => {
                self.sessions.clear();
                to("/")
            }
            _ => json_of(200, &json!({ "got": arrived.body })),
        }
    }

    fn log_in(&mut self, fields: &HashMap<String, String>, csrf: Option<&str>) -> Said {
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        if csrf != Some("t&oken") || field("csrf") != "t&oken" {
            return said(403, "text/html", "forged");
        }
        match (field("user"), field("password")) {
            ("locked", _) => page("<p class=locked>Locked.</p>"),
            ("busy", _) => said(429, "text/html", "slower"),
            ("odd", _) => page("something else altogether"),
            (who @ ("app" | "phone" | "both" | "push" | "shown"), PASSWORD) => {
                let offers = match who {
                    "both" => "<b class=app></b><b class=phone>…89</b>",
                    "phone" => "<b class=phone>…89</b>",
                    "push" => "<b class=push></b>",
                    "shown" => "<b class=shown>What is that?</b>",
                    _ => "<b class=app></b>",
                };
                with_cookie(form("code", offers), "half=h; Path=/login")
            }
            ("jane", PASSWORD) => {
                let session = self.session("jane");
                with_cookie(to("/home"), &format!("session={session}; Path=/; HttpOnly"))
            }
            _ => form("user", "<p class='error big'>Wrong name or password.</p>"),
        }
    }

    fn check_code(&mut self, fields: &HashMap<String, String>, half: Option<&str>) -> Said {
        let right = [CODE, "a cat"];
        if half.is_none() {
            return said(403, "text/html", "not half signed in");
        }
        match fields.get("code") {
            Some(code) if right.contains(&code.as_str()) => {
                let session = self.session("jane");
                with_cookie(to("/home"), &format!("session={session}; Path=/"))
            }
            _ => form("code", "<p class=error>Wrong code.</p>"),
        }
    }

    fn token(&mut self, sent: &Value) -> Said {
        match (
            sent["login"]["user"].as_str(),
            sent["login"]["pass"].as_str(),
        ) {
            (Some("jane"), Some(PASSWORD)) => self.tokens(),
            _ => json_of(401, &json!({ "error": "wrong" })),
        }
    }

    fn refresh(&mut self, sent: &Value) -> Said {
        let refresh = sent["refresh"].as_str().unwrap_or_default();
        match self.sessions.remove(refresh).is_some() {
            true => self.tokens(),
            false => json_of(400, &json!({ "error": "unknown" })),
        }
    }

    fn tokens(&mut self) -> Said {
        let (access, refresh) = (self.session("jane"), self.session("refresh"));
        json_of(
            200,
            &json!({ "access": access, "refresh": refresh, "expires_in": 300 }),
        )
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let header = headers.get(header::COOKIE)?.to_str().unwrap();
    let mut pairs = header.split("; ").filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.to_owned())
}

/// Every request goes to one port of this machine; the platform sees for which host it was.
struct Here(u16);

#[async_trait::async_trait]
impl Transport for Here {
    async fn send(&self, mut request: Request<Body>) -> Result<Response<Body>, SendError> {
        let stream = TcpStream::connect(("127.0.0.1", self.0))
            .await
            .map_err(|_| SendError::Unreachable)?;
        let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|_| SendError::Broken)?;
        tokio::spawn(connection);
        let host = request.uri().authority().unwrap().to_string();
        let path = request.uri().path_and_query().unwrap().to_string();
        request
            .headers_mut()
            .insert(header::HOST, HeaderValue::from_str(&host).unwrap());
        *request.uri_mut() = path.parse().unwrap();
        let answer = sender
            .send_request(request)
            .await
            .map_err(|_| SendError::Broken)?;
        Ok(answer.map(|body| Body::new(body.map_err(Into::into))))
    }
}

/// Reads a file that is right.
pub fn provider(text: &str) -> Arc<dyn Provider> {
    linchpin_providers::read(text, &|_| Err("there is none".to_owned()))
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

pub const SITE: &str = include_str!("../data/site.toml");
pub const TOKENS: &str = include_str!("../data/tokens.toml");

pub async fn sign_in(provider: &dyn Provider, client: &Client, username: &str) -> Answer {
    let credentials = Credentials {
        username: username.to_owned(),
        password: Secret::new(PASSWORD.to_owned()),
    };
    provider.sign_in(client, credentials).await
}

pub async fn session(provider: &dyn Provider, client: &Client) -> Session {
    match sign_in(provider, client, "jane").await {
        Answer::SignedIn(signed_in) => signed_in.session,
        other => panic!("{other:?}"),
    }
}

/// Signs in up to a second factor.
pub async fn half(
    provider: &dyn Provider,
    client: &Client,
    username: &str,
) -> (Challenge, Pending) {
    match sign_in(provider, client, username).await {
        Answer::SecondFactor {
            challenge,
            progress,
        } => (
            challenge,
            Pending {
                username: username.to_owned(),
                progress,
            },
        ),
        other => panic!("{other:?}"),
    }
}

pub fn typed(method: linchpin_provider::Method, code: &str) -> Reply {
    Reply::Code {
        method,
        code: Secret::new(code.to_owned()),
    }
}
