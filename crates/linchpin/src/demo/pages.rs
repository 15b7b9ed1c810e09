//! The demo's two pages.

use askama::Template;

use super::backend::{BackendError, Told, UserData};

/// What both pages name.
pub struct Words {
    /// The API's URL.
    pub api_url: String,
    /// The id of the redirect app.
    pub app: String,
    /// The redirect URL.
    pub callback: String,
}

#[derive(Template)]
#[template(path = "demo/home.html")]
struct Home<'a> {
    words: &'a Words,
    problem: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "demo/callback.html")]
struct Callback<'a> {
    words: &'a Words,
    parameters: &'a [(String, String)],
    outcome: Outcome,
    account: Option<&'a UserData>,
    told: Option<&'a Told>,
    problem: Option<String>,
}

/// What the `status` of a callback says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Connected,
    /// The address says so, and the API has not.
    Unconfirmed,
    Cancelled,
    Failed,
    /// Nothing, or nothing that is known here.
    Unknown,
}

/// The page with the button.
pub fn home(words: &Words) -> String {
    let problem = None;
    write(&Home { words, problem })
}

/// The same, after a link could not be started.
pub fn failed(words: &Words, problem: &str) -> String {
    let problem = Some(problem);
    write(&Home { words, problem })
}

/// The page that a user comes back to. `asked` is what the API said, where the visit is known.
pub fn callback(
    words: &Words,
    parameters: &[(String, String)],
    status: Option<&str>,
    asked: Option<Result<Told, BackendError>>,
) -> String {
    let (told, problem) = match asked {
        None => (None, None),
        Some(Ok(told)) => (Some(told), None),
        Some(Err(error)) => (None, Some(error.to_string())),
    };
    write(&Callback {
        words,
        parameters,
        outcome: Outcome::of(status, told.as_ref()),
        account: told.as_ref().and_then(|told| told.user.as_ref()),
        told: told.as_ref(),
        problem,
    })
}

/// Writing into a string cannot fail, and the templates call nothing that can.
fn write(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}

impl Outcome {
    fn of(status: Option<&str>, told: Option<&Told>) -> Self {
        match status {
            Some("success") if told.is_some_and(|told| told.status == "completed") => {
                Self::Connected
            }
            Some("success") => Self::Unconfirmed,
            Some("cancelled") => Self::Cancelled,
            Some("error") => Self::Failed,
            _ => Self::Unknown,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Connected => "Account connected",
            Self::Unconfirmed => "Not confirmed",
            Self::Cancelled => "Cancelled",
            Self::Failed => "Not connected",
            Self::Unknown => "Nothing came back",
        }
    }

    fn lead(self) -> &'static str {
        match self {
            Self::Connected => {
                "Your product would now keep the connection’s id and go on where the user left off."
            }
            Self::Cancelled => {
                "The user turned back. Nothing was connected, and they may try again."
            }
            Self::Unconfirmed => {
                "The address says success, and anyone can type an address. The API has not said so, so nothing is believed."
            }
            Self::Failed => {
                "The link ended without a connection. The error code says why; a new link may be started."
            }
            Self::Unknown => {
                "Users come to this page from a link. Start one to see what it brings."
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Connected => "good",
            Self::Unconfirmed | Self::Cancelled | Self::Unknown => "plain",
            Self::Failed => "bad",
        }
    }
}

impl UserData {
    /// The picture, where it is one that the page may load.
    fn picture(&self) -> Option<&str> {
        self.avatar
            .as_deref()
            .filter(|avatar| avatar.starts_with("data:image/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words {
            api_url: "http://127.0.0.1:7400".to_owned(),
            app: "app_1".to_owned(),
            callback: "http://127.0.0.1:7401/callback".to_owned(),
        }
    }

    #[test]
    fn what_came_back_is_shown_and_cannot_become_markup() {
        let parameters = [
            ("status".to_owned(), "success".to_owned()),
            (
                "connection_id".to_owned(),
                "<script>alert(1)</script>".to_owned(),
            ),
        ];
        let page = callback(&words(), &parameters, Some("success"), None);
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("connection_id"));
    }

    #[test]
    fn success_in_the_address_is_believed_only_when_the_api_says_so() {
        let page = |told: Option<&str>| {
            let told = told.map(|status| {
                Ok(Told {
                    status: status.to_owned(),
                    user: None,
                    json: String::new(),
                })
            });
            callback(&words(), &[], Some("success"), told)
        };
        assert!(page(Some("completed")).contains("Account connected"));
        for told in [None, Some("pending")] {
            assert!(!page(told).contains("Account connected"));
        }
    }

    #[test]
    fn an_account_whose_picture_is_elsewhere_is_shown_without_it() {
        let user = |avatar: &str| UserData {
            name: "Jane".to_owned(),
            username: "jane".to_owned(),
            avatar: Some(avatar.to_owned()),
        };
        assert!(user("https://elsewhere.example/a.png").picture().is_none());
        assert!(user("data:image/svg+xml;base64,AA").picture().is_some());
    }

    #[test]
    fn pages_load_nothing_from_elsewhere_and_need_no_script() {
        for page in [
            home(&words()),
            failed(&words(), "no"),
            callback(&words(), &[], None, None),
        ] {
            assert!(!page.contains("<script") && !page.contains("style=\""));
            assert!(!page.contains("https://"), "{page}");
        }
    }
}
