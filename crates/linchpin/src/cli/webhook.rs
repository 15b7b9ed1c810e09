//! `linchpin webhook`: webhook endpoints and their deliveries.

use std::process::ExitCode;

use clap::Subcommand;

use super::{
    Refused,
    admin::{self, Where},
    listen,
};
use crate::flow::admin::{Command, WebhookCommand};

/// What can be done with webhook endpoints.
#[derive(Subcommand)]
pub enum Wanted {
    /// Register an endpoint; its secret is printed here, and again by `webhook secret`
    Create {
        /// The organisation that it belongs to; may be left out where there is one
        #[arg(long, value_name = "ID")]
        org: Option<String>,
        /// sandbox or live
        #[arg(long, value_name = "ENV", default_value = "sandbox")]
        environment: String,
        /// Where events are sent: https, or http to this machine where the server allows that
        #[arg(long)]
        url: String,
        /// What is sent; may be repeated [default: everything about connections]
        #[arg(long = "event", value_name = "TYPE")]
        events: Vec<String>,
        #[command(flatten)]
        at: Where,
    },
    /// List endpoints, oldest first
    List {
        /// Only those of this organisation
        #[arg(long, value_name = "ID")]
        org: Option<String>,
        #[command(flatten)]
        at: Where,
    },
    /// Change an endpoint
    Update {
        /// `we_…`
        id: String,
        /// Where events are sent
        #[arg(long)]
        url: Option<String>,
        /// What is sent; may be repeated
        #[arg(long = "event", value_name = "TYPE")]
        events: Vec<String>,
        /// Whether anything is sent
        #[arg(long, value_name = "BOOL")]
        enabled: Option<bool>,
        #[command(flatten)]
        at: Where,
    },
    /// Remove an endpoint and everything that is on its way to it
    Delete {
        /// `we_…`
        id: String,
        #[command(flatten)]
        at: Where,
    },
    /// Give an endpoint a new secret; the one before signs for another 24 hours
    Rotate {
        /// `we_…`
        id: String,
        #[command(flatten)]
        at: Where,
    },
    /// Print the secret of an endpoint, which is written in the audit log
    Secret {
        /// `we_…`
        id: String,
        #[command(flatten)]
        at: Where,
    },
    /// Send a test event and tell what came of it
    Test {
        /// `we_…`
        id: String,
        #[command(flatten)]
        at: Where,
    },
    /// List the latest deliveries to an endpoint, newest first
    Deliveries {
        /// `we_…`
        id: String,
        /// Only those that are pending, delivered or failed
        #[arg(long, value_name = "STATUS")]
        status: Option<String>,
        #[command(flatten)]
        at: Where,
    },
    /// Send again: one delivery, or everything since a time that has not arrived
    Replay {
        /// `we_…`
        id: String,
        /// `dlv_…`
        #[arg(
            long,
            value_name = "ID",
            conflicts_with = "since",
            required_unless_present = "since"
        )]
        delivery: Option<String>,
        /// 2027-01-31 or 2027-01-31T10:00:00Z
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
        #[command(flatten)]
        at: Where,
    },
    /// Forward events to a program on this machine, signed, as they come about
    Listen(listen::Wanted),
}

/// Carries the command out.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    let (asked, at) = match wanted {
        Wanted::Listen(wanted) => return listen::run(wanted),
        Wanted::Create {
            org,
            environment,
            url,
            events,
            at,
        } => {
            let create = WebhookCommand::Create {
                org,
                environment,
                url,
                events,
            };
            (create, at)
        }
        Wanted::List { org, at } => (WebhookCommand::List { org }, at),
        Wanted::Update {
            id,
            url,
            events,
            enabled,
            at,
        } => {
            let update = WebhookCommand::Update {
                id,
                url,
                events,
                enabled,
            };
            (update, at)
        }
        Wanted::Delete { id, at } => (WebhookCommand::Delete { id }, at),
        Wanted::Rotate { id, at } => (WebhookCommand::Rotate { id }, at),
        Wanted::Secret { id, at } => (WebhookCommand::Secret { id }, at),
        Wanted::Test { id, at } => (WebhookCommand::Test { id }, at),
        Wanted::Deliveries { id, status, at } => (WebhookCommand::Deliveries { id, status }, at),
        Wanted::Replay {
            id,
            delivery,
            since,
            at,
        } => {
            let replay = WebhookCommand::Replay {
                id,
                delivery,
                since,
            };
            (replay, at)
        }
    };
    admin::run(Command::Webhook { asked }, &at)
}
