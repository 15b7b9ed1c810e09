//! From a view to a whole HTML document. Pure, and never fails: what a view says is what the page shows.

mod connection;
mod elsewhere;
mod factor;
mod hand_off;
mod notices;
mod outside;
mod qr;
mod shell;
mod steps;

use askama::Template;

use super::view::{Frame, View};

pub(super) use shell::{SANDBOX_CODE, SANDBOX_PASSWORD};

/// The HTML document of a view.
pub fn page(frame: &Frame, view: &View) -> String {
    match view {
        View::PreLogin {
            token,
            providers,
            reconnect,
            elsewhere,
        } => write(&steps::pre_login(
            frame,
            token,
            providers,
            (*reconnect, *elsewhere),
        )),
        View::Authorization { token, permissions } => {
            write(&steps::authorization(frame, token, permissions))
        }
        View::Login {
            token,
            username,
            by_email,
            problem,
        } => write(&steps::login(
            frame,
            token,
            (username, *by_email),
            problem.as_ref(),
        )),
        View::Code { .. } | View::Answer { .. } | View::Approval { .. } | View::Ways { .. } => {
            factor::page(frame, view)
        }
        View::Checking { token, wait } => write(&steps::checking(frame, token, wait)),
        View::Leave { token, back } => write(&steps::leave(frame, token, back)),
        View::Done { account, back, own } => write(&steps::done(frame, account, back, own)),
        View::Connection {
            account,
            since,
            standing,
            permissions,
            end,
        } => write(&connection::connection(
            frame,
            (account, *standing),
            since,
            permissions,
            end,
        )),
        View::Disconnect { token, back } => write(&connection::disconnect(frame, token, back)),
        View::Disconnected => write(&connection::disconnected(frame)),
        View::NoConnection => write(&notices::no_connection(frame)),
        View::Elsewhere(view) => elsewhere::page(frame, view),
        View::HandOff(view) => hand_off::page(frame, view),
        View::Ended { back } => write(&notices::ended(frame, back.as_deref())),
        View::Unknown => write(&notices::ended(frame, None)),
        View::InUse => write(&notices::in_use(frame)),
        View::Forbidden => write(&notices::forbidden(frame)),
        View::Unavailable => write(&notices::unavailable(frame)),
    }
}

/// Writing into a string cannot fail, and the templates call nothing that can.
fn write(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}
