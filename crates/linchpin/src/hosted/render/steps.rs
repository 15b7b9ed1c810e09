//! The steps of the flow: what each template is given.

use askama::Template;

use super::outside;
use super::shell::Shell;
use crate::hosted::texts::{Markup, unsteered};
use crate::hosted::view::{AccountFace, AskedPermission, Frame, LoginProblem};

/// Who asks, which provider, what happens next.
#[derive(Template)]
#[template(path = "pre_login.html")]
pub(super) struct PreLogin<'a> {
    s: Shell<'a>,
    token: &'a str,
    providers: &'a [(String, String)],
    title: &'static str,
    lead: &'static str,
    /// What is said of signing in.
    sign_in: &'static str,
}

pub(super) fn pre_login<'a>(
    frame: &'a Frame,
    token: &'a str,
    providers: &'a [(String, String)],
    (reconnect, elsewhere): (bool, bool),
) -> PreLogin<'a> {
    let only = match providers {
        [(_, name)] => Some(name.as_str()),
        _ => None,
    };
    let provider = frame.provider.as_deref().or(only);
    let title = match (reconnect, provider) {
        (true, _) => "reconnect-title",
        (false, Some(_)) => "pre-login-title",
        (false, None) => "pre-login-title-choice",
    };
    let s = Shell::of_provider(frame, provider, "pre-login", title);
    let lead = match (reconnect, s.has_domain()) {
        (true, true) => "reconnect-lead",
        (true, false) => "reconnect-lead-no-domain",
        (false, true) => "pre-login-lead",
        (false, false) => "pre-login-lead-no-domain",
    };
    PreLogin {
        s,
        token,
        providers,
        title,
        lead,
        sign_in: match elsewhere {
            true => "next-elsewhere",
            false => "next-sign-in",
        },
    }
}

/// What the app may see and change.
#[derive(Template)]
#[template(path = "authorization.html")]
pub(super) struct Authorization<'a> {
    s: Shell<'a>,
    token: &'a str,
    groups: Vec<Group<'a>>,
}

/// Permissions under one heading, the risky ones last.
pub(super) struct Group<'a> {
    /// Message of the heading.
    pub heading: &'static str,
    pub changes: bool,
    pub permissions: Vec<(&'a AskedPermission, Sentence<'a>)>,
}

/// What a permission means: a message where we have one, otherwise the provider's own words.
pub(super) enum Sentence<'a> {
    Ours(Markup),
    Theirs(&'a str),
}

pub(super) fn authorization<'a>(
    frame: &'a Frame,
    token: &'a str,
    permissions: &'a [AskedPermission],
) -> Authorization<'a> {
    let s = Shell::new(frame, "authorization", "authorization-title");
    let groups = groups(&s, permissions);
    Authorization { s, token, groups }
}

/// Permissions under the headings that there are any for.
pub(super) fn groups<'a>(s: &Shell<'a>, permissions: &'a [AskedPermission]) -> Vec<Group<'a>> {
    let group = |heading, changes| {
        let mut permissions: Vec<_> = permissions
            .iter()
            .filter(|permission| permission.changes == changes)
            .map(|permission| (permission, sentence(s, permission)))
            .collect();
        permissions.sort_by_key(|(permission, _)| permission.risky);
        Group {
            heading,
            changes,
            permissions,
        }
    };
    [group("can-see", false), group("can-change", true)]
        .into_iter()
        .filter(|group| !group.permissions.is_empty())
        .collect()
}

/// Only the sandbox's permissions are ours to put into words.
fn sentence<'a>(s: &Shell<'a>, permission: &'a AskedPermission) -> Sentence<'a> {
    let key = format!("sandbox-permission-{}", permission.name.replace(':', "-"));
    if s.frame.sandbox && s.words.has(&key) {
        Sentence::Ours(s.words.html(&key))
    } else {
        Sentence::Theirs(&permission.sentence)
    }
}

/// Username and password.
#[derive(Template)]
#[template(path = "login.html")]
pub(super) struct Login<'a> {
    s: Shell<'a>,
    token: &'a str,
    username: &'a str,
    /// Whether the username is an e-mail address.
    by_email: bool,
    /// At the username, at the password, above both.
    username_error: Option<Markup>,
    password_error: Option<Markup>,
    form_error: Option<Markup>,
}

pub(super) fn login<'a>(
    frame: &'a Frame,
    token: &'a str,
    (username, by_email): (&'a str, bool),
    problem: Option<&LoginProblem>,
) -> Login<'a> {
    let mut s = Shell::new(frame, "login", "login-title");
    let (mut username_error, mut password_error, mut form_error) = (None, None, None);
    match problem {
        None => {}
        Some(LoginProblem::WrongPassword {
            tries_left,
            unknown_sandbox_domain,
        }) => {
            password_error = Some(s.words.counted("login-wrong", *tries_left));
            if *unknown_sandbox_domain {
                s.banner_open = true;
                username_error = Some(s.words.html("login-unknown-sandbox-domain"));
            }
        }
        Some(LoginProblem::Incomplete) if username.is_empty() => {
            username_error = Some(s.words.html(match by_email {
                true => "login-incomplete-email",
                false => "login-incomplete-username",
            }));
        }
        Some(LoginProblem::Incomplete) => {
            password_error = Some(s.words.html("login-incomplete-password"));
        }
        Some(LoginProblem::DifferentAccount) => {
            username_error = Some(s.words.html("login-different-account"));
        }
        Some(LoginProblem::LinkedToAnotherUser) => {
            username_error = Some(s.words.html("login-linked-to-another-user"));
        }
        Some(LoginProblem::ProviderUnavailable) => {
            form_error = Some(s.words.html("provider-unavailable"));
        }
        Some(LoginProblem::Declined) => form_error = Some(s.words.html("declined")),
        Some(LoginProblem::Denied) => form_error = Some(s.words.html("elsewhere-denied")),
        Some(LoginProblem::Interrupted) => form_error = Some(s.words.html("interrupted")),
    }
    Login {
        s,
        token,
        username,
        by_email,
        username_error,
        password_error,
        form_error,
    }
}

impl Login<'_> {
    /// What the username is called.
    fn label(&self) -> &'static str {
        match self.by_email {
            true => "email",
            false => "username",
        }
    }

    /// Whether the username is the field to begin with after an error.
    fn begins_at_username(&self) -> bool {
        self.username_error.is_some()
    }

    /// Whether the password is; it never stays in the page, so it has to be typed again after any error.
    fn begins_at_password(&self) -> bool {
        !self.begins_at_username() && (self.password_error.is_some() || self.form_error.is_some())
    }
}

/// An attempt is being checked.
#[derive(Template)]
#[template(path = "checking.html")]
pub(super) struct Checking<'a> {
    s: Shell<'a>,
    token: &'a str,
    wait: &'a str,
}

pub(super) fn checking<'a>(frame: &'a Frame, token: &'a str, wait: &'a str) -> Checking<'a> {
    let mut s = Shell::new(frame, "checking", "checking-title");
    s.refresh = Some((1, wait));
    s.wait = Some(wait);
    Checking { s, token, wait }
}

/// "Stop connecting?"
#[derive(Template)]
#[template(path = "leave.html")]
pub(super) struct Leave<'a> {
    s: Shell<'a>,
    token: &'a str,
    back: &'a str,
}

pub(super) fn leave<'a>(frame: &'a Frame, token: &'a str, back: &'a str) -> Leave<'a> {
    Leave {
        s: Shell::new(frame, "leave", "leave-title"),
        token,
        back,
    }
}

/// An account as pages show it.
pub(super) struct Account<'a> {
    pub name: String,
    pub username: String,
    pub avatar: Option<&'a str>,
    pub initials: String,
}

impl<'a> Account<'a> {
    pub(super) fn of(face: &'a AccountFace) -> Self {
        Self {
            name: unsteered(&face.name),
            username: unsteered(&face.username),
            avatar: face.avatar.as_deref().and_then(outside::picture),
            initials: outside::initials(&face.name),
        }
    }
}

/// Connected.
#[derive(Template)]
#[template(path = "done.html")]
pub(super) struct Done<'a> {
    s: Shell<'a>,
    account: Account<'a>,
    sentence: Markup,
    back: &'a str,
    /// The user's own page of the connection.
    own: Option<&'a str>,
}

pub(super) fn done<'a>(
    frame: &'a Frame,
    account: &'a AccountFace,
    back: &'a str,
    own: &'a str,
) -> Done<'a> {
    let mut s = Shell::new(frame, "success", "done-title");
    // The page around it is told, and leads on.
    if s.target().is_none() {
        s.refresh = Some((2, back));
        s.leave = Some(back);
    }
    Done {
        sentence: s.words.html("done-sentence"),
        account: Account::of(account),
        s,
        back,
        own: outside::link(own),
    }
}
