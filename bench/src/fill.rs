//! A store with many sessions in it.

use std::{path::Path, sync::Arc};

use linchpin::{
    domain::{
        client_app::AppType,
        environment::Environment,
        id::SessionId,
        keyring::Keyring,
        link_session::{LinkSession, SessionRequest},
        public_id::{AppId, OrganisationId},
        time::{MINUTE, Timestamp},
        token::LinkSecret,
    },
    store::{Operation, Options, Store},
};

use crate::Outcome;

/// Operations handed to the writer at once.
const AT_ONCE: usize = 2_000;
/// Milliseconds that a filled-in session is open for: the longest that there is.
pub const LIFE: i64 = 360 * MINUTE;

/// Puts so many open sessions into the store, as init would have an hour ago.
pub async fn fill(directory: &Path, sessions: usize) -> Outcome<()> {
    let key = std::fs::read_to_string(directory.join("master.key"))?;
    let keyring = Arc::new(Keyring::derive(master_key(key.trim())?));
    let store = Store::open(&Options::at(directory), &keyring).await?;
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let mut now = Timestamp(i64::try_from(since.as_millis())?).plus(-60 * MINUTE);
    let mut last = None;
    let mut left = sessions;
    while left > 0 {
        let mut waiting = Vec::new();
        for _ in 0..left.min(AT_ONCE) {
            let id = SessionId::next(last, now, 1);
            last = Some(id);
            let session = session(id, now);
            let hash = LinkSecret::new(id, [9; 32]).hash(&keyring);
            let mut operation = Operation::new(now);
            operation.insert_session(&session, &hash)?;
            let store = store.clone();
            waiting.push(tokio::spawn(async move { store.write(operation).await }));
        }
        for written in waiting {
            written.await??;
        }
        left = left.saturating_sub(AT_ONCE);
        now = now.plus(1);
    }
    store.close().await;
    Ok(())
}

/// The key of a file that holds it in hexadecimal digits.
pub fn master_key(hex: &str) -> Outcome<[u8; 32]> {
    let mut key = [0_u8; 32];
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(
            hex.get(at * 2..at * 2 + 2)
                .ok_or("the master key is too short")?,
            16,
        )?;
    }
    Ok(key)
}

/// A session as init makes it, good for six hours more.
pub fn session(id: SessionId, now: Timestamp) -> LinkSession {
    let request = SessionRequest {
        organisation: OrganisationId::new([1; 16]),
        environment: Environment::Sandbox,
        app: AppId::new([2; 16]),
        app_type: AppType::Redirect,
        redirect_url: None,
        client_reference_id: Some("user_123".to_owned()),
        reconnect: None,
        geolocation: None,
        providers: vec!["sandbox".to_owned()],
        required: vec!["profile:read".to_owned()],
        optional: vec!["posts:read".to_owned(), "messages:write".to_owned()],
        locale: None,
        prefill_username: None,
        return_raw_session: false,
        metadata: std::collections::BTreeMap::new(),
    };
    LinkSession::new(id, request, now, now.plus(LIFE))
}
