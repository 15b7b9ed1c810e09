//! The engine: what every call of the flow works with.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use linchpin_provider::Provider;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};

use super::{
    Clock, Unavailable, bulkhead::Bulkheads, ending_many::SignOuts, health::Looking,
    idempotency::InFlight, key_use::KeyUse, noting::Noting, uses::Uses, waiting::Waiting,
    watch::Watch,
};
use crate::{
    domain::{
        access_rate::AccessRate,
        api_key::ApiKey,
        audit::{Actor, AuditId},
        client_app::ClientApp,
        environment::Environment,
        id::SessionId,
        keyring::{Keyring, Purpose},
        public_id::{KeyId, OrganisationId},
        regions::Regions,
        retry_schedule::RetrySchedule,
        scope::{Scope, Scopes},
        time::HOUR,
    },
    egress::Egress,
    store::{Directory, Store},
    vault::Vault,
};

/// Streams of events that may be open at the same time.
const STREAMS_MAX: usize = 256;

/// Where people and programs reach this server.
#[derive(Debug, Clone)]
pub struct PublicUrls {
    /// Base of the API, without a slash at the end.
    pub api: String,
    /// Base of the hosted pages, without a slash at the end.
    pub link: String,
}

/// What an operator can set about the flow.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Public URLs.
    pub urls: PublicUrls,
    /// For how long an ended session stays readable by API, in milliseconds.
    pub finished_sessions: i64,
    /// For how long an ended session and its history stay in the store, in milliseconds; not less than
    /// `finished_sessions`.
    pub history: i64,
    /// How often one connection may be used; `None` is no limit.
    pub access_rate: Option<AccessRate>,
    /// Open sessions that one app may have; `None` is no limit.
    pub open_sessions_per_app: Option<u32>,
    /// Open sessions that one app may have for one client reference; `None` is no limit.
    pub open_sessions_per_reference: Option<u32>,
    /// What deliveries go by.
    pub webhooks: Webhooks,
    /// Where networks are; `None` where nobody has told.
    pub regions: Option<Regions>,
}

/// What deliveries to webhook endpoints go by.
#[derive(Debug, Clone)]
pub struct Webhooks {
    /// When what failed is attempted again.
    pub schedule: RetrySchedule,
    /// How long one attempt may take, the answer's body included.
    pub timeout: Duration,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            schedule: RetrySchedule::default(),
            timeout: Duration::from_secs(10),
        }
    }
}

/// What an engine is made of.
pub struct Parts {
    /// The store, open.
    pub store: Store,
    /// What secrets are hashed and tokens made with.
    pub keyring: Keyring,
    /// What sessions of providers are sealed and opened by.
    pub vault: Vault,
    /// The way out.
    pub egress: Egress,
    /// The time.
    pub clock: Clock,
}

impl Settings {
    /// The usual settings for these URLs.
    pub fn at(urls: PublicUrls) -> Self {
        Self {
            urls,
            finished_sessions: 24 * HOUR,
            history: 30 * 24 * HOUR,
            access_rate: Some(AccessRate::default()),
            open_sessions_per_app: None,
            open_sessions_per_reference: None,
            webhooks: Webhooks::default(),
            regions: None,
        }
    }
}

/// Who calls the API: what the key stands for.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The key.
    pub key: KeyId,
    /// The key's organisation.
    pub organisation: OrganisationId,
    /// The key's environment.
    pub environment: Environment,
    /// What the key may do.
    pub scopes: Scopes,
}

/// Everything that the flow works with; one a process.
pub struct Engine {
    /// What is kept.
    pub store: Store,
    /// What secrets are hashed and tokens made with.
    pub keyring: Keyring,
    /// What sessions of providers are sealed and opened by.
    pub vault: Vault,
    /// The way out to webhook endpoints.
    pub egress: Egress,
    /// The time.
    pub clock: Clock,
    /// What the operator has set.
    pub settings: Settings,
    pub(super) in_flight: InFlight,
    pub(super) watched: Mutex<HashSet<SessionId>>,
    providers: ArcSwap<Vec<Arc<dyn Provider>>>,
    directory: ArcSwap<Directory>,
    pub(super) watch: Watch,
    /// What this process is called where nodes must be told apart: 128 random bits.
    pub(super) node: String,
    last_session: Mutex<Option<SessionId>>,
    pub(super) looking: Looking,
    pub(super) last_entry: Mutex<Option<AuditId>>,
    pub(super) key_use: KeyUse,
    pub(super) sign_outs: SignOuts,
    pub(super) bulkheads: Bulkheads,
    pub(super) uses: Uses,
    pub(super) noting: Noting,
    /// Counts up with what was written that somebody goes on with: it was told of a change, or an entry other than of a
    /// use was added to the audit log.
    pub told: watch::Sender<u64>,
    /// Counts up when events may have been placed that can be listed now.
    pub placed: watch::Sender<u64>,
    /// True where whoever waits for what may come is to end.
    pub ending: watch::Sender<bool>,
    pub(super) waiting: Arc<Waiting>,
    streams: Arc<Semaphore>,
    checks: Mutex<JoinSet<()>>,
}

impl Engine {
    /// Sets up on an open store; reads organisations, apps and keys.
    ///
    /// # Errors
    ///
    /// [`Unavailable::Vault`] where the key file does not have the master keys that the store goes by.
    pub async fn start(
        parts: Parts,
        settings: Settings,
        providers: Vec<Arc<dyn Provider>>,
    ) -> Result<Arc<Self>, Unavailable> {
        let Parts {
            store,
            keyring,
            vault,
            egress,
            clock,
        } = parts;
        let node: [u8; 16] = super::random()?;
        if let Err(error) = store.date_new_ledger(clock.now()).await {
            tracing::warn!(%error, "how late it is could not be written; a backup that is taken before the next change looks older than the ledger");
        }
        let watch = Watch::begun(&store).await?;
        super::rotation::check_keys(&store, &vault).await?;
        let directory = store.directory().await?;
        Ok(Arc::new(Self {
            store,
            keyring,
            vault,
            egress,
            clock,
            settings,
            in_flight: InFlight::default(),
            watched: Mutex::default(),
            providers: ArcSwap::from_pointee(providers),
            directory: ArcSwap::from_pointee(directory),
            watch,
            node: crate::domain::id::base32(&node),
            last_session: Mutex::default(),
            looking: Mutex::default(),
            last_entry: Mutex::default(),
            key_use: KeyUse::default(),
            sign_outs: SignOuts::default(),
            bulkheads: Bulkheads::default(),
            uses: Uses::default(),
            noting: Noting::default(),
            told: watch::Sender::new(0),
            placed: watch::Sender::new(0),
            ending: watch::Sender::new(false),
            waiting: Arc::default(),
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            checks: Mutex::default(),
        }))
    }

    /// Organisations, apps and keys as they are now.
    pub fn directory(&self) -> Arc<Directory> {
        self.directory.load_full()
    }

    /// Puts organisations, apps and keys in force; every request that begins later goes by them.
    pub(super) fn go_by(&self, directory: Directory) {
        self.directory.store(Arc::new(directory));
    }

    /// Who presents this key; `None` for a missing, malformed, unknown, expired or revoked one.
    ///
    /// The same work is done whatever is wrong with the key, so that the time tells nothing about why.
    pub async fn caller(&self, key: &str) -> Result<Option<Caller>, Unavailable> {
        self.stay_fresh().await?;
        let known = self.known_caller(key);
        match &known {
            Some(caller) => self.key_use.used(&caller.key, self.clock.now()),
            // Who presents none has no key that could be refused.
            None if !key.is_empty() => self.key_use.refused(),
            None => {}
        }
        Ok(known)
    }

    fn known_caller(&self, key: &str) -> Option<Caller> {
        let well_formed = ApiKey::parse(key).is_some();
        let hash = self.keyring.mac(Purpose::ApiKey, &[key.as_bytes()]);
        let directory = self.directory.load();
        let record = directory
            .key(&hash)
            .filter(|record| record.usable_at(self.clock.now()) && well_formed)?;
        Some(Caller {
            key: record.id.clone(),
            organisation: record.organisation.clone(),
            environment: record.environment,
            scopes: record.scopes.clone(),
        })
    }

    /// Whether the key of a caller still opens what it did.
    pub fn still_knows(&self, caller: &Caller) -> bool {
        let directory = self.directory.load();
        let mut keys = directory.keys.iter();
        let key = keys.find(|record| record.id == caller.key);
        key.is_some_and(|record| record.usable_at(self.clock.now()))
    }

    /// A place for one more stream of events; `None` where there is none.
    pub fn stream_seat(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.streams).try_acquire_owned().ok()
    }

    /// The provider of this id.
    pub fn provider(&self, id: &str) -> Option<Arc<dyn Provider>> {
        let providers = self.providers.load();
        let mut known = providers.iter();
        known
            .find(|provider| provider.describe().id == id)
            .map(Arc::clone)
    }

    /// All providers as they are now.
    pub(super) fn providers(&self) -> Arc<Vec<Arc<dyn Provider>>> {
        self.providers.load_full()
    }

    /// Puts providers in force. A question that is under way is answered by the one that it was asked of.
    pub fn go_by_providers(&self, providers: Vec<Arc<dyn Provider>>) {
        self.providers.store(Arc::new(providers));
    }

    /// Ids of all providers.
    pub(super) fn provider_ids(&self) -> Vec<String> {
        let providers = self.providers.load();
        let ids = providers.iter().map(|known| known.describe().id.clone());
        ids.collect()
    }

    /// The providers of an environment. The sandbox provider serves the sandbox environment and nothing else does.
    pub fn providers_in(&self, environment: Environment) -> Vec<Arc<dyn Provider>> {
        let here = |provider: &&Arc<dyn Provider>| {
            (provider.describe().id == "sandbox") == (environment == Environment::Sandbox)
        };
        let providers = self.providers.load();
        providers.iter().filter(here).cloned().collect()
    }

    /// Ids of the providers that an app can link, in the engine's order: those that it names, or all of its
    /// environment.
    pub fn providers_of(&self, app: &ClientApp) -> Vec<String> {
        let here = self.providers_in(app.environment);
        let ids = here.iter().map(|provider| provider.describe().id.clone());
        ids.filter(|id| app.offers(id)).collect()
    }

    /// Draws the id of a new session.
    pub(super) fn next_session_id(&self) -> Result<SessionId, Unavailable> {
        let random = super::random_number()?;
        let now = self.clock.now();
        let mut last = self
            .last_session
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let id = SessionId::next(*last, now, random);
        *last = Some(id);
        Ok(id)
    }

    /// Runs a task that a shutdown waits for.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut checks = self.checks.lock().unwrap_or_else(PoisonError::into_inner);
        while checks.try_join_next().is_some() {}
        checks.spawn(task);
    }

    /// Waits for checks under way, as long as `most`; what is not done then is put back at the next start.
    pub async fn finish_checks(&self, most: Duration) {
        let mut checks =
            std::mem::take(&mut *self.checks.lock().unwrap_or_else(PoisonError::into_inner));
        let all = async { while checks.join_next().await.is_some() {} };
        if tokio::time::timeout(most, all).await.is_err() {
            tracing::warn!(
                "some checks were cut off by the shutdown; their sessions go back a step at the next start"
            );
        }
    }
}

impl Caller {
    /// Whether the key may do this.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.allow(scope)
    }

    /// Who it is, for the audit log.
    pub fn actor(&self) -> Actor {
        Actor::Key(self.key.clone())
    }

    /// Whether a session belongs to the key's organisation and environment; any other does not exist for the caller.
    pub fn owns(&self, session: &crate::domain::link_session::LinkSession) -> bool {
        session.request.organisation == self.organisation
            && session.request.environment == self.environment
    }
}
