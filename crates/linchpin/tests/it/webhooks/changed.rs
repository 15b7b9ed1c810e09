//! Deliveries as they came, and changed on their way.

use std::collections::BTreeMap;

use crate::support::receiver::Hit;

/// What one who verifies is given, and whether they should accept it.
#[derive(Clone)]
pub struct Case {
    pub what: String,
    pub secret: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub accepted: bool,
}

impl Case {
    pub fn arrived(hit: &Hit, secret: &str) -> Self {
        Self {
            what: format!("{} as it came", hit.kind()),
            secret: secret.to_owned(),
            headers: hit.headers.iter().cloned().collect(),
            body: String::from_utf8(hit.body.clone()).unwrap(),
            accepted: true,
        }
    }

    /// The same, changed, which nobody may accept.
    fn changed(&self, what: &str, change: impl FnOnce(&mut Self)) -> Self {
        let mut case = self.clone();
        change(&mut case);
        case.what = format!("{} with another {what}", self.what);
        case.accepted = false;
        case
    }

    /// The id is signed as a header by two families, and within the body by all three.
    pub fn with_another_id(&self) -> Self {
        self.changed("id", |case| {
            let id = case.headers["webhook-id"].clone();
            let other = format!("{}x", &id[..id.len() - 1]);
            assert!(case.body.contains(&id));
            case.body = case.body.replace(&id, &other);
            case.headers.insert("webhook-id".to_owned(), other.clone());
            case.headers.insert("svix-id".to_owned(), other);
        })
    }

    /// One second later, which is well within what the libraries tolerate.
    pub fn with_another_timestamp(&self) -> Self {
        self.changed("timestamp", |case| {
            let told = case.headers["webhook-timestamp"].clone();
            let later = (told.parse::<i64>().unwrap() + 1).to_string();
            let ours = case.headers["ofauth-signature"].replace(&told, &later);
            for name in ["webhook-timestamp", "svix-timestamp"] {
                case.headers.insert(name.to_owned(), later.clone());
            }
            case.headers.insert("ofauth-signature".to_owned(), ours);
        })
    }

    /// The same body but for one space, as a parser that writes JSON anew may leave it.
    pub fn with_another_body(&self) -> Self {
        self.changed("body", |case| case.body.insert(1, ' '))
    }

    pub fn with_the_secret_of(&self, other: &str) -> Self {
        self.changed("secret", |case| other.clone_into(&mut case.secret))
    }

    /// Only the id of the header is another, which two families of headers sign.
    pub fn with_another_id_in_its_headers(&self) -> Self {
        self.changed("id in its headers", |case| {
            for name in ["webhook-id", "svix-id"] {
                case.headers.insert(name.to_owned(), "evt_other".to_owned());
            }
        })
    }
}
