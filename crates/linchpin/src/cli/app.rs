//! `linchpin app`: client apps.

use std::{ffi::OsString, fs::File, io::Read as _, path::Path, process::ExitCode};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::{Args, Subcommand};

use super::{
    Refused,
    admin::{self, Where},
    complain,
};
use crate::{domain::client_app_change::ClientAppChange, flow::admin::Command};

/// Bytes of a logo at most.
const LOGO_MAX: u64 = 256 * 1024;

/// What can be done with client apps.
#[derive(Subcommand)]
pub enum Wanted {
    /// Register a client app
    Create {
        /// The organisation that it belongs to; may be left out where there is one
        #[arg(long, value_name = "ID")]
        org: Option<String>,
        #[command(flatten)]
        settings: Box<Settings>,
        #[command(flatten)]
        at: Where,
    },
    /// List client apps, oldest first
    List {
        /// Only those of this organisation
        #[arg(long, value_name = "ID")]
        org: Option<String>,
        #[command(flatten)]
        at: Where,
    },
    /// Show one client app
    Show {
        /// `app_…`
        id: String,
        #[command(flatten)]
        at: Where,
    },
    /// Change a client app: what is not named stays; an empty text or list takes a setting away
    Update {
        /// `app_…`
        id: String,
        #[command(flatten)]
        settings: Box<Settings>,
        #[command(flatten)]
        at: Where,
    },
    /// Delete a client app; its sessions can no longer be finished
    Delete {
        /// `app_…`
        id: String,
        #[command(flatten)]
        at: Where,
    },
}

/// The settings of an app, as they are written.
#[derive(Args)]
pub struct Settings {
    /// redirect, embed or whitelabel
    #[arg(long = "type", value_name = "TYPE")]
    app_type: Option<String>,
    /// What users read on the page, 1 to 80 characters
    #[arg(long)]
    name: Option<String>,
    /// sandbox or live [default: sandbox]
    #[arg(long, value_name = "ENV")]
    environment: Option<String>,
    /// Where users may be sent back to; again for more, the first is the default
    #[arg(long, value_name = "URL")]
    redirect_uri: Vec<String>,
    /// Whose pages may embed the app; again for more
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,
    /// A provider that the app offers; again for more [default: all of the environment]
    #[arg(long, value_name = "ID")]
    provider: Vec<String>,
    /// What the app needs; again for more [default: profile:read]
    #[arg(long, value_name = "NAME")]
    permission: Vec<String>,
    /// What the app asks for and users may decline; again for more
    #[arg(long, value_name = "NAME")]
    optional_permission: Vec<String>,
    /// How long a session lives, 5 to 360 [default: 60]
    #[arg(long, value_name = "MINUTES")]
    session_minutes: Option<String>,
    /// Your own page
    #[arg(long, value_name = "URL")]
    website: Option<String>,
    /// What happens with the data
    #[arg(long, value_name = "URL")]
    privacy_url: Option<String>,
    /// The terms of use
    #[arg(long, value_name = "URL")]
    terms_url: Option<String>,
    /// Where users find help: a URL or an e-mail address
    #[arg(long, value_name = "CONTACT")]
    support: Option<String>,
    /// A PNG, JPEG or WebP of up to 256 KiB; an empty text takes it away
    #[arg(long, value_name = "FILE")]
    logo: Option<OsString>,
    /// The colour of the buttons
    #[arg(long, value_name = "#RRGGBB")]
    accent: Option<String>,
    #[command(flatten)]
    switches: Switches,
}

/// The settings that are on or off.
#[derive(Args)]
struct Switches {
    /// Embed: the opener goes to the redirect URL after success
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    redirect_on_success: Option<bool>,
    /// Users may go on with a session on a phone; on unless taken away with =false
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    hand_off: Option<bool>,
    /// Refuse a provider account that is linked for another user
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    one_reference_per_account: Option<bool>,
    /// Whitelabel: init may ask for the provider's raw session
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    dangerous_raw_sessions: Option<bool>,
    /// Whitelabel: a session may name a proxy of its own
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    dangerous_custom_proxy: Option<bool>,
    /// New sessions may be made
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// No new sessions may be made
    #[arg(long)]
    disable: bool,
}

/// Carries the command out.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    match wanted {
        Wanted::Create { org, settings, at } => {
            let (settings, logo) = settings.written()?;
            let command = Command::AppCreate {
                org,
                settings,
                logo,
            };
            admin::run(command, &at)
        }
        Wanted::List { org, at } => admin::run(Command::AppList { org }, &at),
        Wanted::Show { id, at } => admin::run(Command::AppShow { id }, &at),
        Wanted::Update { id, settings, at } => {
            let (settings, logo) = settings.written()?;
            admin::run(Command::AppUpdate { id, settings, logo }, &at)
        }
        Wanted::Delete { id, at } => admin::run(Command::AppDelete { id }, &at),
    }
}

impl Settings {
    /// What was written, and the picture in base64.
    fn written(self) -> Result<(ClientAppChange, Option<String>), Refused> {
        let switches = self.switches;
        switches.warn();
        let list = |entries: Vec<String>| (!entries.is_empty()).then_some(entries);
        let (logo, no_logo) = match self.logo {
            Some(file) if file.is_empty() => (None, Some(String::new())),
            Some(file) => (Some(picture(Path::new(&file))?), None),
            None => (None, None),
        };
        let change = ClientAppChange {
            app_type: self.app_type,
            name: self.name,
            environment: self.environment,
            redirect_uris: list(self.redirect_uri),
            allowed_origins: list(self.origin),
            providers: list(self.provider),
            permissions: list(self.permission),
            optional_permissions: list(self.optional_permission),
            session_minutes: self.session_minutes,
            website: self.website,
            privacy_url: self.privacy_url,
            terms_url: self.terms_url,
            support: self.support,
            accent: self.accent,
            logo: no_logo,
            redirect_on_success: switches.redirect_on_success,
            hand_off: switches.hand_off,
            one_reference_per_account: switches.one_reference_per_account,
            dangerous_raw_sessions: switches.dangerous_raw_sessions,
            dangerous_custom_proxy: switches.dangerous_custom_proxy,
            enabled: match (switches.enable, switches.disable) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            },
        };
        Ok((change, logo))
    }
}

impl Switches {
    fn warn(&self) {
        if self.dangerous_raw_sessions == Some(true) {
            complain(
                "warning: --dangerous-raw-sessions hands sessions of your users' accounts to your backend: whoever has one is the user",
            );
        }
        if self.dangerous_custom_proxy == Some(true) {
            complain(
                "warning: --dangerous-custom-proxy lets API calls choose where traffic goes: whoever runs that proxy can see it",
            );
        }
    }
}

fn picture(file: &Path) -> Result<String, Refused> {
    let failed = |error: std::io::Error| {
        Refused::new(format!(
            "--logo: {} cannot be read: {error}",
            file.display()
        ))
    };
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(failed)?;
    opened
        .take(LOGO_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LOGO_MAX {
        return Err(Refused::new("--logo: the file is larger than 256 KiB"));
    }
    Ok(STANDARD.encode(bytes))
}
