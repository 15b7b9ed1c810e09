//! A running server with a clock that the test steps, and one developer who uses it.

use std::{
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use linchpin::{
    domain::{access_rate::AccessRate, master_keys::MasterKeys, regions::Regions},
    egress::Rules,
    flow::{self, Clock, ProviderFiles, PublicUrls, Settings, Webhooks, admin::Command},
    http,
    server::{Plan, Server, StartError},
    store,
};
use linchpin_providers::Sandbox;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime};

use super::{
    Answer, Developer, LINK_BASE, Request, Upstream,
    database::{Database, bytes_of},
    engine::Engine,
};

/// 2026-01-31T10:00:00.000Z
pub const BEGIN: i64 = 1_769_853_600_000;

/// The server and the directory that it keeps things in.
pub struct World {
    directory: TempDir,
    engine: Engine,
    clock: Arc<AtomicI64>,
    egress: Rules,
    /// Where networks are, of a server whose clients come through a proxy on this machine.
    regions: Option<Regions>,
    /// What deliveries go by.
    webhooks: Webhooks,
    /// Whether connections may be used as often as one likes.
    is_unlimited: bool,
    running: Option<Running>,
    developer: OnceLock<Developer>,
    upstream: Upstream,
    /// Files of providers beside that.
    provider_files: Option<Arc<TempDir>>,
}

struct Running {
    runtime: Runtime,
    engine: Arc<flow::Engine>,
    address: SocketAddr,
    shutdown: http::Shutdown,
    end: tokio::task::JoinHandle<linchpin::server::Ended>,
}

impl World {
    /// A server on an empty directory, and the usual developer.
    pub fn start() -> Self {
        Self::start_with(BEGIN, Rules::loopback())
    }

    /// The same at another time, in milliseconds since 1970, and with other places that may be sent to.
    pub fn start_with(begin: i64, egress: Rules) -> Self {
        Self::started(begin, egress, None, Webhooks::default())
    }

    /// A server whose deliveries may take as long as this.
    pub fn patient(timeout: Duration) -> Self {
        let webhooks = Webhooks {
            timeout,
            ..Webhooks::default()
        };
        Self::started(BEGIN, Rules::loopback(), None, webhooks)
    }

    /// A server behind a proxy on this machine, which says whose request it passes on, with a database of regions.
    pub fn behind_a_proxy(regions: Regions) -> Self {
        let webhooks = Webhooks::default();
        Self::started(BEGIN, Rules::loopback(), Some(regions), webhooks)
    }

    /// A server with providers of these files, at this time.
    pub fn with_provider_files(begin: i64, files: &[String]) -> Self {
        let directory = TempDir::new().expect("a directory");
        for (n, file) in files.iter().enumerate() {
            let path = directory.path().join(format!("{n}.toml"));
            std::fs::write(path, file).expect("a file");
        }
        let mut world = Self::new(begin, Rules::loopback());
        world.provider_files = Some(Arc::new(directory));
        world.begun()
    }

    fn started(begin: i64, egress: Rules, regions: Option<Regions>, webhooks: Webhooks) -> Self {
        let mut world = Self::new(begin, egress);
        world.regions = regions;
        world.webhooks = webhooks;
        world.begun()
    }

    fn new(begin: i64, egress: Rules) -> Self {
        Self {
            directory: TempDir::new().expect("a directory"),
            engine: Engine::fresh(),
            clock: Arc::new(AtomicI64::new(begin)),
            egress,
            regions: None,
            webhooks: Webhooks::default(),
            is_unlimited: false,
            running: None,
            developer: OnceLock::new(),
            upstream: Upstream::default(),
            provider_files: None,
        }
    }

    /// Runs for the first time, with the usual developer.
    fn begun(mut self) -> Self {
        self.run();
        let developer = self.developer_named("Shop");
        self.developer.set(developer).expect("the first");
        self
    }

    /// Another node beside this one, with the same clock and provider; `None` where the database is a file.
    pub fn another_node(&self) -> Option<Self> {
        matches!(self.engine, Engine::Postgres(_)).then(|| {
            let mut node = Self {
                directory: TempDir::new().expect("a directory"),
                engine: self.engine.clone(),
                clock: Arc::clone(&self.clock),
                egress: self.egress.clone(),
                regions: self.regions.clone(),
                webhooks: self.webhooks.clone(),
                is_unlimited: self.is_unlimited,
                running: None,
                developer: self.developer.clone(),
                upstream: self.upstream.clone(),
                provider_files: self.provider_files.clone(),
            };
            node.run();
            node
        })
    }

    /// Lets every connection be used as often as one likes.
    pub fn without_limit() -> Self {
        let mut world = Self::start();
        world.is_unlimited = true;
        world.restart();
        world
    }

    pub fn developer(&self) -> &Developer {
        self.developer.get().expect("registered at the start")
    }

    /// The provider of the live environment.
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Starts the server on the directory as it is.
    pub fn run(&mut self) {
        assert!(self.running.is_none(), "it runs");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        // After a kill the threads of the one before may take a moment to let go of the directory.
        let begun = Instant::now();
        let started = loop {
            match runtime.block_on(self.try_run()) {
                Ok(started) => break started,
                Err(StartError::Store(store::OpenError::InUse { .. }))
                    if begun.elapsed() < Duration::from_secs(10) =>
                {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(error) => panic!("the server does not start: {error}"),
            }
        };
        let (server, address) = started;
        self.running = Some(Running {
            engine: Arc::clone(&server.engine),
            shutdown: server.shutdown.clone(),
            end: runtime.spawn(server.run()),
            address,
            runtime,
        });
    }

    async fn try_run(&self) -> Result<(Server, SocketAddr), StartError> {
        let hand = Arc::clone(&self.clock);
        let urls = PublicUrls {
            api: "https://api.example.com".to_owned(),
            link: LINK_BASE.to_owned(),
        };
        let mut server = Server::start(Plan {
            provider_files: self.provider_files.as_ref().map(|directory| ProviderFiles {
                directory: directory.path().to_owned(),
                reader: linchpin::cli::read_provider,
            }),
            store: self.engine.options(self.directory.path()),
            master_keys: MasterKeys::of([7; 32]).into(),
            egress: self.egress.clone(),
            settings: Settings {
                regions: self.regions.clone(),
                webhooks: self.webhooks.clone(),
                access_rate: (!self.is_unlimited).then(AccessRate::default),
                ..Settings::at(urls)
            },
            providers: vec![Arc::new(Sandbox::new()), Arc::new(self.upstream.clone())],
            clock: Box::new(move |floor, _| Clock::stepped(hand, floor)),
        })
        .await?;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let routes = server.public_routes();
        let this_machine = "127.0.0.1".parse().expect("an address");
        let proxies = self.regions.as_ref().map(|_| this_machine);
        let options = http::Options {
            strict_transport: true,
            trusted_proxies: proxies.into_iter().collect(),
            ..http::Options::default()
        };
        server.listen(listener, routes, options);
        Ok((server, address))
    }

    /// Ends the server as SIGTERM does: in order.
    pub fn stop(&mut self) {
        let running = self.running.take().expect("it runs");
        running.shutdown.trigger();
        let ended = running.runtime.block_on(running.end).expect("no panic");
        assert_eq!(ended, linchpin::server::Ended::InOrder);
        drop(running.engine);
        running.runtime.shutdown_timeout(Duration::from_secs(5));
    }

    /// Ends the server in the middle of whatever it does: every task is dropped where it stands.
    pub fn kill(&mut self) {
        let running = self.running.take().expect("it runs");
        drop(running.engine);
        running.end.abort();
        running.runtime.shutdown_timeout(Duration::ZERO);
    }

    /// Stops and starts again.
    pub fn restart(&mut self) {
        self.stop();
        self.run();
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs")
    }

    pub fn address(&self) -> SocketAddr {
        self.running().address
    }

    /// Sends a request and reads the answer.
    pub fn send(&self, request: &Request) -> Answer {
        request.send(self.address())
    }

    /// What a path answers to GET.
    pub fn get(&self, target: &str) -> Answer {
        self.send(&Request::get(target))
    }

    /// Carries out an operator's command.
    pub fn command(&self, command: Command) -> Value {
        let running = self.running();
        let done = running.runtime.block_on(running.engine.command(command));
        done.expect("the command is carried out")
    }

    /// The engine, and the runtime that it works on.
    pub fn engine(&self) -> (&Arc<flow::Engine>, &Runtime) {
        let running = self.running();
        (&running.engine, &running.runtime)
    }

    /// After a kill: on SQLite the start has put the checks back already, of a shared store their time must be over.
    pub fn let_checks_be_lost(&self) {
        if let Engine::Postgres(_) = self.engine {
            self.pass(41_000);
            self.upkeep();
        }
    }

    /// Lets this much time pass, in milliseconds.
    pub fn pass(&self, milliseconds: i64) {
        self.clock.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Everything that is stored, file by file and table by table.
    pub fn stored(&self) -> Vec<(String, Vec<u8>)> {
        bytes_of(&self.engine, self.directory.path())
    }

    /// Changes what is stored behind the server's back, while it does not run.
    pub fn tamper(&self, sql: &str) {
        assert!(self.running.is_none(), "it runs");
        self.engine.execute(self.directory.path(), sql);
    }

    /// A look at what is stored.
    pub fn database(&self) -> Database {
        Database::open(&self.engine, self.directory.path())
    }
}
