//! What a provider keeps between two steps of a sign-in: sealed in the session's state, and gone with the step.

use linchpin_provider::{Pending, Secret};

use super::{Engine, Unavailable};
use crate::{
    domain::{
        link_session::{LinkSession, TwoFactor},
        sealed::{Place, Sealed, SealedKind},
    },
    vault::VaultError,
};

impl Engine {
    /// Seals what a provider wants to keep; `None` where it wants to keep nothing.
    pub(super) async fn seal_progress(
        &self,
        session: &LinkSession,
        progress: Option<&Secret>,
    ) -> Result<Option<Sealed>, Unavailable> {
        let Some(progress) = progress.filter(|progress| !progress.reveal().is_empty()) else {
            return Ok(None);
        };
        if progress.reveal().len() > Pending::PROGRESS_MAX {
            return Err(VaultError::TooLarge.into());
        }
        let place = place_of(session);
        let sealed = self.vault.seal(&place, progress.reveal().as_bytes());
        Ok(Some(sealed.await?))
    }

    /// Opens what a provider has kept; empty where it kept nothing, or the master key of then is gone: the user signs in
    /// from the beginning then.
    pub(super) async fn open_progress(
        &self,
        session: &LinkSession,
        sealed: Option<&Sealed>,
    ) -> Result<Secret, Unavailable> {
        let Some(sealed) = sealed else {
            return Ok(Secret::new(String::new()));
        };
        match self.vault.open(&place_of(session), sealed).await {
            Ok(opened) => Secret::from_bytes(opened).ok_or_else(|| VaultError::DoesNotOpen.into()),
            Err(error @ (VaultError::NoKey(_) | VaultError::OtherKey(_))) => {
                tracing::warn!(session = %session.id, %error, "what a provider has kept cannot be opened");
                Ok(Secret::new(String::new()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A sign-in that waits for its second factor, as its provider knows it.
    pub(super) async fn pending(
        &self,
        session: &LinkSession,
        two_factor: &TwoFactor,
    ) -> Result<Pending, Unavailable> {
        Ok(Pending {
            username: two_factor.username.clone(),
            progress: self
                .open_progress(session, two_factor.progress.as_ref())
                .await?,
        })
    }
}

fn place_of(session: &LinkSession) -> Place {
    Place {
        kind: SealedKind::Progress,
        owner: session.id.to_string(),
        number: 1,
        organisation: session.request.organisation.clone(),
        environment: session.request.environment,
    }
}
