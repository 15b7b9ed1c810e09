//! A provider of the live environment with a page of its own to sign in on, which remembers what it was brought.

use std::sync::{Arc, Mutex};

use linchpin_provider::{
    Access, Account, Answer, Arrival, Asked, Call, CallAnswer, Called, Client, Coverage,
    Credentials, Departed, Departure, Description, Entry, Import, Imported, Looked, Method,
    Pending, Permission, Provider, Reach, Reply, Secret, Session, SignedIn,
};

/// What it keeps until a browser is back.
const PROGRESS: &str = "kept by the east";

/// The provider; clones are the same.
#[derive(Clone)]
pub struct East {
    description: Arc<Description>,
    /// The codes that it was brought, oldest first.
    pub brought: Arc<Mutex<Vec<String>>>,
    /// The permissions and the language of each departure.
    pub departed: Arc<Mutex<Vec<String>>>,
    /// What it says that was granted on its page.
    pub granted: Arc<Mutex<Option<Vec<String>>>>,
}

impl East {
    pub fn new() -> Self {
        Self {
            description: Arc::new(Description {
                id: "east".to_owned(),
                name: "East".to_owned(),
                entry: Entry::Elsewhere,
                reach: Reach::default(),
                permissions: ["profile:read", "posts:read", "messages:write"]
                    .map(|name| Permission {
                        name: name.to_owned(),
                        sentence: "Something".to_owned(),
                        access: Access::Read,
                        risky: false,
                    })
                    .to_vec(),
                test_accounts: Vec::new(),
            }),
            brought: Arc::default(),
            departed: Arc::default(),
            granted: Arc::default(),
        }
    }
}

#[async_trait::async_trait]
impl Provider for East {
    fn describe(&self) -> &Description {
        &self.description
    }

    async fn sign_in(&self, _client: &Client, _credentials: Credentials) -> Answer {
        panic!("nobody types a password here");
    }

    async fn second_factor(&self, _client: &Client, _pending: &Pending, _reply: Reply) -> Answer {
        Answer::Declined
    }

    async fn ask(&self, _client: &Client, _pending: &Pending, _method: Method) -> Asked {
        Asked::NotNow
    }

    async fn depart(&self, _client: &Client, departure: Departure) -> Departed {
        let mut departed = self.departed.lock().unwrap();
        if departed.last().is_some_and(|last| last == "down") {
            return Departed::Unavailable;
        }
        departed.push(departure.permissions.join(" "));
        assert_eq!(departure.back_to, "https://link.example.com/back/east");
        let mut url = url::Url::parse("https://east.example/sign-in?a='\"<b>&c").unwrap();
        let state = departure.state.reveal();
        url.query_pairs_mut().append_pair("state", state);
        Departed::To {
            url: url.into(),
            progress: Secret::new(PROGRESS.to_owned()),
        }
    }

    async fn arrive(&self, _client: &Client, arrival: Arrival) -> Answer {
        assert_eq!(arrival.progress.reveal(), PROGRESS);
        assert_eq!(arrival.back_to, "https://link.example.com/back/east");
        match (arrival.parameter("code"), arrival.parameter("error")) {
            (Some(code), _) => {
                self.brought.lock().unwrap().push(code.to_owned());
                Answer::SignedIn(SignedIn {
                    account: Account {
                        id: code.to_owned(),
                        name: code.to_owned(),
                        username: code.to_owned(),
                        avatar: None,
                    },
                    session: Session::new(format!("session of {code}")),
                    granted: self.granted.lock().unwrap().clone(),
                })
            }
            (None, Some("access_denied")) => Answer::Denied,
            _ => Answer::Unavailable,
        }
    }

    async fn import(&self, _client: &Client, _import: Import) -> Imported {
        Imported::NotOffered
    }

    async fn look(&self, _client: &Client, _session: &Session) -> Looked {
        Looked::Unavailable
    }

    async fn sign_out(&self, _client: &Client, _session: &Session) -> bool {
        true
    }

    async fn profile(&self, _client: &Client, _session: &Session) -> Called<serde_json::Value> {
        Called::Unreachable
    }

    fn covers(&self, _method: &http::Method, _path: &str) -> Coverage {
        Coverage::Refused
    }

    async fn call(&self, _client: &Client, _session: &Session, _call: Call) -> Called<CallAnswer> {
        Called::Unreachable
    }
}
