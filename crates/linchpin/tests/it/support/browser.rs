//! A browser with scripts switched off and cookies blocked: it opens links, fills in forms and follows redirects.

use std::time::{Duration, Instant};

use super::{
    Answer, CODE, LINK_BASE, Link, PASSWORD, Request, World,
    form::{Form, attribute, tags},
};

/// One browser window.
#[derive(Clone)]
pub struct Browser<'a> {
    world: &'a World,
    /// Path and query of the page that is shown.
    at: String,
    /// The page that is shown.
    page: Option<Answer>,
    /// Where a redirect led that left the pages: the application's address.
    left_to: Option<String>,
    filled: Vec<(String, String)>,
    unticked: Vec<String>,
}

impl<'a> Browser<'a> {
    pub fn new(world: &'a World) -> Self {
        Self {
            world,
            at: String::new(),
            page: None,
            left_to: None,
            filled: Vec::new(),
            unticked: Vec::new(),
        }
    }

    /// A window in which the link was opened.
    pub fn at(world: &'a World, link: &Link) -> Self {
        let mut browser = Self::new(world);
        browser.open(link.url());
        browser
    }

    /// A window that went on to the permissions.
    pub fn at_authorization(world: &'a World, link: &Link) -> Self {
        let mut browser = Self::at(world, link);
        browser.press("continue");
        assert_eq!(browser.step(), "authorization");
        browser
    }

    /// A window that went on to the sign-in.
    pub fn at_login(world: &'a World, link: &Link) -> Self {
        let mut browser = Self::at_authorization(world, link);
        browser.press("continue");
        assert_eq!(browser.step(), "login");
        browser
    }

    /// A window that signed in as `email` with the right password.
    pub fn signed_in_as(world: &'a World, link: &Link, email: &str) -> Self {
        let mut browser = Self::at_login(world, link);
        browser.sign_in(email, PASSWORD);
        browser
    }

    /// Goes to an address, as when it is typed in or reloaded.
    pub fn open(&mut self, address: &str) -> &mut Self {
        let answer = self.world.send(&Request::get(address));
        self.arrive(address, answer)
    }

    /// Loads the page that is shown once more.
    pub fn reload(&mut self) -> &mut Self {
        let at = self.at.clone();
        self.open(&at)
    }

    /// Types into a field of the form.
    pub fn fill(&mut self, name: &str, value: &str) -> &mut Self {
        self.filled.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes the tick off a permission.
    pub fn untick(&mut self, permission: &str) -> &mut Self {
        self.unticked.push(permission.to_owned());
        self
    }

    /// Presses a button of the step's form and follows where that leads.
    #[track_caller]
    pub fn press(&mut self, button: &str) -> &mut Self {
        let buttons = self.form().buttons;
        assert!(
            buttons.iter().any(|there| there == button),
            "no button {button} among {buttons:?} at {}: {}",
            self.at,
            self.words()
        );
        let answer = self.world.send(&self.submission(button));
        let to = self.form().action;
        self.arrive(&to, answer)
    }

    /// The request that pressing a button sends; nothing is sent.
    pub fn submission(&self, button: &str) -> Request {
        let form = self.form();
        let mut fields = form.fields.clone();
        fields.retain(|(name, value)| name != "permission" || !self.unticked.contains(value));
        for (name, value) in &self.filled {
            fields.retain(|(n, _)| n != name);
            fields.push((name.clone(), value.clone()));
        }
        fields.push(("action".to_owned(), button.to_owned()));
        let pairs = fields.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        Request::post(&form.action).form(pairs)
    }

    /// Presses a button and looks at the bare answer, without going anywhere.
    pub fn answer_to(&self, button: &str) -> Answer {
        self.world.send(&self.submission(button))
    }

    /// Types username and password and signs in; waits as long as the page says that it is being checked.
    #[track_caller]
    pub fn sign_in(&mut self, email: &str, password: &str) -> &mut Self {
        self.fill("username", email).fill("password", password);
        self.press("continue");
        self.wait_while("checking")
    }

    /// Types a code.
    #[track_caller]
    pub fn enter_code(&mut self, code: &str) -> &mut Self {
        self.fill("code", code);
        self.press("continue")
    }

    #[track_caller]
    pub fn enter_right_code(&mut self) -> &mut Self {
        self.enter_code(CODE)
    }

    /// Follows the page's own "look again" (or its refresh) for as long as the step is this, at most ten seconds.
    #[track_caller]
    pub fn wait_while(&mut self, step: &str) -> &mut Self {
        let begun = Instant::now();
        while self.left_to.is_none() && self.step() == step {
            assert!(begun.elapsed() < Duration::from_secs(10), "still {step}");
            std::thread::sleep(Duration::from_millis(200));
            let again = self.refresh();
            self.open(&again);
        }
        self
    }

    /// Confirms "do you want to leave" after pressing cancel.
    #[track_caller]
    pub fn leave(&mut self) -> &mut Self {
        self.press("cancel");
        assert_eq!(self.left_to, None, "nobody asked whether to leave");
        self.press("cancel")
    }

    /// Follows the link of the last page back to the application.
    #[track_caller]
    pub fn go_back_to_app(&mut self) -> &mut Self {
        let link = self.return_link().expect("a link back");
        self.open(&link)
    }

    /// The link to `{flow}/return`, where the page has one.
    pub fn return_link(&self) -> Option<String> {
        self.links().into_iter().find(|href| {
            href.split('?')
                .next()
                .is_some_and(|p| p.ends_with("/return"))
        })
    }

    /// Where the page's links lead.
    pub fn links(&self) -> Vec<String> {
        let html = self.html();
        let anchors = tags(&html).into_iter().filter(|tag| tag.starts_with("a "));
        anchors.filter_map(|tag| attribute(tag, "href")).collect()
    }

    /// Where the page without scripts goes by itself after a moment.
    #[track_caller]
    pub fn refresh(&self) -> String {
        let html = self.html();
        let content = tags(&html)
            .into_iter()
            .find(|tag| tag.starts_with("meta http-equiv=\"refresh\""))
            .and_then(|tag| attribute(tag, "content"))
            .unwrap_or_else(|| panic!("{} does not go on by itself", self.at));
        let (_, to) = content
            .split_once("url=")
            .expect("a refresh with an address");
        to.to_owned()
    }

    /// The step that the page shows: the name on its body.
    #[track_caller]
    pub fn step(&self) -> String {
        let html = self.html();
        let body = tags(&html).into_iter().find(|tag| tag.starts_with("body"));
        body.and_then(|tag| attribute(tag, "data-step"))
            .unwrap_or_else(|| panic!("{} shows no step: {html}", self.at))
    }

    pub fn form(&self) -> Form {
        let html = self.html();
        Form::in_page(&html).unwrap_or_else(|| panic!("no form at {}: {}", self.at, self.words()))
    }

    pub fn status(&self) -> u16 {
        self.page().status
    }

    pub fn page(&self) -> &Answer {
        self.page.as_ref().expect("a page is open")
    }

    pub fn html(&self) -> String {
        self.page().text()
    }

    /// What the page says, without its markup and with single spaces.
    pub fn words(&self) -> String {
        words(&self.html())
    }

    /// Path and query of the page.
    pub fn address(&self) -> &str {
        &self.at
    }

    /// The page's path without its query: on a flow, the flow URL.
    pub fn path(&self) -> String {
        let path = self.at.split('?').next().unwrap_or_default();
        path.strip_prefix(LINK_BASE).unwrap_or(path).to_owned()
    }

    /// Where the browser was sent when it left the pages.
    #[track_caller]
    pub fn left_to(&self) -> &str {
        self.left_to
            .as_deref()
            .unwrap_or_else(|| panic!("still at {}: {}", self.at, self.words()))
    }

    pub fn has_left(&self) -> bool {
        self.left_to.is_some()
    }

    fn arrive(&mut self, address: &str, answer: Answer) -> &mut Self {
        self.filled.clear();
        self.unticked.clear();
        let (mut address, mut answer) = (address.to_owned(), answer);
        for _ in 0..10 {
            if answer.status != 303 {
                self.at = address;
                self.page = Some(answer);
                return self;
            }
            let location = answer.location().to_owned();
            let ours = location.starts_with('/') && !location.starts_with("//");
            if !ours && !location.starts_with(&format!("{LINK_BASE}/")) {
                self.left_to = Some(location);
                self.page = Some(answer);
                return self;
            }
            answer = self.world.send(&Request::get(&location));
            address = location;
        }
        panic!("redirected in circles at {address}");
    }
}

/// What a page says, without its markup.
pub fn words(html: &str) -> String {
    let mut out = String::new();
    let body = html.find("<main").map_or(html, |at| &html[at..]);
    for part in body.split('<') {
        let text = part.split_once('>').map_or(part, |(_, text)| text);
        out.push_str(text);
        out.push(' ');
    }
    let out = super::form::unescape(&out);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}
