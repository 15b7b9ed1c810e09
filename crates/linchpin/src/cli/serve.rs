//! `linchpin serve`: the server from a configuration.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Args;
use tokio::net::TcpListener;

use super::{
    Refused, configured,
    control::Control,
    core_dumps, logging, master_key,
    private::Private,
    running::{self, Signals},
};
use crate::{
    config::Config,
    domain::{environment::Environment, retry_schedule::RetrySchedule},
    flow::{Clock, PublicUrls, Settings, Webhooks},
    http::{Options, RateLimit},
    metrics,
    server::{Plan, Server},
};

/// What `linchpin serve` takes; a flag goes before the environment, and that before the file.
#[derive(Args)]
pub struct Wanted {
    /// The configuration file
    #[arg(long, value_name = "FILE", env = "LINCHPIN_CONFIG")]
    config: Option<PathBuf>,
    /// The data directory
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// Where API and link pages listen
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Where /metrics and /readyz listen
    #[arg(long, value_name = "ADDR")]
    metrics: Option<String>,
    /// How much to log on standard error
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
}

/// Runs until it is told to end.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    let mut written = configured::written(wanted.config.as_deref());
    written.flag("data", "--data", wanted.data);
    written.flag("server.listen", "--listen", wanted.listen);
    written.flag("server.metrics", "--metrics", wanted.metrics);
    written.flag("log.level", "--log", wanted.log);
    let config = configured::check(&written).map_err(|p| configured::refused(&p))?;
    let _logs = logging::start(&config.log)?;
    if config.dangerous_core_dumps {
        tracing::warn!(
            "dangerous_core_dumps is on: a dump of this process holds sessions, passwords and the master key in clear"
        );
    } else {
        core_dumps::switch_off();
    }
    running::runtime()?.block_on(serve(config))
}

async fn serve(config: Config) -> Result<ExitCode, Refused> {
    let signals = Signals::take()?;
    let data = running::data_directory(&config.place.data)?;
    let keys = match &config.place.master_key_file {
        Some(file) => master_key::source(master_key::read(file)?, std::path::absolute(file)?),
        None => {
            let file = data.join("master.key");
            master_key::source(master_key::read_or_make(&file, &data)?, file)
        }
    };
    let remedy = "Stop it, or choose another address with --listen or server.listen";
    let public = running::bind(config.listen, remedy).await?;
    let urls = urls(&config, &public)?;
    let mut server = Server::start(Plan {
        store: config.place.store(&data),
        master_keys: keys,
        egress: config.place.egress.clone(),
        settings: Settings {
            finished_sessions: running::milliseconds(config.finished_sessions),
            history: running::milliseconds(config.history),
            access_rate: config.access_rate,
            open_sessions_per_app: config.open_sessions_per_app,
            open_sessions_per_reference: config.open_sessions_per_reference,
            webhooks: Webhooks {
                schedule: RetrySchedule::of(
                    config
                        .webhook_retries
                        .iter()
                        .copied()
                        .map(running::milliseconds)
                        .collect(),
                ),
                timeout: config.webhook_timeout,
            },
            regions: config.regions.clone(),
            ..Settings::at(urls.clone())
        },
        providers: running::providers(),
        provider_files: running::provider_files(&config.place),
        clock: Box::new(Clock::system),
    })
    .await?;
    warn_of_live_keys(&server, config.place.sandbox_only);
    let prepared = async {
        let private = Private::start(config.metrics, &server).await?;
        let control = Control::open(&data, config.place.sandbox_only)?;
        Ok((private, control))
    };
    let (private, control) = match prepared.await {
        Ok(prepared) => prepared,
        Err(refused) => return Err(running::give_up(server, refused).await),
    };
    listen(&mut server, public, &config, &urls);
    let serving = control.serve(server.engine.clone(), server.shutdown.clone());
    server.beside(serving);
    tokio::spawn(signals.obey(server.shutdown.clone()));
    tracing::info!(api = urls.api, link = urls.link, "ready");
    let ended = server.run().await;
    private.end().await;
    Ok(running::exit_code(ended))
}

fn listen(server: &mut Server, listener: TcpListener, config: &Config, urls: &PublicUrls) {
    let posts = RateLimit::new(config.hosted_posts_per_minute, Duration::from_mins(1));
    let routes = server.public_routes_limited(posts);
    let routes = match config.metrics {
        Some(_) => metrics::counted(routes),
        None => routes,
    };
    let options = Options {
        limits: config.limits.clone(),
        trusted_proxies: config.trusted_proxies.iter().copied().collect(),
        strict_transport: [&urls.api, &urls.link]
            .iter()
            .all(|url| url.starts_with("https://")),
    };
    server.listen(listener, routes, options);
}

fn urls(config: &Config, listener: &TcpListener) -> Result<PublicUrls, Refused> {
    let api = match &config.api_url {
        Some(url) => url.clone(),
        None => running::local_url(listener)?,
    };
    let link = config.link_url.clone().unwrap_or_else(|| api.clone());
    Ok(PublicUrls { api, link })
}

/// A store that was live before keeps its live keys, and they would work over plain http.
fn warn_of_live_keys(server: &Server, sandbox_only: bool) {
    let directory = server.engine.directory();
    let now = server.engine.clock.now();
    let live = |key: &&crate::domain::key_record::KeyRecord| {
        key.environment == Environment::Live && key.usable_at(now)
    };
    let keys = directory.keys.iter().filter(live).count();
    if sandbox_only && keys > 0 {
        tracing::warn!(
            keys,
            "the server is for the sandbox only, but live keys of this store still work; revoke them with `linchpin key revoke`"
        );
    }
}
