//! `user …`: what is kept of one of a developer's users, told or erased.

mod shown;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::shown::{shown_change, shown_connection, shown_delivery, shown_event, shown_session};
use super::{CommandError, audit::shown_entry, problem};
use crate::{
    domain::{
        audit::{Action, Actor, AuditRow},
        environment::Environment,
    },
    flow::{
        Engine, Unavailable,
        audit::Deed,
        subject::{Kept, Subject},
    },
    store::{Cleared, Operation},
};

/// Characters of a reference at most.
const REFERENCE_MAX: usize = 255;

/// What can be asked for about a user.
#[derive(Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum UserCommand {
    /// `user export`
    Export {
        /// Whose user it is; may be left out where there is one organisation.
        org: Option<String>,
        /// `sandbox` or `live`.
        environment: String,
        /// The `clientReferenceId`.
        reference: String,
    },
    /// `user erase`
    Erase {
        /// Whose user it is; may be left out where there is one organisation.
        org: Option<String>,
        /// `sandbox` or `live`.
        environment: String,
        /// The `clientReferenceId`.
        reference: String,
    },
}

impl Engine {
    pub(super) async fn user(
        &self,
        actor: &Actor,
        asked: UserCommand,
    ) -> Result<Value, CommandError> {
        match asked {
            UserCommand::Export {
                org,
                environment,
                reference,
            } => {
                let subject = self.subject(org, &environment, reference)?;
                Ok(self.user_export(actor, &subject).await?)
            }
            UserCommand::Erase {
                org,
                environment,
                reference,
            } => {
                let subject = self.subject(org, &environment, reference)?;
                Ok(self.user_erase(actor, &subject).await?)
            }
        }
    }

    fn subject(
        &self,
        org: Option<String>,
        environment: &str,
        reference: String,
    ) -> Result<Subject, CommandError> {
        let environment = Environment::parse(environment)
            .ok_or_else(|| problem("environment", "must be `sandbox` or `live`"))?;
        if !(1..=REFERENCE_MAX).contains(&reference.chars().count()) {
            let rule = format!("must be a clientReferenceId: 1 to {REFERENCE_MAX} characters");
            return Err(problem("reference", rule));
        }
        Ok(Subject {
            organisation: self.organisation(org)?,
            environment,
            reference,
        })
    }

    async fn user_export(&self, actor: &Actor, subject: &Subject) -> Result<Value, Unavailable> {
        let kept = self.kept_of(subject).await?;
        let alias = subject.alias(&self.keyring);
        let mut operation = Operation::new(self.clock.now());
        let deed = Deed {
            whose: Some(subject.whose()),
            action: Action::UserExport,
            object: &alias,
            detail: &[],
        };
        self.record(&mut operation, actor, &deed)?;
        self.written(operation).await?;
        let (connections, elsewhere) = connections_shown(subject, &kept);
        Ok(json!({
            "clientReferenceId": subject.reference,
            "organisation": subject.organisation.as_str(),
            "environment": subject.environment.as_str(),
            "exportedAt": self.clock.now().to_string(),
            "auditObject": alias,
            "connections": connections,
            "historyOfOtherConnections": elsewhere,
            "linkSessions": self.sessions_shown(&kept).await?,
            "events": self.events_shown(subject, &kept).await?,
            "audit": self.audit_shown(subject, &kept, &alias).await?,
        }))
    }

    async fn sessions_shown(&self, kept: &Kept) -> Result<Value, Unavailable> {
        let mut shown = Vec::with_capacity(kept.sessions.len());
        for session in &kept.sessions {
            let steps = self.store.session_steps(session.id).await?;
            shown.push(shown_session(session, &steps));
        }
        Ok(shown.into())
    }

    async fn events_shown(&self, subject: &Subject, kept: &Kept) -> Result<Value, Unavailable> {
        let mut shown = Vec::with_capacity(kept.events.len());
        for event in &kept.events {
            let deliveries = self.store.deliveries_of(event.id).await?;
            let deliveries = deliveries.iter().map(|listed| {
                let endpoint = self.endpoint(&listed.delivery.endpoint);
                shown_delivery(listed, endpoint.as_ref())
            });
            shown.push(shown_event(&subject.seen_of(event), deliveries.collect()));
        }
        Ok(shown.into())
    }

    /// Entries whose object is one of their connections, or they themselves.
    async fn audit_shown(
        &self,
        subject: &Subject,
        kept: &Kept,
        alias: &str,
    ) -> Result<Value, Unavailable> {
        let objects = kept.ids.iter().map(String::as_str).chain([alias]);
        let mut entries = Vec::new();
        for object in objects {
            for row in self.store.audit_about(subject.whose(), object).await? {
                let read = serde_json::from_str::<AuditRow>(&row.entry);
                let all = read.map_or_else(|_| Vec::new(), AuditRow::into_entries);
                entries.extend(all.into_iter().filter(|entry| entry.object == object));
            }
        }
        entries.sort_by_key(|entry| entry.id);
        Ok(entries
            .iter()
            .map(|entry| Value::Object(shown_entry(entry)))
            .collect())
    }

    async fn user_erase(&self, actor: &Actor, subject: &Subject) -> Result<Value, Unavailable> {
        let (erased, cleared) = self.erase(actor, subject).await?;
        let mut shown = serde_json::to_value(erased).unwrap_or_default();
        if let Some(fields) = shown.as_object_mut() {
            fields.insert(
                "auditObject".to_owned(),
                subject.alias(&self.keyring).into(),
            );
            let files = match cleared {
                Cleared::Wholly => "cleared",
                Cleared::LogOnly => "log cleared",
                Cleared::NotYet => "not cleared yet: repeat the command",
                Cleared::ByTheServer => "cleared by PostgreSQL when it vacuums",
            };
            fields.insert("files".to_owned(), files.into());
        }
        Ok(shown)
    }
}

/// Connections with their histories, and what the histories of connections that are somebody else's say.
fn connections_shown(subject: &Subject, kept: &Kept) -> (Value, Value) {
    let changes = |of: &dyn Fn(&str) -> bool| -> Value {
        let changes = kept.changes.iter();
        let theirs = changes.filter(|change| of(change.connection.as_str()));
        theirs
            .map(|change| shown_change(&subject.seen_in(change)))
            .collect()
    };
    let connections = kept.connections.iter().map(|connection| {
        let history = changes(&|id| id == connection.id.as_str());
        shown_connection(connection, &history)
    });
    let known = |id: &str| kept.connections.iter().any(|own| own.id.as_str() == id);
    (connections.collect(), changes(&|id| !known(id)))
}
