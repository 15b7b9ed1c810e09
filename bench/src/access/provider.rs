//! The provider of the comparison: its API is one server on this machine, and its sign-in is slow.

use std::time::Duration;

use linchpin_provider::{
    Access, Account, Answer, Asked, Call, CallAnswer, Called, Client, Coverage, Credentials,
    Description, Entry, Import, Imported, Looked, Method, Pending, Permission, Provider, Reach,
    Reply, Session, SignedIn, UsernameKind,
};

/// How long a sign-in takes.
pub const SIGN_IN: Duration = Duration::from_secs(2);

/// Sends calls on as they are, with a bearer token.
pub struct Passing {
    description: Description,
    authority: String,
}

impl Passing {
    /// For an API at this host and port.
    pub fn new(authority: &str) -> Self {
        Self {
            authority: authority.to_owned(),
            description: Description {
                id: "bench".to_owned(),
                name: "Bench".to_owned(),
                entry: Entry::Password(UsernameKind::Text),
                permissions: vec![Permission {
                    name: "profile:read".to_owned(),
                    sentence: "See your profile".to_owned(),
                    access: Access::Read,
                    risky: false,
                }],
                reach: Reach {
                    hosts: vec![authority.to_owned()],
                    private_networks: vec!["127.0.0.0/8".to_owned()],
                    direct: Vec::new(),
                },
                test_accounts: Vec::new(),
            },
        }
    }
}

fn account(name: &str) -> Account {
    Account {
        id: name.to_owned(),
        name: name.to_owned(),
        username: name.to_owned(),
        avatar: None,
    }
}

fn signed_in(name: &str) -> SignedIn {
    SignedIn {
        account: account(name),
        session: Session::new(name.to_owned()),
        granted: None,
    }
}

#[async_trait::async_trait]
impl Provider for Passing {
    fn describe(&self) -> &Description {
        &self.description
    }

    async fn sign_in(&self, _client: &Client, credentials: Credentials) -> Answer {
        tokio::time::sleep(SIGN_IN).await;
        Answer::SignedIn(signed_in(&credentials.username))
    }

    async fn second_factor(&self, _: &Client, _: &Pending, _: Reply) -> Answer {
        Answer::Declined
    }

    async fn ask(&self, _: &Client, _: &Pending, _: Method) -> Asked {
        Asked::NotNow
    }

    async fn import(&self, _client: &Client, import: Import) -> Imported {
        match import {
            Import::Token { access_token, .. } => Imported::Taken(signed_in(access_token.reveal())),
            Import::Cookie { .. } => Imported::NotOffered,
        }
    }

    async fn look(&self, _client: &Client, session: &Session) -> Looked {
        Looked::Alive {
            account: account(session.reveal()),
            renewed: None,
        }
    }

    async fn sign_out(&self, _: &Client, _: &Session) -> bool {
        true
    }

    async fn profile(&self, _: &Client, session: &Session) -> Called<serde_json::Value> {
        let id = session.reveal();
        Called::Answered {
            answer: serde_json::json!({ "id": id, "name": id, "username": id, "avatar": null }),
            renewed: None,
        }
    }

    fn covers(&self, _: &http::Method, _: &str) -> Coverage {
        Coverage::Open
    }

    async fn call(&self, client: &Client, session: &Session, call: Call) -> Called<CallAnswer> {
        let uri = http::Uri::builder()
            .scheme("http")
            .authority(self.authority.as_str())
            .path_and_query(call.path)
            .build();
        let bearer = http::HeaderValue::from_str(&format!("Bearer {}", session.reveal()));
        let (Ok(uri), Ok(bearer)) = (uri, bearer) else {
            return Called::Unreachable;
        };
        let mut request = http::Request::new(call.body);
        *request.method_mut() = call.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = call.headers;
        request.headers_mut().insert("authorization", bearer);
        match client.send(request).await {
            Ok(answer) => Called::Answered {
                answer,
                renewed: None,
            },
            Err(error) => error.into(),
        }
    }
}
