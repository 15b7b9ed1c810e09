//! A sample of every view and of every way in which it can look.

#[path = "samples_elsewhere.rs"]
mod elsewhere;
#[path = "samples_factor.rs"]
mod factor;
#[path = "samples_hand_off.rs"]
mod hand_off;

use linchpin::hosted::texts::Locale;
use linchpin::hosted::view::{
    AccountFace, AppFace, AskedPermission, Frame, LoginProblem, Standing, Theme, View,
};

/// A page to look at.
pub struct Sample {
    /// What it shows, in kebab-case.
    pub name: &'static str,
    /// What stands around it.
    pub frame: Frame,
    /// The page.
    pub view: View,
}

/// Every sample.
pub fn all() -> Vec<Sample> {
    let mut samples = before_the_sign_in();
    samples.extend(sign_in());
    samples.extend(factor::all());
    samples.extend(ends());
    samples.extend(own());
    samples.extend(hand_off::all());
    samples.extend(elsewhere::all());
    samples
}

/// The frame of an app that has everything.
pub fn frame() -> Frame {
    Frame {
        app: Some(AppFace {
            name: "Acme".to_owned(),
            logo: None,
            accent: None,
            website: Some("https://acme.example/shop".to_owned()),
            privacy: Some("https://acme.example/privacy".to_owned()),
            terms: Some("https://acme.example/terms".to_owned()),
            support: Some("mailto:help@acme.example".to_owned()),
        }),
        provider: Some("Fanhouse".to_owned()),
        locale: Locale::En,
        theme: Theme::Auto,
        sandbox: true,
        seconds_left: None,
        hand_off: false,
        here: "/s/fl_sample".to_owned(),
        post_to: "/s/fl_sample?lang=en".to_owned(),
        embedding: None,
    }
}

fn token() -> String {
    "st_b6Q0Zp3kY1x8Vw2mT7nR4c".to_owned()
}

fn wait() -> String {
    "/s/fl_sample/wait?lang=en".to_owned()
}

fn sample(name: &'static str, view: View) -> Sample {
    Sample {
        name,
        frame: frame(),
        view,
    }
}

fn live(name: &'static str, view: View) -> Sample {
    let mut sample = sample(name, view);
    sample.frame.sandbox = false;
    sample
}

/// An app with the longest name, without a space, and a colour that no one could read on white.
fn long_name(name: &'static str, view: View) -> Sample {
    let mut sample = live(name, view);
    if let Some(app) = &mut sample.frame.app {
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
            .clone_into(&mut app.name);
        app.accent = Some("#ffe000".to_owned());
    }
    sample
}

fn pre_login(reconnect: bool) -> View {
    let providers = vec![("sandbox".to_owned(), "Fanhouse".to_owned())];
    View::PreLogin {
        token: token(),
        providers,
        reconnect,
        elsewhere: false,
    }
}

fn before_the_sign_in() -> Vec<Sample> {
    let providers = ["Fanhouse", "Studio Nine", "Backstage"]
        .map(|name| (name.to_lowercase().replace(' ', "-"), name.to_owned()));
    let choice = View::PreLogin {
        token: token(),
        providers: providers.to_vec(),
        reconnect: false,
        elsewhere: false,
    };
    let mut choice = live("pre-login-choice", choice);
    choice.frame.provider = None;
    let mut bare = live("pre-login-bare", pre_login(false));
    if let Some(app) = &mut bare.frame.app {
        app.website = None;
        app.privacy = None;
        app.terms = None;
        app.support = None;
        app.accent = Some("#0a7d4f".to_owned());
    }
    let mut late = sample("pre-login-late", pre_login(true));
    late.frame.seconds_left = Some(280);
    vec![
        sample("pre-login", pre_login(false)),
        live("pre-login-live", pre_login(false)),
        choice,
        bare,
        late,
        long_name("pre-login-long-name", pre_login(false)),
        sample("authorization", authorization()),
        long_name("authorization-long-name", authorization()),
        live("authorization-live", authorization()),
    ]
}

fn authorization() -> View {
    let asked = |name: &str, sentence: &str| AskedPermission {
        name: name.to_owned(),
        sentence: sentence.to_owned(),
        changes: name.ends_with("write"),
        risky: name.starts_with("messages"),
        required: name == "profile:read",
        new: name == "messages:write",
    };
    let permissions = vec![
        asked("profile:read", "Your profile: name, username and picture"),
        asked("messages:read", "Your messages and who wrote them"),
        asked("posts:read", "Your posts, scheduled ones included"),
        asked(
            "messages:write",
            "Send messages to your subscribers in your name",
        ),
        asked("posts:write", "Publish, edit and delete posts in your name"),
    ];
    View::Authorization {
        token: token(),
        permissions,
    }
}

fn sign_in() -> Vec<Sample> {
    let login = |problem: Option<LoginProblem>| {
        let username = problem
            .as_ref()
            .map_or("", |_| "jane@creator.sandbox.com")
            .to_owned();
        View::Login {
            token: token(),
            username,
            by_email: true,
            problem,
        }
    };
    let wrong = |tries_left, unknown_sandbox_domain| {
        login(Some(LoginProblem::WrongPassword {
            tries_left,
            unknown_sandbox_domain,
        }))
    };
    let empty = View::Login {
        token: token(),
        username: String::new(),
        by_email: false,
        problem: Some(LoginProblem::Incomplete),
    };
    let by_name = View::Login {
        token: token(),
        username: String::new(),
        by_email: false,
        problem: None,
    };
    let mut late = sample("login-late", wrong(1, false));
    late.frame.seconds_left = Some(59);
    vec![
        sample("login", login(None)),
        live("login-live", login(None)),
        live("login-username", by_name),
        sample("login-wrong", wrong(4, false)),
        sample("login-unknown-domain", wrong(3, true)),
        sample(
            "login-unavailable",
            login(Some(LoginProblem::ProviderUnavailable)),
        ),
        sample("login-incomplete", login(Some(LoginProblem::Incomplete))),
        sample("login-empty", empty),
        sample(
            "login-different-account",
            login(Some(LoginProblem::DifferentAccount)),
        ),
        sample(
            "login-linked-elsewhere",
            login(Some(LoginProblem::LinkedToAnotherUser)),
        ),
        sample("login-interrupted", login(Some(LoginProblem::Interrupted))),
        sample("login-declined", login(Some(LoginProblem::Declined))),
        long_name("login-long-name", login(None)),
        late,
        sample(
            "checking",
            View::Checking {
                token: token(),
                wait: wait(),
            },
        ),
    ]
}

fn own_address() -> String {
    "https://link.example/c/own_sample".to_owned()
}

fn jane() -> AccountFace {
    AccountFace {
        name: "Jane Doe".to_owned(),
        username: "janedoe".to_owned(),
        avatar: None,
    }
}

/// The user's own page of a connection.
fn own() -> Vec<Sample> {
    let connection = |account: AccountFace, standing, permissions| View::Connection {
        account,
        since: "2026-01-31".to_owned(),
        standing,
        permissions,
        end: "/s/fl_sample?leave=1".to_owned(),
    };
    let granted = || match authorization() {
        View::Authorization { permissions, .. } => permissions
            .into_iter()
            .map(|permission| AskedPermission {
                required: false,
                new: false,
                ..permission
            })
            .collect(),
        _ => Vec::new(),
    };
    let disconnect = || View::Disconnect {
        token: token(),
        back: "/s/fl_sample".to_owned(),
    };
    let mut nothing = live("no-connection", View::NoConnection);
    nothing.frame.app = None;
    nothing.frame.provider = None;
    let mut of_no_app = live(
        "connection-no-app",
        connection(jane(), Standing::SignInAgain, Vec::new()),
    );
    of_no_app.frame.app = None;
    vec![
        sample(
            "connection",
            connection(jane(), Standing::Active, granted()),
        ),
        live(
            "connection-ended-by-app",
            connection(jane(), Standing::EndedByApp, granted()),
        ),
        long_name(
            "connection-long-name",
            connection(jane(), Standing::SignInAgain, granted()),
        ),
        of_no_app,
        sample("disconnect", disconnect()),
        long_name("disconnect-long-name", disconnect()),
        live("disconnected", View::Disconnected),
        nothing,
    ]
}

fn ends() -> Vec<Sample> {
    let back = || "/s/fl_sample/return".to_owned();
    let account = jane();
    let avatar = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGNkaGD4z8DAwMDEAAUAABEeAYBZyJ1dAAAAAElFTkSuQmCC";
    let pictured = AccountFace {
        avatar: Some(avatar.to_owned()),
        ..account.clone()
    };
    let mut unknown = sample("unknown", View::Unknown);
    unknown.frame.app = None;
    unknown.frame.provider = None;
    unknown.frame.sandbox = false;
    vec![
        sample(
            "leave",
            View::Leave {
                token: token(),
                back: "/s/fl_sample".to_owned(),
            },
        ),
        long_name(
            "leave-long-name",
            View::Leave {
                token: token(),
                back: "/s/fl_sample".to_owned(),
            },
        ),
        sample(
            "done",
            View::Done {
                account,
                back: back(),
                own: own_address(),
            },
        ),
        live(
            "done-pictured",
            View::Done {
                account: pictured.clone(),
                back: back(),
                own: own_address(),
            },
        ),
        long_name(
            "done-long-name",
            View::Done {
                account: pictured,
                back: back(),
                own: own_address(),
            },
        ),
        live(
            "ended",
            View::Ended {
                back: Some("https://acme.example/callback?status=error".to_owned()),
            },
        ),
        live("ended-no-way-back", View::Ended { back: None }),
        live("in-use", View::InUse),
        unknown,
        live("forbidden", View::Forbidden),
        live("unavailable", View::Unavailable),
    ]
}
