//! Init: from what a developer's backend asked for to a session that is on the disk.

use std::collections::BTreeMap;

use super::{Caller, Engine, RepeatRefused, Ticket, Unavailable, random};
use crate::{
    domain::{
        app_fields::PermissionName,
        choose_app::{ModeHint, choose_app},
        client_app::{AppType, ClientApp},
        environment::Environment,
        geolocation::Geolocation,
        id::ConnectionId,
        link_session::{LinkSession, Reconnect, SessionRequest},
        public_id::AppId,
        redirect_url::RedirectUrl,
        time::{MINUTE, Timestamp},
        token::LinkSecret,
    },
    store::{Directory, Operation, Refusal, WriteError},
};

/// Times that a session's id is drawn anew when another node drew the same one.
const DRAWS_MAX: usize = 4;

/// What a backend asked for, field by field well-formed.
#[derive(Debug, Default)]
pub struct Wanted {
    /// `clientAppId`
    pub app: Option<AppId>,
    /// `redirectUrl`
    pub redirect_url: Option<String>,
    /// `clientReferenceId`
    pub client_reference_id: Option<String>,
    /// `connectionId`
    pub connection: Option<ConnectionId>,
    /// `geolocation`
    pub geolocation: Option<Geolocation>,
    /// `mode`
    pub mode: Option<ModeHint>,
    /// `origin`
    pub origin: Option<String>,
    /// `provider`
    pub provider: Option<String>,
    /// `locale`
    pub locale: Option<String>,
    /// `prefill.username`
    pub prefill_username: Option<String>,
    /// `metadata`
    pub metadata: BTreeMap<String, String>,
    /// `options.returnRawSession`
    pub return_raw_session: bool,
}

/// A session that was started.
pub struct Started {
    /// The type of its app, which says what the answer carries.
    pub app_type: AppType,
    /// Its secret, for the answer alone.
    pub secret: LinkSecret,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// Why no session was started.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// No app of this id in the key's environment.
    #[error("no client app of this id")]
    UnknownApp,
    /// A field cannot be satisfied; `field` in the wire's spelling.
    #[error("{message}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong and what to do.
        message: String,
    },
    /// The live environment has no egress that leaves from there.
    #[error("no egress for the geolocation")]
    NoEgress {
        /// The places that there are, for people; empty where there are none.
        places: String,
    },
    /// The app has as many open sessions as the operator allows.
    #[error("too many open sessions")]
    TooManyOpen,
    /// A repeated request turned out to be refused.
    #[error(transparent)]
    Repeat(#[from] RepeatRefused),
    /// The store could not be asked or written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Engine {
    /// Starts a session and answers with the bytes that `render` makes of it, once both are on the disk.
    ///
    /// With a `ticket` the same operation keeps those bytes for repetitions.
    pub async fn init(
        &self,
        caller: &Caller,
        wanted: Wanted,
        ticket: Option<Ticket>,
        render: impl Fn(&Started) -> Vec<u8>,
    ) -> Result<Vec<u8>, InitError> {
        let now = self.clock.now();
        let (request, minutes) = self.request(caller, wanted).await?;
        self.check_open_sessions(&request, now).await?;
        for _ in 0..DRAWS_MAX {
            let secret = LinkSecret::new(self.next_session_id()?, random()?);
            let session = LinkSession::new(
                secret.session(),
                request.clone(),
                now,
                now.plus(minutes * MINUTE),
            );
            let started = Started {
                app_type: request.app_type,
                expires_at: session.expires_at,
                secret,
            };
            let answer = render(&started);
            let mut operation = Operation::new(now);
            let hash = started.secret.hash(&self.keyring);
            operation
                .insert_session(&session, &hash)
                .map_err(Unavailable::from)?;
            if let Some(ticket) = &ticket {
                self.keep(&mut operation, ticket, &answer, now)?;
            }
            match self.store.write_if_quiet(operation).await {
                Ok(()) => {
                    tracing::info!(session = %session.id, app = %session.request.app, "link session started");
                    return Ok(answer);
                }
                Err(WriteError::Refused(refusal)) => {
                    // Another node answered the same request meanwhile, or drew the same id.
                    if let (Refusal::Overtaken, Some(ticket)) = (refusal, &ticket)
                        && let Some(kept) = self.kept(ticket).await?
                    {
                        return Ok(kept);
                    }
                }
                Err(error) => return Err(Unavailable::Write(error).into()),
            }
        }
        Err(Unavailable::Write(WriteError::Busy).into())
    }

    /// Two inits at the same moment may both find room for the last session; the limit is not for counting exactly.
    async fn check_open_sessions(
        &self,
        request: &SessionRequest,
        now: Timestamp,
    ) -> Result<(), InitError> {
        let limits = (
            self.settings.open_sessions_per_app,
            self.settings.open_sessions_per_reference,
        );
        if limits == (None, None) {
            return Ok(());
        }
        let reference = request.client_reference_id.as_deref();
        let (of_app, of_reference) = self
            .store
            .open_sessions(&request.app, reference, now)
            .await
            .map_err(Unavailable::from)?;
        let full =
            |limit: Option<u32>, open: i64| limit.is_some_and(|limit| open >= i64::from(limit));
        match full(limits.0, of_app) || (reference.is_some() && full(limits.1, of_reference)) {
            true => Err(InitError::TooManyOpen),
            false => Ok(()),
        }
    }

    async fn request(
        &self,
        caller: &Caller,
        wanted: Wanted,
    ) -> Result<(SessionRequest, i64), InitError> {
        let directory = self.directory();
        let app = chosen(&directory, caller, &wanted)?;
        if !app.enabled {
            let message = format!(
                "{} is disabled; enable it with `linchpin app update {} --enable`",
                app.id, app.id
            );
            return Err(InitError::Field {
                field: "clientAppId",
                message,
            });
        }
        if let Some(origin) = wanted
            .origin
            .as_deref()
            .filter(|origin| app.allowed_origin(origin).is_none())
        {
            let message = format!(
                "{origin} is not one of the Allowed Origins of {}; add it with `linchpin app update {} --origin {origin}`",
                app.id, app.id
            );
            return Err(InitError::Field {
                field: "origin",
                message,
            });
        }
        let redirect_url = redirect_url(app, wanted.redirect_url.as_deref())?;
        let providers = self.providers_wanted(app, wanted.provider.as_deref())?;
        let reconnect = self
            .reconnect(caller, &app.id, wanted.connection.as_ref())
            .await?;
        let (reconnect, place) = reconnect.unzip();
        let geolocation = match (wanted.geolocation, place) {
            (Some(place), _) => Some(place),
            // Which may be from here, whatever is usual for new ones.
            (None, Some(place)) => place,
            (None, None) if caller.environment == Environment::Live => {
                self.usual_place(caller).await?
            }
            (None, None) => None,
        };
        if let Some(place) = &geolocation {
            self.check_place(caller.environment, place, &providers)
                .map_err(|places| InitError::NoEgress { places })?;
        }
        let request = SessionRequest {
            organisation: caller.organisation.clone(),
            environment: caller.environment,
            app: app.id.clone(),
            app_type: app.app_type,
            redirect_url,
            client_reference_id: wanted.client_reference_id,
            reconnect,
            geolocation,
            providers,
            required: names(&app.permissions),
            optional: names(&app.optional_permissions),
            locale: wanted.locale,
            prefill_username: wanted.prefill_username,
            metadata: wanted.metadata,
            return_raw_session: wanted.return_raw_session,
        };
        Ok((request, i64::from(app.session_minutes.get())))
    }

    fn providers_wanted(
        &self,
        app: &ClientApp,
        wanted: Option<&str>,
    ) -> Result<Vec<String>, InitError> {
        let offered = self.providers_of(app);
        let Some(wanted) = wanted else {
            return match offered.is_empty() {
                false => Ok(offered),
                true => Err(InitError::Field {
                    field: "provider",
                    message: format!("{} has no provider in this environment", app.id),
                }),
            };
        };
        if offered.iter().any(|id| id == wanted) {
            return Ok(vec![wanted.to_owned()]);
        }
        let message = format!(
            "{} does not offer this provider; it offers: {}",
            app.id,
            offered.join(", ")
        );
        Err(InitError::Field {
            field: "provider",
            message,
        })
    }

    /// The connection to sign in again, and where its traffic leaves from; an unknown one makes a new connection, without an error.
    async fn reconnect(
        &self,
        caller: &Caller,
        app: &AppId,
        id: Option<&ConnectionId>,
    ) -> Result<Option<(Reconnect, Option<Geolocation>)>, Unavailable> {
        let Some(id) = id else { return Ok(None) };
        let found = self
            .store
            .connection(id, &caller.organisation, caller.environment)
            .await?;
        Ok(found.map(|found| {
            // What the user said to one app is not said to another.
            let same = found.app.as_ref() == Some(app);
            let reconnect = Reconnect {
                connection: found.id,
                asked: if same { found.asked } else { Vec::new() },
                granted: if same { found.permissions } else { Vec::new() },
                exit: found.exit,
                own_proxy: found.own_proxy,
            };
            (reconnect, found.settings.egress)
        }))
    }
}

/// The app that was named, or the oldest that matches.
fn chosen<'a>(
    directory: &'a Directory,
    caller: &'a Caller,
    wanted: &Wanted,
) -> Result<&'a ClientApp, InitError> {
    match &wanted.app {
        Some(id) => directory
            .app(id)
            .filter(|app| {
                app.organisation == caller.organisation && app.environment == caller.environment
            })
            .ok_or(InitError::UnknownApp),
        None => {
            let apps: Vec<_> = directory
                .apps_of(&caller.organisation, caller.environment)
                .collect();
            choose_app(
                &apps,
                wanted.mode,
                wanted.redirect_url.as_deref(),
                wanted.origin.as_deref(),
            )
            .ok_or_else(|| no_app(caller.environment, wanted, apps.len()))
        }
    }
}

fn names(permissions: &[PermissionName]) -> Vec<String> {
    permissions.iter().map(ToString::to_string).collect()
}

/// The registered URL that equals the one given, byte for byte; the first registered one where none is given.
fn redirect_url(app: &ClientApp, wanted: Option<&str>) -> Result<Option<RedirectUrl>, InitError> {
    let misconfigured = |problem: String| {
        let message = format!(
            "Link is misconfigured: {problem} Register the exact URL, character for character, with \
             `linchpin app update {} --redirect-uri URL`",
            app.id
        );
        InitError::Field {
            field: "redirectUrl",
            message,
        }
    };
    match wanted {
        Some(text) => app.redirect_url(text).cloned().map(Some).ok_or_else(|| {
            misconfigured(format!(
                "redirectUrl is not one of the Allowed Redirect URIs of {}.",
                app.id
            ))
        }),
        None => match (app.redirect_uris.first(), app.app_type) {
            (None, AppType::Redirect) => Err(misconfigured(format!(
                "{} has no Allowed Redirect URI to send the user back to.",
                app.id
            ))),
            (first, _) => Ok(first.cloned()),
        },
    }
}

fn no_app(environment: Environment, wanted: &Wanted, apps: usize) -> InitError {
    let mut looked_for = vec![match wanted.mode {
        Some(mode) => format!("of the type that mode `{}` names", mode.as_str()),
        None => "of any type".to_owned(),
    }];
    if wanted.redirect_url.is_some() {
        looked_for.push("with this redirectUrl among its Allowed Redirect URIs".to_owned());
    }
    if wanted.origin.is_some() {
        looked_for.push("with this origin among its Allowed Origins".to_owned());
    }
    let (field, begin) = match wanted.redirect_url {
        Some(_) => (
            "redirectUrl",
            "Link is misconfigured: clientAppId was not given, and",
        ),
        None => ("clientAppId", "not given, and"),
    };
    let message = format!(
        "{begin} none of the {apps} client apps of the {environment} environment matches: looked for an enabled \
         app {}. Name one with clientAppId, or register what is missing with `linchpin app update`",
        looked_for.join(", ")
    );
    InitError::Field { field, message }
}
