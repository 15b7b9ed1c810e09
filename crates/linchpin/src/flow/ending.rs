//! The end of a connection's session: what is written, and the sign-out at the provider afterwards.

use super::{
    Caller, Engine, Unavailable,
    connections::TRIES_MAX,
    ending_many::{Among, Seat},
    sign_out::SignOut,
};
use crate::{
    domain::{
        audit::{Action, Actor},
        connection::{Connection, ConnectionStatus, ExpiredReason},
        event::EventKind,
        sealed::SealedKind,
    },
    store::{Operation, WriteError},
};

/// Who ends connections, and which of them exist for them.
#[derive(Clone, Copy)]
pub(super) enum Hand<'a> {
    /// A developer's key: connections of its organisation and environment.
    Caller(&'a Caller),
    /// Whoever ends many at once, as long as the connection is among them.
    Many(&'a Actor, &'a Among),
    /// The server itself, for the connection at hand.
    Server,
}

/// What came of ending a session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Nothing: it was over before, the connection is gone, or it is not what was to be ended any more.
    Not,
    /// It is over, and signed out at the provider where that was asked for.
    Left,
    /// It is over here, and nobody signs it out at the provider.
    Forgotten,
}

/// What a session is signed out with, and the seat that the sign-out takes among many.
#[derive(Default)]
struct Leaving {
    sign_out: Option<SignOut>,
    seat: Option<Seat>,
}

impl Hand<'_> {
    fn actor(self) -> Actor {
        match self {
            Self::Caller(caller) => caller.actor(),
            Self::Many(actor, _) => actor.clone(),
            Self::Server => Actor::System,
        }
    }

    /// Whether a connection is still what was to be ended, after it was changed by somebody else.
    fn still_ends(self, now: &Connection, before: &Connection) -> bool {
        match self {
            Self::Caller(_) => true,
            Self::Many(_, among) => among.holds(now),
            // What the provider said was said of the session before.
            Self::Server => now.session_version == before.session_version,
        }
    }
}

impl Engine {
    /// Writes that a connection cannot be used any more, as the provider has said of the session that it had when it was
    /// read. Does nothing where it has got another session since.
    pub async fn expire_connection(
        &self,
        connection: &Connection,
        reason: ExpiredReason,
    ) -> Result<(), Unavailable> {
        self.end_session(Hand::Server, connection.clone(), reason)
            .await?;
        Ok(())
    }

    /// Does nothing where the session is over already, or the connection gone. What a developer or an operator ends is
    /// signed out at the provider as well; what the provider has ended is over there.
    pub(super) async fn end_session(
        &self,
        hand: Hand<'_>,
        mut connection: Connection,
        reason: ExpiredReason,
    ) -> Result<Ended, Unavailable> {
        for _ in 0..TRIES_MAX {
            if connection.status == ConnectionStatus::Expired {
                return Ok(Ended::Not);
            }
            let leaving = self.leaving(hand, &connection).await;
            let operation = self.end_of_session(hand, &connection, reason)?;
            if self.written(operation).await? {
                return Ok(self.end_there(hand, leaving));
            }
            match self.read_again(&connection).await? {
                Some(now) if hand.still_ends(&now, &connection) => connection = now,
                _ => return Ok(Ended::Not),
            }
        }
        Err(Unavailable::Write(WriteError::Busy))
    }

    /// The operation that ends the session of a connection as it was read.
    fn end_of_session(
        &self,
        hand: Hand<'_>,
        connection: &Connection,
        reason: ExpiredReason,
    ) -> Result<Operation, Unavailable> {
        let now = self.clock.now();
        let mut operation = Operation::new(now);
        let mut expired = connection.expired(reason, now);
        let kind = EventKind::ConnectionExpired;
        self.tell(&mut operation, &mut expired, kind, None)?;
        operation.destroy_sealed(SealedKind::Session, connection.id.as_str());
        operation.session_is_gone(connection);
        let detail = [("reason", reason.name())];
        self.record_of(
            &mut operation,
            &hand.actor(),
            connection,
            Action::ConnectionExpire,
            &detail,
        )?;
        operation.save_connection(&expired, connection, "expired", None)?;
        Ok(operation)
    }

    /// What a session that is about to end will be signed out with. It is not opened where nobody will do that.
    async fn leaving(&self, hand: Hand<'_>, connection: &Connection) -> Leaving {
        let seat = match hand {
            Hand::Server => return Leaving::default(),
            Hand::Caller(_) => None,
            Hand::Many(..) => match self.sign_outs.seat() {
                Some(seat) if self.provider(&connection.provider).is_some() => Some(seat),
                _ => return Leaving::default(),
            },
        };
        let sign_out = self.sign_out_of(connection).await;
        Leaving { sign_out, seat }
    }

    fn end_there(&self, hand: Hand<'_>, leaving: Leaving) -> Ended {
        let Leaving { sign_out, seat } = leaving;
        if sign_out.is_none() && matches!(hand, Hand::Many(..)) {
            return Ended::Forgotten;
        }
        self.sign_out_in(sign_out, seat);
        Ended::Left
    }
}
