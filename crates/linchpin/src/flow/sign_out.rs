//! Sessions that nobody needs any more are ended at their provider, in the background.

use std::sync::Arc;

use linchpin_provider::{Client, Provider, Session};

use super::{Engine, ending_many::Seat};
use crate::domain::{connection::Connection, link_session::LinkSession};

/// A session that is to be ended at its provider, and the way there.
pub(super) struct SignOut {
    provider: Arc<dyn Provider>,
    client: Client,
    session: Session,
}

impl Engine {
    /// How the session of a connection will be ended. It is opened for that; that it cannot be does not keep the
    /// connection from ending.
    pub(super) async fn sign_out_of(&self, connection: &Connection) -> Option<SignOut> {
        let provider = self.provider(&connection.provider)?;
        let session = self
            .open_session(connection)
            .await
            .inspect_err(|error| {
                tracing::warn!(connection = %connection.id, %error, "a session that ends could not be opened; it is not signed out at the provider");
            })
            .ok()
            .flatten()?;
        let client = self.client_of(connection, &provider).await;
        let client = client.inspect_err(|error| {
            tracing::warn!(connection = %connection.id, %error, "how a session leaves that ends could not be read; it is not signed out at the provider");
        });
        Some(SignOut {
            client: client.ok()?,
            provider,
            session,
        })
    }

    /// Ends what was signed in to in a link session and is of no use.
    pub(super) async fn sign_out_unused(
        &self,
        linking: &LinkSession,
        provider: &str,
        session: Session,
    ) {
        let Some(provider) = self.provider(provider) else {
            return;
        };
        match self.client_of_session(linking, &provider).await {
            Ok(client) => self.sign_out(Some(SignOut {
                provider,
                client,
                session,
            })),
            Err(error) => {
                tracing::warn!(session = %linking.id, %error, "how a session leaves that is of no use could not be read; it is not signed out at the provider");
            }
        }
    }

    /// Signs out at the provider, in the background.
    pub(super) fn sign_out(&self, sign_out: Option<SignOut>) {
        self.sign_out_in(sign_out, None);
    }

    /// The same; what has a seat among many waits for its turn.
    pub(super) fn sign_out_in(&self, sign_out: Option<SignOut>, seat: Option<Seat>) {
        let Some(SignOut {
            provider,
            client,
            session,
        }) = sign_out
        else {
            return;
        };
        self.spawn(async move {
            let _turn = match &seat {
                Some(seat) => seat.turn().await,
                None => None,
            };
            let asked = provider.sign_out(&client, &session);
            let asked = tokio::time::timeout(provider.deadline(), asked);
            if !asked.await.unwrap_or(false) {
                tracing::warn!(
                    provider = provider.describe().id,
                    "a session could not be signed out at the provider; it is forgotten here"
                );
            }
        });
    }
}
