//! Repeated requests: the same key with the same body answers the same bytes and does nothing twice.
//!
//! The answer is kept in the operation that it tells of, so a crash keeps both or neither. It may carry a secret and
//! is therefore sealed.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Caller, Engine, Unavailable, random};
use crate::{
    domain::{keyring::Purpose, time::Timestamp},
    store::{KeptAnswer, Operation, WriteError},
};

/// Keys whose first request is under way on this node.
#[derive(Debug, Clone, Default)]
pub struct InFlight(Arc<Mutex<HashSet<[u8; 32]>>>);

/// What a request with an `Idempotency-Key` turned out to be.
pub enum Repeat {
    /// The first one: do the work and keep the answer with this.
    First(Ticket),
    /// A repetition: the bytes that the first one was answered with.
    Again(Vec<u8>),
}

/// Why a request with an `Idempotency-Key` is neither first nor repetition.
#[derive(Debug, thiserror::Error)]
pub enum RepeatRefused {
    /// The key was used with another body.
    #[error("the key was used with another body")]
    OtherBody,
    /// The first request with the key is still running.
    #[error("the first request with the key is still running")]
    StillRunning,
    /// The store could not be asked.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The right to do the work of a key; given back when dropped.
pub struct Ticket {
    scope: [u8; 32],
    body_hash: [u8; 32],
    in_flight: InFlight,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.in_flight
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.scope);
    }
}

impl Engine {
    /// Recognises a request by its organisation, environment, route and key.
    pub async fn repeat(
        &self,
        caller: &Caller,
        route: &str,
        key: &str,
        body: &[u8],
    ) -> Result<Repeat, RepeatRefused> {
        let scope = self.keyring.mac(
            Purpose::Answer,
            &[
                b"scope",
                caller.organisation.as_str().as_bytes(),
                caller.environment.as_str().as_bytes(),
                route.as_bytes(),
                key.as_bytes(),
            ],
        );
        if !self
            .in_flight
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(scope)
        {
            return Err(RepeatRefused::StillRunning);
        }
        let ticket = Ticket {
            scope,
            body_hash: self.keyring.mac(Purpose::Answer, &[b"body", body]),
            in_flight: self.in_flight.clone(),
        };
        match self.kept(&ticket).await? {
            Some(answer) => Ok(Repeat::Again(answer)),
            None => Ok(Repeat::First(ticket)),
        }
    }

    /// The answer kept for the ticket's key.
    pub(super) async fn kept(&self, ticket: &Ticket) -> Result<Option<Vec<u8>>, RepeatRefused> {
        let now = self.clock.now();
        let Some(kept) = self
            .store
            .kept_answer(&ticket.scope, now)
            .await
            .map_err(Unavailable::from)?
        else {
            return Ok(None);
        };
        if kept.body_hash != ticket.body_hash {
            return Err(RepeatRefused::OtherBody);
        }
        let answer = self.keyring.open(&ticket.scope, &kept.sealed);
        answer.map(Some).ok_or_else(|| unreadable().into())
    }

    /// Adds the answer to the operation that it tells of.
    pub(super) fn keep(
        &self,
        operation: &mut Operation,
        ticket: &Ticket,
        answer: &[u8],
        at: Timestamp,
    ) -> Result<(), Unavailable> {
        let sealed = self
            .keyring
            .seal(&ticket.scope, random()?, answer)
            .ok_or_else(unreadable)?;
        let body_hash = ticket.body_hash.to_vec();
        operation.keep_answer(
            &ticket.scope,
            KeptAnswer {
                body_hash,
                sealed,
                created_at: at,
            },
        );
        Ok(())
    }
}

fn unreadable() -> Unavailable {
    Unavailable::Write(WriteError::Failed(
        "a kept answer could not be sealed or opened".to_owned(),
    ))
}
