//! One running server: store, engine, listeners, and the order in which they start and end.

use std::{sync::Arc, time::Duration};

use axum::Router;
use linchpin_provider::Provider;
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};

use crate::{
    api,
    domain::{keyring::Keyring, time::Timestamp},
    egress::{Egress, EgressError, Rules},
    flow::{
        Clock, Engine, Parts, ProviderFiles, ProviderProblems, ProviderWatch, Settings, Unavailable,
    },
    hosted,
    http::{self, RateLimit, Shutdown},
    store::{Measured, OpenError, Options, Store},
    vault::{KeySource, Vault},
};

/// How long checks under way may take once everything else has ended.
const CHECKS_END: Duration = Duration::from_secs(25);

/// Looks at a store that another process has open, and the time between them: two seconds in all.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// What a server is started with.
pub struct Plan {
    /// The store.
    pub store: Options,
    /// The master keys, and how they are read again.
    pub master_keys: KeySource,
    /// What may be gone out to.
    pub egress: Rules,
    /// What the flow goes by.
    pub settings: Settings,
    /// The providers that are built in.
    pub providers: Vec<Arc<dyn Provider>>,
    /// The operator's own.
    pub provider_files: Option<ProviderFiles>,
    /// The clock, given the time that it must not go behind, and the database's clock where there is one.
    pub clock: Box<dyn FnOnce(Timestamp, Option<Measured>) -> Clock + Send>,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// A file of certificate authorities cannot be read.
    #[error(transparent)]
    Egress(#[from] EgressError),
    /// A provider file is wrong.
    #[error("the provider files are not in order:\n{0}")]
    Providers(#[from] ProviderProblems),
    /// The store was opened but cannot be read or written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A server whose engine is ready.
pub struct Server {
    /// The engine, for commands.
    pub engine: Arc<Engine>,
    /// Ends the server when triggered.
    pub shutdown: Shutdown,
    listeners: JoinSet<usize>,
    order: Vec<JoinHandle<()>>,
}

/// How a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// As it was told to.
    InOrder,
    /// Because a flush failed: it must be started again, and reads its log then.
    Halted,
}

impl Server {
    /// Opens the store, puts back what the process before left in the middle, and keeps order from then on.
    pub async fn start(plan: Plan) -> Result<Self, StartError> {
        let keyring = Keyring::derive(**plan.master_keys.first().root());
        let vault = Vault::new(plan.master_keys);
        // First: reading certificates takes a while, and says what is wrong before anything is opened.
        let egress = Egress::new(plan.egress)?;
        let (providers, watch) = read_providers(plan.provider_files, plan.providers)?;
        let store = open_soon(&plan.store, &keyring).await?;
        let measured = store.measure_time().await.map_err(Unavailable::from)?;
        let clock = (plan.clock)(store.latest_time(), measured);
        let parts = Parts {
            store,
            keyring,
            vault,
            egress,
            clock,
        };
        let engine = Engine::start(parts, plan.settings, providers).await?;
        engine.recover().await?;
        let shutdown = Shutdown::new();
        let mut listeners = JoinSet::new();
        let (delivering, until) = (Arc::clone(&engine), shutdown.clone());
        listeners.spawn(async move {
            delivering.keep_delivering(until.triggered()).await;
            0
        });
        let (streaming, until) = (Arc::clone(&engine), shutdown.clone());
        listeners.spawn(async move {
            until.triggered().await;
            streaming.ending.send_replace(true);
            0
        });
        let mut order = vec![
            tokio::spawn(Arc::clone(&engine).keep_order()),
            tokio::spawn(Arc::clone(&engine).keep_watch()),
            tokio::spawn(Arc::clone(&engine).keep_chaining()),
            tokio::spawn(Arc::clone(&engine).keep_healthy()),
            tokio::spawn(Arc::clone(&engine).keep_placing()),
            tokio::spawn(Arc::clone(&engine).keep_key_use()),
            tokio::spawn(Arc::clone(&engine).keep_rewrapping()),
            tokio::spawn(Arc::clone(&engine).keep_waking()),
            tokio::spawn(Arc::clone(&engine).keep_telling_uses()),
            tokio::spawn(engine.egress.clone().keep_probing()),
        ];
        if let Some(watch) = watch {
            order.push(tokio::spawn(Arc::clone(&engine).keep_providers(watch)));
        }
        Ok(Self {
            engine,
            shutdown,
            listeners,
            order,
        })
    }

    /// The API and the pages, as one origin serves them, with the usual limit of POSTs to pages.
    pub fn public_routes(&self) -> Router {
        self.public_routes_limited(RateLimit::hosted_posts())
    }

    /// The same with another limit.
    pub fn public_routes_limited(&self, posts: RateLimit) -> Router {
        let pages = hosted::router(Arc::clone(&self.engine), posts);
        api::closed(pages.merge(api::router(Arc::clone(&self.engine))))
    }

    /// Serves routes on a listener until the shutdown.
    pub fn listen(&mut self, listener: TcpListener, routes: Router, options: http::Options) {
        self.listeners.spawn(http::serve(
            listener,
            routes,
            options,
            self.shutdown.clone(),
        ));
    }

    /// Runs a task that ends itself at the shutdown; the store stays open until it has.
    pub fn beside(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.listeners.spawn(async move {
            task.await;
            0
        });
    }

    /// Runs until the shutdown is triggered or the store halts, and then ends in order: answers first, then checks
    /// under way, then the store.
    pub async fn run(mut self) -> Ended {
        // Not before: a start has things to write, and ends where it cannot.
        self.engine.store.look_for_damage();
        let mut halted = self.engine.store.halted();
        tokio::select! {
            () = self.shutdown.triggered() => {}
            () = halted.turns_true() => {}
        }
        self.shutdown.trigger();
        while self.listeners.join_next().await.is_some() {}
        for task in &self.order {
            task.abort();
        }
        self.engine.finish_checks(CHECKS_END).await;
        if let Err(error) = self.engine.write_key_use().await {
            tracing::warn!(%error, "which keys were used in the last minute could not be written");
        }
        self.engine.store.clone().close().await;
        // Asked only now: the last commits and the closing flush can fail, too.
        match halted.is_true() {
            true => Ended::Halted,
            false => Ended::InOrder,
        }
    }
}

type Providers = Vec<Arc<dyn Provider>>;

/// All providers, and what goes on watching the files of some.
fn read_providers(
    files: Option<ProviderFiles>,
    built_in: Vec<Arc<dyn Provider>>,
) -> Result<(Providers, Option<ProviderWatch>), ProviderProblems> {
    let Some(files) = files else {
        return Ok((built_in, None));
    };
    let read = files.read(&built_in)?;
    let watch = ProviderWatch::new(files, built_in, &read);
    Ok((read.providers, Some(watch)))
}

/// Opens the store; a command that has it open for a moment is waited for.
async fn open_soon(options: &Options, keyring: &Keyring) -> Result<Store, OpenError> {
    for _ in 0..LOOKS {
        match Store::open(options, keyring).await {
            Err(OpenError::InUse { .. }) => tokio::time::sleep(BETWEEN_LOOKS).await,
            other => return other,
        }
    }
    Store::open(options, keyring).await
}
