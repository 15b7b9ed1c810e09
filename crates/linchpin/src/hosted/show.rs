//! From where a session stands to what its page shows.

use linchpin_provider::{Access, Account, Description, Entry, UsernameKind};

use super::{
    answer::Asked,
    texts::Locale,
    view::{AccountFace, AppFace, AskedPermission, Frame, LoginProblem, View},
};
use crate::{
    domain::{
        client_app::ClientApp,
        connection::Connection,
        connection_secret::ConnectionSecret,
        environment::Environment,
        link_session::{self as session, Elsewhere, LinkSession, Stage, WRONG_PASSWORDS_MAX},
        time::{MINUTE, SECOND},
    },
    flow::Engine,
};

/// From then on the page shows the time left, in milliseconds.
const SHOW_TIME_LEFT: i64 = 5 * MINUTE;

/// The language of a page.
pub fn locale(asked: &Asked<'_>, session: Option<&LinkSession>) -> Locale {
    let wanted = session
        .and_then(|s| s.request.locale.as_deref())
        .and_then(Locale::from_tag);
    let accepted = || {
        let header = asked
            .headers
            .get("accept-language")
            .and_then(|value| value.to_str().ok());
        Locale::negotiate(header.unwrap_or_default())
    };
    asked.choices.lang.or(wanted).unwrap_or_else(accepted)
}

/// What stands around every step.
pub fn frame(asked: &Asked<'_>, session: Option<&LinkSession>) -> Frame {
    let directory = asked.engine.directory();
    let app = session.and_then(|s| directory.app(&s.request.app));
    Frame {
        app: app.map(face),
        provider: session.and_then(|s| provider_name(asked.engine, s)),
        locale: locale(asked, session),
        theme: asked.choices.theme.unwrap_or_default(),
        sandbox: session.is_some_and(|s| s.request.environment == Environment::Sandbox),
        seconds_left: session.and_then(|s| seconds_left(asked.engine, s)),
        hand_off: session.is_some_and(|s| asked.engine.may_go_to_phone(s)),
        here: asked.here.clone(),
        post_to: asked.choices.with(&asked.here, false),
        embedding: session.and_then(|s| asked.embedding(s)),
    }
}

/// How an app looks to its users.
pub fn face(app: &ClientApp) -> AppFace {
    let text = |value: Option<&str>| value.map(str::to_owned);
    AppFace {
        name: app.name.as_str().to_owned(),
        logo: app.logo.as_ref().map(|logo| format!("/logo/{logo}.png")),
        accent: app.accent.as_ref().map(ToString::to_string),
        website: text(app.website.as_ref().map(|url| url.as_str())),
        privacy: text(app.privacy_url.as_ref().map(|url| url.as_str())),
        terms: text(app.terms_url.as_ref().map(|url| url.as_str())),
        support: text(app.support.as_ref().map(|address| address.as_str())),
    }
}

fn provider_name(engine: &Engine, session: &LinkSession) -> Option<String> {
    let chosen = match &session.state.stage {
        Stage::Authorization { provider } => Some(provider),
        Stage::Login(login) | Stage::Elsewhere(Elsewhere { login, .. }) => {
            Some(&login.consent.provider)
        }
        Stage::Verifying { attempt, .. } => Some(&attempt.consent().provider),
        Stage::TwoFactor(two_factor) => Some(&two_factor.consent.provider),
        _ => None,
    };
    let only = session
        .request
        .providers
        .first()
        .filter(|_| session.request.providers.len() == 1);
    engine
        .provider(chosen.or(only)?)
        .map(|provider| provider.describe().name.clone())
}

fn seconds_left(engine: &Engine, session: &LinkSession) -> Option<u32> {
    let left = session.expires_at.since(engine.clock.now());
    let shown = session.ended_at().is_none() && (1..SHOW_TIME_LEFT).contains(&left);
    // Rounded up: a page that says "none left" while there is some would only show itself again.
    shown.then(|| u32::try_from((left + SECOND - 1) / SECOND).unwrap_or(0))
}

/// The launch page.
pub fn pre_login(engine: &Engine, session: &LinkSession, token: String) -> View {
    let providers = session
        .request
        .providers
        .iter()
        .filter_map(|id| engine.provider(id))
        .map(|provider| {
            let Description { id, name, .. } = provider.describe();
            (id.clone(), name.clone())
        });
    View::PreLogin {
        token,
        providers: providers.collect(),
        reconnect: session.request.reconnect.is_some(),
        elsewhere: {
            let mut all = session.request.providers.iter();
            all.all(|provider| engine.signs_in_elsewhere(provider))
        },
    }
}

/// The permissions of the authorization step, in the order to show them.
pub fn authorization(
    engine: &Engine,
    session: &LinkSession,
    provider: &str,
    token: String,
) -> View {
    let mut permissions = permissions(engine, provider, session.request.asked());
    for permission in &mut permissions {
        permission.required = session.request.required.contains(&permission.name);
        permission.new = session.request.is_new(&permission.name);
    }
    View::Authorization { token, permissions }
}

/// Permissions in the provider's words, in the order to show them: none of them required, none new.
pub fn permissions<'a>(
    engine: &Engine,
    provider: &str,
    names: impl Iterator<Item = &'a String>,
) -> Vec<AskedPermission> {
    let provider = engine.provider(provider);
    let known = provider.as_ref().map(|provider| provider.describe());
    let permissions = names.map(|name| {
        let permission = known.and_then(|description| description.permission(name));
        AskedPermission {
            name: name.clone(),
            sentence: permission.map_or_else(|| name.clone(), |p| p.sentence.clone()),
            changes: permission.is_some_and(|p| p.access == Access::Write),
            risky: permission.is_some_and(|p| p.risky),
            required: false,
            new: false,
        }
    });
    let mut permissions: Vec<_> = permissions.collect();
    permissions.sort_by_key(|permission| (permission.changes, permission.risky));
    permissions
}

/// The login step.
pub fn login(
    engine: &Engine,
    session: &LinkSession,
    login: &session::Login,
    token: String,
) -> View {
    View::Login {
        token,
        username: login.username.clone().unwrap_or_default(),
        by_email: takes_emails(engine, &login.consent.provider),
        problem: login_problem(session, login),
    }
}

/// What was wrong with the last attempt.
pub fn login_problem(session: &LinkSession, login: &session::Login) -> Option<LoginProblem> {
    use session::LoginProblem as Was;
    let tries_left = WRONG_PASSWORDS_MAX.saturating_sub(session.state.wrong_passwords);
    login.problem.map(|problem| match problem {
        Was::Wrong => LoginProblem::WrongPassword {
            tries_left,
            unknown_sandbox_domain: false,
        },
        Was::UnknownDomain => LoginProblem::WrongPassword {
            tries_left,
            unknown_sandbox_domain: true,
        },
        Was::Unavailable => LoginProblem::ProviderUnavailable,
        Was::DifferentAccount => LoginProblem::DifferentAccount,
        Was::LinkedToAnotherUser => LoginProblem::LinkedToAnotherUser,
        Was::Interrupted => LoginProblem::Interrupted,
        Was::Declined => LoginProblem::Declined,
        Was::Denied => LoginProblem::Denied,
    })
}

/// Whether the usernames of a provider are e-mail addresses.
pub fn takes_emails(engine: &Engine, provider: &str) -> bool {
    engine
        .provider(provider)
        .is_some_and(|provider| provider.describe().entry == Entry::Password(UsernameKind::Email))
}

/// The last page: which account is connected.
pub fn done(engine: &Engine, connection: Connection, back: String) -> View {
    let own = ConnectionSecret::of(&connection.id).reveal(&engine.keyring);
    View::Done {
        account: account(connection.account),
        back,
        own: format!("{}/c/{own}", engine.settings.urls.link),
    }
}

/// How an account looks to its user.
pub fn account(account: Account) -> AccountFace {
    AccountFace {
        name: account.name,
        username: account.username,
        avatar: account.avatar,
    }
}
