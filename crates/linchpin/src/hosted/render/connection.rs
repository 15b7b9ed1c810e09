//! The end user's own page of a connection: what its templates are given.

use askama::Template;

use super::shell::Shell;
use super::steps::{Account, Group, Sentence, groups};
use crate::hosted::view::{AccountFace, AskedPermission, Frame, Standing};

/// What is connected, to whom, with which permissions.
#[derive(Template)]
#[template(path = "connection.html")]
pub(super) struct Connection<'a> {
    s: Shell<'a>,
    account: Account<'a>,
    /// Messages of the lead and of the status.
    lead: &'static str,
    status: &'static str,
    active: bool,
    since: &'a str,
    groups: Vec<Group<'a>>,
    end: &'a str,
}

pub(super) fn connection<'a>(
    frame: &'a Frame,
    (account, standing): (&'a AccountFace, Standing),
    since: &'a str,
    permissions: &'a [AskedPermission],
    end: &'a str,
) -> Connection<'a> {
    let s = Shell::new(frame, "connection", "connection-title");
    Connection {
        lead: match s.has_domain() {
            true => "connection-lead",
            false => "connection-lead-no-domain",
        },
        status: match standing {
            Standing::Active => "status-active",
            Standing::SignInAgain => "status-sign-in-again",
            Standing::EndedByApp => "status-ended-by-app",
        },
        active: standing == Standing::Active,
        groups: groups(&s, permissions),
        s,
        account: Account::of(account),
        since,
        end,
    }
}

/// "Disconnect?"
#[derive(Template)]
#[template(path = "disconnect.html")]
pub(super) struct Disconnect<'a> {
    s: Shell<'a>,
    token: &'a str,
    back: &'a str,
}

pub(super) fn disconnect<'a>(frame: &'a Frame, token: &'a str, back: &'a str) -> Disconnect<'a> {
    Disconnect {
        s: Shell::new(frame, "disconnect", "disconnect-title"),
        token,
        back,
    }
}

/// The connection is gone.
#[derive(Template)]
#[template(path = "disconnected.html")]
pub(super) struct Disconnected<'a> {
    s: Shell<'a>,
}

pub(super) fn disconnected(frame: &Frame) -> Disconnected<'_> {
    Disconnected {
        s: Shell::new(frame, "disconnected", "disconnected-title"),
    }
}
