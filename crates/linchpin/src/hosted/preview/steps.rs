//! A sample of every step, with the app's own permissions and links.

use super::wanted::Wanted;
use crate::{
    domain::client_app::ClientApp,
    flow::Engine,
    hosted::{
        show,
        view::{
            AccountFace, AppFace, AskedPermission, CodeMethod, Frame, LoginProblem, Standing, View,
        },
    },
};

const PROVIDER: &str = "sandbox";
/// Where the forms and links of a sample lead: nowhere.
const NOWHERE: &str = "/branding/step";

macro_rules! steps {
    ($($name:ident = $wire:literal, $title:literal;)*) => {
        /// A step of the pages.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Step {
            $($name),*
        }

        impl Step {
            /// Every step, in the order of a flow.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in the address.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $wire),*
                }
            }

            /// What the page calls it.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title),*
                }
            }
        }
    };
}

steps! {
    PreLogin = "pre-login", "Before the sign-in";
    Authorization = "authorization", "Permissions";
    Login = "login", "Sign-in";
    WrongPassword = "login-wrong", "Sign-in, wrong password";
    Code = "code", "Code";
    Approval = "approval", "Approval elsewhere";
    Checking = "checking", "Being checked";
    Leave = "leave", "Leaving";
    Done = "done", "Connected";
    Connection = "connection", "The user’s own page";
    Ended = "ended", "Ended link";
}

impl Step {
    /// The step of a name; `None` for any other name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|step| step.name() == name)
    }
}

/// A step as it is wanted; the first one where none is named.
pub fn step(engine: &Engine, app: &ClientApp, wanted: &Wanted) -> (Frame, View) {
    let step = wanted.step.unwrap_or(Step::PreLogin);
    (frame(engine, app, wanted), view(engine, app, step))
}

fn frame(engine: &Engine, app: &ClientApp, wanted: &Wanted) -> Frame {
    let own = show::face(app);
    let provider = engine.provider(PROVIDER);
    Frame {
        app: Some(AppFace {
            name: wanted.name.clone(),
            accent: Some(format!("#{}", wanted.accent.digits())),
            logo: own.logo.filter(|_| wanted.logo),
            ..own
        }),
        provider: provider.map(|known| known.describe().name.clone()),
        locale: wanted.locale,
        theme: wanted.theme,
        sandbox: false,
        seconds_left: None,
        hand_off: app.hand_off,
        here: NOWHERE.to_owned(),
        post_to: NOWHERE.to_owned(),
        embedding: None,
    }
}

/// What the app asks for now.
fn permissions(engine: &Engine, app: &ClientApp) -> Vec<AskedPermission> {
    let required: Vec<_> = app.permissions.iter().map(ToString::to_string).collect();
    let optional: Vec<_> = app
        .optional_permissions
        .iter()
        .map(ToString::to_string)
        .collect();
    let names = required.iter().chain(&optional);
    let mut permissions = show::permissions(engine, PROVIDER, names);
    for permission in &mut permissions {
        permission.required = required.contains(&permission.name);
    }
    permissions
}

fn view(engine: &Engine, app: &ClientApp, step: Step) -> View {
    let token = String::new();
    let nowhere = || NOWHERE.to_owned();
    match step {
        Step::PreLogin => View::PreLogin {
            token,
            providers: vec![(PROVIDER.to_owned(), PROVIDER.to_owned())],
            reconnect: false,
            elsewhere: false,
        },
        Step::Authorization => View::Authorization {
            token,
            permissions: permissions(engine, app),
        },
        Step::Login => View::Login {
            token,
            username: String::new(),
            by_email: true,
            problem: None,
        },
        Step::WrongPassword => View::Login {
            token,
            username: "jane@creator.sandbox.com".to_owned(),
            by_email: true,
            problem: Some(LoginProblem::WrongPassword {
                tries_left: 4,
                unknown_sandbox_domain: false,
            }),
        },
        Step::Code => View::Code {
            token,
            method: CodeMethod::App,
            another_way: true,
            problem: None,
        },
        Step::Approval => View::Approval {
            token,
            wait: nowhere(),
            another_way: true,
            not_asked: false,
        },
        Step::Checking => View::Checking {
            token,
            wait: nowhere(),
        },
        Step::Leave => View::Leave {
            token,
            back: nowhere(),
        },
        Step::Done => View::Done {
            account: jane(),
            back: nowhere(),
            own: nowhere(),
        },
        Step::Connection => View::Connection {
            account: jane(),
            since: "2026-01-31".to_owned(),
            standing: Standing::Active,
            permissions: permissions(engine, app),
            end: nowhere(),
        },
        Step::Ended => View::Ended {
            back: Some(nowhere()),
        },
    }
}

fn jane() -> AccountFace {
    AccountFace {
        name: "Jane Doe".to_owned(),
        username: "janedoe".to_owned(),
        avatar: None,
    }
}
