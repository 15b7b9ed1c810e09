//! Somebody who links an account with a browser that runs no scripts.

use std::{net::SocketAddr, thread, time::Duration};

use crate::client::{Answer, Client, NoAnswer};

/// The forms and waiting pages that any way through a session takes at most.
const STEPS_MAX: usize = 40;
/// Time between two looks at a waiting page.
const LOOK: Duration = Duration::from_millis(200);

/// A person, and what the browser's address bar and page hold; outlives the server.
pub struct Person {
    client: Client,
    /// Path of the link that was sent.
    launch: String,
    /// The form of the launch page once it was opened.
    opened: Option<Form>,
    /// Path of the flow once it has begun.
    flow: Option<String>,
    /// Signs in with this address.
    pub email: String,
}

/// A form as a browser would send it.
#[derive(Debug, Clone)]
pub struct Form {
    action: String,
    fields: Vec<(String, String)>,
    /// What is to be typed: a password or a code.
    asks_for: Option<String>,
}

/// How it ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ending {
    /// Sent back with this URL.
    Returned(String),
    /// A page that nothing leads on from, with its status.
    Stuck(u16, String),
}

impl Person {
    /// Somebody who was sent this path.
    pub fn with_link(server: SocketAddr, launch: &str, email: &str) -> Self {
        Self {
            client: Client::new(server),
            launch: launch.to_owned(),
            opened: None,
            flow: None,
            email: email.to_owned(),
        }
    }

    /// The server is at another address now.
    pub fn moves_to(&mut self, server: SocketAddr) {
        self.client = Client::new(server);
    }

    /// Path of the flow, which is a secret.
    pub fn flow(&self) -> Option<&str> {
        self.flow.as_deref()
    }

    /// Goes on from wherever the session stands until there is nothing more to do.
    pub fn goes_to_the_end(&mut self) -> Result<Ending, NoAnswer> {
        self.begins()?;
        for _ in 0..STEPS_MAX {
            if let Some(ending) = self.takes_a_step()? {
                return Ok(ending);
            }
        }
        panic!("the session of {} goes round in circles", self.email);
    }

    /// Opens the link and presses "continue", where that has not been done.
    pub fn begins(&mut self) -> Result<(), NoAnswer> {
        if self.flow.is_some() {
            return Ok(());
        }
        if self.opened.is_none() {
            let page = self.client.get(&self.launch, &[])?;
            assert_eq!(page.status, 200, "{}", page.text());
            self.opened = Some(Form::of(&page.text()).unwrap());
        }
        // Pressed again where the answer was lost: the same form leads to the same flow.
        let form = self.opened.clone().unwrap();
        let answer = self.posts(&form, &[("action", "continue")])?;
        assert_eq!(answer.status, 303, "{}", answer.text());
        self.flow = Some(answer.header("location").unwrap().to_owned());
        Ok(())
    }

    /// Does what the page of the flow asks for; answers the ending where there is nothing more to do.
    pub fn takes_a_step(&mut self) -> Result<Option<Ending>, NoAnswer> {
        let flow = self.flow.clone().unwrap();
        let page = self.client.get(&flow, &[])?;
        let text = page.text();
        if page.status != 200 {
            return Ok(Some(Ending::Stuck(page.status, text)));
        }
        // A page that waits goes on by itself; its form is there to leave.
        if text.contains("data-wait=") {
            thread::sleep(LOOK);
            return Ok(None);
        }
        let Some(form) = Form::of(&text) else {
            let back = self.client.get(&format!("{flow}/return"), &[])?;
            return Ok(Some(match back.header("location") {
                Some(location) => Ending::Returned(location.to_owned()),
                None => Ending::Stuck(back.status, text),
            }));
        };
        self.posts_filled(&form)?;
        Ok(None)
    }

    /// Fills a page's form in and sends it.
    pub fn posts_filled(&mut self, form: &Form) -> Result<(), NoAnswer> {
        let email = self.email.clone();
        let filled: &[(&str, &str)] = match form.asks_for.as_deref() {
            Some("password") => &[("username", &email), ("password", "good-password")],
            Some("code") => &[("code", "123456")],
            _ => &[],
        };
        let answer = self.posts(form, &[filled, &[("action", "continue")]].concat())?;
        // A 200 shows the same page with what is wrong.
        assert!(
            matches!(answer.status, 200 | 303 | 503),
            "{} {}",
            answer.status,
            answer.text()
        );
        Ok(())
    }

    /// The form of the page that the flow shows; none where it shows none, or goes on by itself.
    #[allow(dead_code, reason = "most tests leave that to the steps")]
    pub fn form(&mut self) -> Option<Form> {
        let flow = self.flow.clone().unwrap();
        let page = self.client.get(&flow, &[]).unwrap().text();
        Form::of(&page).filter(|_| !page.contains("data-wait="))
    }

    /// The same page in another tab, on a server of its own.
    #[allow(dead_code, reason = "most people have one")]
    pub fn copied_to(&self, server: SocketAddr) -> Self {
        Self {
            client: Client::new(server),
            launch: self.launch.clone(),
            opened: None,
            flow: self.flow.clone(),
            email: self.email.clone(),
        }
    }

    /// Sends the page's form with this field wrong; answers the step token that it had.
    pub fn mistypes(&mut self, (field, typed): (&str, &str)) -> Result<String, NoAnswer> {
        let page = self.client.get(self.flow.as_deref().unwrap(), &[])?;
        let form = Form::of(&page.text()).unwrap();
        let email = self.email.clone();
        let filled = [
            ("username", &*email),
            (field, typed),
            ("action", "continue"),
        ];
        let answer = self.posts(&form, &filled)?;
        assert!(
            matches!(answer.status, 200 | 303),
            "{} {}",
            answer.status,
            answer.text()
        );
        let token = form
            .fields
            .iter()
            .find(|(name, _)| name == "token")
            .unwrap();
        Ok(token.1.clone())
    }

    fn posts(&mut self, form: &Form, filled: &[(&str, &str)]) -> Result<Answer, NoAnswer> {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        let typed = |name: &str| filled.iter().any(|(each, _)| *each == name);
        body.extend_pairs(form.fields.iter().filter(|(name, _)| !typed(name)));
        body.extend_pairs(filled);
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Origin", "null"),
        ];
        self.client
            .request("POST", &form.action, &headers, body.finish().as_bytes())
    }
}

impl Form {
    /// The step's form on a page, with what a browser sends without being asked: hidden fields and checked boxes.
    fn of(page: &str) -> Option<Self> {
        let (_, from) = page.split_once("<form id=\"step\"")?;
        let (form, _) = from.split_once("</form>")?;
        let (head, rest) = form.split_once('>')?;
        let inputs = rest
            .split("<input ")
            .skip(1)
            .filter_map(|input| input.split('>').next());
        let fields = inputs
            .filter(|input| input.contains("type=\"hidden\"") || input.ends_with("checked"))
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)));
        let asks_for = ["password", "code"]
            .into_iter()
            .find(|name| rest.contains(&format!("name=\"{name}\"")));
        Some(Self {
            asks_for: asks_for.map(str::to_owned),
            action: attribute(head, "action")?,
            fields: fields.collect(),
        })
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, from) = tag.split_once(&format!("{name}=\""))?;
    let (value, _) = from.split_once('"')?;
    Some(value.replace("&#38;", "&").replace("&amp;", "&"))
}
