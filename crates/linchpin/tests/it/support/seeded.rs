//! Many connections at once, put into a store as linking them would, but for their events.

use std::{collections::BTreeMap, sync::Arc};

use linchpin::{
    domain::{
        connection::{Connection, Origin, Owner},
        connection_settings::ConnectionSettings,
        environment::Environment,
        id::ConnectionId,
        public_id::{AppId, OrganisationId},
        sealed::{Place, SealedKind},
    },
    flow::Engine,
    store::Operation,
};
use linchpin_provider::Account;

/// Whose connections they are, and through which app.
pub struct Seed<'a> {
    pub organisation: &'a OrganisationId,
    pub environment: Environment,
    pub provider: &'a str,
    pub app: Option<&'a AppId>,
}

/// Makes connections of the accounts `u0`, `u1` … with a session `u0 0`, `u1 0` … each; those of `app` at the same time
/// must have other numbers.
pub async fn seed(engine: &Arc<Engine>, seed: &Seed<'_>, numbers: std::ops::Range<usize>) {
    let numbers: Vec<usize> = numbers.collect();
    for some in numbers.chunks(500) {
        let made = some.iter().map(|number| make(engine, seed, *number));
        futures_util::future::join_all(made).await;
    }
}

async fn make(engine: &Arc<Engine>, seed: &Seed<'_>, number: usize) {
    let name = format!("u{number}");
    let mut random = [0; 16];
    getrandom::fill(&mut random).expect("random bytes");
    let owner = Owner {
        organisation: seed.organisation,
        environment: seed.environment,
        provider: seed.provider,
    };
    let permissions = vec!["profile:read".to_owned()];
    let origin = Origin {
        app: seed.app,
        asked: permissions.clone(),
        granted: permissions,
        client_reference_id: Some(&name),
        metadata: &BTreeMap::new(),
    };
    let account = Account {
        id: name.clone(),
        name: name.clone(),
        username: name.clone(),
        avatar: None,
    };
    let now = engine.clock.now();
    let (id, settings) = (ConnectionId::new(random), ConnectionSettings::default());
    let connection = Connection::new(id, &owner, origin, account, settings, now);
    let place = Place {
        kind: SealedKind::Session,
        owner: connection.id.as_str().to_owned(),
        number: 1,
        organisation: connection.organisation.clone(),
        environment: connection.environment,
    };
    let session = format!("{name} 0");
    let sealed = engine.vault.seal(&place, session.as_bytes()).await;
    let mut operation = Operation::new(now);
    operation
        .insert_connection(&connection, None)
        .expect("a row");
    operation.keep_sealed(&place, sealed.expect("a sealed session"), None);
    engine.store.write(operation).await.expect("a commit");
}
