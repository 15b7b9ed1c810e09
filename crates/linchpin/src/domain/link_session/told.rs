//! How a session is told to those who ask: its status by API, its outcome on the redirect.

use super::{ErrorCode, LinkSession, LoginProblem, Stage, Step};
use crate::domain::{id::ConnectionId, time::Timestamp};

/// Where a session stands, as the API tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nothing submitted yet.
    Initialized,
    /// Credentials or a code are being checked.
    Pending,
    /// A second factor is wanted.
    Awaiting2fa,
    /// The user cancelled or declined.
    Denied,
    /// A connection was made or renewed.
    Completed,
    /// The last attempt was wrong; another may be made.
    InvalidCredentials,
    /// Ended by an error.
    Failed,
    /// Unknown, expired or deleted.
    NotFound,
}

impl Status {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Initialized => "initialized",
            Self::Pending => "pending",
            Self::Awaiting2fa => "awaiting_2fa",
            Self::Denied => "denied",
            Self::Completed => "completed",
            Self::InvalidCredentials => "invalid_credentials",
            Self::Failed => "failed",
            Self::NotFound => "not_found",
        }
    }
}

/// How a session ended, as the redirect tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A connection was made or renewed.
    Success(ConnectionId),
    /// The user left at this step.
    Cancelled(Step),
    /// Ended by an error.
    Error(ErrorCode),
}

impl Stage {
    /// The stage's name, as the history and the store write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Initialized => "initialized",
            Self::Authorization { .. } => "authorization",
            Self::Login(_) => "login",
            Self::Elsewhere(_) => "elsewhere",
            Self::Verifying { .. } => "verifying",
            Self::TwoFactor(_) => "two_factor",
            Self::Completed { .. } => "completed",
            Self::Cancelled { .. } => "cancelled",
            Self::Failed { .. } => "failed",
            Self::Expired { .. } => "expired",
            Self::Deleted { .. } => "deleted",
        }
    }
}

impl LinkSession {
    /// The status at `now`; ended sessions stay readable for `retention` milliseconds after their end.
    pub fn status(&self, now: Timestamp, retention: i64) -> Status {
        let open = |status| {
            if now >= self.expires_at {
                Status::NotFound
            } else {
                status
            }
        };
        let ended = |status, at: Timestamp| {
            if now >= at.plus(retention) {
                Status::NotFound
            } else {
                status
            }
        };
        if self.state.deleted {
            return Status::NotFound;
        }
        match &self.state.stage {
            Stage::Initialized | Stage::Authorization { .. } => open(Status::Initialized),
            Stage::Login(login) if login.problem.is_some_and(LoginProblem::is_wrong) => {
                open(Status::InvalidCredentials)
            }
            Stage::Login(_) | Stage::Elsewhere(_) => open(Status::Initialized),
            Stage::Verifying { .. } => open(Status::Pending),
            Stage::TwoFactor(_) => open(Status::Awaiting2fa),
            Stage::Completed { at, .. } => ended(Status::Completed, *at),
            Stage::Cancelled { at, .. } => ended(Status::Denied, *at),
            Stage::Failed { at, .. } => ended(Status::Failed, *at),
            Stage::Expired { .. } | Stage::Deleted { .. } => Status::NotFound,
        }
    }

    /// How it ended; `None` while it goes on or where it was deleted.
    pub fn outcome(&self) -> Option<Outcome> {
        match &self.state.stage {
            Stage::Completed { connection, .. } => Some(Outcome::Success(connection.clone())),
            Stage::Cancelled { step, .. } => Some(Outcome::Cancelled(*step)),
            Stage::Failed { error, .. } => Some(Outcome::Error(*error)),
            Stage::Expired { .. } => Some(Outcome::Error(ErrorCode::SessionExpired)),
            Stage::Initialized
            | Stage::Authorization { .. }
            | Stage::Login(_)
            | Stage::Elsewhere(_)
            | Stage::Verifying { .. }
            | Stage::TwoFactor(_)
            | Stage::Deleted { .. } => None,
        }
    }

    /// The same, where time being over counts as the end although nobody has written it yet.
    pub fn outcome_at(&self, now: Timestamp) -> Option<Outcome> {
        let expired = self.ended_at().is_none() && self.is_over(now);
        if expired {
            Some(Outcome::Error(ErrorCode::SessionExpired))
        } else {
            self.outcome()
        }
    }

    /// Whether it has ended or its time is over. An attempt under way is not cut off by the time.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let checking = matches!(self.state.stage, Stage::Verifying { .. });
        self.ended_at().is_some() || (now >= self.expires_at && !checking)
    }

    /// When it ended, however it did; `None` while it goes on.
    pub fn ended_at(&self) -> Option<Timestamp> {
        match &self.state.stage {
            Stage::Completed { at, .. }
            | Stage::Cancelled { at, .. }
            | Stage::Failed { at, .. }
            | Stage::Expired { at }
            | Stage::Deleted { at } => Some(*at),
            Stage::Initialized
            | Stage::Authorization { .. }
            | Stage::Login(_)
            | Stage::Elsewhere(_)
            | Stage::Verifying { .. }
            | Stage::TwoFactor(_) => None,
        }
    }

    /// The step that the user stands at; `None` once it has ended.
    pub fn step(&self) -> Option<Step> {
        match &self.state.stage {
            Stage::Initialized => Some(Step::PreLogin),
            Stage::Authorization { .. } => Some(Step::Authorization),
            Stage::Login(_)
            | Stage::Elsewhere(_)
            | Stage::Verifying {
                attempt: super::Attempt::Password(_) | super::Attempt::Elsewhere(_),
                ..
            } => Some(Step::Login),
            Stage::TwoFactor(_)
            | Stage::Verifying {
                attempt: super::Attempt::Code(_),
                ..
            } => Some(Step::TwoFactor),
            Stage::Completed { .. }
            | Stage::Cancelled { .. }
            | Stage::Failed { .. }
            | Stage::Expired { .. }
            | Stage::Deleted { .. } => None,
        }
    }
}

impl Outcome {
    /// The parameters that the redirect carries, in the wire's order.
    pub fn parameters<'a>(
        &'a self,
        client_reference_id: Option<&'a str>,
    ) -> Vec<(&'static str, &'a str)> {
        let mut parameters = match self {
            Self::Success(connection) => vec![
                ("status", "success"),
                ("connection_id", connection.as_str()),
            ],
            Self::Cancelled(step) => vec![("status", "cancelled"), ("step", step.name())],
            Self::Error(code) => vec![("status", "error"), ("error_code", code.name())],
        };
        parameters.extend(client_reference_id.map(|id| ("client_reference_id", id)));
        parameters
    }
}
